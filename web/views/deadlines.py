"""HR's board: what must be decided, why, by which article, before when; as a list or as a month."""

import calendar as calendars
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, organisations
from accounts.models import Organisation, User
from accounts.roles import Permission
from contracts import decisions
from contracts.decisions import Plan, Together
from contracts.flags import URGENCY, Asked, Description, calendar, describe, open_flags
from contracts.models import Contract, ContractDraft, Decision, Flag
from law.dates import add_months
from law.findings import night_rules
from parcours.models import Worker
from web.access import held, me, needs
from web.days import day_of
from web.downloads import asked_format, sent_as
from web.forms.contract import DecisionForm, TogetherForm
from web.keyset import keyset_page
from web.openings import told_to

PAGE, SHOWN_A_DAY, TOGETHER = 20, 3, 100


@dataclass(frozen=True)
class Card:
    """One flag on the board: in words, with the days left, what was last decided, and the draft that waits to be signed."""

    flag: Flag
    said: Description
    days: int
    decision: Decision | None
    draft: ContractDraft | None


def cards_of(flags: list[Flag], today: date) -> list[Card]:
    """Flags as cards; one query for the decisions that answer them, one for the drafts that renew their contracts."""
    answers: dict[tuple[int, int | None, str, date | None], Decision] = {}
    people = {flag.worker_id for flag in flags}
    for decision in (
        Decision.objects.filter(worker__in=people).select_related("decided_by").order_by("recorded_at", "id")
    ):
        answers[decision.worker_id, decision.contract_id, decision.rule, decision.due_on] = decision
    ending = {flag.contract_id for flag in flags if flag.contract_id}
    drafts = {draft.renews_id: draft for draft in ContractDraft.objects.waiting().filter(renews__in=ending)}
    cards = []
    for flag in flags:
        said = describe(flag)
        key = flag.worker_id, flag.contract_id, flag.code, flag.due_on
        draft = drafts.get(flag.contract_id) if flag.contract_id else None
        cards.append(Card(flag, said, (flag.due_on - today).days, answers.get(key), draft))
    return cards


class Reader:
    """Who reads the board, which structures she sees, what she asks; nothing a filter cannot mean is an error."""

    def __init__(self, request: HttpRequest) -> None:
        asked = request.GET
        self.structures = list(organisations(request.user, Permission.SEE_CONTRACTS).filter(nature="structure"))
        chosen = [structure for structure in self.structures if str(structure.pk) == asked.get("structure")]
        self.chosen: list[Organisation] = chosen or self.structures
        self.counsellors = User.objects.filter(workers__organisation__in=self.structures).distinct()
        severity = asked.get("gravite", "")
        self.asked = Asked(
            rule=asked.get("regle") if asked.get("regle") in night_rules() else None,
            severity=int(severity) if severity in {str(value) for value in Flag.Severity.values} else None,
            counsellor=next((user for user in self.counsellors if str(user.pk) == asked.get("conseiller")), None),
            name=asked.get("q", "")[:100],
            since=day_of(asked.get("du")),
            until=day_of(asked.get("au")),
        )
        kept = {name: value for name, value in asked.items() if value and name not in {"apres", "mois"}}
        self.context = {
            "structures": self.structures,
            "counsellors": self.counsellors,
            "chosen": chosen[0] if chosen else None,
            "asked": self.asked,
            "query": urlencode(kept),
            "rules": night_rules().values(),
            "severities": Flag.Severity,
            "filtered": bool(kept),
            "may_decide": Permission.DECIDE_CONTRACTS in held(request),
        }

    @property
    def flags(self) -> Any:
        return open_flags(self.chosen, self.asked)


@needs(Permission.SEE_CONTRACTS)
def board(request: HttpRequest) -> HttpResponseBase:
    reader = Reader(request)
    if format := asked_format(request):
        return sent_as(request, format, "flags", reader.flags)
    page = keyset_page(reader.flags, by=URGENCY, after=request.GET.get("apres", ""), size=PAGE)
    counts = dict(reader.flags.order_by().values_list("severity").annotate(n=Count("id")))
    context = {
        **reader.context,
        "page": page,
        "cards": cards_of(told_to(me(request), page.rows), timezone.localdate()),
        "total": sum(counts.values()),
        "counts": [(level, counts[level]) for level in sorted(counts, reverse=True)],
        "kinds": Decision.Kind,
    }
    return render(request, "web/deadlines.html", context)


@needs(Permission.SEE_CONTRACTS)
def month(request: HttpRequest) -> HttpResponse:
    """The same flags on the days they fall due, a month at a time."""
    today = timezone.localdate()
    first = (day_of(f"{request.GET.get('mois', '')}-01") or today).replace(day=1)
    first = min(max(first, date(1900, 2, 1)), date(9998, 11, 1))
    reader = Reader(request)
    weeks = calendars.Calendar().monthdatescalendar(first.year, first.month)
    days = calendar(reader.flags.filter(due_on__range=(weeks[0][0], weeks[-1][-1])), SHOWN_A_DAY)
    context = {
        **reader.context,
        "first": first,
        "before": add_months(first, -1),
        "after": add_months(first, 1),
        "today": today,
        "nothing": not days,
        "weeks": [[(day, days.get(day)) for day in week] for week in weeks],
        "titles": {code: rule.title for code, rule in night_rules().items()},
    }
    return render(request, "web/calendar.html", context)


