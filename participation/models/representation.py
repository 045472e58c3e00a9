"""Ballots of the works council as counts, bodies, and who holds their seats. No list, no name of a candidate, no union."""

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Worker


def within(part: str, whole: str) -> Q:
    """Where both are known, the part is at most the whole."""
    return Q(**{f"{part}__isnull": True}) | Q(**{f"{whole}__isnull": True}) | Q(**{f"{part}__lte": F(whole)})


def count(label: object) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(label, null=True, blank=True)  # type: ignore[arg-type]


@tracked
class Ballot(models.Model):
    """One election of the CSE. Every count is null while unknown; `…_workers` counts the workers in pathway among them.

    `electors` are those the law entitles at the date of the first round (`law.representation`), `registered` those on
    the roll. `rule` keeps how seniority was counted: a structure of its kind counts in its own way (L2314-18, -20 CT).
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    class Rule(models.TextChoices):
        CONTRACT = "contract", _("Ancienneté au contrat (L2314-18)")
        MISSIONS = "missions", _("Missions additionnées (L2314-20)")

    class Outcome(models.TextChoices):
        ELECTED = "elected", _("Des personnes élues")
        NO_CANDIDATE = "no_candidate", _("Carence de candidats")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("structure")
    )
    first_round_on = models.DateField(_("premier tour le"))
    rule = models.CharField(_("calcul de l'ancienneté"), max_length=12, choices=Rule, default=Rule.CONTRACT)
    outcome = models.CharField(_("issue"), max_length=12, choices=Outcome, blank=True)
    headcount = count(_("effectif"))
    headcount_workers = count(_("dont en parcours"))
    electors = count(_("électeurs selon la loi"))
    electors_workers = count(_("dont en parcours"))
    registered = count(_("inscrits sur la liste"))
    registered_workers = count(_("dont en parcours"))
    voters = count(_("votants"))
    voters_workers = count(_("dont en parcours"))
    candidates = count(_("candidats"))
    candidates_workers = count(_("dont en parcours"))
    seats = count(_("sièges à pourvoir"))
    elected = count(_("élus"))
    elected_workers = count(_("dont en parcours"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Ballot"].as_manager()

    class Meta:
        verbose_name = _("élection du CSE")
        verbose_name_plural = _("élections du CSE")
        ordering = ["-first_round_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "first_round_on"],
                name="ballot_once_a_day",
                violation_error_message=_("Une élection est déjà notée pour ce jour."),
            ),
            *(
                models.CheckConstraint(
                    condition=within(f"{whole}_workers", whole),
                    name=f"ballot_{whole}_workers_within",
                    violation_error_message=_("Les salariés en parcours sont plus nombreux que le total."),
                )
                for whole in ("headcount", "electors", "registered", "voters", "candidates", "elected")
            ),
            *(
                models.CheckConstraint(
                    condition=within(part, whole) & within(f"{part}_workers", f"{whole}_workers"),
                    name=f"ballot_{part}_within_{whole}",
                    violation_error_message=message,
                )
                for part, whole, message in (
                    ("electors", "headcount", _("Il y a plus d'électeurs que de salariés.")),
                    ("voters", "registered", _("Il y a plus de votants que d'inscrits.")),
                )
            ),
            models.CheckConstraint(
                condition=within("elected", "seats"),
                name="ballot_elected_within_seats",
                violation_error_message=_("Il y a plus d'élus que de sièges."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="no_candidate") | Q(elected__isnull=True) | Q(elected=0),
                name="ballot_no_candidate_elects_nobody",
                violation_error_message=_("Sans candidat, personne n'est élu."),
            ),
        ]

    def __str__(self) -> str:
        return f"CSE — {self.first_round_on:%d/%m/%Y}"


@tracked
class Body(models.Model):
    """Where decisions are made or prepared, inside or outside; the composition is true as checked on `checked_on`."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bodies", verbose_name=_("structure")
    )
    kind = models.CharField(_("instance"), max_length=24, choices=partial(choices, "body_kind"))
    level = models.CharField(_("échelle"), max_length=12, choices=partial(choices, "body_level"), default="structure")
    voting_seats = count(_("sièges avec voix délibérative"))
    checked_on = models.DateField(_("composition vérifiée le"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Body"].as_manager()

    class Meta:
        verbose_name = _("instance")
        ordering = ["kind", "level", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "level"],
                name="body_once",
                violation_error_message=_("Cette instance est déjà notée à cette échelle."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


@tracked
class Seat(models.Model):
    """Who holds a seat, from when to when (no end: still held). `worker` names only people in pathway, now or before."""

    organisation_path = "body__organisation"
    seen_with = Permission.SEE_PEOPLE

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="held_seats", verbose_name=_("instance"))
    holder_status = models.CharField(_("tenu par"), max_length=16, choices=partial(choices, "holder_status"))
    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("salarié")
    )
    voting = models.BooleanField(_("avec voix délibérative"), default=True)
    started_on = models.DateField(_("depuis le"))
    ended_on = models.DateField(_("jusqu'au"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Seat"].as_manager()

    class Meta:
        verbose_name = _("siège")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="seat_ends_after_it_starts",
                violation_error_message=_("La fin du mandat précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(worker__isnull=True) | Q(holder_status__in=["worker", "former_worker"]),
                name="seat_names_only_people_in_pathway",
                violation_error_message=_("Seules les personnes en parcours, ou qui l'ont été, sont nommées."),
            ),
            models.UniqueConstraint(
                fields=["body", "worker"],
                condition=Q(worker__isnull=False, ended_on__isnull=True),
                name="seat_once",
                violation_error_message=_("Cette personne tient déjà un siège dans cette instance."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_holder_status_display()} — {self.body}"


@tracked
class BodyMeeting(models.Model):
    """A meeting of a body: how many voting seats were there, and how many of them held by people in pathway."""

    organisation_path = "body__organisation"
    seen_with = Permission.SEE_PEOPLE

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("instance"))
    held_on = models.DateField(_("réunie le"))
    present = count(_("sièges présents"))
    present_workers = count(_("dont tenus par des personnes en parcours"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["BodyMeeting"].as_manager()

    class Meta:
        verbose_name = _("réunion d'une instance")
        verbose_name_plural = _("réunions d'une instance")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "held_on"],
                name="body_meeting_once_a_day",
                violation_error_message=_("Une réunion est déjà notée pour ce jour."),
            ),
            models.CheckConstraint(
                condition=within("present_workers", "present"),
                name="body_meeting_workers_within",
                violation_error_message=_("Les salariés en parcours sont plus nombreux que le total."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} — {self.held_on:%d/%m/%Y}"
