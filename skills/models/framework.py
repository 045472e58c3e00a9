"""Skill frameworks. ROME 4.0 comes through `manage.py load_reference rome`; a structure may keep its own."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from parcours.models.worker import PlainText


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def offered(self, structures: models.QuerySet[Organisation]) -> "FrameworkQuerySet":
        """The common frameworks and the given structures' own."""
        return self.filter(models.Q(organisation=None) | models.Q(organisation__in=structures))


class Framework(models.Model):
    code = models.CharField(_("code"), max_length=32)
    version = models.CharField(_("version"), max_length=32)
    name = models.CharField(_("nom"), max_length=120)
    source = models.CharField(_("source et licence"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="frameworks",
        verbose_name=_("structure"),
        help_text=_("Vide pour un référentiel commun."),
    )

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        verbose_name = _("référentiel de compétences")
        verbose_name_plural = _("référentiels de compétences")
        ordering = ["code", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version", "organisation"],
                nulls_distinct=False,
                name="framework_once",
                violation_error_message=_("Cette version du référentiel existe déjà."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class SkillQuerySet(models.QuerySet["Skill"]):
    def offered(self, structures: models.QuerySet[Organisation]) -> "SkillQuerySet":
        """The skills of the common frameworks and of the given structures' own."""
        return self.filter(models.Q(framework__organisation=None) | models.Q(framework__organisation__in=structures))


class Skill(models.Model):
    """One entry of a framework. In ROME the code is `code_ogr`, the only key that outlives a release."""

    class Kind(models.TextChoices):
        OCCUPATION = "occupation", _("Métier")
        KNOW_HOW = "know_how", _("Savoir-faire")
        BEHAVIOUR = "behaviour", _("Savoir-être professionnel")
        KNOWLEDGE = "knowledge", _("Savoir")

    framework = models.ForeignKey(
        Framework, on_delete=models.CASCADE, related_name="skills", verbose_name=_("référentiel")
    )
    code = models.CharField(_("code"), max_length=32)
    kind = models.CharField(_("nature"), max_length=12, choices=Kind, default=Kind.KNOW_HOW)
    label = models.CharField(_("intitulé"), max_length=300)
    occupations = models.ManyToManyField(
        "self", symmetrical=False, related_name="skills", blank=True, verbose_name=_("métiers")
    )
    label_key = models.GeneratedField(
        expression=PlainText(F("label")), output_field=models.TextField(), db_persist=True
    )

    objects = SkillQuerySet.as_manager()

    class Meta:
        verbose_name = _("compétence")
        ordering = ["label_key", "id"]
        indexes = [GinIndex(OpClass(F("label_key"), name="gin_trgm_ops"), name="skill_label_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["framework", "kind", "code"],
                name="skill_code_once",
                violation_error_message=_("Ce code existe déjà dans le référentiel."),
            )
        ]

    def __str__(self) -> str:
        return self.label