def act_of(decision: Decision) -> str:
    """The address of the page where a decision is carried out; the board when there is nothing more to do."""
    match decision.kind:
        case Decision.Kind.RENEW if decision.contract_id:
            return reverse("contract-renew", args=[decision.contract_id])
        case Decision.Kind.CONVERT:
            return reverse("contract-create", args=[decision.worker_id])
        case Decision.Kind.ARRANGE if decision.contract_id:
            return reverse("contract", args=[decision.contract_id])
        case Decision.Kind.END | Decision.Kind.EXTEND_PASS | Decision.Kind.SUSPEND | Decision.Kind.ARRANGE:
            return reverse("worker", args=[decision.worker_id])
    return reverse("deadlines")


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, flag_id: int) -> HttpResponseBase:
    """Decide about one flag, then go and do it."""
    rows = Flag.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS)
    flag = load(rows.select_related("worker__counsellor", "contract", "pass_iae", "organisation"), pk=flag_id)
    (card,) = cards_of([flag], timezone.localdate())
    return _decided(request, card.said.decisions, card, flag.worker, flag.due_on, partial(decisions.answer, flag=flag))


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, contract_id: int) -> HttpResponseBase:
    """Decide about the end of a contract, whether or not an alert asks for it already."""
    rows = Contract.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS).select_related("worker")
    contract = load(rows, pk=contract_id)
    if flag := Flag.objects.open().filter(contract=contract, code="CONTRACT_END").first():
        return answer(request, flag.pk)
    kinds = night_rules()["CONTRACT_END"].decisions
    verb = partial(decisions.decide, worker=contract.worker, contract=contract)
    return _decided(request, kinds, None, contract.worker, contract.planned_end_on, verb)


def _decided(
    request: HttpRequest,
    kinds: Sequence[str],
    card: Card | None,
    worker: Worker,
    due_on: date | None,
    verb: Callable[..., Decision],
) -> HttpResponse:
    form = DecisionForm(request.POST or None, kinds=kinds, initial={"sent_once": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(act_of(verb(by=me(request), at=timezone.now(), **form.cleaned_data)))
        except ValidationError as error:
            form.refuse(error)
    last_day = decisions.last_day_on_time(due_on) if due_on else None
    return render(request, "web/decide.html", {"form": form, "card": card, "worker": worker, "last_day": last_day})


def _ends(given: Any) -> dict[int, date]:
    """The new ends typed in the preview, by flag; what is no day is as if it was not typed."""
    typed = {name.removeprefix("fin-"): day_of(text) for name, text in given.items() if name.startswith("fin-")}
    return {int(pk): day for pk, day in typed.items() if day is not None and pk.isdigit()}


@needs(Permission.DECIDE_CONTRACTS)
@require_POST
def decide_together(request: HttpRequest) -> HttpResponse:
    """What a decision would do to the chosen flags; then, confirmed, does it. The same form sent twice does it once."""
    rows = Flag.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS)
    picked = [int(text) for text in request.POST.getlist("flag")[:TOGETHER] if text.isdigit()]
    chosen = list(rows.filter(pk__in=picked).select_related("worker", "contract", "organisation").order_by(*URGENCY))
    ends, now, confirmed = _ends(request.POST), timezone.now(), request.POST.get("confirm") == "1"
    form = TogetherForm(request.POST if confirmed else None, initial={"sent_once": uuid4(), **request.POST.dict()})
    kind = request.POST.get("kind", "")
    if confirmed and form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            done = decisions.answer_together(
                by=me(request),
                flags=chosen,
                at=now,
                ends=ends,
                seen=int(seen) if seen.isdigit() else None,
                **form.cleaned_data,
            )
            _say(request, done)
            return redirect("contract-drafts" if done.drafts else "deadlines")
        except ValidationError as error:
            form.refuse(error)
    plans: list[Plan] = decisions.plan(chosen, kind, today=timezone.localdate(now), ends=ends)
    context = {
        "form": form,
        "title": dict(Decision.Kind.choices).get(kind, _("Décider ensemble")),
        "planned": [plan for plan in plans if not plan.refusal],
        "refused": [plan for plan in plans if plan.refusal],
        "renewing": any(plan.renewal and plan.renewal.movable for plan in plans),
    }
    return render(request, "web/decide_together.html", context)


def _say(request: HttpRequest, done: Together) -> None:
    n = len(done.decisions)
    said = ngettext("%(n)s décision enregistrée.", "%(n)s décisions enregistrées.", n) % {"n": n}
    if prepared := len(done.drafts):
        words = ngettext(
            "%(n)s projet de renouvellement à signer.", "%(n)s projets de renouvellement à signer.", prepared
        )
        said += " " + words % {"n": prepared}
    messages.info(request, said)
