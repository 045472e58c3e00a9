"""Accesses of the platform's team to one structure's files: opened with a motive, for a time, told at once to the structure.

Without one, the platform's team reads no file. With one, its holder reads pages about people and contracts of that structure
(`accounts.roles.OPENED`) until it ends: nothing kept for counsellors, no file to take away, no program, nothing written.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.members import holders
from accounts.models import Opening, Organisation, User
from accounts.roles import Permission


def durations() -> list[int]:
    """How many minutes may be asked for."""
    return [minutes for minutes in (15, 30, 60, 120, 240) if minutes <= settings.OPENING_MINUTES]


@transaction.atomic
def open_access(
    *, by: User, organisation: Organisation, kind: str, motive: str, reference: str = "", minutes: int, at: datetime
) -> Opening:
    """Open a structure's files to someone of the platform's team. The structure is told first: when it cannot be, nothing opens.

    Raises ValidationError: not of the team, not a structure, no motive, too long, one already open, nobody to tell there.
    """
    User.objects.select_for_update().get(pk=by.pk)  # one at a time: the second of a double click finds the first
    if not (by.is_staff and by.is_active):
        raise ValidationError(_("Seule l'équipe technique ouvre un accès."))
    if organisation.nature != Organisation.Nature.STRUCTURE:
        raise ValidationError(
            {"organisation": _("Un accès s'ouvre sur une structure, pas sur un groupe ni une fédération.")}
        )
    if minutes not in durations():
        raise ValidationError({"minutes": _("Choisissez une durée dans la liste.")})
    # its direction and its data-protection contact, those of its group included
    people = holders(organisation, Permission.PROTECT_DATA, timezone.localdate(at)).exclude(pk=by.pk)
    if not people:
        raise ValidationError(
            {"organisation": _("Personne ne peut être prévenu : cette structure n'a ni direction ni référent.")}
        )
    opening = Opening(
        holder=by, organisation=organisation, kind=kind, motive=" ".join(motive.split()), reference=reference.strip(),
        opened_at=at, until=at + timedelta(minutes=minutes),
    )  # fmt: skip
    opening.full_clean()
    opening.save()
    _tell(opening, people)
    return opening


def close(*, by: User, opening: Opening, at: datetime) -> Opening:
    """End an access before its time. One that has ended stays as it ended."""
    if opening.closed_at is None and at < opening.until:
        opening.closed_at, opening.closed_by = max(at, opening.opened_at), by
        opening.save(update_fields=["closed_at", "closed_by"])
    return opening


def _tell(opening: Opening, people: QuerySet[User]) -> None:
    with override(settings.LANGUAGE_CODE):
        words = {
            "who": opening.holder,
            "email": opening.holder.email,
            "structure": opening.organisation,
            "until": f"{timezone.localtime(opening.until):%H:%M}",
            "kind": opening.get_kind_display(),
            "motive": opening.motive,
            "reference": opening.reference or _("aucune"),
            "url": settings.PUBLIC_URL + reverse("opened"),
        }
        text = (
            _(
                "%(who)s (%(email)s), de l'équipe technique de Parcours, peut lire les dossiers de %(structure)s jusqu'à %(until)s."
                "\n\nNature du motif : %(kind)s\nMotif : %(motive)s\nRéférence de la demande : %(reference)s"
                "\n\nCet accès ne montre ni les droits, ni ce que les suivis et le plan disent de la santé et de la justice. Il ne "
                "change rien et n'emporte rien. Chaque page lue est notée."
                "\n\nVoir ce qui est lu, ou fermer cet accès tout de suite : %(url)s"
            )
            % words
        )
        subject = _("Parcours : l'équipe technique ouvre un accès à %(structure)s") % words
        for user in people:
            EmailMessage(subject, text, to=[user.email]).send()
