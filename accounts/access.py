"""What a user reaches. Every page and every API view loads its objects from here; what is not visible does not exist.

A principal is a signed-in `User` or an `ApiToken` (which stands for one organisation with one role). Someone of the platform's
team holds no role: a page she reads may be opened to her for a time (`accounts.openings`).
"""

from collections import defaultdict
from datetime import date
from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import ApiToken, Membership, Organisation, User
from accounts.models.organisation import OrganisationQuerySet
from accounts.roles import OPENED, PERMISSIONS, Permission, Reach, Role, roles_with

Principal = User | ApiToken | AnonymousUser
M = TypeVar("M", bound=Model)


def active_memberships(user: User, on: date | None = None) -> QuerySet[Membership]:
    """The memberships in force on a day (today when not given)."""
    return Membership.objects.in_force(on or timezone.localdate()).filter(user=user)


def reach(principal: Principal) -> Reach:
    """The roles held today in each organisation reached, by its id; members of its groups included. One SQL; within a request
    it is asked once, when the wall goes up (`accounts.walls`)."""
    if not isinstance(principal, User | ApiToken) or not principal.is_active:
        return {}
    if principal.reach is not None:
        return principal.reach
    found: dict[int, set[Role]] = defaultdict(set)
    if isinstance(principal, ApiToken):
        own = Q(pk=principal.organisation_id) | Q(group=principal.organisation_id)
        for pk in Organisation.objects.filter(own, closed_on__isnull=True).values_list("pk", flat=True):
            found[pk].add(Role(principal.role))
    else:
        held = active_memberships(principal)
        through = held.filter(organisation__members__isnull=False).values_list("organisation__members", "role")
        for pk, role in held.values_list("organisation", "role").union(through):
            found[pk].add(Role(role))
    return found


def reached(principal: Principal, permission: Permission | None = None) -> list[int]:
    """The ids of `organisations`."""
    carrying = set(roles_with(permission) if permission else Role)
    ids = [pk for pk, roles in reach(principal).items() if not carrying.isdisjoint(roles)]
    if isinstance(principal, User) and (permission is None or permission in OPENED):
        ids += [opening.organisation_id for opening in principal.openings]
    return ids


def organisations(principal: Principal, permission: Permission | None = None) -> OrganisationQuerySet:
    """The organisations in which the principal holds the permission (without one: any role), members of its groups
    included."""
    return Organisation.objects.filter(pk__in=reached(principal, permission))


def permissions(principal: Principal, organisation: Organisation | None = None) -> frozenset[Permission]:
    """All permissions the principal holds somewhere (what the menu shows), or in one organisation, through its group too."""
    where = {organisation.pk, organisation.group_id} if organisation else None
    if isinstance(principal, ApiToken):
        here = where is None or principal.organisation_id in where
        return PERMISSIONS[Role(principal.role)] if here else frozenset()
    if not isinstance(principal, User) or not principal.is_active:
        return frozenset()
    held = reach(principal)
    roles = held.get(organisation.pk, ()) if organisation else {role for several in held.values() for role in several}
    opened = [OPENED for opening in principal.openings if where is None or opening.organisation_id in where]
    return frozenset().union(*(PERMISSIONS[role] for role in roles), *opened)


class ScopedQuerySet(QuerySet[M]):
    """Rows that belong to organisations. The model names the way to its organisation and who may see it:

    `organisation_path`, a lookup such as "pathway__worker__organisation", and `seen_with`, a Permission. The database holds
    the same path as a rule of its own (accounts/policies.py).
    """

    def visible_to(self, principal: Principal, permission: Permission | None = None) -> Self:
        """The rows of the organisations where the principal may see them (or holds another given permission)."""
        path: str = self.model.organisation_path  # type: ignore[attr-defined]
        needed: Permission = permission or self.model.seen_with  # type: ignore[attr-defined]
        return self.filter(**{f"{path}__in": reached(principal, needed)})


def load(rows: QuerySet[M], **lookup: object) -> M:
    """The one loading function: the object, or 404 without saying whether it exists."""
    try:
        return rows.get(**lookup)
    except (ObjectDoesNotExist, ValueError) as absent:
        raise Http404 from absent
