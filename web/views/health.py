"""For the supervisor, Compose and monitors: whether the site lives, whether it can serve, what it counts."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from web.metrics import exposition


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """The process answers and reaches its database. Says nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


def _broker() -> bool:
    try:
        return bool(redis.Redis.from_url(settings.BROKER_URL, socket_timeout=2, socket_connect_timeout=2).ping())
    except (redis.RedisError, OSError):
        return False


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether requests may be sent here: the database, its tables as this code wants them, the broker."""
    try:
        migrated = _migrated()
        parts = {"database": True, "migrations": migrated, "broker": _broker()}
    except DatabaseError:
        parts = {"database": False, "migrations": False, "broker": _broker()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For a monitor that holds METRICS_TOKEN (`Authorization: Bearer …`); without a token set, nobody."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
