"""Rights that hours open, and pay: DRO-01 to DRO-03, REM-01 to REM-03, EQU-01, EQU-02."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from indicators.measures.shape import plain, rounded, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months, lasts_at_least
from tests.reference.indicators.figures import Result, Unit, means, middle, over, shares, total
from tests.reference.indicators.rules import (
    active,
    active_with_doubt,
    exposed,
    months_of,
    pay_of,
    sum_known,
    term,
)
from tests.reference.indicators.world import NEVER, Person, World


def dro_02(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units, by_pay = [], 0
    for person, main in active_with_doubt(world, period.month):
        hours = [sum_known(person, add_months(period.month, -n)) for n in range(3)]
        doubt = any(missing for _h, missing in hours)
        pays = [pay_of(person, add_months(period.month, -n)) for n in range(6)]
        # what is sure of each month's pay counts, even when another line of it is missing
        enough = sum(sure for sure, _missing in pays) >= law.whole("sickness.smic_hours_6_months") * law.amount(
            "smic.hourly"
        )
        by_pay += enough
        if enough or sum(h for h, _missing in hours) >= law.whole("sickness.hours_3_months"):
            units.append(Unit(person.id, Decimal(1)))
        else:
            pay_doubt = any(missing for _sure, missing in pays)
            units.append(Unit(person.id, None if main is None or doubt or pay_doubt else Decimal(0)))
    return shares(units, by_pay=str(by_pay))


def rem_01(world: World, period: Period) -> Result:
    units, months, gaps, below, with_minimum = [], 0, 0, Decimal(0), Decimal(0)
    for person in world.people.values():
        for c in person.contracts:
            for month in sorted({*c.months, *c.undeclared}):
                rows = c.months.get(month, [None])
                hours = sum((h for h in rows if h is not None), Decimal(0))
                if not period.start <= month <= period.end or (hours == 0 and None not in rows):
                    continue
                months += 1
                gaps += None in rows
                rate = term(c, "hourly_gross", "effective_on", max(month, c.started_on), world.known_at)
                agreed = agreed_minimum(world, c, month)
                floor = max(law_on(month).amount("smic.hourly"), agreed or Decimal(0))
                with_minimum += hours if agreed is not None else 0
                enough = None if rate is None else rate >= floor
                below += hours if enough is False else 0
                units.append(Unit(person.id, None if enough is None else hours * enough, hours))
    _k, known, eligible = total(units)
    result = shares(
        units,
        hours_below=plain(below),
        unknown_hours=plain(eligible - known),
        hours_with_minimum=plain(with_minimum),
        months_to_declare=str(gaps),
    )
    result.covered = (Decimal(months - gaps), Decimal(months))
    return result


def agreed_minimum(world: World, contract: Any, month: date) -> Decimal | None:
    """The conventional minimum of the job: of those that fit, the most precise, then the latest."""
    fit = [m for m in world.minima if contract.rome_code.startswith(m.rome_code) and m.since <= month]
    return max(fit, key=lambda m: (len(m.rome_code), m.since)).hourly_gross if fit else None


def rem_02(world: World, period: Period) -> Result:
    smic = law_on(period.end).amount("smic.hourly")
    units = []
    for person, main in active(world, period.month):
        rate = term(main, "hourly_gross", "effective_on", period.end, world.known_at) if main else None
        units.append(Unit(person.id, rate))
    _k, known, eligible = total(units)
    rates = [Fraction(unit.amount) for unit in units if unit.amount is not None]
    if not units:
        return Result(None, known, eligible, None, None, None, {})
    gap = int(eligible - known)
    lowest, highest = (middle([*rates, *[Fraction(end)] * gap]) for end in (-(10**9), 10**9))
    hourly = middle(rates)
    return Result(
        None,
        known,
        eligible,
        over(hourly, smic) if hourly is not None else None,
        None if lowest is None or lowest < 0 else over(lowest, smic),
        None if highest is None or highest > 10**6 else over(highest, smic),
        {"median_hourly": text(hourly), "smic": plain(smic)},
    )


def dro_01(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units = []
    for person, paid in active_with_doubt(world, period.month):
        months = law.whole("unemployment.seniority_months")
        stays = [(p.started_on, min(p.ended_on or NEVER, period.end)) for p in person.pathways]
        if not any(until >= period.month and lasts_at_least(since, until, months) for since, until in stays):
            continue
        senior_age = law.amount("unemployment.senior_age") if law.knows("unemployment.senior_age") else None
        born = person.file.birth_date
        if senior_age is None:
            ages = [False]
        else:
            ages = [True, False] if born is None else [add_months(born, int(senior_age) * 12) <= period.end]
        answers = {opens_unemployment(person, period, law, old, paid) for old in ages}
        units.append(Unit(person.id, answers.pop() if len(answers) == 1 else None))
    return shares(units)


def opens_unemployment(person: Person, period: Period, law: Any, old: bool, paid: bool | None) -> Decimal | None:
    back = law.whole("unemployment.senior_window_months" if old else "unemployment.window_months")
    hours = days = Decimal(0)
    doubt, most_days = paid is None, Decimal(0)
    for n in range(back):
        month = add_months(period.month, -n)
        known, missing = sum_known(person, month)
        hours += known
        doubt = doubt or missing
        rows = [
            (h, d)
            for c in person.contracts
            for h, d in zip(c.months.get(month, []), c.days.get(month, []), strict=True)
        ]
        days += sum(d or 0 for _h, d in rows)
        # a paid month whose days nobody gave may have had as many as the month has
        unknown = any(h and d is None for h, d in rows)
        most_days += (add_months(month, 1) - month).days if unknown else sum(d or 0 for _h, d in rows)
    if hours >= law.whole("unemployment.hours") or days >= law.whole("unemployment.days"):
        return Decimal(1)
    return None if doubt or most_days >= law.whole("unemployment.days") else Decimal(0)


def dro_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    quarter = law.whole("pension.quarter_smic_hours") * law_on(period.start).amount("smic.hourly")
    units, months = [], 0
    for person in world.people.values():
        hours = [sum_known(person, month) for month in months_of(period)]
        pays = [pay_of(person, month) for month in months_of(period)]
        worked = any(h >= 1 for h, _missing in hours)
        if not worked and not any(missing for _h, missing in hours):
            continue
        months += sum(exposed(person, month) for month in months_of(period))
        sure = min(law.whole("pension.max_quarters"), int(sum(p for p, _missing in pays) / quarter))
        known = worked and (sure == 4 or not any(missing for _p, missing in pays))
        units.append(Unit(person.id, Decimal(sure) if known else None))
    _k, n, _eligible = total(units)
    four = sum(1 for unit in units if unit.amount == 4)
    return means(units, 4, with_four=str(four), share_with_four=text(over(four, n)), exposure_months=str(months))


def mean_pays(world: World, period: Period) -> list[tuple[Person, Fraction | None]]:
    """Mean gross monthly pay of each person over her months of pathway, None when a month's is not known."""
    found = []
    for person in world.people.values():
        months = [month for month in months_of(period) if exposed(person, month)]
        if months:
            pays = [pay_of(person, month) for month in months]
            known = not any(missing for _pay, missing in pays)
            found.append((person, Fraction(sum(pay for pay, _missing in pays)) / len(months) if known else None))
    return found


