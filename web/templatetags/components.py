"""Building blocks of pages, in one place; `/composants/` shows them all."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.models import Contract, Decision, Flag
from documents.exports import TYPES
from law.nomenclature import label
from parcours.models import Worker
from privacy.models import DataRequest
from web.access import held
from web.keyset import KeysetPage
from web.openings import reason_for
from web.papers import offered

register = template.Library()

SEVERITY_LOOKS = {1: "info", 2: "watch", 3: "warning", 4: "urgent", 5: "overdue"}


@register.inclusion_tag("components/severity.html")
def severity(level: int) -> dict[str, Any]:
    """How pressing: a word and a mark, never the colour alone."""
    return {"look": SEVERITY_LOOKS[level], "label": Flag.Severity(level).label}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A labelled field with its help and its errors tied to it."""
    ids = [f"{bound.auto_id}-error"] if bound.errors else []
    if bound.help_text:
        ids.append(f"{bound.auto_id}-help")
    attributes: dict[str, Any] = {"aria-describedby": " ".join(ids)} if ids else {}
    if bound.errors:
        attributes |= {"aria-invalid": "true", "class": f"{bound.field.widget.attrs.get('class', '')} is-invalid"}
    watched = bool(bound.field.widget.attrs.get("data-words"))
    if watched:
        attributes |= {"hx-post": reverse("words"), "hx-trigger": "change", "hx-target": f"#{bound.auto_id}-words"}
    return {
        "field": bound,
        "watched": watched,
        "widget": bound.as_widget(attrs=attributes),
        "checkbox": isinstance(bound.field.widget, CheckboxInput),
        "group": isinstance(bound.field.widget, CheckboxSelectMultiple),
    }


@register.inclusion_tag("components/form.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """All fields of a form, errors that belong to none of them first."""
    return {"form": form}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """Pages of a list; keeps the filters of the address."""
    asked = context["request"].GET.copy()
    asked.pop("page", None)
    return {"page": page, "query": urlencode(list(asked.items()))}


@register.inclusion_tag("components/keyset.html", takes_context=True)
def keyset(context: dict[str, Any], page: KeysetPage[Any]) -> dict[str, Any]:
    """The way on in a list paged by key; keeps the filters of the address."""
    asked = context["request"].GET.copy()
    asked.pop("apres", None)
    return {"page": page, "query": urlencode(list(asked.items()))}


@register.inclusion_tag("components/on_time.html")
def on_time(decision: Decision) -> dict[str, Any]:
    """Whether a decision came in time: yes, no, or not known."""
    return {"on_time": decision.on_time, "dated": decision.due_on is not None}


@register.inclusion_tag("components/documents.html", takes_context=True)
def documents(context: dict[str, Any], about: Worker | Contract) -> dict[str, Any]:
    """The papers of a person or a contract: to look at, to issue, already issued."""
    if opened(context):
        return {}
    offers, papers = offered(context["request"].user, held(context["request"]), about)
    return {"offers": offers, "papers": papers, "csrf_token": context.get("csrf_token")}


def opened(context: dict[str, Any]) -> bool:
    """Whether the page is read through an access of the platform's team, who takes no file away."""
    return bool(context["request"].user.openings)


@register.simple_tag(takes_context=True)
def reason(context: dict[str, Any], said: object) -> str:
    """Why a contract or a PASS IAE is suspended, prolonged, changed or ended, and why so was decided; kept from the platform's team."""
    return reason_for(context["request"].user, known(said))


@register.inclusion_tag("components/contested.html")
def contested(told: Iterable[DataRequest], *parts: str) -> dict[str, Any]:
    """What the person says is wrong in these parts of her file, in her words; without a part, the uses stopped or limited."""
    return {"contested": [row for row in told if (row.part in parts if parts else not row.part)]}


@register.inclusion_tag("components/export.html", takes_context=True)
def export(context: dict[str, Any]) -> dict[str, Any]:
    """The list of the page as a file, with the filters of its address."""
    asked = context["request"].GET.copy()
    for name in ("apres", "page", "format"):
        asked.pop(name, None)
    return {"query": urlencode(list(asked.items())), "formats": () if opened(context) else TYPES}


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "") -> dict[str, Any]:
    """What a list says when there is nothing in it."""
    return {"title": title, "text": text}


def decimal(value: Decimal) -> str:
    """1234.50 as « 1 234,5 »: no useless zero, thousands set apart, a comma."""
    whole, _point, part = f"{value:,f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", "\u202f") + (f",{part}" if part else "")


@register.filter
def known(value: object) -> str:
    """A value as one says it; unknown is said, never shown as an empty cell or a zero."""
    if value is None or value == "":
        return _("inconnu")
    if value is True:
        return _("oui")
    if value is False:
        return _("non")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return decimal(value)
    return str(value)


@register.filter
def days_left(days: int) -> str:
    """« dans 12 jours », « aujourd'hui », « depuis 3 jours »."""
    if days == 0:
        return _("aujourd'hui")
    if days > 0:
        return ngettext("dans %(n)s jour", "dans %(n)s jours", days) % {"n": days}
    return ngettext("depuis %(n)s jour", "depuis %(n)s jours", -days) % {"n": -days}


@register.filter
def severity_name(level: int) -> str:
    return str(Flag.Severity(level).label)


@register.filter
def lookup(names: dict[str, str], code: str) -> str:
    return names[code]


@register.filter
def name_of(code: str, nomenclature: str) -> str:
    return label(nomenclature, code)


@register.filter
def percent(share: Decimal | None) -> str:
    return _("inconnu") if share is None else f"{round(share * 100)} %"


@register.filter
def rounded(value: Decimal) -> str:
    """A counter as one says it: one decimal at most."""
    return decimal(round(value, 1))


@register.filter
def unlocalized(number: float) -> str:
    """A number for a drawing: a dot whatever the language."""
    return f"{number}"


@register.filter
def progress(share: Decimal | None) -> str:
    return "0" if share is None else f"{share * 100:.0f}"
