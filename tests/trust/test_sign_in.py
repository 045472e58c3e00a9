"""Signing in: second factors, lock-out, invitation, departure, one's own accesses, headers."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import members, tokens
from accounts.models import ApiToken, Membership, User
from accounts.roles import Role
from agenda.actions import issue_feed
from agenda.departure import depart
from agenda.models import Appointment
from parcours.models import Worker
from tests.factories import (
    FederationFactory,
    GroupFactory,
    OrganisationFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)
from tests.trust.world import client_of

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase assez longue"
TODAY = timezone.localdate()


@pytest.fixture
def compulsory(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user: User) -> Client:
    client = Client()
    assert client.post("/compte/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLISHER, Role.ADMINISTRATOR])
def test_the_federation_and_administrators_do_nothing_before_a_second_factor(compulsory, role):
    client = client_of(user_with(role, FederationFactory()))

    for page in ("/", "/federation/", "/organisation/", "/notifications/", "/mes-acces/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, "/compte/double-authentification/"), page
    api = client.get("/api/v1/me/")
    assert (api.status_code, api.json()["errors"][0]["code"]) == (403, "second_factor_missing")
    assert "Application d" in client.get("/compte/double-authentification/").content.decode()


def test_the_platforms_team_is_asked_too_and_the_others_are_only_encouraged(compulsory):
    structure = OrganisationFactory()
    assert client_of(User.objects.create_superuser("equipe@example.org")).get("/").status_code == 302

    page = client_of(user_with(Role.COUNSELLOR, structure)).get("/mes-acces/")
    assert page.status_code == 200
    assert "un mot de passe volé ne suffit plus" in page.content.decode()


def test_enrolling_an_application_opens_the_door_and_the_next_sign_in_asks_for_its_code(compulsory):
    user = with_password(user_with(Role.ANALYST, FederationFactory()))
    client = signed_in(user)
    again = client.get("/compte/double-authentification/totp/activate/")
    assert again["Location"].startswith("/compte/reauthenticate/"), "the password once more"
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    page = client.get("/compte/double-authentification/totp/activate/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    code = totp.format_hotp_value(totp.hotp_value(secret, int(timezone.now().timestamp()) // 30))

    done = client.post("/compte/double-authentification/totp/activate/", {"code": code})

    assert done.status_code == 302
    assert client.get("/federation/").status_code == 200
    kept = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in kept, "the secret is sealed"
    assert len(Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()) == 10

    again = Client()
    first = again.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    assert first["Location"].startswith("/compte/double-authentification/authenticate/")
    assert again.get("/federation/").status_code == 302
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    again.post("/compte/double-authentification/authenticate/", {"code": recovery})
    assert again.get("/federation/").status_code == 200
    third = Client()
    third.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    third.post("/compte/double-authentification/authenticate/", {"code": recovery})
    assert third.get("/federation/").status_code == 302, "a recovery code serves once"


def test_the_last_compulsory_factor_cannot_be_taken_away(compulsory):
    user = with_password(user_with(Role.ADMINISTRATOR, OrganisationFactory()))
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client = client_of(user)
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert client.get("/compte/double-authentification/totp/deactivate/").status_code in {200, 302}

    refused = client.post("/compte/double-authentification/totp/deactivate/")

    assert not refused.headers.get("Location", "").startswith("/compte/reauthenticate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_eight_failures_close_the_address_and_say_so_in_french():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    client = Client()
    for _time in range(8):
        answer = client.post("/compte/login/", {"login": user.email, "password": "faux"})

    assert answer.status_code == 429
    assert "Connexion suspendue" in answer.content.decode()
    right = client.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    assert right.status_code == 429, "even the right password waits"


def test_an_invitation_lets_the_person_choose_her_password_once(django_capture_on_commit_callbacks):
    structure = OrganisationFactory()
    client = client_of(user_with(Role.ADMINISTRATOR, structure))
    body = {"organisation": structure.pk, "email": "Nadia@Example.org", "first_name": "Nadia", "last_name": "B",
            "role": "counsellor"}  # fmt: skip

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/organisation/membres/inviter/", body).status_code == 302

    link = re.search(r"https?://[^/]+(/invitation/\S+)", mail.outbox[-1].body).group(1)
    stranger = Client()
    assert mail.outbox[-1].to == ["nadia@example.org"]
    assert stranger.get(link).status_code == 200
    weak = stranger.post(link, {"password": "123456", "again": "123456"})
    assert "trop court" in weak.content.decode()
    assert stranger.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert stranger.get(link).status_code == 404, "the link has served"
    assert signed_in(User.objects.get(email="nadia@example.org")).get("/salaries/").status_code == 200


def test_an_invitation_goes_out_and_is_refused_to_oneself(settings):
    structure = OrganisationFactory()
    administrator = user_with(Role.ADMINISTRATOR, structure)
    said = {"first_name": "A", "last_name": "B", "role": Role.COUNSELLOR, "on": TODAY, "organisation": structure}
    membership = members.invite(by=administrator, email="a@example.org", **said)
    who, token = members.invitation_link(membership.user).rstrip("/").split("/")[-2:]
    assert members.invited(who, token) == membership.user

    settings.PASSWORD_RESET_TIMEOUT = -1
    assert members.invited(who, token) is None
    with pytest.raises(ValidationError, match="On ne se donne pas un rôle"):
        members.invite(by=administrator, email=administrator.email, **said)


def team():
    """A counsellor with twelve people and an appointment, her director and a colleague."""
    structure = OrganisationFactory(group=GroupFactory())
    leaver, colleague = user_with(Role.COUNSELLOR, structure), user_with(Role.COUNSELLOR, structure)
    director = user_with(Role.DIRECTOR, structure)
    for _one in range(12):
        PathwayFactory(worker=WorkerFactory(organisation=structure, counsellor=leaver))
    Appointment.objects.create(
        worker=Worker.objects.first(), counsellor=leaver, starts_at=timezone.now() + timedelta(days=2)
    )
    return leaver, colleague, director, leaver.memberships.get()


def test_nobody_is_left_without_a_counsellor_by_a_departure():
    leaver, colleague, director, membership = team()

    with pytest.raises(ValidationError, match="12 personnes resteraient sans conseiller"):
        depart(by=director, membership=membership, on=TODAY, at=timezone.now())
    stranger = user_with(Role.COUNSELLOR, OrganisationFactory())
    with pytest.raises(ValidationError, match="ne peut pas suivre"):
        depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=stranger)
    assert Worker.objects.filter(counsellor=leaver).count() == 12

    done = depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=colleague)

    assert (done.people, done.appointments) == (12, 1)
    assert Worker.objects.filter(counsellor=colleague).count() == 12
    assert Appointment.objects.get().counsellor == colleague
    membership.refresh_from_db()
    assert membership.ended_on == TODAY


def test_appointments_to_come_are_not_left_without_a_counsellor_either():
    leaver, colleague, director, membership = team()
    Worker.objects.filter(counsellor=leaver).update(counsellor=colleague)

    with pytest.raises(ValidationError, match="Des rendez-vous à venir resteraient sans conseiller"):
        depart(by=director, membership=membership, on=TODAY, at=timezone.now())
    done = depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=colleague)

    assert (done.people, done.appointments) == (0, 1)
    assert Appointment.objects.get().counsellor == colleague


def test_who_stays_in_the_structure_with_another_role_keeps_her_people_and_appointments():
    leaver, colleague, director, membership = team()
    Membership.objects.create(
        user=leaver, organisation=membership.organisation, role=Role.DIRECTOR, started_on=membership.started_on
    )

    done = depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=colleague)

    assert (done.people, done.appointments) == (0, 0)
    assert Worker.objects.filter(counsellor=leaver).count() == 12
    assert Appointment.objects.get().counsellor == leaver


def test_a_successor_who_meets_the_same_person_at_the_same_hour_is_refused_in_words():
    leaver, colleague, director, membership = team()
    planned = Appointment.objects.get()
    Appointment.objects.create(worker=planned.worker, counsellor=colleague, starts_at=planned.starts_at)

    with pytest.raises(ValidationError, match="déjà à l'agenda"):
        depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=colleague)

    membership.refresh_from_db()
    assert membership.ended_on is None
    assert Worker.objects.filter(counsellor=leaver).count() == 12


def test_handing_over_costs_the_same_however_many_people():
    def cost(people):
        leaver, colleague, director, membership = team()
        for _one in range(people):
            WorkerFactory(organisation=membership.organisation, counsellor=leaver)
        with CaptureQueriesContext(connection) as queries:
            depart(by=director, membership=membership, on=TODAY, at=timezone.now(), to=colleague)
        Appointment.objects.all().delete()
        return len(queries)

    assert cost(0) == cost(30)


def test_the_keys_of_who_leaves_stop_opening_at_once():
    leaver, colleague, director, membership = team()
    _token, secret = tokens.issue(by=leaver, organisation=membership.organisation, name="p", role=Role.COUNSELLOR)
    _feed, feed = issue_feed(by=leaver, name="f")
    client = signed_in(with_password(leaver))
    asked = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert Client().get("/api/v1/workers/", **asked).status_code == 200

    answer = client_of(director).post(
        f"/organisation/membres/{membership.pk}/depart/", {"on": TODAY.isoformat(), "to": colleague.pk}
    )

    assert answer.status_code == 302
    assert Client().get("/api/v1/workers/", **asked).status_code == 401
    assert Client().get(f"/agenda/flux/{feed}.ics").status_code == 404
    assert client.get("/mes-acces/").status_code == 302, "signed out everywhere"


def test_one_does_not_end_ones_own_access():
    director = user_with(Role.DIRECTOR, OrganisationFactory())

    with pytest.raises(ValidationError, match="propre accès"):
        depart(by=director, membership=director.memberships.get(), on=TODAY, at=timezone.now())


def test_an_administrator_hands_people_over_without_reading_their_names():
    leaver, _colleague, _director, membership = team()
    Worker.objects.filter(counsellor=leaver).update(last_name="Introuvable")
    page = client_of(user_with(Role.ADMINISTRATOR, membership.organisation)).get(
        f"/organisation/membres/{membership.pk}/depart/"
    )

    assert "12 personnes accompagnées" in page.content.decode()
    assert "Introuvable" not in page.content.decode()


def test_changing_password_ends_the_other_sessions():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    here, elsewhere = signed_in(user), signed_in(user)
    new = "une autre phrase assez longue"

    changed = here.post("/compte/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert changed.status_code == 302
    assert here.get("/mes-acces/").status_code == 200
    assert elsewhere.get("/mes-acces/").status_code == 302


def test_sessions_and_keys_are_listed_and_closed_by_their_owner_alone():
    user = with_password(user_with(Role.DIRECTOR, OrganisationFactory()))
    here, elsewhere = signed_in(user), signed_in(user)
    token, _secret = tokens.issue(by=user, organisation=user.memberships.get().organisation, name="Paie", role=Role.HR)
    assert UserSession.objects.filter(user=user).count() == 2
    page = here.get("/mes-acces/").content.decode()
    assert "Paie" in page
    stranger = client_of(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert stranger.post(f"/mes-acces/jetons/{token.pk}/revoquer/").status_code == 404
    other = UserSession.objects.get(user=user, session_key=elsewhere.session.session_key)
    assert stranger.post(f"/mes-acces/sessions/{other.pk}/fermer/").status_code == 404

    here.post(f"/mes-acces/sessions/{other.pk}/fermer/")
    here.post(f"/mes-acces/jetons/{token.pk}/revoquer/")

    assert elsewhere.get("/mes-acces/").status_code == 302
    assert here.get("/mes-acces/").status_code == 200
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None


def test_pages_say_what_a_browser_may_do():
    client = client_of(user_with(Role.DIRECTOR, OrganisationFactory()))
    for path in ("/organisation/", "/compte/double-authentification/", "/mes-acces/", "/api/v1/docs/"):
        answer = client.get(path, follow=True)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "camera=()" in answer["Permissions-Policy"]
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Referrer-Policy"] == "same-origin"
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", answer.content.decode())
        assert inline == [], path


def test_the_production_settings_pass_djangos_own_review():
    production = {
        **os.environ, "HTTPS": "true", "SECRET_KEY": "k9" * 40 + "xyz!", "DEBUG": "false", "ALLOWED_HOSTS": "parcours.example",
        "CSRF_TRUSTED_ORIGINS": "https://parcours.example",
        "OIDC_SERVER": "https://annuaire.example", "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=django_settings.BASE_DIR, env=production, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]


def test_a_membership_that_ended_gives_nothing_even_with_an_open_session():
    user = user_with(Role.DIRECTOR, OrganisationFactory())
    client = client_of(user)
    assert client.get("/salaries/").status_code == 200

    Membership.objects.filter(user=user).update(ended_on=TODAY - timedelta(days=1))

    assert client.get("/salaries/").status_code == 404
