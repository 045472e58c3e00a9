"""Guessing: passwords and second factors tried again and again, whoever the proxy says is calling."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import code_tries
from accounts.models import CodeTries, User
from accounts.roles import Role
from tests.factories import OrganisationFactory, user_with
from tests.trust.test_sign_in import PASSWORD, signed_in, with_password

pytestmark = pytest.mark.django_db
CODE = "/compte/double-authentification/authenticate/"
AGAIN = "/compte/double-authentification/reauthenticate/"
CLOSED = "réessayez dans 30 minutes"


@pytest.fixture
def user() -> User:
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    totp.TOTP.activate(user, totp.generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def right_code(user: User) -> str:
    secret = Authenticator.objects.get(user=user, type="totp").wrap()
    now = int(timezone.now().timestamp()) // 30
    return totp.format_hotp_value(totp.hotp_value(totp.decrypt(secret.instance.data["secret"]), now))


def wrong_code(user: User) -> str:
    return f"{(int(right_code(user)) + 500_000) % 1_000_000:06}"


def at_the_second_factor(user: User) -> Client:
    client = Client()
    answer = client.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"].startswith(CODE)
    return client


def test_codes_refused_eight_times_close_the_second_factor_to_the_right_one_too(user):
    wrong = wrong_code(user)
    for _time in range(8):
        refused = at_the_second_factor(user).post(CODE, {"code": wrong})  # each time from a new session
        assert CLOSED not in refused.content.decode()

    client = at_the_second_factor(user)
    right = client.post(CODE, {"code": right_code(user)})
    recovery = client.post(CODE, {"code": RecoveryCodes.activate(user).get_unused_codes()[0]})

    assert [answer.status_code for answer in (right, recovery)] == [200, 200]
    assert CLOSED in right.content.decode()
    assert CLOSED in recovery.content.decode()
    assert client.get("/mes-acces/").status_code == 302
    assert len(RecoveryCodes.activate(user).get_unused_codes()) == 10, "no recovery code was spent"

    CodeTries.objects.update(last_at=timezone.now() - timedelta(minutes=31))
    assert client.post(CODE, {"code": right_code(user)}).status_code == 302
    assert client.get("/mes-acces/").status_code == 200
    assert not CodeTries.objects.exists(), "a right code forgets the others"


def test_recovery_codes_cannot_be_guessed_either(user):
    for _time in range(8):
        at_the_second_factor(user).post(CODE, {"code": "12345678"})

    recovery = RecoveryCodes.activate(user).get_unused_codes()[0]
    assert CLOSED in at_the_second_factor(user).post(CODE, {"code": recovery}).content.decode()


def test_a_session_left_open_does_not_let_codes_be_guessed(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    wrong = wrong_code(user)
    for _time in range(8):
        client.post(AGAIN, {"code": wrong})

    assert CLOSED in client.post(AGAIN, {"code": right_code(user)}).content.decode()
    assert CLOSED in at_the_second_factor(user).post(CODE, {"code": right_code(user)}).content.decode()


def test_keys_are_counted_too(user, settings):
    nothing = {
        "id": "", "rawId": "", "type": "public-key",
        "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
    }  # fmt: skip
    for form in (import_string(settings.MFA_FORMS[f"{act}_webauthn"]) for act in ("authenticate", "reauthenticate")):
        CodeTries.objects.update_or_create(user=user, defaults={"count": 8, "last_at": timezone.now()})
        asked = form(user=user, data={"credential": nothing})
        assert not asked.is_valid()
        assert CLOSED in str(asked.errors)


def test_tries_made_together_are_all_counted(user):
    """A try is counted before it is judged: eight at once leave none for a ninth that began before they ended."""
    at = timezone.now()
    for _time in range(8):
        code_tries.count(user, at)

    with pytest.raises(ValidationError, match="réessayez dans 30 minutes"):
        code_tries.count(user, at)
    with pytest.raises(ValidationError, match="réessayez dans 1 minute\\."):
        code_tries.count(user, at + timedelta(minutes=29, seconds=30))
    code_tries.count(user, at + timedelta(minutes=30))
    assert CodeTries.objects.get(user=user).count == 1


def fail(login: str, **headers: str) -> int:
    return Client(**headers).post("/compte/login/", {"login": login, "password": "faux"}).status_code


def test_an_address_is_closed_alone_and_under_any_spelling():
    tried, other = (with_password(user_with(Role.COUNSELLOR, OrganisationFactory())) for _time in range(2))
    spellings = [tried.email, tried.email.upper(), f" {tried.email}", tried.email.capitalize()] * 2

    assert [fail(login) for login in spellings][-1] == 429
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {tried.email}
    signed_in(other)


def test_a_password_asked_again_is_not_guessed_in_an_open_session():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    client = signed_in(user)

    answers = [client.post("/compte/reauthenticate/", {"password": "faux"}) for _time in range(8)]

    assert answers[-1].status_code == 429
    assert AccessAttempt.objects.get().username == user.email


def test_without_a_declared_proxy_nobody_chooses_her_address():
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))

    said = [fail(user.email, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}", HTTP_X_REAL_IP=f"203.0.113.{n}") for n in range(8)]

    assert said[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


def test_behind_a_declared_proxy_a_machine_is_closed_alone(settings):
    """The proxy adds the address it sees at the end: what a caller wrote before it is not believed."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))

    said = [fail(user.email, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}, 203.0.113.7") for n in range(8)]

    assert said[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.7"}
    home = Client(HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.4")
    assert home.post("/compte/login/", {"login": user.email, "password": PASSWORD}).status_code == 302


def test_behind_a_declared_proxy_a_crowd_elsewhere_closes_no_door_here(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    user = with_password(user_with(Role.COUNSELLOR, OrganisationFactory()))
    for n in range(35):
        fail(f"personne{n}@example.org", HTTP_X_FORWARDED_FOR="203.0.113.7")

    home = Client(HTTP_X_FORWARDED_FOR="198.51.100.4")
    assert home.post("/compte/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