def rem_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    full = Fraction(law.amount("smic.hourly")) * 1820 / 12
    thresholds = {"d2": full}
    for place in ("rural", "grand_paris"):
        if law.knows(f"decent_pay.reference_budget.{place}"):
            thresholds[f"d3_{place}"] = Fraction(law.amount(f"decent_pay.reference_budget.{place}"))
    d1 = full * Fraction(law.amount("decent_pay.share_of_smic"))
    pays = mean_pays(world, period)
    known = [pay for _person, pay in pays if pay is not None]
    parts = {"d1": text(d1, 2), "median_pay": text(middle([rounded(pay, 2) for pay in known]))}
    for name, amount in thresholds.items():
        parts[name] = text(amount, 2)
        parts[f"{name}_rate"] = text(over(sum(1 for pay in known if pay >= amount), len(known)))
    units = [Unit(person.id, None if pay is None else Decimal(pay >= d1)) for person, pay in pays]
    return shares(units, **parts)


def equ_02(world: World, period: Period) -> Result:
    known = [(person.file.sex or "?", rounded(pay, 2)) for person, pay in mean_pays(world, period) if pay is not None]
    n, eligible = len(known), len(mean_pays(world, period))
    pays = [Fraction(pay) for _sex, pay in known]
    whole = sum(pays)
    parts: dict[str, Any] = {"median_pay": text(middle(pays))}
    index = None
    if whole:
        index = sum(abs(a - b) for a in pays for b in pays) / (2 * n * n * (whole / n))
    theil = theil_of([pays], n, whole) if whole else None
    between = {
        "sex": [[pay for sex, pay in known if sex == one] for one in {sex for sex, _pay in known}],
        "kind": [pays],
    }
    parts["theil"] = text(theil)
    for name, groups in between.items():
        found = None
        if whole:
            shared = [(sum(map(Fraction, group)), len(group)) for group in groups]
            with localcontext(prec=50):
                found = sum(
                    (
                        decimal(part / whole) * decimal((part / whole) / Fraction(count, n)).ln()
                        for part, count in shared
                        if part
                    ),
                    Decimal(0),
                ).quantize(Decimal("1e-10"))
        parts[f"between_{name}"] = text(found)
        parts[f"within_{name}"] = None if found is None or theil is None else text(theil - found)
    return Result(None, Decimal(n), Decimal(eligible), index, None, None, parts)


def decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def theil_of(groups: list[list[Fraction]], n: int, whole: Fraction) -> Decimal:
    with localcontext(prec=50):
        found = sum(
            (decimal(x * n / whole) * decimal(x * n / whole).ln() for group in groups for x in group if x), Decimal(0)
        )
        return (found / n).quantize(Decimal("1e-10"))


def equ_01(world: World, period: Period) -> Result:
    units = []
    found: dict[str, list[tuple[str, str, Decimal]]] = {"rate": [], "hours": [], "pay": []}
    for person, main in active(world, period.month):
        sex, family = person.file.sex, ((main.rome_code[:1] if main else "") or "?")
        rate = term(main, "hourly_gross", "effective_on", period.end, world.known_at) if main else None
        hours, missing = sum_known(person, period.month)
        pay, pay_missing = pay_of(person, period.month)
        units.append(Unit(person.id, Decimal(1) if sex in ("F", "M") and rate is not None else None))
        if sex in ("F", "M"):
            for name, amount in (
                ("rate", rate),
                ("hours", hours if main and not missing else None),
                ("pay", None if pay_missing else pay),
            ):
                if amount is not None:
                    found[name].append((sex, family, amount))
    sexes = {person.id: person.file.sex for person in world.people.values()}
    known_units = [unit for unit in units if unit.amount is not None]
    parts: dict[str, Any] = {
        "women": str(sum(sexes[unit.worker] == "F" for unit in known_units)),
        "men": str(sum(sexes[unit.worker] == "M" for unit in known_units)),
    }
    ratios = {}
    for name, rows in found.items():
        medians = {s: middle([amount for sex, _family, amount in rows if sex == s]) for s in "FM"}
        ratios[name] = medians["F"] / medians["M"] if medians["F"] is not None and medians["M"] else None
        parts |= {f"{name}_{s}": text(medians[s]) for s in "FM"}
        parts[f"{name}_standardised"] = text(standardised(rows))
    parts |= {f"{name}_ratio": text(ratios[name]) for name in ("hours", "pay")}
    _k, known, eligible = total(units)
    return Result(None, known, eligible, ratios["rate"], None, None, parts)


def standardised(rows: list[tuple[str, str, Decimal]]) -> Fraction | None:
    """Women's median over men's, both as if spread over the families of jobs as everybody is; families that hold both."""
    sizes = {(sex, family): sum(1 for s, f, _x in rows if (s, f) == (sex, family)) for sex, family, _x in rows}
    both = [
        family
        for family in {f for _s, f in sizes}
        if family != "?" and ("F", family) in sizes and ("M", family) in sizes
    ]
    medians = {}
    for sex in "FM":
        weighed = sorted(
            (amount, Fraction(sizes["F", family] + sizes["M", family], sizes[sex, family]))
            for s, family, amount in rows
            if s == sex and family in both
        )
        half, reached = sum(w for _x, w in weighed) / 2, Fraction(0)
        for place, (amount, weight) in enumerate(weighed):
            reached += weight
            if reached > half:
                medians[sex] = Fraction(amount)
                break
            if reached == half:
                medians[sex] = (Fraction(amount) + Fraction(weighed[place + 1][0])) / 2
                break
    return medians["F"] / medians["M"] if len(medians) == 2 and medians["M"] else None
