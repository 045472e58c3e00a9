"""Verbs on badges: a key for the structure, a badge given, a badge taken back. And what strangers may read of them."""

from datetime import date
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import not_later, saved
from parcours.models import Worker
from skills import badges
from skills.models import Award, Badge, IssuerKey


def address(*parts: object) -> str:
    """Public address of something about badges: what strangers and their software open."""
    return "/".join([settings.PUBLIC_URL, "badges", *(str(part) for part in parts), ""])


def profile(organisation: Organisation) -> badges.JSON:
    """The issuer as badges name it: no person, no e-mail address."""
    return {"id": address("emetteurs", organisation.pk), "type": ["Profile"], "name": organisation.name}


def achievement(badge: Badge) -> badges.JSON:
    about: badges.JSON = {
        "id": address("modeles", badge.uuid),
        "type": ["Achievement"],
        "name": badge.name,
        "description": badge.description,
        "criteria": {"narrative": badge.criteria},
    }
    if badge.skill:
        about["alignment"] = [
            {
                "type": ["Alignment"],
                "targetName": badge.skill.label,
                "targetUrl": f"https://candidat.francetravail.fr/metierscope/competence/{badge.skill.code}",
                "targetCode": badge.skill.code,
                "targetFramework": str(badge.skill.framework),
            }
        ]
    return about


def create_badge(
    *, by: User, organisation: Organisation, name: str, description: str, criteria: str, **also: object
) -> Badge:
    """What the structure will recognise. Raises ValidationError."""
    return saved(Badge(organisation=organisation, name=name, description=description, criteria=criteria, **also))


def change_badge(*, by: User, badge: Badge, **said: object) -> Badge:
    """Say otherwise what a badge recognises. Raises ValidationError once it was given: those who hold it hold these words."""
    if badge.awards.exists():
        raise ValidationError(
            _("Ce badge a été remis : ses mots ne changent plus. Cessez de le remettre et créez-en un autre.")
        )
    for name, value in said.items():
        setattr(badge, name, value)
    return saved(badge)


def close_badge(*, by: User, badge: Badge, on: date) -> Badge:
    """Give a badge no more; those given still stand. Twice keeps the first day."""
    badge.closed_on = badge.closed_on or on
    return saved(badge)


@transaction.atomic
def renew_key(*, by: User, organisation: Organisation, on: date) -> IssuerKey:
    """Put a new key in service; the one before signs no more badge and still verifies those it signed."""
    IssuerKey.objects.filter(organisation=organisation, retired_on=None).update(retired_on=on)
    public, sealed = badges.new_key_pair()
    return saved(IssuerKey(organisation=organisation, public=public, sealed=sealed, created_on=on))


@transaction.atomic
def give_badge(*, by: User, badge: Badge, worker: Worker, awarded_on: date, today: date, evidence: str = "") -> Award:
    """Sign a badge for a person of the badge's structure; its first badge gives the structure its key.

    Raises ValidationError when she has it already, when it is given no more, or when the date is in the future.
    """
    organisation = badge.organisation
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if worker.organisation_id != organisation.pk:
        raise ValidationError({"worker": _("Cette personne n'est pas de la structure qui remet ce badge.")})
    not_later("awarded_on", awarded_on, today)
    if badge.closed_on and awarded_on >= badge.closed_on:
        raise ValidationError(
            {"badge": _("Ce badge n'est plus remis depuis le %(day)s.") % {"day": f"{badge.closed_on:%d/%m/%Y}"}}
        )
    key = IssuerKey.objects.filter(organisation=organisation, retired_on=None).first() or renew_key(
        by=by, organisation=organisation, on=today
    )
    taken = set(Award.objects.filter(organisation=organisation).values_list("place", flat=True))
    award = Award(
        badge=badge, worker=worker, organisation=organisation, key=key, awarded_on=awarded_on, evidence=evidence,
        place=badges.new_place(taken), given_by=by,
    )  # fmt: skip
    document = badges.credential(
        url=address(award.uuid),
        holder=uuid4(),
        name=str(worker),
        issuer=profile(organisation),
        achievement=achievement(badge),
        awarded_on=awarded_on,
        evidence=evidence,
        status_url=address("cles", key.uuid, "etat"),
        place=award.place,
    )
    award.credential = badges.sign(document, sealed=key.sealed, kid=address("cles", key.uuid))
    return saved(award)


def revoke_badge(*, by: User, award: Award, on: date, reason: str) -> Award:
    """Take a badge back, and say why; the status list says so at once. Raises ValidationError without a reason."""
    award.revoked_on = award.revoked_on or on
    award.revocation_reason = reason
    return saved(award)


def status_list(key: IssuerKey) -> str:
    """The signed list of the badges of a key that no longer stand."""
    url = address("cles", key.uuid, "etat")
    places = Award.objects.filter(key=key, revoked_on__isnull=False).values_list("place", flat=True)
    document = badges.status_list(
        url=url, issuer_id=profile(key.organisation)["id"], places=places, since=key.created_on
    )
    return badges.sign(document, sealed=key.sealed, kid=address("cles", key.uuid))


def genuine(award: Award) -> bool:
    """Whether the document kept is the one that was signed."""
    try:
        badges.opened(award.credential, award.key.public)
    except badges.NotGenuine:
        return False
    return True
