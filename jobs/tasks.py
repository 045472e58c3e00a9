"""What Celery runs. Messages carry ids only; losing them costs a delay, never a fact."""

from celery import shared_task
from django.utils import timezone
from django.utils.dateparse import parse_time

from jobs import actions, nights


@shared_task(name="jobs.perform", ignore_result=True)
def perform(job_id: int) -> None:
    actions.perform(job_id)


@shared_task(name="jobs.relay", ignore_result=True)
def relay() -> int:
    """Tell workers about the jobs that wait."""
    ids = actions.to_publish(timezone.now())
    for job_id in ids:
        perform.delay(job_id)
    return len(ids)


@shared_task(name="jobs.nightly", ignore_result=True)
def nightly(name: str, at: str) -> None:
    """Ask for tonight's job once its hour has come. Asked every few minutes: a missed night is caught up, by two
    schedulers as by one, because the key holds the day. What is not done long after its hour is told, once."""
    now = timezone.localtime()
    for key, told in nights.alerts(now):
        if told["name"] == name:
            actions.enqueue("jobs.alert", key=key, arguments=told)
    hour = parse_time(at)
    if hour is None or now.time() < hour:
        return
    due = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    actions.enqueue(
        name, key=f"{name}:{due.date()}", arguments={"day": due.date().isoformat(), "known_at": due.isoformat()}
    )
