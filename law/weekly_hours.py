"""Weekly hours of contracts: the 20 hours of a CDDI and what lifts them, the legal week, part time (L5132-5, L3123-27 CT)."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from law.durations import is_cddi
from law.facts import ContractFacts, Derogation, PersonFacts
from law.findings import Finding, Severity
from law.nomenclature import codes
from law.parameters_at import Law

LIFTING = tuple(codes("derogation_kind", lifts="weekly_hours"))


def lifted(contract: ContractFacts, derogations: Sequence[Derogation], first: date, last: date | None) -> bool:
    """Whether derogations to the 20 hours cover every day from `first` to `last`; from `first` only when it is open."""
    covering = sorted((d.span for d in derogations if d.kind in LIFTING), key=lambda span: span.started_on)
    reached = first.toordinal()  # first day not covered yet
    for span in covering:
        if span.started_on.toordinal() <= reached:
            reached = max(reached, (span.ended_on or date.max).toordinal() + 1)
    return reached > (last or first).toordinal()


def cddi_weekly_minimum(contract: ContractFacts, person: PersonFacts, today: date, law: Law) -> Finding | None:
    """WEEKLY_HOURS_MIN. A running CDDI under 20 hours a week that no derogation covers today (L5132-5 CT)."""
    if not is_cddi(contract) or contract.weekly_hours is None or not contract.runs_on(today):
        return None
    minimum = law.amount("cddi.min_weekly_hours")
    if contract.weekly_hours >= minimum or lifted(contract, person.derogations, today, today):
        return None
    facts = {"weekly_hours": float(contract.weekly_hours), "min_hours": float(minimum)}
    return Finding("WEEKLY_HOURS_MIN", Severity.WARNING, None, contract.started_on, contract.started_on, facts)


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """What the hours say of a contract to be signed."""
    start, hours = contract.started_on, contract.weekly_hours
    if hours is None:
        if is_cddi(contract):
            yield Finding("WEEKLY_HOURS_UNKNOWN", Severity.INFO, None, start, start, {"kind": contract.kind})
        return
    legal, longest = law.amount("week.legal_hours"), law.amount("week.max_hours")
    if hours > longest:
        yield _hours("WEEK_MAX", contract, longest, forbids=True)
    elif is_cddi(contract) and hours > legal:
        yield _hours("WEEKLY_HOURS_MAX", contract, legal, forbids=law.confirmed("week.legal_hours"))
    least = law.amount("cddi.min_weekly_hours")
    if is_cddi(contract) and hours < least and not lifted(contract, person.derogations, start, contract.last_day):
        yield _hours("WEEKLY_HOURS_MIN", contract, least, forbids=law.confirmed("cddi.min_weekly_hours"))
    yield from _part_time(contract, person, law, hours)


def _part_time(contract: ContractFacts, person: PersonFacts, law: Law, hours: Decimal) -> Iterator[Finding]:
    """The minimum of part time outside CDDI: 24 hours, 20 in a PEC. Exceptions are many, so it is said, not forbidden."""
    kind = contract.kind
    if kind == "PERMANENT_I" and person.structure.kind in {"EI", "ACI"}:
        key = "cdi_i.min_weekly_hours"
    elif kind == "CUI_CAE":
        key = "pec.min_weekly_hours"
    elif kind in {"PERMANENT", "FIXED_TERM"}:
        key = "part_time.min_weekly_hours"
    else:
        return
    short = contract.span.days is not None and contract.span.days <= law.whole("part_time.short_contract_days")
    if short or not law.knows(key) or person.granted("part_time_request"):
        return
    if hours < law.amount(key):
        yield _hours("PART_TIME_MIN", contract, law.amount(key), cited=(law.source(key),))


def _hours(
    code: str, contract: ContractFacts, limit: Decimal, *, forbids: bool = False, cited: tuple[str, ...] = ()
) -> Finding:
    facts = {"kind": contract.kind, "weekly_hours": float(contract.weekly_hours or 0)}
    facts["min_hours" if code.endswith("MIN") else "max_hours"] = float(limit)
    severity = Severity.URGENT if forbids else Severity.WATCH
    return Finding(code, severity, None, contract.started_on, contract.started_on, facts, forbids, cited)
