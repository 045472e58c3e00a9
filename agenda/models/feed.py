"""The address by which a calendar program reads one person's agenda: secret, kept as a hash, revocable."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class FeedToken(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feed_tokens", verbose_name=_("utilisateur"))
    name = models.CharField(_("nom"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("dernier usage"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("révoqué le"), null=True, blank=True)

    class Meta:
        verbose_name = _("adresse d'agenda")
        verbose_name_plural = _("adresses d'agenda")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name
