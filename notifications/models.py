"""Who is told what, once: a notice is one fact told to one person at one threshold, and never again.

Rows of this module are their own history: a notice is only ever read or sent.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from contracts.models import Flag


class Preference(models.Model):
    """How a user wants to be told. Without a row: every morning, everything, in one message."""

    class Frequency(models.TextChoices):
        DAILY = "daily", _("Chaque matin")
        WEEKLY = "weekly", _("Une fois par semaine")
        NEVER = "never", _("Jamais par courriel")

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="notification_preference", verbose_name=_("utilisateur")
    )
    frequency = models.CharField(_("courriels"), max_length=8, choices=Frequency, default=Frequency.DAILY)
    least_severity = models.PositiveSmallIntegerField(
        _("à partir de la gravité"), choices=Flag.Severity, default=Flag.Severity.INFO
    )
    by_structure = models.BooleanField(
        _("un message par structure"), default=False, help_text=_("Sinon un seul message, rangé par structure.")
    )
    changed_at = models.DateTimeField(_("choisi le"), auto_now=True)

    class Meta:
        verbose_name = _("préférence de notification")
        verbose_name_plural = _("préférences de notification")

    def __str__(self) -> str:
        return f"{self.user} — {self.get_frequency_display()}"


class Digest(models.Model):
    """One message to one person about one day: of all her structures, or of one when she asked so."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_CONTRACTS

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("destinataire"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("structure")
    )
    day = models.DateField(_("jour"))
    sent_at = models.DateTimeField(_("remis le"), null=True, blank=True)
    notices_sent = models.PositiveIntegerField(
        _("faits annoncés"), null=True, blank=True, help_text=_("Zéro : tout était réglé, rien n'est parti.")
    )

    objects = ScopedQuerySet["Digest"].as_manager()

    class Meta:
        verbose_name = _("message groupé")
        verbose_name_plural = _("messages groupés")
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "organisation", "day"],
                nulls_distinct=False,
                name="digest_once",
                violation_error_message=_("Ce message est déjà préparé."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipient} — {self.day:%d/%m/%Y}"


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "NoticeQuerySet":
        """Each user sees what she was told, in the structures where she still works; a token, its organisation's."""
        rows = super().visible_to(principal, permission)
        return rows.filter(recipient=principal) if isinstance(principal, User) else rows

    def unread(self) -> "NoticeQuerySet":
        """Not read, and still true."""
        return self.filter(read_at__isnull=True, flag__closed_on__isnull=True)


class Notice(models.Model):
    """One fact told to one person at one threshold: `severity` and `rung` are the flag's when it was told."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_CONTRACTS

    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notices", verbose_name=_("destinataire"), db_index=False
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="notices", verbose_name=_("structure")
    )
    flag = models.ForeignKey(Flag, on_delete=models.CASCADE, related_name="notices", verbose_name=_("alerte"))
    severity = models.PositiveSmallIntegerField(_("gravité"), choices=Flag.Severity)
    rung = models.PositiveSmallIntegerField(_("seuil"), null=True, blank=True)
    told_on = models.DateField(_("annoncé le"))
    read_at = models.DateTimeField(_("lu le"), null=True, blank=True)
    digest = models.ForeignKey(
        Digest, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("message")
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        ordering = ["-told_on", "-severity", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-told_on", "-id"], name="notice_of_recipient"),
            models.Index(fields=["recipient", "told_on"], name="notice_to_send", condition=Q(digest__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "flag", "severity", "rung"],
                nulls_distinct=False,
                name="notice_once",
                violation_error_message=_("Cette personne a déjà été avertie de ce fait."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipient} — {self.flag}"
