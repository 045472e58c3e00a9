"""API tokens: issue, find, revoke. Only the sha256 of a 256-bit random token is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, permissions
from accounts.models import ApiToken, Organisation, User
from accounts.roles import PERMISSIONS, Role

PREFIX = "prc_"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


TOO_MUCH = _("Un programme ne peut pas recevoir plus de droits que vous n'en avez dans cette organisation.")


def roles_to_give(giver: Principal, organisation: Organisation) -> list[Role]:
    """The roles a program may be given: those of this nature of organisation that open nothing its giver may not open.

    Whoever receives the secret could otherwise read with the token what is refused to her.
    """
    held = permissions(giver, organisation)
    return [role for role in Role if role.fits(organisation.nature) and PERMISSIONS[role] <= held]


def issue(
    *, by: User, organisation: Organisation, name: str, role: Role, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Create a token; returns it with its secret, which is shown once and never stored.

    Raises ValueError when the role does not exist in this nature of organisation.
    """
    if not role.fits(organisation.nature):
        raise ValueError("Ce rôle n'existe pas dans ce genre d'organisation.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        organisation=organisation,
        name=name,
        role=role,
        prefix=secret[:8],
        digest=digest(secret),
        created_by=by,
        expires_at=expires_at,
    )
    return token, secret


def find(secret: str, at: datetime) -> ApiToken | None:
    """The living token behind a secret, or None when unknown, revoked or expired at that time.

    It lives on what its maker may do: it stops when her account is closed, or when she could no longer give it that role.
    """
    token = (
        ApiToken.objects.select_related("organisation", "created_by")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), digest=digest(secret), revoked_at__isnull=True)
        .first()
    )
    return token if token and token.role in roles_to_give(token.created_by, token.organisation) else None


def used(token: ApiToken, at: datetime) -> None:
    """Note when a token last served, at most once a minute: a read is not a write."""
    if token.last_used_at is None or at - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


def revoke(token: ApiToken, at: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)
