"""Tokens of organisations: `Authorization: Bearer prc_…`. The request's user is the token itself."""

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens, walls
from accounts.models import ApiToken
from audit.history import made_by


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[ApiToken, ApiToken] | None:
        scheme, _sep, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        token = tokens.find(secret.strip(), now)
        if token is None:
            raise AuthenticationFailed(_("Jeton inconnu, expiré ou révoqué."))
        tokens.used(token, now)
        made_by(token.created_by_id, token=token.pk)
        walls.put_up(token)
        return token, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
