"""Who one is: addresses, roles given and ended, directories, programs."""

import os
import re
import subprocess
import sys
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import addresses, members, tokens
from accounts.models import ApiToken, Membership, User
from accounts.roles import Role
from agenda.actions import issue_feed
from agenda.departure import depart
from tests.factories import FederationFactory, GroupFactory, OrganisationFactory, user_with
from tests.trust.test_sign_in import PASSWORD, TODAY, signed_in, with_password
from tests.trust.world import bearer, client_of

pytestmark = pytest.mark.django_db
PAGE = "/compte/email/"


# An address -------------------------------------------------------------------------------------------------------


def proved(user: User) -> Client:
    client = signed_in(user)
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    return client


def link_in(message) -> str:
    return re.search(r"https?://[^/]+(/compte/email/\S+)", message.body).group(1)


def test_an_address_counts_once_its_link_was_opened_and_the_old_one_is_told(django_capture_on_commit_callbacks):
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory(), email="avant@example.org"))
    client = proved(user)

    asked = client.post(PAGE, {"email": "Apres@Example.org"})
    user.refresh_from_db()
    assert (asked.status_code, user.email) == (302, "avant@example.org"), "nothing changed yet"
    [sent] = mail.outbox
    assert sent.to == ["apres@example.org"]

    link = link_in(sent)
    assert Client().get(link)["Location"].startswith("/compte/login/"), "she alone opens it"
    assert client_of(user_with(Role.COUNSELLOR, OrganisationFactory())).post(link).status_code == 404
    assert "apres@example.org" in client.get(link).content.decode()
    user.refresh_from_db()
    assert user.email == "avant@example.org", "opening changes nothing"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(link).status_code == 302

    user.refresh_from_db()
    assert user.email == "apres@example.org"
    assert mail.outbox[-1].to == ["avant@example.org"]
    assert "apres@example.org" in mail.outbox[-1].body
    assert client.post(link).status_code == 404, "the link has served"
    assert client.get("/mes-acces/").status_code == 200
    assert signed_in(user).get("/mes-acces/").status_code == 200


def test_an_open_session_alone_changes_no_address():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    client = signed_in(user)

    for body in ({"email": "voleur@example.org"}, {"action_add": "", "email": "voleur@example.org"}):
        assert client.post(PAGE, body)["Location"].startswith("/compte/reauthenticate/")
    assert mail.outbox == []


def test_a_link_dies_with_a_change_of_password_and_with_time(settings):
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    token = addresses.link(user, "apres@example.org").rstrip("/").split("/")[-1]
    assert addresses.asked(user, token) == "apres@example.org"

    settings.PASSWORD_RESET_TIMEOUT = -1
    assert addresses.asked(user, token) is None
    settings.PASSWORD_RESET_TIMEOUT = 600
    user.set_password("une autre phrase assez longue")
    assert addresses.asked(user, token) is None


def test_an_address_is_not_taken_from_another_account():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    client = proved(user)
    user_with(Role.HR, OrganisationFactory(), email="prise@example.org")

    free, taken = (client.post(PAGE, {"email": email}) for email in ("libre@example.org", "prise@example.org"))
    assert [free.status_code, free["Location"]] == [taken.status_code, taken["Location"]], "the same answer"
    refused = client.post(link_in(mail.outbox[-1]))

    assert "a déjà un compte" in refused.content.decode()
    user.refresh_from_db()
    assert user.email != "prise@example.org"


def test_an_invitation_never_attaches_to_an_address_that_was_only_claimed():
    claimer = with_password(user_with(Role.COUNSELLOR, OrganisationFactory(), email="a@a.fr"))
    client, structure = proved(claimer), OrganisationFactory()
    client.post(PAGE, {"email": "future@b.fr"})
    for act in ("action_add", "action_primary", "action_send"):
        client.post(PAGE, {act: "", "email": "future@b.fr"})

    membership = members.invite(
        by=user_with(Role.DIRECTOR, structure), organisation=structure, email="future@b.fr", first_name="F",
        last_name="B", role=Role.COUNSELLOR, on=TODAY,
    )  # fmt: skip

    assert membership.user != claimer
    assert not EmailAddress.objects.exists(), "addresses are kept in one place"
    assert "a déjà un compte" in client.post(link_in(mail.outbox[0])).content.decode()


def test_whose_address_comes_from_a_directory_changes_it_there():
    user = user_with(Role.COUNSELLOR, OrganisationFactory())
    user.set_unusable_password()
    user.save()

    assert client_of(user).post(PAGE, {"email": "apres@example.org"}, follow=True).status_code == 200
    assert mail.outbox == []


