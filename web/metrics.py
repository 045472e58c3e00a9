"""What a monitor reads: requests and their latency by view, jobs, the age of the last night. No person, no address.

`prometheus_client` is used for its text format and because it sums over the processes of the web server, when
PROMETHEUS_MULTIPROC_DIR names a folder they share.
"""

import os
import time
from collections.abc import Callable, Iterator

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from jobs.models import Job
from jobs.nights import nights

OURS = CollectorRegistry()
REQUESTS = Counter("parcours_requests", "Requests answered", ("view", "method", "status"), registry=OURS)
LATENCY = Histogram(
    "parcours_request_seconds", "Seconds to answer", ("view",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10), registry=OURS,
)  # fmt: skip
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class MetricsMiddleware:
    """Counts answers by the name of the view: an address holds ids, a name does not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view = (request.resolver_match.view_name if request.resolver_match else "") or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        LATENCY.labels(view).observe(time.perf_counter() - began)
        return response


class Jobs(Collector):
    """Read from the rows at each scrape: they are the truth, whichever process asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        waiting = Q(done_at__isnull=True, failed_at__isnull=True)
        counted = Job.objects.aggregate(
            waiting=Count("pk", filter=waiting & Q(available_at__lte=now)),
            later=Count("pk", filter=waiting & Q(available_at__gt=now)),
            done=Count("pk", filter=Q(done_at__isnull=False)),
            failed=Count("pk", filter=Q(failed_at__isnull=False)),
        )
        jobs = GaugeMetricFamily("parcours_jobs", "Jobs by state", labels=["state"])
        for state, n in counted.items():
            jobs.add_metric([state], n)
        yield jobs
        age = GaugeMetricFamily("parcours_night_age_seconds", "Seconds since the last good run", labels=["job"])
        late = GaugeMetricFamily("parcours_night_missed", "1 when the run that was due is missed", labels=["job"])
        for night in nights(now):
            if night.done and night.done.done_at:
                age.add_metric([night.name], (now - night.done.done_at).total_seconds())
            late.add_metric([night.name], int(night.last is not None and night.missed_at(now)))
        yield age
        yield late


def exposition() -> bytes:
    """Everything, in the text format of Prometheus."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        requests = generate_latest(registry)
    else:
        requests = generate_latest(OURS)
    rows = CollectorRegistry()
    rows.register(Jobs())
    return requests + generate_latest(rows)
