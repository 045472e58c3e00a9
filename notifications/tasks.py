"""The jobs of this app: tell tonight's facts and gather them in messages, then hand each message over."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from jobs import actions
from jobs.models import Job
from jobs.registry import job
from notifications import letters, telling
from notifications.models import Digest

FLAGS = "contracts.refresh_flags"
PATIENCE = timedelta(minutes=1)


@job("notifications.tell")
def tell(day: str, batch: str = "", turn: int = 0, **_schedule: Any) -> dict[str, Any]:
    """Tell the facts of the day, once its flags are there: while they are being refreshed, ask again a little later."""
    if Job.objects.filter(name=FLAGS, arguments__day=day, done_at__isnull=True, failed_at__isnull=True).exists():
        actions.enqueue(
            "notifications.tell",
            key=f"notifications.tell:{batch}:{day}:{turn + 1}",
            arguments={"day": day, "batch": batch, "turn": turn + 1},
            batch=batch,
            available_at=timezone.now() + PATIENCE,
        )
        return {"waiting": 1}
    on = date.fromisoformat(day)
    told = telling.tell(on)
    telling.gather(on)
    # Messages of the last days that no mail server took are asked for again, with those of tonight.
    unsent = Digest.objects.filter(sent_at__isnull=True, day__gt=on - timedelta(days=telling.KEPT_DAYS), day__lte=on)
    asked = [(f"notifications.send:{pk}:{day}", {"digest_id": pk}) for pk in unsent.values_list("pk", flat=True)]
    actions.enqueue_many("notifications.send", asked, batch=batch or f"notifications:{day}")
    return {"told": told, "messages": len(asked)}


@job("notifications.send")
def send(digest_id: int, **_schedule: Any) -> dict[str, Any]:
    return {"facts": letters.send(digest_id, timezone.now())}
