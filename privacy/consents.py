"""What people agree to: asked for in closed words, given, refused, taken back. Nothing is agreed to before it is said.

At work an agreement is rarely free (EDPB guidelines 05/2020, paragraph 21): no right depends on one, and none blocks an act.
"""

from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.access import Principal, organisations
from accounts.models import User
from accounts.roles import Permission
from audit.saving import not_later, saved
from indicators.models import Participant
from parcours.models import Attachment, Worker
from partners.models import Partner
from privacy.catalogue import Purpose, consents
from privacy.models import Consent


@dataclass
class Asked:
    """One purpose and what the person answered: the answer that counts (one a partner), and those before it."""

    purpose: Purpose
    text: str = ""
    current: list[Consent] = field(default_factory=list)
    before: list[Consent] = field(default_factory=list)
    participations: list[Participant] = field(default_factory=list)
    reserved: bool = False


def wording(purpose: Purpose, worker: Worker, on: date, partner: Partner | None = None) -> str:
    """The exact words shown to a person on a day."""
    text: str = purpose.on(on)["text"]
    named = {"structure": worker.organisation.name, "partenaire": partner.name if partner else _("ce partenaire")}
    return text.format(**named)


def answer(
    *,
    by: User,
    worker: Worker,
    purpose: str,
    agreed: bool,
    said_on: date,
    how: str,
    today: date,
    partner: Partner | None = None,
    paper: Attachment | None = None,
) -> Consent:
    """Write down what a person answered; said again as it stands, nothing is added. Raises ValidationError."""
    known = consents().get(purpose)
    if known is None or known.kept_in:
        raise ValidationError({"purpose": _("On ne demande pas d'accord pour cela ici.")})
    not_later("said_on", said_on, today)
    if known.partner and partner is None:
        raise ValidationError({"partner": _("Dites à quel partenaire.")})
    if partner and partner.organisation_id not in {None, worker.organisation_id}:
        raise ValidationError({"partner": _("Ce partenaire est celui d'une autre structure.")})
    if paper and paper.follow_up.pathway.worker_id != worker.pk:
        raise ValidationError({"paper": _("Cette pièce est dans le dossier de quelqu'un d'autre.")})
    last = Consent.objects.filter(worker=worker, purpose=purpose, partner=partner).first()
    if last and (last.agreed, last.said_on, last.withdrawn_on) == (agreed, said_on, None):
        return last
    if not any(one["since"] <= said_on for one in known.versions):
        raise ValidationError({"said_on": _("Ce texte n'existait pas encore ce jour-là.")})
    return saved(
        Consent(
            worker=worker,
            purpose=purpose,
            partner=partner,
            version=known.on(said_on)["version"],
            words=wording(known, worker, said_on, partner),
            agreed=agreed,
            said_on=said_on,
            how=how,
            paper=paper,
            collected_by=by,
        )
    )


def withdraw(*, by: User, consent: Consent, withdrawn_on: date, withdrawn_how: str, today: date) -> Consent:
    """Note that a person takes her agreement back: no reason is asked. Raises ValidationError."""
    not_later("withdrawn_on", withdrawn_on, today)
    if consent.withdrawn_on:
        return consent
    consent.withdrawn_on, consent.withdrawn_how = withdrawn_on, withdrawn_how
    return saved(consent)


def register(worker: Worker, reader: Principal, today: date) -> list[Asked]:
    """Each purpose of the catalogue and where this person stands, as far as this reader may know. Three queries."""
    found = {
        code: Asked(purpose, wording(purpose, worker, today) if purpose.versions else "")
        for code, purpose in consents().items()
    }
    rows = Consent.objects.visible_to(reader).filter(worker=worker).select_related("partner", "collected_by", "paper")
    seen: set[tuple[str, int | None]] = set()
    for row in rows:
        place = found[row.purpose]
        (place.before if (row.purpose, row.partner_id) in seen else place.current).append(row)
        seen.add((row.purpose, row.partner_id))
    for asked in found.values():
        asked.reserved = asked.purpose.partner and reserved(worker, reader)
        if asked.purpose.kept_in:
            people = Participant.objects.visible_to(reader).filter(worker=worker).select_related("experiment")
            asked.participations = list(people)
    return list(found.values())


def reserved(worker: Worker, reader: Principal) -> bool:
    """Whether what names a partner is kept from this reader. One query."""
    return not organisations(reader, Permission.SEE_SENSITIVE).filter(pk=worker.organisation_id).exists()


def standing(worker: Worker, reader: Principal, purpose: str, partner: Partner | None = None) -> str:
    """Where a person stands on one purpose, in words, for who relies on it: never asked is said as such. Two queries."""
    last = Consent.objects.visible_to(reader).filter(worker=worker, purpose=purpose, partner=partner).first()
    if last is None and partner and reserved(worker, reader):
        return _("réservé aux conseillers")
    return last.said if last else _("accord jamais demandé")
