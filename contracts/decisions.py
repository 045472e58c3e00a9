"""Deciding: an alert of the board leads to a decision recorded at the clock's time, and the decision to its act."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts import flags
from contracts.models import Contract, Decision
from parcours.models import Worker


@transaction.atomic
def decide(
    *,
    by: User,
    worker: Worker,
    kind: str,
    reason: str,
    notified_on: date | None,
    at: datetime,
    contract: Contract | None = None,
    rule: str = "CONTRACT_END",
    due_on: date | None = None,
    sent_once: UUID | None = None,
) -> Decision:
    """Record what is decided about a person's alert. `at` is the clock's, so back-dating changes nothing.

    A decision about a contract answers its planned end unless told otherwise. The same `sent_once` key twice gives the
    first decision back. The person's flags follow at once.

    Raises ValidationError when the worker would have been told in the future.
    """
    if sent_once is not None:
        already = Decision.objects.filter(sent_once=sent_once, decided_by=by, worker=worker).first()
        if already:
            return already
    today = timezone.localtime(at).date()
    if notified_on is not None and notified_on > today:
        raise ValidationError({"notified_on": _("Cette date est dans l'avenir.")})
    decision = saved(
        Decision(
            worker=worker,
            contract=contract,
            rule=rule,
            due_on=due_on or (contract.planned_end_on if contract else None),
            kind=kind,
            reason=reason,
            decided_by=by,
            notified_on=notified_on,
            recorded_at=at,
            sent_once=sent_once,
        )
    )
    flags.refresh(today, worker_id=worker.pk)
    return decision
