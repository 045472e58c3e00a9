"""Verbs on contracts. Each is one transaction, keyword-only, and says who acts.

What a state does not allow is refused by the table of contracts.life. Signing follows at once where it matters: the
PASS IAE stops being suspended, the person's flags are asked again. Work for clients, worked months and immersions have
their own modules.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts import facts, flags, life
from contracts.models import Amendment, Contract, ContractDraft, Suspension
from law.nomenclature import contract_kind
from parcours import passes
from parcours.models import Worker

TERMS = ("kind", "weekly_hours", "hourly_gross", "rome_code", "sentence_adjustment")


def _signed(contract: Contract, today: date) -> Contract:
    """Save a contract newly signed unless the law forbids it, and what follows from it."""
    contract.clean_fields()
    if contract.renews is not None and contract.started_on <= contract.renews.started_on:
        raise ValidationError(
            {"started_on": _("Le contrat renouvelé commence le %(day)s : son renouvellement vient après.")
             % {"day": f"{contract.renews.started_on:%d/%m/%Y}"}}
        )  # fmt: skip
    facts.refuse_what_the_law_forbids(contract, today)
    saved(contract)
    kind = contract_kind(contract.kind)
    if kind is not None and kind.insertion:
        passes.resume_at_hire(worker=contract.worker, started_on=contract.started_on)
    flags.refresh(today, worker_id=contract.worker_id)
    return contract


def _changed(contract: Contract, today: date) -> Contract:
    saved(contract)
    flags.refresh(today, worker_id=contract.worker_id)
    return contract


@transaction.atomic
def sign_contract(*, by: User, worker: Worker, today: date, **terms: object) -> Contract:
    """Keep a signed contract. Raises ValidationError when the law forbids it (overlap, hours, dates)."""
    return _signed(Contract(worker=worker, **terms), today)


@transaction.atomic
def prepare_contract(
    *, by: User, worker: Worker, today: date, draft: ContractDraft | None = None, **terms: object
) -> ContractDraft:
    """Prepare a contract, or change one being prepared: nobody is engaged, nothing counts it, two may overlap.

    Raises ValidationError when the draft was already signed or abandoned.
    """
    if draft is None:
        return saved(ContractDraft(worker=worker, prepared_by=by, prepared_on=today, **terms))
    life.allow(life.draft_state(draft), "change")
    for name, term in terms.items():
        setattr(draft, name, term)
    return saved(draft)


@transaction.atomic
def sign_draft(*, by: User, draft: ContractDraft, signed_on: date, today: date, reference: str = "") -> Contract:
    """Make a draft the contract it prepares. Raises ValidationError as signing does, or when it was signed or abandoned."""
    draft = ContractDraft.objects.select_for_update().get(pk=draft.pk)
    life.allow(life.draft_state(draft), "sign")
    terms = {name: getattr(draft, name) for name in (*TERMS, "started_on", "planned_end_on", "renews")}
    draft.contract = _signed(Contract(worker=draft.worker, signed_on=signed_on, reference=reference, **terms), today)
    saved(draft)
    return draft.contract


@transaction.atomic
def abandon_draft(*, by: User, draft: ContractDraft, today: date, reason: str = "") -> ContractDraft:
    """Give a draft up; it is kept, and says why. Raises ValidationError when it was signed or abandoned."""
    draft = ContractDraft.objects.select_for_update().get(pk=draft.pk)
    life.allow(life.draft_state(draft), "abandon")
    draft.abandoned_on, draft.abandon_reason = today, reason
    return saved(draft)


@transaction.atomic
def renew_contract(
    *,
    by: User,
    contract: Contract,
    planned_end_on: date,
    signed_on: date | None,
    today: date,
    started_on: date | None = None,
    weekly_hours: Decimal | None = None,
    hourly_gross: Decimal | None = None,
) -> Contract:
    """Continue a contract by a new one, from the day after its planned end unless told otherwise.

    The new contract keeps the kind, and hours and pay unless told otherwise. Raises ValidationError when the contract has
    no planned end, was broken, or is already renewed.
    """
    if contract.planned_end_on is None:
        raise ValidationError(_("Un contrat sans terme ne se renouvelle pas."))
    start = started_on or contract.planned_end_on + timedelta(days=1)
    life.allow(life.state_on(contract, start), "renew", start)
    terms = {name: getattr(contract, name) for name in TERMS}
    terms |= {"weekly_hours": weekly_hours or contract.weekly_hours}
    terms |= {"hourly_gross": hourly_gross or contract.hourly_gross}
    renewal = Contract(
        worker=contract.worker,
        renews=contract,
        signed_on=signed_on,
        started_on=start,
        planned_end_on=planned_end_on,
        **terms,
    )
    return _signed(renewal, today)


@transaction.atomic
def convert_to_cdi(
    *,
    by: User,
    contract: Contract,
    kind: str,
    started_on: date,
    signed_on: date | None,
    today: date,
    weekly_hours: Decimal | None = None,
    hourly_gross: Decimal | None = None,
) -> Contract:
    """Follow a contract by one without term, from a day on; the former one ends the day before.

    Raises ValidationError when the kind has a term, or the contract is not running on the eve of that day.
    """
    wanted = contract_kind(kind)
    if wanted is None or not wanted.open_ended:
        raise ValidationError({"kind": _("Choisissez un contrat sans terme : CDI, CDI inclusion ou CDI intérimaire.")})
    eve = started_on - timedelta(days=1)
    life.allow(life.state_on(contract, eve), "convert", eve)
    contract.ended_on, contract.end_reason = eve, "renewed"
    saved(contract)
    return _signed(
        Contract(
            worker=contract.worker,
            kind=kind,
            renews=contract,
            signed_on=signed_on,
            started_on=started_on,
            weekly_hours=weekly_hours or contract.weekly_hours,
            hourly_gross=hourly_gross or contract.hourly_gross,
            rome_code=contract.rome_code,
        ),
        today,
    )


@transaction.atomic
def amend_contract(
    *,
    by: User,
    contract: Contract,
    signed_on: date,
    effective_on: date,
    today: date,
    planned_end_on: date | None = None,
    weekly_hours: Decimal | None = None,
    hourly_gross: Decimal | None = None,
    reason: str = "",
) -> Amendment:
    """Sign a change of terms; the contract then shows the terms last signed, its versions the terms of any day.

    Raises ValidationError when the contract is over on the day of the effect, when nothing changes, or when a signed
    amendment takes effect later: versions follow one another.
    """
    contract = Contract.objects.select_for_update().get(pk=contract.pk)
    if effective_on < contract.started_on:
        raise ValidationError({"effective_on": _("Un avenant prend effet pendant le contrat, pas avant son début.")})
    # A new end may take effect on the morrow of the former one: it then continues a contract still running on its eve.
    eve = effective_on - timedelta(days=1) if planned_end_on else effective_on
    life.allow(life.state_on(contract, eve), "amend", eve)
    later = contract.amendments.filter(effective_on__gt=effective_on).first()
    if later is not None:
        raise ValidationError(
            {
                "effective_on": _("Un avenant déjà signé prend effet le %(day)s : celui-ci ne peut le précéder.")
                % {"day": f"{later.effective_on:%d/%m/%Y}"}
            }
        )
    given = {"planned_end_on": planned_end_on, "weekly_hours": weekly_hours, "hourly_gross": hourly_gross}
    named = {name: term for name, term in given.items() if term is not None}
    former = {f"former_{name}": getattr(contract, name) for name in named}
    if not named and not reason:
        raise ValidationError(_("Cet avenant ne change rien : donnez une fin, des heures, un salaire ou un objet."))
    amendment = saved(
        Amendment(contract=contract, signed_on=signed_on, effective_on=effective_on, reason=reason, **named, **former)
    )
    for name, term in named.items():
        setattr(contract, name, term)
    facts.refuse_what_the_law_forbids(contract, today)
    _changed(contract, today)
    return amendment


@transaction.atomic
def end_contract(
    *, by: User, contract: Contract, ended_on: date, reason: str, today: date, notified_on: date | None = None
) -> Contract:
    """Record the effective end of a contract and why; `notified_on` is the day a break was told, from which notice runs.

    Raises ValidationError when the notice starts after the end.
    """
    if notified_on is not None and notified_on > ended_on:
        raise ValidationError({"notified_on": _("Une rupture s'annonce au plus tard le dernier jour du contrat.")})
    contract.ended_on, contract.end_reason, contract.end_notified_on = ended_on, reason, notified_on
    return _changed(contract, today)


@transaction.atomic
def suspend_contract(
    *, by: User, contract: Contract, started_on: date, today: date, reason: str = "", ended_on: date | None = None
) -> Suspension:
    """Suspend a contract, without end when the return is not known yet. Raises ValidationError unless it runs that day."""
    life.allow(life.state_on(contract, started_on), "suspend", started_on)
    suspension = saved(Suspension(contract=contract, started_on=started_on, ended_on=ended_on, reason=reason))
    flags.refresh(today, worker_id=contract.worker_id)
    return suspension


@transaction.atomic
def resume_contract(*, by: User, suspension: Suspension, returned_on: date, today: date) -> Suspension:
    """Record the return: the suspension ends the day before. Raises ValidationError when it starts that day or later."""
    if returned_on <= suspension.started_on:
        raise ValidationError({"returned_on": _("Le retour suit le début de la suspension.")})
    suspension.ended_on = returned_on - timedelta(days=1)
    saved(suspension)
    flags.refresh(today, worker_id=suspension.contract.worker_id)
    return suspension
