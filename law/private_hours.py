"""Mise à disposition by an AI: 480 hours with private employers over 24 months (L5132-9, R5132-18 CT)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from law.dates import last_day
from law.facts import MonthFacts, PersonFacts
from law.findings import Finding, Severity
from law.nomenclature import codes
from law.parameters_at import Law


def counted(client_kind: str) -> bool:
    """Whether hours with this kind of client count: the employers of L2211-1 CT."""
    return client_kind in codes("client_kind", counted=True)


def counted_hours(months: Iterable[MonthFacts], today: date, law: Law) -> tuple[date, date, Decimal] | None:
    """The 480-hour counter of an AI: (first day, last day, hours) of the window in progress today, or None.

    A window of 24 months opens with the first counted month; the next one opens with the first counted month after it
    (restart: our reading, the article does not say).
    """
    kept = sorted((m.month, m.hours) for m in months if counted(m.client_kind) and m.hours and m.month <= today)
    start: date | None = None
    end: date | None = None
    total = Decimal(0)
    for month, hours in kept:
        if end is None or month > end:
            start, total = month, Decimal(0)
            end = last_day(month, law.whole("ai.private_hours_window_months"))
        total += hours
    if start is None or end is None or today > end:
        return None
    return start, end, total


def _derogated(person: PersonFacts, day: date) -> bool:
    """Whether the prefect let the AI go beyond on this day; three years at most (L5132-9, D5132-18-1 CT)."""
    return any(derogation.span.holds(day) for derogation in person.granted("ai_480_hours"))


def ai_480_hours(person: PersonFacts, today: date, law: Law) -> Finding | None:
    """AI_480. Hours with private users near, at or beyond 480 in 24 months; a derogation of the prefect lifts them."""
    window = counted_hours(person.months, today, law)
    if window is None or _derogated(person, today):
        return None
    start, end, hours = window
    cap = law.whole("ai.private_hours_cap")
    steps = (
        (cap, Severity.OVERDUE),
        (law.whole("ai.private_hours_alert_2"), Severity.URGENT),
        (law.whole("ai.private_hours_alert_1"), Severity.WARNING),
    )
    reached = next(((rung, severity) for rung, severity in steps if hours >= rung), None)
    if reached is None:
        return None
    facts = {"hours": float(hours), "cap": cap, "window_start_on": start.isoformat()}
    return Finding("AI_480", reached[1], reached[0], end, start, facts)