# A role -----------------------------------------------------------------------------------------------------------


def invited(by, organisation, role, email="nouvelle@example.org") -> Membership:
    said = {"first_name": "Nora", "last_name": "B", "on": TODAY}
    return members.invite(by=by, organisation=organisation, role=role, email=email, **said)


def test_who_gave_a_role_and_who_ended_it_are_kept():
    structure = OrganisationFactory()
    director, administrator = user_with(Role.DIRECTOR, structure), user_with(Role.ADMINISTRATOR, structure)

    membership = invited(director, structure, Role.HR)
    depart(by=administrator, membership=membership, on=TODAY, at=timezone.now())

    membership.refresh_from_db()
    assert (membership.given_by, membership.ended_by) == (director, administrator)


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.HR, Role.DIRECTOR])
def test_a_role_that_reads_files_is_told_to_those_who_answer_for_them(role, django_capture_on_commit_callbacks):
    group = GroupFactory()
    structure, neighbour = OrganisationFactory(group=group, name="Les Jardins"), OrganisationFactory()
    administrator = user_with(Role.ADMINISTRATOR, structure, email="admin@example.org")
    told = {
        user_with(held, where).email
        for held, where in ((Role.DIRECTOR, structure), (Role.PROTECTION, structure), (Role.DIRECTOR, group))
    }
    for held, where in ((Role.HR, structure), (Role.DIRECTOR, neighbour), (Role.COUNSELLOR, neighbour)):
        user_with(held, where)
    counsellor = user_with(Role.COUNSELLOR, structure)
    if role == Role.COUNSELLOR:  # who will read what she writes of health and justice
        told.add(counsellor.email)

    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator, structure, role)
        invited(administrator, structure, role)  # again: a new link, the same role

    notices = [message for message in mail.outbox if message.to != ["nouvelle@example.org"]]
    assert {to for message in notices for to in message.to} == told
    assert len(notices) == len(told), "told once"
    assert "Les Jardins" in notices[0].body
    assert "nouvelle@example.org" in notices[0].body


def test_a_role_in_a_group_is_told_in_its_structures_and_one_that_reads_no_file_to_nobody(
    django_capture_on_commit_callbacks,
):
    group = GroupFactory()
    director = user_with(Role.DIRECTOR, OrganisationFactory(group=group))
    administrator = user_with(Role.ADMINISTRATOR, group)

    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator, group, Role.ADMINISTRATOR)
    assert [message.to for message in mail.outbox] == [["nouvelle@example.org"]]
    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator, group, Role.COUNSELLOR)
    assert [director.email] in [message.to for message in mail.outbox]


def test_an_invitation_says_the_same_of_a_closed_account(django_capture_on_commit_callbacks):
    structure = OrganisationFactory()
    client = client_of(user_with(Role.ADMINISTRATOR, structure))
    User.objects.create_user("fermee@example.org", is_active=False)
    body = {"organisation": structure.pk, "first_name": "F", "last_name": "B", "role": "administrator"}

    with django_capture_on_commit_callbacks(execute=True):
        closed = client.post("/organisation/membres/inviter/", body | {"email": "fermee@example.org"}, follow=True)

    assert "L&#x27;invitation est partie à fermee@example.org" in closed.content.decode()
    assert mail.outbox == [], "nothing is written to a closed account"


def test_who_keeps_a_role_elsewhere_for_some_days_keeps_her_sessions_and_feeds():
    here, elsewhere = OrganisationFactory(), OrganisationFactory()
    leaver = with_password(user_with(Role.HR, here))
    Membership.objects.create(
        user=leaver, organisation=elsewhere, role=Role.HR, started_on=date(2024, 1, 1),
        ended_on=TODAY + timedelta(days=10),
    )  # fmt: skip
    _feed, secret = issue_feed(by=leaver, name="f")
    client = signed_in(leaver)

    membership = leaver.memberships.get(organisation=here)
    depart(by=user_with(Role.DIRECTOR, here), membership=membership, on=TODAY, at=timezone.now())

    assert client.get("/mes-acces/").status_code == 200
    assert Client().get(f"/agenda/flux/{secret}.ics").status_code == 200


