"""Who must hold a second factor: whoever speaks for the federation or administers, and the platform's own team.

For the others it is offered. What is asked is that one be enrolled: allauth then asks for it at each sign-in.
"""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts.access import active_memberships
from accounts.models import User
from accounts.roles import Role
from accounts.sealing import seal, unseal

ROLES = (Role.ANALYST, Role.PUBLISHER, Role.ADMINISTRATOR)


def required(user: User) -> bool:
    """Whether this user may do nothing before holding a second factor."""
    if not settings.REQUIRE_SECOND_FACTOR:
        return False
    return user.is_staff or user.is_superuser or active_memberships(user).filter(role__in=ROLES).exists()


def missing(user: User) -> bool:
    return required(user) and not is_mfa_enabled(user)


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and recovery codes are sealed at rest; the last compulsory factor stays."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type == Authenticator.Type.RECOVERY_CODES or not required(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
