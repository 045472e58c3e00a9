"""Who sees what: the rows of one's organisations, and nothing else exists."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from accounts import tokens
from accounts.access import load, organisations, permissions
from accounts.models import Membership
from accounts.roles import PERMISSIONS, Permission, Role
from parcours.models import Worker
from tests.factories import (
    FederationFactory,
    GroupFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db


def test_a_counsellor_sees_her_structures_people_and_not_the_neighbours():
    mine, other = WorkerFactory(), WorkerFactory()
    counsellor = user_with(Role.COUNSELLOR, mine.organisation)

    assert list(Worker.objects.visible_to(counsellor)) == [mine]
    assert other.organisation.kind == mine.organisation.kind


def test_a_person_one_may_not_see_does_not_exist():
    hidden = WorkerFactory()
    counsellor = user_with(Role.COUNSELLOR, OrganisationFactory())

    with pytest.raises(Http404):
        load(Worker.objects.visible_to(counsellor), pk=hidden.pk)
    with pytest.raises(Http404):
        load(Worker.objects.visible_to(counsellor), pk="pas-un-nombre")


def test_a_role_in_a_group_reaches_its_structures_and_no_other():
    group = GroupFactory()
    member = WorkerFactory(organisation=OrganisationFactory(group=group))
    WorkerFactory()
    director = user_with(Role.DIRECTOR, group)

    assert list(Worker.objects.visible_to(director)) == [member]


def test_the_federation_sees_no_person_even_of_its_own_structures():
    federation = FederationFactory()
    WorkerFactory(organisation=OrganisationFactory(federation=federation))

    for role in (Role.ANALYST, Role.PUBLISHER, Role.ADMINISTRATOR):
        assert list(Worker.objects.visible_to(user_with(role, federation))) == []


def test_the_administrator_of_a_structure_opens_no_file():
    worker = WorkerFactory()

    assert list(Worker.objects.visible_to(user_with(Role.ADMINISTRATOR, worker.organisation))) == []


def test_a_former_member_and_a_future_one_see_nothing():
    worker = WorkerFactory()
    today = date.today()
    former, future = UserFactory(), UserFactory()
    MembershipFactory(user=former, organisation=worker.organisation, ended_on=today - timedelta(days=1))
    MembershipFactory(user=future, organisation=worker.organisation, started_on=today + timedelta(days=1))

    assert list(Worker.objects.visible_to(former)) == []
    assert list(Worker.objects.visible_to(future)) == []


def test_the_last_day_of_a_membership_still_counts():
    worker = WorkerFactory()
    user = UserFactory()
    MembershipFactory(user=user, organisation=worker.organisation, ended_on=date.today())

    assert list(Worker.objects.visible_to(user)) == [worker]


def test_a_stranger_and_a_closed_account_hold_nothing():
    worker = WorkerFactory()
    gone = user_with(Role.DIRECTOR, worker.organisation, is_active=False)

    assert list(organisations(AnonymousUser(), Permission.SEE_PEOPLE)) == []
    assert list(Worker.objects.visible_to(gone)) == []
    assert permissions(gone) == frozenset()


def test_permissions_add_up_over_roles():
    organisation = OrganisationFactory()
    user = user_with(Role.HR, organisation)
    MembershipFactory(user=user, organisation=organisation, role=Role.COUNSELLOR)

    assert permissions(user) == PERMISSIONS[Role.HR] | PERMISSIONS[Role.COUNSELLOR]


def test_a_token_stands_for_one_organisation_with_one_role():
    worker, _other = WorkerFactory(), WorkerFactory()
    director = user_with(Role.DIRECTOR, worker.organisation)
    token, secret = tokens.issue(by=director, organisation=worker.organisation, name="Paie", role=Role.HR)

    found = tokens.find(secret, timezone.now())
    assert found == token
    assert list(Worker.objects.visible_to(found)) == [worker]
    assert secret not in str(vars(token))


def test_a_revoked_or_expired_token_opens_nothing():
    director = user_with(Role.DIRECTOR, OrganisationFactory())
    organisation = Membership.objects.get(user=director).organisation
    now = timezone.now()
    revoked, first = tokens.issue(by=director, organisation=organisation, name="a", role=Role.HR)
    _expired, second = tokens.issue(by=director, organisation=organisation, name="b", role=Role.HR, expires_at=now)
    tokens.revoke(revoked, now)

    assert tokens.find(first, now) is None
    assert tokens.find(second, now) is None
    assert tokens.find("prc_inconnu", now) is None


def test_a_role_foreign_to_the_organisation_gets_no_token():
    director = user_with(Role.DIRECTOR, OrganisationFactory())

    with pytest.raises(ValueError, match="Ce rôle n'existe pas"):
        tokens.issue(by=director, organisation=OrganisationFactory(), name="x", role=Role.PUBLISHER)
