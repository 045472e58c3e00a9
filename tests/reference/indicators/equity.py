"""Access of the worst-served group: EQU-03."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.catalogue import definitions
from indicators.measures.intervals import newcombe
from indicators.measures.shape import text
from indicators.periods import Period
from law.nomenclature import nomenclatures
from tests.reference.indicators import pay, rights, skills, voice
from tests.reference.indicators.figures import Result, over
from tests.reference.indicators.world import World

PARENTS: dict[str, Callable[[World, Period], Result]] = {
    "COM-02": skills.com_02,
    "ACC-01": rights.acc_01,
    "ENG-03": voice.eng_03,
    "REM-03": pay.rem_03,
}
YES_NO = {True: "yes", False: "no", None: None}


def equ_03(world: World, period: Period) -> Result:
    steps = {
        entry["code"]: str(entry["step"]) for entry in nomenclatures()["education_level"] if entry["step"] is not None
    }
    ways: dict[str, Callable[[Any], str | None]] = {
        "sex": lambda file: file.sex or None,
        "qualification": lambda file: steps.get(file.education_level),
        "disability": lambda file: YES_NO[file.disabled_worker],
        "minima": lambda file: YES_NO[file.rsa],
    }
    parents, ratios, concerned, covered = {}, [], False, (Decimal(0), Decimal(0))
    for code, measure in PARENTS.items():
        result = measure(world, period)
        concerned = concerned or bool(result.units) or bool(result.covered[1])
        covered = covered[0] + Decimal(result.known), covered[1] + Decimal(result.eligible)
        rates = [over(a, b) for a, b in ((result.known, result.eligible), result.covered) if b]
        if not rates or min(rates) < Fraction(definitions()[code].published_from):
            continue
        known = [unit for unit in result.units if unit.amount is not None]
        overall = over(sum(unit.amount or 0 for unit in known), len(known))
        groups: list[tuple[Fraction, str, str, int, int]] = []
        for by, told in ways.items():
            found: dict[str, list[Decimal]] = defaultdict(list)
            for unit in known:
                group = told(world.people[unit.worker].file)
                if group is not None and unit.amount is not None:
                    found[group].append(unit.amount)
            large = {group: amounts for group, amounts in found.items() if len(amounts) >= 11}
            if len(large) >= 2:
                groups += [(Fraction(sum(a)) / len(a), by, g, int(sum(a)), len(a)) for g, a in large.items()]
        if not groups or not overall:
            continue
        rate, by, group, k, n = min(groups)
        others = sorted((r, other_k, other_n) for r, b, g, other_k, other_n in groups if b == by and g != group)
        gap = newcombe(others[0][1], others[0][2], k, n)
        ratios.append(rate / overall)
        parents[code] = {
            "by": by,
            "group": group,
            "rate": text(rate),
            "overall": text(overall),
            "ratio": text(rate / overall),
            "gap_low": text(gap[0]) if gap else None,
            "gap_high": text(gap[1]) if gap else None,
            "established": None if gap is None else "yes" if gap[0] > 0 else "no",
        }
    n = Decimal(concerned)
    return Result(None, n, n, min(ratios, default=None), None, None, {"parents": parents}, covered)
