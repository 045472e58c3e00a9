"""What Celery runs. Messages carry ids only; losing them costs a delay, never a fact."""

from celery import shared_task
from django.utils import timezone

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
    for key, told in nights.alerts(now, name):
        actions.enqueue("jobs.alert", key=key, arguments=told)
    due_at = nights.due(at, now)
    if due_at.date() == now.date():
        tonight = {"day": due_at.date().isoformat(), "known_at": due_at.isoformat()}
        actions.enqueue(name, key=nights.key_of(name, due_at), arguments=tonight)
