"""The federation's space: the releases by state, what happens to each, and who may make it happen.

These pages read the releases themselves (their state, their checks, their jobs), never what they were made from.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, organisations, permissions
from accounts.models import Organisation
from accounts.roles import Permission
from jobs.models import Job
from releases import actions, reading, thermometer, words
from releases.models import Audit, Release
from releases.periods import period_written
from releases.secrets import KeyRefused
from web.access import me, needs
from web.forms.releases import PeriodForm, ReasonForm
from web.writing import form_page

State = Release.State
LINE = (State.PREPARING, State.PREPARED, State.PROTECTED, State.AUDITED, State.APPROVED, State.PUBLISHED)
ENDS = {State.REFUSED: State.PROTECTED, State.ABANDONED: None, State.WITHDRAWN: State.PUBLISHED}
UNDER_WAY = (State.PREPARING, State.PREPARED, State.PROTECTED)
GROUPS = (
    (gettext_lazy("En cours"), (*UNDER_WAY, State.AUDITED, State.APPROVED)),
    (gettext_lazy("Publiées"), (State.PUBLISHED,)),
    (gettext_lazy("Arrêtées ou retirées"), (State.REFUSED, State.ABANDONED, State.WITHDRAWN)),
)
CHECKS = {
    "catalogue": gettext_lazy("Catalogue fermé et ses règles"),
    "display": gettext_lazy("Rien de trop petit n'est montré"),
    "one base, one figure": gettext_lazy("Une base, un seul chiffre"),
    "all or none": gettext_lazy("Jamais « tous » ni « aucun »"),
    "structure rule": gettext_lazy("Règle des structures"),
    "linear programming": gettext_lazy("Attaque par programmation linéaire"),
    "newcomers": gettext_lazy("Arrivées isolées depuis la publication d'avant"),
    "exposure": gettext_lazy("Exposition d'une personne"),
}
FIGURES = {
    "refusals": gettext_lazy("refus"),
    "bases shown": gettext_lazy("bases montrées"),
    "too small": gettext_lazy("trop petites"),
    "all or none": gettext_lazy("tous ou aucun"),
    "bases reached twice": gettext_lazy("bases atteintes deux fois"),
    "contradictions": gettext_lazy("contradictions"),
    "bases all or none": gettext_lazy("bases « tous » ou « aucun »"),
    "of them shown": gettext_lazy("dont montrées"),
    "cells shown": gettext_lazy("cases montrées"),
    "against the rule": gettext_lazy("contre la règle"),
    "carried from the issue before": gettext_lazy("reprise de la révision d'avant"),
    "cells": gettext_lazy("cases attaquées"),
    "exact": gettext_lazy("retrouvées exactement"),
    "within 3": gettext_lazy("à 3 près"),
    "within 5": gettext_lazy("à 5 près"),
    "narrowest": gettext_lazy("intervalle le plus étroit"),
    "newcomers": gettext_lazy("arrivées"),
    "exposed": gettext_lazy("exposées"),
    "share": gettext_lazy("part"),
    "cells per person": gettext_lazy("cases par personne"),
    "rho of the year": gettext_lazy("rho de l'année"),
    "epsilon (1e-6)": gettext_lazy("epsilon (1e-6)"),
}


def federation_of(request: HttpRequest) -> Organisation:
    """The federation whose releases one reads. 404 when none."""
    found = organisations(request.user, Permission.SEE_RELEASES).filter(nature="federation").order_by("pk").first()
    if found is None:
        raise Http404
    return found


def may(request: HttpRequest, permission: Permission, federation: Organisation) -> bool:
    return permission in permissions(request.user, federation)


@dataclass(frozen=True)
class Step:
    """A state on the line: « done », « now », « next », and when and by whom it came, where it is known."""

    label: str
    place: str
    at: datetime | None = None
    by: Any = None


def line_of(release: Release) -> list[Step]:
    """The states a release went through, where it is, what is left; one that ended otherwise ends the line."""
    state = State(release.state)
    when: dict[str, tuple[datetime | None, Any]] = {
        State.PREPARING: (release.prepared_at, release.prepared_by),
        State.APPROVED: (release.approved_at, release.approved_by),
        State.PUBLISHED: (release.published_at, release.published_by),
    }
    if state in ENDS:
        last = ENDS[state]
        gone = LINE[: LINE.index(last) + 1] if last else [one for one in LINE if when.get(one.value, (None,))[0]]
        return [
            *(Step(str(one.label), "done", *when.get(one, (None, None))) for one in gone),
            Step(str(state.label), "now"),
        ]
    here = LINE.index(state)
    places = ["done" if n < here else "now" if n == here else "next" for n in range(len(LINE))]
    return [
        Step(str(one.label), place, *(when.get(one, (None, None)) if place != "next" else (None, None)))
        for one, place in zip(LINE, places, strict=True)
    ]  # fmt: skip


@needs(Permission.SEE_RELEASES)
def space(request: HttpRequest) -> HttpResponse:
    federation = federation_of(request)
    rows = list(_releases(request).filter(federation=federation))
    editions = reading.editions(federation.pk)
    issue_of = {edition.release: edition for edition in editions}
    groups = [
        (title, [(row, line_of(row), issue_of.get(row.pk)) for row in rows if row.state in states])
        for title, states in GROUPS
    ]
    return render(request, "web/federation/space.html", {
        "federation": federation, "groups": groups, "latest": editions[0] if editions else None, "any": bool(rows),
        "year": next((one for one in editions if one.is_year), None),
        "may_prepare": may(request, Permission.PREPARE_RELEASES, federation),
    })  # fmt: skip


@needs(Permission.PREPARE_RELEASES)
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    """Choose the period; the rest is done by jobs."""
    federation = federation_of(request)
    now = timezone.now()
    return form_page(
        request, PeriodForm(request.POST or None, today=timezone.localdate()), title=_("Préparer une publication"),
        save=lambda period: actions.prepare(
            by=me(request), federation=federation, period=period_written(period), known_at=now
        ),
        back="federation", then=lambda row: redirect("release", row.pk),
    )  # fmt: skip


def _releases(request: HttpRequest) -> QuerySet[Release]:
    """Those she may see, with the people a line of their life names."""
    found: QuerySet[Release] = Release.objects.visible_to(request.user)
    return found.select_related("federation", "prepared_by", "approved_by", "published_by")


def _release(request: HttpRequest, release_id: int) -> Release:
    return load(_releases(request), pk=release_id)


@dataclass(frozen=True)
class Progress:
    """Jobs of the release: done, asked, given up after their trials; why its key is refused, empty when it is not."""

    done: int
    asked: int
    failed: int
    moving: bool
    key_refused: str

    @property
    def share(self) -> int:
        return 100 * self.done // self.asked if self.asked else 0


def progress_of(release: Release) -> Progress:
    jobs = Job.objects.filter(batch=release.batch)
    count = jobs.aggregate(
        asked=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)), failed=Count("pk", filter=Q(failed_at__isnull=False))
    )  # fmt: skip
    sign = f"{KeyRefused.__name__}: "
    refused = jobs.filter(done_at=None, error__startswith=sign).values_list("error", flat=True).first() or ""
    moving = State(release.state) in UNDER_WAY
    return Progress(count["done"], count["asked"], count["failed"], moving, refused.removeprefix(sign))


def why_not_approve(request: HttpRequest, release: Release) -> str:
    """Why this reader sees no button to approve; empty when she does."""
    if not may(request, Permission.PUBLISH_RELEASES, release.federation):
        return _("L'approbation revient à un responsable des publications.")
    if release.prepared_by_id == request.user.pk:
        return _("Vous avez préparé cette publication : une autre personne doit l'approuver.")
    return ""


@needs(Permission.SEE_RELEASES)
def show(request: HttpRequest, release_id: int) -> HttpResponse:
    release = _release(request, release_id)
    audit = Audit.objects.filter(release=release).first()
    checks = [
        (
            CHECKS.get(entry["check"], entry["check"]),
            entry["held"],
            [(FIGURES.get(name, name), words.number(Decimal(str(said)))) for name, said in entry["figures"].items()],
        )
        for entry in (audit.report if audit else [])
    ]
    edition = next((one for one in reading.editions(release.federation_id) if one.release == release.pk), None)
    taken = reading.withdrawn(release.federation_id) if release.state == State.WITHDRAWN else []
    reason = next(
        (why for label, number, _at, why in taken if (label, number) == (release.period.label, release.revision)), ""
    )
    follows = actions.may_follow(release.state)
    publisher = may(request, Permission.PUBLISH_RELEASES, release.federation)
    return render(request, "web/federation/release.html", {
        "release": release, "line": line_of(release), "progress": progress_of(release), "audit": audit, "checks": checks,
        "heat": thermometer.heat(release), "alert": thermometer.ALERT, "edition": edition, "reason": reason,
        "approvable": State.APPROVED in follows, "why_not": why_not_approve(request, release),
        "publishable": State.PUBLISHED in follows, "publisher": publisher,
        "withdrawable": State.WITHDRAWN in follows and publisher,
        "abandonable": State.ABANDONED in follows and may(request, Permission.PREPARE_RELEASES, release.federation),
    })  # fmt: skip


@needs(Permission.SEE_RELEASES)
def progress(request: HttpRequest, release_id: int) -> HttpResponse:
    """The line and the progress alone: asked again while jobs work; the whole page once they are done."""
    release = _release(request, release_id)
    context = {"release": release, "line": line_of(release), "progress": progress_of(release)}
    response = render(request, "web/federation/progress.html", context)
    if State(release.state) not in UNDER_WAY:
        response["HX-Redirect"] = reverse("release", args=[release.pk])
    return response


VERBS = {"approuver": actions.approve, "publier": actions.publish}


@needs(Permission.PREPARE_RELEASES)
@require_POST
def move(request: HttpRequest, release_id: int, verb: str) -> HttpResponse:
    """Approve, publish or abandon: the verb says who may, and in which state."""
    release = _release(request, release_id)
    if verb not in {*VERBS, "abandonner"}:
        raise Http404
    if verb in VERBS and not may(request, Permission.PUBLISH_RELEASES, release.federation):
        raise Http404
    try:
        if verb == "abandonner":
            actions.abandon(by=me(request), release=release)
        else:
            VERBS[verb](by=me(request), release=release, at=timezone.now())
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    return redirect("release", release.pk)


@needs(Permission.PUBLISH_RELEASES)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    """Take back what was published, with the reason readers will see."""
    release = _release(request, release_id)
    return form_page(
        request, ReasonForm(request.POST or None), title=_("Retirer la publication %(release)s") % {"release": release},
        save=lambda reason: actions.withdraw(by=me(request), release=release, reason=reason, at=timezone.now()),
        back="release", back_id=release.pk,
    )  # fmt: skip