def test_a_change_of_password_closes_sessions_and_leaves_programs_and_feeds():
    structure = OrganisationFactory()
    user = with_password(user_with(Role.COUNSELLOR, structure))
    _token, secret = tokens.issue(by=user, organisation=structure, name="p", role=Role.COUNSELLOR)
    _feed, feed = issue_feed(by=user, name="f")
    new = "une autre phrase assez longue"

    signed_in(user).post("/compte/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert Client().get("/api/v1/workers/", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 200
    assert Client().get(f"/agenda/flux/{feed}.ics").status_code == 200


# A program --------------------------------------------------------------------------------------------------------


def test_a_program_makes_no_program():
    structure = OrganisationFactory()
    director = user_with(Role.DIRECTOR, structure)
    body = {"organisation": structure.pk, "name": "suite", "role": "hr"}

    assert bearer(structure, Role.DIRECTOR, director).post("/api/v1/tokens/", body).status_code == 404
    assert client_of(director).post("/api/v1/tokens/", body).status_code == 201


def test_a_program_stops_with_the_account_and_the_rights_of_who_made_it():
    structure = OrganisationFactory(group=GroupFactory())
    maker = user_with(Role.DIRECTOR, structure.group)
    _token, secret = tokens.issue(by=maker, organisation=structure, name="p", role=Role.HR)
    assert tokens.find(secret, timezone.now())

    User.objects.filter(pk=maker.pk).update(is_active=False)
    assert tokens.find(secret, timezone.now()) is None
    User.objects.filter(pk=maker.pk).update(is_active=True)
    Membership.objects.filter(user=maker).update(role=Role.ADMINISTRATOR)
    assert tokens.find(secret, timezone.now()) is None, "she reads no file any more: nor does it"
    Membership.objects.filter(user=maker).update(role=Role.HR)
    assert tokens.find(secret, timezone.now())
    Membership.objects.filter(user=maker).update(ended_on=TODAY - timedelta(days=1))
    assert tokens.find(secret, timezone.now()) is None


def test_a_program_may_be_given_its_last_day():
    structure = OrganisationFactory()
    client = client_of(user_with(Role.DIRECTOR, structure))
    body = {"organisation": structure.pk, "name": "Paie", "role": "hr"}

    refused = client.post("/organisation/", body | {"last_day": (TODAY - timedelta(days=1)).isoformat()})
    assert "déjà passé" in refused.content.decode()
    client.post("/organisation/", body | {"last_day": (TODAY + timedelta(days=30)).isoformat()})

    token = ApiToken.objects.get()
    last = timezone.localtime(token.expires_at) - timedelta(seconds=1)
    assert last.date() == TODAY + timedelta(days=30)
    assert f"{last:%d/%m/%Y}" in client.get("/organisation/").content.decode()


# A directory ------------------------------------------------------------------------------------------------------

ASKED = """
import django; django.setup()
from types import SimpleNamespace
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from accounts.adapter import KnownPeopleOnly
from accounts.models import User
for email in ("nadia@a.fr", "Nadia@A.fr", "nadia@b.fr", "nadia@xa.fr", "nadia@sub.a.fr", "a.fr", "nadia@a.fr@b.fr"):
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}
    try:
        login = SimpleNamespace(is_existing=True, user=User(email=email))
        KnownPeopleOnly(request).pre_social_login(request, login)
        print("yes", email)
    except ImmediateHttpResponse as refused:
        print(refused.response.status_code, email, "ne peut pas se porter garant" in refused.response.content.decode())
"""


@pytest.mark.parametrize(("domains", "vouched"), [("a.fr, @c.fr", ["nadia@a.fr", "Nadia@A.fr"]), ("", [])])
def test_a_directory_vouches_for_the_domains_it_was_declared_with_and_no_other(domains, vouched):
    told = {
        **os.environ, "OIDC_SERVER": "https://annuaire.example", "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s",
        "OIDC_DOMAINS": domains, "PLAIN_STATIC": "true", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=django_settings.BASE_DIR, env=told, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
    said = done.stdout.splitlines()
    assert [line.split()[1] for line in said if line.startswith("yes")] == vouched
    assert all(line.startswith("403") and line.endswith("True") for line in said if not line.startswith("yes"))
    assert len(said) == 7


def test_the_federation_gives_a_program_what_its_analyst_reads():
    federation = FederationFactory()
    analyst = user_with(Role.ANALYST, federation)
    _token, secret = tokens.issue(by=analyst, organisation=federation, name="p", role=Role.ANALYST)

    assert tokens.find(secret, timezone.now())


def test_nobody_gives_herself_a_role():
    director = user_with(Role.DIRECTOR, structure := OrganisationFactory())

    with pytest.raises(ValidationError, match="On ne se donne pas un rôle"):
        invited(director, structure, Role.COUNSELLOR, director.email.upper())
