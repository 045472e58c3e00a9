"""Organisations and who works in them.

A structure (SIAE) may belong to a solidarity group and to the federation. A role held in a group reaches the group's
structures; a role held in the federation reaches no person's file.
"""

from collections.abc import Collection
from datetime import date
from functools import partial
from typing import Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from stdnum.fr import siret as siret_number

from accounts.models.territory import Commune
from accounts.models.user import User
from accounts.roles import Role
from law.nomenclature import choices


def validate_siret(value: str) -> None:
    """Fourteen digits whose Luhn key is right (La Poste's own rule included)."""
    if not siret_number.is_valid(value):
        raise ValidationError(
            _("« %(siret)s » n'est pas un SIRET : 14 chiffres dont le dernier contrôle les autres."),
            params={"siret": value},
            code="siret",
        )


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def structures(self) -> Self:
        return self.filter(nature=Organisation.Nature.STRUCTURE)

    def affiliates_of(self, federation: int) -> Self:
        """Those of a federation, by themselves or through their group (Organisation.affiliated_to, the other way round)."""
        return self.filter(Q(federation=federation) | Q(federation=None, group__federation=federation))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["nature", "kind", "commune", "group", "federation", "closed_on"],
    obj_field=pghistory.ObjForeignKey(related_name="events", db_constraint=False),
    model_name="OrganisationEvent",
)
class Organisation(models.Model):
    """A structure, a group or a federation. What figures are told by (its kind, its place, its group) keeps its history."""

    class Nature(models.TextChoices):
        STRUCTURE = "structure", _("Structure")
        GROUP = "group", _("Groupe économique solidaire")
        FEDERATION = "federation", _("Fédération")

    nature = models.CharField(_("nature"), max_length=12, choices=Nature, default=Nature.STRUCTURE)
    kind = models.CharField(
        _("type de structure"), max_length=8, choices=partial(choices, "structure_kind"), blank=True
    )
    name = models.CharField(_("nom"), max_length=200)
    siret = models.CharField(_("SIRET"), max_length=14, unique=True, null=True, blank=True, validators=[validate_siret])
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("commune"),
    )
    group = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("groupe")
    )
    federation = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="affiliates", verbose_name=_("fédération")
    )
    emplois_id = models.PositiveIntegerField(
        _("identifiant des Emplois de l'inclusion"), null=True, blank=True, unique=True
    )
    closed_on = models.DateField(_("fermée le"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(siret__isnull=True) | Q(siret__regex=r"^\d{14}$"),
                name="organisation_siret_is_14_digits",
                violation_error_message=_("Le SIRET compte 14 chiffres."),
            ),
            models.CheckConstraint(
                condition=(Q(nature="structure") & ~Q(kind="")) | (~Q(nature="structure") & Q(kind="")),
                name="organisation_kind_only_for_structures",
                violation_error_message=_("Une structure a un type (AI, ETTI, EI, ACI…) ; un groupe n'en a pas."),
            ),
            models.CheckConstraint(
                condition=~Q(group=F("id")) & ~Q(federation=F("id")),
                name="organisation_not_its_own_parent",
                violation_error_message=_("Une organisation ne peut pas être son propre groupe."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def affiliated_to(self) -> int | None:
        """The federation's id: its own, or its group's. The other way round: OrganisationQuerySet.affiliates_of."""
        return self.federation_id or (self.group.federation_id if self.group else None)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: date) -> Self:
        """Those that hold on a day, their first and last days included."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on), started_on__lte=on)


class Membership(models.Model):
    """A user's role in an organisation over a span of days, both included; no end means still there. Who gave it and who
    ended it stay with it; nobody, when a command of the host did."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("utilisateur"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    role = models.CharField(_("rôle"), max_length=16, choices=Role.choices)
    started_on = models.DateField(_("depuis le"), default=date.today)
    ended_on = models.DateField(_("jusqu'au"), null=True, blank=True)
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("donné par")
    )
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fini par")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("appartenance")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_on__isnull=True),
                name="membership_once",
                violation_error_message=_("Cette personne a déjà ce rôle dans cette organisation."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("La fin précède le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_role_display()} — {self.organisation}"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        if self.organisation_id and not Role(self.role).fits(self.organisation.nature):
            raise ValidationError({"role": _("Ce rôle n'existe pas dans ce genre d'organisation.")})
