"""Asking for work, and doing it exactly once.

The row is the job. Its effect and `done_at` are written in one transaction under a lock on the row, so a job may be
started twice, late, or in parallel: it takes effect once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from jobs.models import Job
from jobs.registry import handler, run_before_each

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5


def enqueue(
    name: str,
    *,
    key: str,
    arguments: dict[str, Any] | None = None,
    batch: str = "",
    available_at: datetime | None = None,
) -> Job:
    """Ask for a job, in the caller's transaction. Asking again with the same key returns the job that exists."""
    row, _created = Job.objects.get_or_create(
        key=key,
        defaults={
            "name": name,
            "arguments": arguments or {},
            "batch": batch,
            "available_at": available_at or timezone.now(),
        },
    )
    return row


def enqueue_many(name: str, asked: Iterable[tuple[str, dict[str, Any]]], *, batch: str) -> int:
    """Ask for many jobs in one statement: (key, arguments) pairs. Returns how many rows the batch now holds."""
    now = timezone.now()
    rows = [Job(name=name, key=key, arguments=arguments, batch=batch, available_at=now) for key, arguments in asked]
    Job.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return Job.objects.filter(batch=batch).count()


def to_publish(now: datetime) -> list[int]:
    """Take the jobs that no worker was told about, or was told too long ago, and mark them told. Ids, oldest first.

    What was asked or told « later » than now was so before the clock was moved back: it does not wait for that hour again.
    """
    forgotten, ahead = now - timedelta(seconds=settings.JOBS_REPUBLISH_SECONDS), now + timedelta(minutes=1)
    with transaction.atomic():
        ids = list(
            Job.objects.select_for_update(skip_locked=True)
            .filter(
                Q(published_at__isnull=True) | Q(published_at__lt=forgotten) | Q(published_at__gt=ahead),
                Q(available_at__lte=now) | Q(created_at__gt=ahead),
                done_at__isnull=True,
                failed_at__isnull=True,
            )
            .order_by("available_at", "id")
            .values_list("id", flat=True)[:1000]
        )
        Job.objects.filter(id__in=ids).update(published_at=now)
    return ids


def perform(job_id: int) -> bool:
    """Do a job. Returns False when there is nothing to do: gone, done, given up, or being done by someone else."""
    Job.objects.filter(id=job_id, started_at__isnull=True).update(started_at=timezone.now())
    try:
        with transaction.atomic():
            row = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(id=job_id, done_at__isnull=True, failed_at__isnull=True)
                .first()
            )
            if row is None:
                return False
            run_before_each()
            result = handler(row.name)(**row.arguments)
            Job.objects.filter(id=job_id).update(done_at=timezone.now(), result=result, error="")
    except Exception as error:
        _failed(job_id, error)
        raise
    return True


def at_work(batch: str) -> bool:
    """Whether somebody is doing a job of this batch right now: its row is locked for as long as it takes."""
    waiting = Job.objects.filter(batch=batch, done_at__isnull=True, failed_at__isnull=True)
    with transaction.atomic():
        free = len(waiting.select_for_update(skip_locked=True).values_list("id", flat=True))
        return free < waiting.count()


def _failed(job_id: int, error: Exception) -> None:
    """Count the failure and wait longer each time; after the last attempt the job is given up, and says why.

    One that another worker has done meanwhile is left alone: this one was cut from the database while at it.
    """
    now = timezone.now()
    jobs = Job.objects.filter(id=job_id, done_at__isnull=True)
    jobs.update(attempts=F("attempts") + 1, error=f"{type(error).__name__}: {error}"[:2000])
    if (row := jobs.first()) is None:
        return
    if row.attempts >= MAX_ATTEMPTS:
        jobs.update(failed_at=now)
    else:
        jobs.update(available_at=now + timedelta(seconds=10 * 3**row.attempts), published_at=None)
    log.error("job.failed", job=row.key, attempts=row.attempts, error=type(error).__name__)
