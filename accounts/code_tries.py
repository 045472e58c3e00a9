"""A second factor is not guessed: after so many refusals in a row it rests, as a password does.

A try is counted before it is judged, under a lock: a thousand sent together are a thousand tries. Per user, whatever the session
or the machine; someone who signs in with a key alone (a passkey) names nobody first, and has nothing to guess.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import CodeTries, User

REST = timedelta(hours=settings.AXES_COOLOFF_TIME)


@transaction.atomic
def count(user: User, at: datetime) -> None:
    """Count one try. Raises ValidationError, saying how long is left, while the second factor rests."""
    tries, _new = CodeTries.objects.select_for_update().get_or_create(user=user, defaults={"last_at": at})
    left = tries.last_at + REST - at
    if left <= timedelta():
        tries.count = 0
    if tries.count >= settings.AXES_FAILURE_LIMIT:
        minutes = ceil(left / timedelta(minutes=1))
        said = ngettext(
            "Trop de codes ont été refusés. Par prudence, réessayez dans %(n)s minute.",
            "Trop de codes ont été refusés. Par prudence, réessayez dans %(n)s minutes.",
            minutes,
        )
        raise ValidationError(said % {"n": minutes})
    tries.count, tries.last_at = tries.count + 1, at
    tries.save()


def forget(user: User) -> None:
    CodeTries.objects.filter(user=user).delete()


class _Code:
    """Of a form that takes a code, from an application or a recovery code."""

    user: User

    def clean_code(self) -> Any:
        count(self.user, timezone.now())
        code = super().clean_code()  # type: ignore[misc]
        forget(self.user)
        return code


class _Key:
    """Of a form that takes the answer of a key."""

    user: User

    def clean_credential(self) -> Any:
        count(self.user, timezone.now())
        credential = super().clean_credential()  # type: ignore[misc]
        forget(self.user)
        return credential


class AuthenticateCode(_Code, AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateCode(_Code, ReauthenticateForm):  # type: ignore[misc]
    pass


class AuthenticateKey(_Key, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticateKey(_Key, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
