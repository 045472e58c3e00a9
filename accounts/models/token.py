"""API tokens: given to an organisation, stored as a hash, shown once, revocable."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Organisation
from accounts.models.user import User
from accounts.roles import Reach, Role


class ApiToken(models.Model):
    """What a program may do in the name of one organisation: the permissions of `role` there, nothing more."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("organisation")
    )
    name = models.CharField(_("nom"), max_length=100)
    role = models.CharField(_("rôle"), max_length=16, choices=Role.choices)
    prefix = models.CharField(_("début du jeton"), max_length=8)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("créé par"))
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expire le"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("dernier usage"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("révoqué le"), null=True, blank=True)

    is_authenticated = True  # a request made with a living token is signed in, as the token
    is_active = True
    reach: Reach | None = None  # as of a user

    class Meta:
        verbose_name = _("jeton d'API")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def last_instant(self) -> datetime | None:
        """The last second it opens anything, whose day is its last."""
        return self.expires_at and self.expires_at - timedelta(seconds=1)
