"""Pay of a contract: against the SMIC of the day, and against a full month (L3231-2 CT)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from law.facts import ContractFacts, PersonFacts
from law.findings import Finding, Severity
from law.parameters_at import Law

# Paid as a share of the SMIC, or not a wage: the hourly SMIC is no floor for them.
OTHER_FLOOR = {"APPRENTICESHIP", "PROFESSIONAL_TRAINING", "BUSINESS_CREATION", ""}
LOWER_SMIC = {"976"}  # Mayotte has its own rate, which is not held here
ADULT = 18  # a lower floor may apply before (D3231-3 CT)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Pay:
    """Gross pay of a contract in euros. `ratio` is hourly pay / SMIC, `full_month_share` month / full-time SMIC month.

    Each figure is None when what it needs is unknown.
    """

    hourly: Decimal | None
    hourly_smic: Decimal | None
    ratio: Decimal | None
    monthly: Decimal | None
    full_month: Decimal | None
    full_month_share: Decimal | None


def month_hours(weekly_hours: Decimal) -> Decimal:
    """Hours paid in a month for weekly hours, as payrolls spread them: × 52 / 12."""
    return weekly_hours * 52 / 12


def pay_of(contract: ContractFacts, person: PersonFacts, law: Law) -> Pay:
    """The pay of a contract beside the SMIC in force (`law`). Ratios are exact, amounts rounded to the cent."""
    hourly, hours = contract.hourly_gross, contract.weekly_hours
    smic = law.amount("smic.hourly") if law.knows("smic.hourly") else None
    if person.structure.departement in LOWER_SMIC:
        smic = None
    full = smic * law.whole("pay.month_hours_times_12") / 12 if smic else None
    monthly = hourly * month_hours(hours) if hourly is not None and hours is not None else None
    return Pay(
        hourly=hourly,
        hourly_smic=smic,
        ratio=hourly / smic if hourly is not None and smic else None,
        monthly=_cents(monthly),
        full_month=_cents(full),
        full_month_share=monthly / full if monthly is not None and full else None,
    )


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENT, ROUND_HALF_UP)


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """PAY_UNDER_SMIC. An hourly pay under the SMIC of the first day (L3231-2 CT); unknown pay says nothing."""
    smic = pay_of(contract, person, law).hourly_smic
    age = person.age_on(contract.started_on)
    minor = age is not None and age < ADULT
    if contract.hourly_gross is None or smic is None or contract.kind in OTHER_FLOOR or contract.hourly_gross >= smic:
        return
    start = contract.started_on
    facts = {"hourly": float(contract.hourly_gross), "smic": float(smic)}
    forbids = law.confirmed("smic.hourly") and not minor
    severity = Severity.URGENT if forbids else Severity.WARNING
    yield Finding("PAY_UNDER_SMIC", severity, None, start, start, facts, forbids)
