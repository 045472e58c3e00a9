"""Immersions (PMSMP): planned within the limits of the law, then told with their result (L5135-1, D5135-3 CT)."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import refuse_forbidden, saved
from contracts.facts import contract_facts, immersion_facts
from contracts.models import Contract, Immersion
from law import immersions, law_on
from parcours.models import Worker

FIELDS = {  # the field of a form that each refusal of the law is about
    "PMSMP_TOO_LONG": "ended_on",
    "PMSMP_RENEWAL_LONGER": "ended_on",
    "PMSMP_RENEWED_TWICE": "renews",
    "PMSMP_RENEWAL_CHANGED": "object",
    "PMSMP_HOST_OBJECT": "object",
}


@transaction.atomic
def plan_immersion(
    *, by: User, worker: Worker, started_on: date, ended_on: date, contract: Contract | None = None, **fields: object
) -> Immersion:
    """Keep a convention. Raises ValidationError with the article when a limit of the law is passed."""
    immersion = Immersion(worker=worker, contract=contract, started_on=started_on, ended_on=ended_on, **fields)
    if contract is not None and contract.worker_id != worker.pk:
        raise ValidationError({"contract": _("Ce contrat est celui d'une autre personne.")})
    immersion.full_clean()
    refuse_beyond_limits(immersion)
    return saved(immersion)


@transaction.atomic
def complete_immersion(
    *,
    by: User,
    immersion: Immersion,
    result: str,
    ended_on: date | None = None,
    hours: Decimal | None = None,
    assessment: str = "",
) -> Immersion:
    """Tell how it went; `ended_on` when it stopped earlier or, within the limits, later.

    Raises ValidationError when it was called off, or when the new end passes a limit of the law.
    """
    if immersion.cancelled_on is not None:
        raise ValidationError(
            _("Cette immersion a été annulée le %(day)s : si elle a eu lieu, enregistrez-la de nouveau.")
            % {"day": f"{immersion.cancelled_on:%d/%m/%Y}"}
        )
    immersion.result, immersion.assessment = result, assessment
    immersion.hours = hours if hours is not None else immersion.hours
    if ended_on is not None and ended_on != immersion.ended_on:
        immersion.ended_on = ended_on
        immersion.full_clean()
        refuse_beyond_limits(immersion)
    return saved(immersion)


def cancel_immersion(*, by: User, immersion: Immersion, cancelled_on: date) -> Immersion:
    """Call it off; it is kept, and no longer counts in any limit."""
    immersion.cancelled_on = cancelled_on
    return saved(immersion)


def refuse_beyond_limits(immersion: Immersion) -> None:
    """Raise ValidationError when the length, the renewal, the host or the share of the contract passes a limit."""
    law = law_on(immersion.started_on)
    if immersion.renews is not None and immersion.renews.worker_id != immersion.worker_id:
        raise ValidationError({"renews": _("Cette immersion est celle d'une autre personne.")})
    others = list(Immersion.objects.filter(worker=immersion.worker_id).exclude(pk=immersion.pk).order_by("started_on"))
    contract = immersion.contract
    known = {contract.pk: contract_facts(contract, [], immersion.started_on)} if contract else {}
    *before, new = immersion_facts([*others, immersion], known)
    refuse_forbidden(immersions.findings(new, before, law), FIELDS)
