"""The directory: structures and services as data·inclusion v1 describes them (names of its fields in comments).

A row without organisation is common to all; a structure's own rows are seen by it alone and hide the common row that has
the same source id.
"""

from functools import partial
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, ScopedQuerySet, organisations
from accounts.models import Commune, Departement, Organisation, User
from accounts.roles import Permission
from audit.history import tracked_only
from law.nomenclature import choices
from parcours.models.worker import PlainText


class DirectoryQuerySet(models.QuerySet["Partner"]):
    def known_to(self, principal: Principal) -> Self:
        """The common rows, and those of the organisations where the principal sees people."""
        own = Q(organisation__in=organisations(principal, Permission.SEE_PEOPLE))
        return self.filter(Q(organisation__isnull=True) | own)


@tracked_only("kind")
class Partner(models.Model):
    """A structure of the directory. `kind` is ours (TER-01: who cooperates); empty is not typed, so unknown."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="partners",
        verbose_name=_("structure"),
        help_text=_("Vide pour le répertoire commun."),
    )
    source = models.CharField(_("source"), max_length=100)
    source_id = models.CharField(_("identifiant"), max_length=250)  # id
    name = models.CharField(_("nom"), max_length=150)  # nom
    kind = models.CharField(_("genre"), max_length=16, choices=partial(choices, "partner_kind"), blank=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    description = models.TextField(_("description"), blank=True)
    commune = models.ForeignKey(  # code_insee, when the commune is known
        Commune, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    departement = models.ForeignKey(
        Departement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("département")
    )
    city = models.CharField(_("ville"), max_length=150, blank=True)  # commune
    postal_code = models.CharField(_("code postal"), max_length=5, blank=True)
    address = models.CharField(_("adresse"), max_length=400, blank=True)  # adresse, complement_adresse
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    phone = models.CharField(_("téléphone"), max_length=100, blank=True)
    email = models.CharField(_("courriel"), max_length=254, blank=True)
    website = models.CharField(_("site"), max_length=2083, blank=True)  # site_web
    opening_hours = models.CharField(_("horaires d'accueil"), max_length=500, blank=True)  # horaires_accueil
    networks = ArrayField(models.CharField(max_length=60), default=list, blank=True)  # reseaux_porteurs
    updated_on = models.DateField(_("mis à jour le"))  # date_maj

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("partenaire")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "source_id"],
                nulls_distinct=False,
                name="partner_once",
                violation_error_message=_("Ce partenaire est déjà dans le répertoire."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="partner_coordinates_possible",
                violation_error_message=_("Ces coordonnées ne sont pas sur la Terre."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """What a partner offers. `themes` are our themes, derived from `topics` (thematiques) by `law/crosswalk.yaml`."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="services", verbose_name=_("partenaire")
    )  # structure_id
    source = models.CharField(_("source"), max_length=100)
    source_id = models.CharField(_("identifiant"), max_length=250)  # id
    name = models.CharField(_("nom"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("type de service"), max_length=32, blank=True)  # type
    topics = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("thématiques"))
    themes = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("thèmes"))
    publics = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    conditions = models.TextField(_("conditions d'accès"), blank=True)  # conditions_acces, publics_precisions
    fee = models.CharField(_("frais"), max_length=32, blank=True)  # frais
    fee_details = models.TextField(_("précisions sur les frais"), blank=True)  # frais_precisions
    how = models.TextField(_("comment y accéder"), blank=True)  # mobilisation_precisions
    link = models.CharField(_("lien"), max_length=2083, blank=True)  # lien_mobilisation, lien_source
    contact = models.CharField(_("contact"), max_length=200, blank=True)  # contact_nom_prenom
    phone = models.CharField(_("téléphone"), max_length=100, blank=True)
    email = models.CharField(_("courriel"), max_length=254, blank=True)
    commune = models.ForeignKey(
        Commune, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    departement = models.ForeignKey(
        Departement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("département")
    )
    city = models.CharField(_("ville"), max_length=150, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=5, blank=True)
    address = models.CharField(_("adresse"), max_length=400, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    zones = ArrayField(models.CharField(max_length=9), default=list, blank=True)  # zone_eligibilite
    remote = models.BooleanField(_("à distance"), null=True, blank=True)  # modes_accueil
    updated_on = models.DateField(_("mis à jour le"))  # date_maj
    search_key = models.GeneratedField(
        expression=PlainText(F("name")), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("service")
        ordering = ["name", "id"]
        indexes = [
            GinIndex(fields=["themes"], name="service_by_theme"),
            GinIndex(OpClass(F("search_key"), name="gin_trgm_ops"), name="service_name_search"),
            models.Index(fields=["departement", "id"], name="service_by_departement"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "source_id"],
                name="service_once",
                violation_error_message=_("Ce service est déjà dans le répertoire."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DirectoryFile(models.Model):
    """A file of the directory that was read: what it changed, what it could not say. Without organisation: common."""

    organisation_path = "organisation"
    seen_with = Permission.IMPORT_FILES

    class Kind(models.TextChoices):
        STRUCTURES = "structures", _("Structures")
        SERVICES = "services", _("Services")

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="directory_files",
        verbose_name=_("structure"),
    )
    name = models.CharField(_("nom du fichier"), max_length=255)
    kind = models.CharField(_("contenu"), max_length=12, choices=Kind)
    sha256 = models.CharField(max_length=64)
    created = models.PositiveIntegerField(_("ajoutés"), default=0)
    changed = models.PositiveIntegerField(_("modifiés"), default=0)
    unchanged = models.PositiveIntegerField(_("inchangés"), default=0)
    faulty = models.PositiveIntegerField(_("en erreur"), default=0)
    read_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("déposé par")
    )
    read_at = models.DateTimeField(_("lu le"), auto_now_add=True)

    objects = ScopedQuerySet["DirectoryFile"].as_manager()

    class Meta:
        verbose_name = _("fichier du répertoire")
        verbose_name_plural = _("fichiers du répertoire")
        ordering = ["-read_at", "-id"]

    def __str__(self) -> str:
        return self.name


class DirectoryFault(models.Model):
    """One thing to mend in a file of the directory."""

    walled_by = "file"

    file = models.ForeignKey(DirectoryFile, on_delete=models.CASCADE, related_name="faults", verbose_name=_("fichier"))
    line = models.PositiveIntegerField(_("élément"), help_text=_("Rang dans le fichier, le premier étant 1."))
    column = models.CharField(_("champ"), max_length=100, blank=True)
    value = models.CharField(_("valeur lue"), max_length=250, blank=True)
    message = models.CharField(_("erreur"), max_length=300)

    class Meta:
        verbose_name = _("élément en erreur")
        verbose_name_plural = _("éléments en erreur")
        ordering = ["line", "id"]

    def __str__(self) -> str:
        return f"{self.line} : {self.message}"
