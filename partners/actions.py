"""Verbs with partners: a directory of one's own, agreements, people sent to a service, needs nobody could answer."""

from datetime import date
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Commune, Organisation, User
from audit.saving import not_later, saved
from parcours.models import Pathway, PlanAction
from parcours.plan import move
from partners.models import Agreement, Orientation, Partner, Service, UnmetNeed


def add_partner(
    *,
    by: User,
    organisation: Organisation,
    name: str,
    today: date,
    kind: str = "",
    commune: Commune | None = None,
    phone: str = "",
    email: str = "",
    description: str = "",
) -> Partner:
    """Add a partner that is in no official file, seen by the structure alone."""
    return saved(
        Partner(
            organisation=organisation,
            source="local",
            source_id=f"local--{uuid4()}",
            name=name,
            kind=kind,
            commune=commune,
            departement=commune.departement if commune else None,
            city=commune.name if commune else "",
            phone=phone,
            email=email,
            description=description,
            updated_on=today,
        )
    )


def _known_there(partner: Partner, organisation_id: int) -> None:
    """A structure's own partner is known to no other: who works in two does not carry it from one to the other."""
    if partner.organisation_id not in {None, organisation_id}:
        raise ValidationError({"partner": _("Ce partenaire est celui d'une autre structure.")})


def agree(
    *,
    by: User,
    organisation: Organisation,
    partner: Partner,
    subject: str,
    signed_on: date,
    today: date,
    ended_on: date | None = None,
) -> Agreement:
    """Keep a dated agreement with a partner. Raises ValidationError."""
    _known_there(partner, organisation.pk)
    not_later("signed_on", signed_on, today)
    return saved(
        Agreement(
            organisation=organisation,
            partner=partner,
            subject=subject,
            signed_on=signed_on,
            ended_on=ended_on,
            recorded_by=by,
        )
    )


def orient(
    *,
    by: User,
    pathway: Pathway,
    theme: str,
    sent_on: date,
    today: date,
    partner: Partner | None = None,
    service: Service | None = None,
    action: PlanAction | None = None,
) -> Orientation:
    """Send a person to a service, or to a partner without naming a service. Raises ValidationError.

    The partner of a service is the service's; an action must be of the same pathway.
    """
    not_later("sent_on", sent_on, today)
    if service is not None:
        partner = service.partner
    if partner is None:
        raise ValidationError({"partner": _("Dites vers qui la personne est orientée.")})
    _known_there(partner, pathway.worker.organisation_id)
    if action is not None and action.pathway_id != pathway.pk:
        raise ValidationError({"action": _("Cette action appartient à un autre parcours.")})
    return saved(
        Orientation(
            pathway=pathway,
            partner=partner,
            service=service,
            action=action,
            theme=theme,
            sent_on=sent_on,
            state_on=sent_on,
            recorded_by=by,
        )
    )


def move_orientation(*, by: User, orientation: Orientation, state: str, on: date, today: date) -> Orientation:
    """Say what became of it, from which day."""
    move(orientation, state, on, today)
    return orientation


def note_unmet_need(
    *, by: User, pathway: Pathway, theme: str, reason: str, noted_on: date, today: date, topic: str = ""
) -> UnmetNeed:
    """Log « no solution here », in the commune where the person lives (the structure's own when it is unknown)."""
    not_later("noted_on", noted_on, today)
    commune = pathway.worker.commune or pathway.worker.organisation.commune
    return saved(
        UnmetNeed(
            pathway=pathway,
            theme=theme,
            topic=topic,
            reason=reason,
            commune=commune,
            noted_on=noted_on,
            recorded_by=by,
        )
    )


def answer_need(*, by: User, need: UnmetNeed, answered_on: date, today: date) -> UnmetNeed:
    """A solution was found after all."""
    not_later("answered_on", answered_on, today)
    need.answered_on = answered_on
    return saved(need)
