"""Celery: the broker's settings, and beat's schedule made from settings.NIGHT."""

import os
from datetime import datetime
from typing import Any

from celery import Celery
from celery.schedules import schedstate, schedule
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Every(schedule):
    """A period that a clock moved back does not stretch: what was done « later » than now is due."""

    def is_due(self, last_run_at: datetime) -> Any:
        due, seconds = super().is_due(last_run_at)
        period = self.run_every.total_seconds()  # type: ignore[attr-defined]
        return schedstate(True, period) if seconds > period else schedstate(due, seconds)


app = Celery("parcours")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    # A job not done is told again from its row within a minute (JOBS_REPUBLISH_SECONDS). The broker gives back the message of a
    # worker killed whole only after an hour, longer than any job; whoever comes second finds the row done.
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    timezone=settings.TIME_ZONE,
    enable_utc=True,
    beat_schedule={
        "relay": {"task": "jobs.relay", "schedule": Every(2.0), "options": {"expires": 10}},
        **{
            f"night {name}": {
                "task": "jobs.nightly",
                "schedule": Every(120.0),
                "args": (name, at),
                "options": {"expires": 100},
            }
            for name, at in settings.NIGHT.items()
        },
    },
)
app.autodiscover_tasks()
