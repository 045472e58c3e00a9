"""Indicators worked out slowly: rows replayed from the history, loops, fractions, from the sheets of the reference.

Nothing is shared with the SQL but the definitions, the law, the shape of a value and how numbers are rounded.
`compare(organisation, periods, known_at)` lists what the SQL says otherwise; an empty list is what is hoped for.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from accounts.models import Organisation
from indicators.catalogue import definitions
from indicators.computation import compute
from indicators.measures.shape import rounded
from indicators.periods import Period
from indicators.report import broken_down
from tests.reference.indicators import continuity, equity, exits, hours, pay, rights, secure, skills, voice
from tests.reference.indicators.figures import Result, over, total
from tests.reference.indicators.world import World

SLOW: dict[str, Callable[[World, Period], Result]] = {
    "SEC-01": secure.sec_01,
    "SEC-02": secure.sec_02,
    "SEC-03": secure.sec_03,
    "SEC-04": secure.sec_04,
    "CON-01": continuity.con_01,
    "CON-02": continuity.con_02,
    "CON-03": continuity.con_03,
    "CON-04": continuity.con_04,
    "DRO-01": pay.dro_01,
    "DRO-02": pay.dro_02,
    "DRO-03": pay.dro_03,
    "REM-01": pay.rem_01,
    "REM-02": pay.rem_02,
    "REM-03": pay.rem_03,
    "TPS-01": hours.tps_01,
    "TPS-02": hours.tps_02,
    "TPS-03": hours.tps_03,
    "TPS-04": hours.tps_04,
    "COM-01": skills.com_01,
    "COM-02": skills.com_02,
    "COM-03": skills.com_03,
    "COM-04": skills.com_04,
    "COM-05": skills.com_05,
    "ACC-01": rights.acc_01,
    "ACC-02": rights.acc_02,
    "ACC-03": rights.acc_03,
    "ACC-04": rights.acc_04,
    "PER-01": rights.per_01,
    "PER-02": rights.per_02,
    "PAR-01": voice.par_01,
    "PAR-02": voice.par_02,
    "PAR-03": voice.par_03,
    "PAR-04": voice.par_04,
    "CIT-01": voice.cit_01,
    "ENG-01": voice.eng_01,
    "ENG-02": voice.eng_02,
    "ENG-03": voice.eng_03,
    "ENG-04": voice.eng_04,
    "SOR-01": exits.sor_01,
    "SOR-02": exits.sor_02,
    "EQU-01": pay.equ_01,
    "EQU-02": pay.equ_02,
    "EQU-03": equity.equ_03,
    "TER-01": exits.ter_01,
    "EXP-01": exits.exp_01,
    "QUA-01": continuity.qua_01,
}


def coverage(code: str, result: Result) -> str:
    definition = definitions()[code]
    rates = [over(a, b) for a, b in ((result.known, result.eligible), result.covered) if b]
    if not rates:
        return "empty"
    if min(rates) < Fraction(definition.published_from):
        return "insufficient"
    if not result.eligible:
        return "empty"
    events = int(result.parts.get("events") or 0)
    enough = {
        "SEC-04": events,
        "ACC-02": result.known if events >= 5 else events,
        "EQU-01": min(int(result.parts.get("women", 0)), int(result.parts.get("men", 0))),
    }.get(code, result.known)
    if enough < definition.least:
        return "few"
    return "partial" if min(rates) < Fraction(definition.plain_from) else "full"


def compare(organisation: Organisation, periods: Sequence[Period], known_at: datetime) -> list[str]:
    """What SQL and the slow way say differently of a structure's indicators, one line a difference."""
    world = World(organisation, known_at, max(period.month for period in periods))
    differences = []
    for value in compute([organisation.pk], periods, known_at, list(SLOW)):
        period = Period(value.period_start, value.period_end)
        slow = SLOW[value.indicator](world, period)
        expected = {
            "k": as_kept(slow.k),
            "known": as_kept(slow.known),
            "eligible": as_kept(slow.eligible),
            "value": None if slow.value is None else rounded(slow.value),
            "low": None if slow.low is None else rounded(slow.low),
            "high": None if slow.high is None else rounded(slow.high),
            "coverage": coverage(value.indicator, slow),
            "parts": slow.parts,
        }
        for name, wanted in expected.items():
            found = getattr(value, name)
            if found != wanted:
                differences.append(f"{value.indicator} {period.label} {name}: SQL {found}, slow {wanted}")
        if slow.units and slow.by_person and "sex" in definitions()[value.indicator].breakdowns:
            differences += [f"{value.indicator} {period.label} {line}" for line in by_sex(world, value, slow)]
    return differences


def as_kept(number: Decimal | Fraction | None, scale: int = 1) -> Decimal | None:
    return None if number is None else rounded(Fraction(number) / scale, 4)


def by_sex(world: World, value: object, slow: Result) -> list[str]:
    """The cells of a figure, told by sex, beside the units of each sex."""
    wanted = {}
    for sex in {world.people[unit.worker].file.sex or "?" for unit in slow.units}:
        units = [unit for unit in slow.units if (world.people[unit.worker].file.sex or "?") == sex]
        k, known, eligible = total(units)
        if eligible:
            wanted[sex] = as_kept(k, slow.scale), as_kept(known, slow.scale), as_kept(eligible, slow.scale)
    found = {
        cell.breakdown["sex"]: (as_kept(cell.counts.k), as_kept(cell.counts.known), as_kept(cell.counts.eligible))
        for cell in broken_down(value, ["sex"])  # type: ignore[arg-type]
    }
    return [] if found == wanted else [f"by sex: SQL {found}, slow {wanted}"]
