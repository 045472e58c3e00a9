"""Exits of a pathway: their class and whether they are examined."""

from datetime import date
from decimal import Decimal

from law.dates import lasts_at_least
from law.nomenclature import nomenclatures
from law.parameters_at import Law


def exit_class(outcome: str, contract_months: Decimal | None, law: Law) -> str | None:
    """Class of an exit: durable, transition, positive, other, withdrawn, or None when unknown.

    A fixed-term job of exactly six months is durable as `exit.durable_inclusive` says; of unknown length it is unknown.
    """
    entry = next((e for e in nomenclatures()["exit_outcome"] if e["code"] == outcome), None)
    if entry is None:
        return None
    if entry["class"] != "by_duration":
        return str(entry["class"])
    if contract_months is None:
        return None
    threshold = law.whole("exit.durable_months")
    durable = contract_months > threshold or (contract_months == threshold and law["exit.durable_inclusive"] is True)
    return "durable" if durable else "transition"


def exit_counted(kind: str, started_on: date, exited_on: date, hours: Decimal, law: Law) -> bool:
    """Whether an exit is examined: 150 hours in an AI or ETTI, three months elsewhere (asp_2014)."""
    if kind in {"AI", "ETTI"}:
        return hours >= law.whole("exit.min_hours")
    return lasts_at_least(started_on, exited_on, law.whole("exit.min_months"))


def exit_counted_by_platform(kind: str, days: int, hours: Decimal, law: Law) -> bool:
    """The same as the State's code counts it: days × 0.0328767 > 2.65 in an ACI or EI."""
    if kind in {"AI", "ETTI"}:
        return hours >= law.whole("exit.min_hours")
    return days * law.amount("exit.platform_month_per_day") > law.amount("exit.min_months.platform")
