"""A person as one structure knows her. There is no key of persons across structures (decision 4)."""

from functools import partial

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Commune, Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices


class PlainText(Func):
    """SQL plain_text(): lower case without accents, immutable so it can be stored and indexed."""

    function = "plain_text"
    output_field = models.TextField()


ALIKE = 0.45  # of a word to a part of a name: « dialo » resembles « Diallo »


def resemblance(text: str, name: str) -> TrigramWordSimilarity:
    """From 0 to 1, how much a text resembles a part of the name kept in a `name_key`."""
    return TrigramWordSimilarity(PlainText(Value(text.strip())), F(name))  # type: ignore[arg-type]


class WorkerQuerySet(ScopedQuerySet["Worker"]):
    def named(self, text: str) -> "WorkerQuerySet":
        """Workers whose name holds every word of `text`, in any order, accents and case ignored."""
        found = self
        for word in text.split():
            found = found.filter(name_key__contains=PlainText(Value(word)))
        return found


@tracked
class Worker(models.Model):
    """Unknown is null (or an empty code), never "no": the three values of every status are yes, no and unknown."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    class Sex(models.TextChoices):
        FEMALE = "F", _("Femme")
        MALE = "M", _("Homme")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="workers", verbose_name=_("structure"), db_index=False
    )
    reference = models.CharField(
        _("identifiant dans la structure"),
        max_length=64,
        blank=True,
        help_text=_("Matricule ou identifiant d'origine."),
    )
    emplois_id = models.PositiveIntegerField(_("identifiant des Emplois de l'inclusion"), null=True, blank=True)
    first_name = models.CharField(_("prénom"), max_length=100)
    last_name = models.CharField(_("nom"), max_length=100)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    sex = models.CharField(_("sexe"), max_length=1, choices=Sex, blank=True)
    email = models.EmailField(_("adresse e-mail"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=40, blank=True)
    address = models.CharField(_("adresse"), max_length=250, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=5, blank=True)
    city = models.CharField(_("ville"), max_length=120, blank=True)
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    education_level = models.CharField(
        _("niveau de formation"), max_length=2, choices=partial(choices, "education_level"), blank=True
    )
    disabled_worker = models.BooleanField(_("RQTH"), null=True, blank=True)
    rsa = models.BooleanField(_("bénéficiaire du RSA"), null=True, blank=True)
    counsellor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="workers", verbose_name=_("conseiller")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    name_key = models.GeneratedField(
        expression=PlainText(Concat(F("last_name"), Value(" "), F("first_name"))),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("salarié en parcours")
        verbose_name_plural = _("salariés en parcours")
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["organisation", "name_key"], name="worker_of_organisation"),
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), name="worker_name_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "reference"],
                condition=~Q(reference=""),
                name="worker_reference_once",
                violation_error_message=_("Cet identifiant désigne déjà une autre personne de la structure."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "emplois_id"],
                condition=Q(emplois_id__isnull=False),
                name="worker_emplois_id_once",
                violation_error_message=_("Cette personne des Emplois de l'inclusion est déjà dans la structure."),
            ),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True) | Q(birth_date__gte="1900-01-01"),
                name="worker_birth_date_possible",
                violation_error_message=_("La date de naissance est antérieure à 1900."),
            ),
            models.CheckConstraint(
                condition=Q(postal_code="") | Q(postal_code__regex=r"^\d{5}$"),
                name="worker_postal_code_is_5_digits",
                violation_error_message=_("Le code postal compte 5 chiffres."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
