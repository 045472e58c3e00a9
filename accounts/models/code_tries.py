"""How often in a row a user's second factor was refused: in the database, so that every process counts the same."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class CodeTries(models.Model):
    """One row while tries fail; the right code forgets it (accounts.code_tries)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("utilisateur")
    )
    count = models.PositiveSmallIntegerField(_("essais"), default=0)
    last_at = models.DateTimeField(_("dernier essai"))

    class Meta:
        verbose_name = _("essais de double authentification")

    def __str__(self) -> str:
        return f"{self.user} — {self.count}"
