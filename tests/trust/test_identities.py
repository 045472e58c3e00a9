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
