"""The departure of a member: her access ends, her people and appointments go to someone, her keys are closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import active_memberships
from accounts.members import holders
from accounts.models import ApiToken, Membership, Organisation, User
from accounts.roles import Permission, roles_with
from agenda.models import Appointment, FeedToken
from audit.history import because
from audit.saving import writing
from parcours.models import Pathway, Worker


@dataclass(frozen=True)
class Departure:
    """How many people and appointments were handed over, and how many keys closed."""

    people: int
    appointments: int
    tokens: int


def reached(membership: Membership) -> QuerySet[Organisation]:
    """The organisations a membership reaches: its own, and the structures of its group."""
    where = membership.organisation_id
    return Organisation.objects.filter(Q(pk=where) | Q(group=where))


def people_of(membership: Membership) -> QuerySet[Worker]:
    """Everyone whose counsellor she is where the membership reaches; `accompanied` says a pathway is open."""
    rows = Worker.objects.filter(counsellor=membership.user_id, organisation__in=reached(membership))
    return rows.annotate(accompanied=Exists(Pathway.objects.open().filter(worker=OuterRef("pk")))).order_by(
        "-accompanied", "last_name", "first_name", "pk"
    )


def successors(membership: Membership, on: date) -> QuerySet[User]:
    """Who may take the people over: who writes follow-ups in the same organisation or its group, after that day."""
    there = holders(membership.organisation, Permission.WRITE_FOLLOW_UP, on + timedelta(days=1))
    return there.exclude(pk=membership.user_id).order_by("last_name", "first_name", "pk")


@transaction.atomic
def depart(*, by: User, membership: Membership, on: date, at: datetime, to: User | None = None) -> Departure:
    """End a membership (`on` is its last day) and hand everything over: three statements, however many people.

    Raises ValidationError when people or appointments to come would be left without a counsellor, when `to` may not
    take people there or already meets one of them at the same hour, or when one would end one's own access.
    """
    membership = Membership.objects.select_for_update().select_related("organisation", "user").get(pk=membership.pk)
    if membership.user_id == by.pk:
        raise ValidationError(_("On ne met pas fin à son propre accès : demandez à une autre personne."))
    if membership.ended_on is not None:
        raise ValidationError(_("Cette personne est déjà partie."))
    others = active_memberships(membership.user, on).exclude(pk=membership.pk).filter(ended_on__isnull=True)
    stays = others.filter(
        organisation=membership.organisation_id, role__in=roles_with(Permission.WRITE_FOLLOW_UP)
    ).exists()
    people = Worker.objects.none() if stays else people_of(membership)
    waiting = people.count()
    if waiting and to is None:
        raise ValidationError({"to": ngettext(
            "%(n)s personne resterait sans conseiller : dites qui la reçoit.",
            "%(n)s personnes resteraient sans conseiller : dites qui les reçoit.", waiting,
        ) % {"n": waiting}})  # fmt: skip
    here = Appointment.objects.filter(counsellor=membership.user_id, worker__organisation__in=reached(membership))
    planned = Appointment.objects.none() if stays else here.standing().filter(starts_at__gt=at)
    if to is None and planned.exists():
        raise ValidationError({"to": _("Des rendez-vous à venir resteraient sans conseiller : dites qui les reçoit.")})
    if to is not None and not successors(membership, on).filter(pk=to.pk).exists():
        raise ValidationError({"to": _("Cette personne ne peut pas suivre les salariés de cette structure.")})
    membership.ended_on, membership.ended_by = on, by
    membership.full_clean()
    with because(_("départ de %(name)s") % {"name": membership.user}, user=by.pk):
        membership.save(update_fields=["ended_on", "ended_by"])
        handed = Worker.objects.filter(pk__in=people.values("pk")).update(counsellor=to) if to else 0
        with writing(Appointment):
            moved = planned.update(counsellor=to) if to else 0
    keys = ApiToken.objects.filter(created_by=membership.user_id, organisation__in=reached(membership))
    closed = keys.filter(revoked_at__isnull=True).update(revoked_at=at)
    if not active_memberships(membership.user, timezone.localdate(at)).exclude(pk=membership.pk).exists():
        FeedToken.objects.filter(user=membership.user_id, revoked_at__isnull=True).update(revoked_at=at)
        end_sessions(membership.user)
    return Departure(handed, moved, closed)


def end_sessions(user: User, but: str = "") -> int:
    """Sign a user out everywhere, except the session of this key. Returns how many sessions ended."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(key).delete()
    rows.delete()
    return len(keys)
