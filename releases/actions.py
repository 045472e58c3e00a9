"""What happens to a release: prepared by one person, protected and checked by jobs, approved by another, published, and
withdrawn when it must be. Each verb says what may follow what (releases.models.TRANSITIONS), and may be asked twice.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import permissions
from accounts.models import Organisation, User
from accounts.roles import Permission
from audit.history import because
from audit.saving import saved
from disclosure.audience import Audience
from disclosure.policy import policy as policy_of
from indicators.periods import Period, local_day
from jobs.actions import enqueue
from releases import ledger, secrets, snapshot
from releases.catalogue import CURRENT, catalogue
from releases.models import (
    ENDED_UNPUBLISHED,
    PUBLISHED_STATES,
    TRANSITIONS,
    Contribution,
    Release,
    SnapshotRow,
    Withdrawal,
)

BEGIN = "releases.begin"
State = Release.State


@transaction.atomic
def prepare(*, by: User, federation: Organisation, period: Period, known_at: datetime) -> Release:
    """Ask for the release of a civil year or a quarter as known at K. Its revision follows from what was published. Needs no
    key: the first job names the one it is drawn under, unless it corrects a release that says which.

    Asked again while one is under way, returns that one. Raises PermissionDenied or ValidationError (a period that is no year
    or quarter, not over, or already published twice).
    """
    allowed(by, federation, Permission.PREPARE_RELEASES)
    if not (period.is_civil_year or period.is_quarter):
        raise ValidationError({"period": _("On publie une année civile ou un trimestre.")})
    if period.end >= local_day(known_at):
        raise ValidationError({"period": _("Cette période n'est pas terminée : attendez le %(day)s.") % {
            "day": f"{period.end:%d/%m/%Y}"}})  # fmt: skip
    Organisation.objects.select_for_update().get(pk=federation.pk)
    same = Release.objects.filter(federation=federation, period_start=period.start, period_end=period.end).exclude(
        state__in=ENDED_UNPUBLISHED
    )
    last = same.order_by("-revision").first()
    if last is not None and last.published_at is None:
        return last
    revision = 1 if last is None else last.revision + 1
    # a correction is judged and drawn by the rules of what it corrects, under the same key
    found = catalogue(CURRENT if last is None else last.catalogue)
    rules = found.policy if last is None else last.policy
    most = policy_of(rules).reissue_revisions
    if revision > most:
        raise ValidationError(
            {"period": _("%(period)s a déjà été publiée %(most)d fois : une correction ira dans la période suivante.")
             % {"period": period.label, "most": most}}
        )  # fmt: skip
    release = Release(
        federation=federation,
        period_start=period.start,
        period_end=period.end,
        revision=revision,
        known_at=known_at,
        catalogue=found.version,
        policy=rules,
        key_id="" if last is None else last.key_id,
        prepared_by=by,
        prepared_at=known_at,
    )
    ids = snapshot.structures_of(release)
    if not ids:
        raise ValidationError(_("Aucune structure de la fédération n'était ouverte pendant la période."))
    release.places = snapshot.places_of(ids, release.known_at)
    with because(_("Préparation d'une publication"), user=by.pk):
        saved(release)
    enqueue(BEGIN, key=f"{BEGIN}:{release.pk}", arguments={"release": release.pk}, batch=release.batch)
    return release


@transaction.atomic
def approve(*, by: User, release: Release, at: datetime) -> Release:
    """Sign a release that passed its checks. Raises PermissionDenied, or ValidationError for who prepared it."""
    allowed(by, release.federation, Permission.PUBLISH_RELEASES)
    row = _locked(release)
    if row.state == State.APPROVED and row.approved_by_id == by.pk:
        return row
    if row.prepared_by_id == by.pk:
        raise ValidationError(_("Qui a préparé une publication ne peut pas l'approuver : il faut deux personnes."))
    return _moved(row, State.APPROVED, _("Approbation d'une publication"), by=by, approved_by=by, approved_at=at)


@transaction.atomic
def publish(*, by: User, release: Release, at: datetime) -> Release:
    """Copy the figures to what the federation and the peers read. Raises PermissionDenied or ValidationError."""
    allowed(by, release.federation, Permission.PUBLISH_RELEASES)
    row = _locked(release)
    if row.state == State.PUBLISHED:
        return row
    row = _moved(row, State.PUBLISHED, _("Publication"), by=by, published_by=by, published_at=at)
    for audience in Audience:
        ledger.publish(row, audience, at)
    return row


@transaction.atomic
def withdraw(*, by: User, release: Release, reason: str, at: datetime) -> Release:
    """Take a published release back, saying why. Its figures stay in the ledger."""
    allowed(by, release.federation, Permission.PUBLISH_RELEASES)
    row = _locked(release)
    if row.state == State.WITHDRAWN:
        return row
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi cette publication est retirée.")})
    row = _moved(row, State.WITHDRAWN, _("Retrait d'une publication"), by=by)
    saved(Withdrawal(release=row, reason=reason.strip(), withdrawn_at=at, withdrawn_by=by.pk))
    return row


@transaction.atomic
def abandon(*, by: User, release: Release) -> Release:
    """Give up a release nobody has read yet; the period may then be prepared anew."""
    allowed(by, release.federation, Permission.PREPARE_RELEASES)
    row = _locked(release)
    if row.state == State.ABANDONED:
        return row
    return _moved(row, State.ABANDONED, _("Abandon d'une publication"), by=by)


@transaction.atomic
def forget(*, year: int) -> tuple[int, int]:
    """Once nothing of a year may be corrected any more: remove the people of its snapshots and of what members sent, then
    destroy its key. (people of snapshots, files of members) removed. Released figures and the ledger stay.

    Raises ValidationError while a release of the year is under way, or when the key is in the environment.
    """
    under_way = Release.objects.filter(period_end__year=year).exclude(state__in=(*ENDED_UNPUBLISHED, *PUBLISHED_STATES))
    for release in under_way.select_for_update():
        raise ValidationError(
            _("La publication %(release)s est en cours : la publier ou y renoncer d'abord.")
            % {"release": f"{release.pk} ({release.period.label})"}
        )
    if secrets.in_environment(year):
        raise ValidationError(_("La clé de %(year)d est dans RELEASE_SECRETS : l'en retirer d'abord.") % {"year": year})
    people, _each = SnapshotRow.objects.filter(release__period_end__year=year).delete()
    files, _each = Contribution.objects.filter(period_end__year=year).delete()
    if not secrets.forget(year) and not people and not files:  # the file comes last: nothing undoes it
        raise ValidationError(_("Il n'y a ni clé ni relevé pour %(year)d.") % {"year": year})
    return people, files


def advance(release: Release, state: str, **fields: Any) -> Release:
    """What a job does to a release, in its own transaction."""
    return _moved(release, state, str(State(state).label), **fields)


def allowed(by: User, federation: Organisation, permission: Permission) -> None:
    """Raises PermissionDenied unless the user holds the permission in that federation."""
    if permission not in permissions(by, federation):
        raise PermissionDenied


def may_follow(state: str) -> set[str]:
    """The states that may follow one."""
    return {after.value for before, after in TRANSITIONS if before == state}


def _locked(release: Release) -> Release:
    return Release.objects.select_for_update().get(pk=release.pk)


def _moved(row: Release, state: str, why: str, *, by: User | None = None, **fields: object) -> Release:
    if state not in may_follow(row.state):
        raise ValidationError(
            _("Cette publication est « %(state)s » : elle ne peut pas devenir « %(next)s ».")
            % {"state": row.get_state_display(), "next": State(state).label}
        )
    row.state = state
    for name, value in fields.items():
        setattr(row, name, value)
    with because(why, **({"user": by.pk} if by else {})):
        return saved(row)
