"""Equity: EQU-01 to EQU-03."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from indicators.catalogue import EQUITY_GROUPS, EQUITY_PARENTS, definitions
from indicators.measures.cells import UNKNOWN, told_by
from indicators.measures.inequality import gini, theil, theil_between
from indicators.measures.intervals import newcombe
from indicators.measures.rem import MEAN_PAY
from indicators.measures.shape import Counts, Cube, Figure, Measure, Spread, added, median, plain, size, text
from indicators.periods import Period

# Either sex unknown is out and counted, never « M » by default.
EQU_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight,
    CASE WHEN d.sex IN ('F', 'M') AND v.rate IS NOT NULL THEN 1 END::numeric AS amount,
    CASE WHEN d.sex NOT IN ('F', 'M') THEN 'sex' WHEN NOT m.sure THEN 'hours' WHEN v.rate IS NULL THEN 'rate' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', d.sex, o.kind, c.job_family, v.rate, m.hours, m.sure, x.pay, x.pay_missing) AS detail,
    d.sex, o.kind || '/' || COALESCE(c.job_family, '?') || ' ' AS stratum, v.rate, CASE WHEN m.sure AND NOT x.missing THEN m.hours END AS hours, CASE WHEN NOT x.pay_missing THEN x.pay END AS pay
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
JOIN fact_worker d ON d.worker_id = m.worker_id
JOIN fact_organisation o ON o.organisation_id = m.organisation_id
JOIN fact_person_month x ON x.worker_id = m.worker_id AND x.month = p.month
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT CASE WHEN m.sure THEN
    CASE WHEN t.contract_id IS NULL THEN c.hourly_gross ELSE t.hourly_gross END END AS rate) v
"""
COMPARED = ("rate", "hours", "pay")


def _gap(counts: Counts, name: str) -> Fraction | None:
    women, men = (median(_joined(list(_strata(counts, f"{name}_{sex}").values()))) for sex in "FM")
    return None if women is None or not men else women / men


def standardised(women: Mapping[str, Spread], men: Mapping[str, Spread]) -> Fraction | None:
    """Women's median over men's as if both were spread over the strata as everybody is (direct standardisation).

    Strata are « kind/family of jobs »; those of an unknown family, or that hold one sex only, compare nothing and are out.
    """
    both = [name for name in sorted(women) if name in men and not name.endswith(f"/{UNKNOWN}")]
    weight = {name: size(women[name]) + size(men[name]) for name in both}
    medians = [
        weighted_median([(pays[name], Fraction(weight[name], size(pays[name]))) for name in both])
        for pays in (women, men)
    ]
    return None if medians[0] is None or not medians[1] else medians[0] / medians[1]


def weighted_median(groups: list[tuple[Spread, Fraction]]) -> Fraction | None:
    """The median of spreads whose values weigh unequally: the mean of both middles when half the weight is reached exactly."""
    weights: dict[Decimal, Fraction] = {}
    for spread, weight in groups:
        for value, count in spread:
            weights[value] = weights.get(value, Fraction(0)) + weight * count
    reached, half = Fraction(0), sum(weights.values(), Fraction(0)) / 2
    ordered = sorted(weights)
    for place, value in enumerate(ordered):
        reached += weights[value]
        if reached == half:
            return (Fraction(value) + Fraction(ordered[place + 1])) / 2
        if reached > half:
            return Fraction(value)
    return None


def _equ_01(counts: Counts, period: Period) -> Figure:
    strata = {f"{name}_{sex}": _strata(counts, f"{name}_{sex}") for name in COMPARED for sex in "FM"}
    medians = {name: text(median(_joined(list(spreads.values())))) for name, spreads in strata.items()}
    return Figure(
        value=_gap(counts, "rate"),
        parts={
            "hours_ratio": text(_gap(counts, "hours")),
            "pay_ratio": text(_gap(counts, "pay")),
            **{
                f"{name}_standardised": text(standardised(strata[f"{name}_F"], strata[f"{name}_M"]))
                for name in COMPARED
            },
            **medians,
            "women": plain(counts.sum("women")),
            "men": plain(counts.sum("men")),
        },
    )


EQU_01 = Measure(
    units=EQU_01_UNITS,
    finish=_equ_01,
    sums={
        "women": "count(*) FILTER (WHERE u.sex = 'F' AND amount = 1)",
        "men": "count(*) FILTER (WHERE u.sex = 'M' AND amount = 1)",
    },
    spreads={
        f"{name}_{sex}": f"CASE WHEN u.sex = '{sex}' THEN stratum || trim_scale({name})::text END"
        for name in COMPARED
        for sex in "FM"
    },
    bins={f"{name}_{sex}": places for name, places in (("hours", 0), ("pay", 0)) for sex in "FM"},
    additive=False,
    enough=lambda counts: min(counts.sum("women"), counts.sum("men")),
)

EQU_02_UNITS = (
    MEAN_PAY
    + """
SELECT y.organisation_id, y.period_no, y.worker_id, 0::bigint AS item, 1::numeric AS weight,
    CASE WHEN NOT y.missing THEN trim_scale(round(y.pay / y.months, 2)) END AS amount,
    CASE WHEN y.missing THEN 'pay' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', y.months, y.pay, y.missing, COALESCE(NULLIF(d.sex, ''), '?'), o.kind) AS detail,
    COALESCE(NULLIF(d.sex, ''), '?') || '/' || o.kind AS stratum
FROM pay y JOIN fact_worker d USING (worker_id) JOIN fact_organisation o ON o.organisation_id = y.organisation_id
"""
)


def _strata(counts: Counts, spread: str) -> dict[str, Spread]:
    """The values of each « sex/kind » or « kind/family »."""
    found: dict[str, Counter[Decimal]] = {}
    for name, count in counts.spread(spread).items():
        stratum, pay = name.split(" ")
        found.setdefault(stratum, Counter())[Decimal(pay)] += count
    return {stratum: sorted(pays.items()) for stratum, pays in sorted(found.items())}


def _joined(spreads: list[Spread]) -> Spread:
    total: Counter[Decimal] = Counter()
    for spread in spreads:
        total.update(dict(spread))
    return sorted(total.items())


def _equ_02(counts: Counts, period: Period) -> Figure:
    strata = _strata(counts, "pays")
    everyone = _joined(list(strata.values()))
    whole = theil(everyone)
    parts: dict[str, str | None] = {"theil": text(whole), "median_pay": text(median(everyone))}
    for place, name in enumerate(("sex", "kind")):
        groups: dict[str, list[Spread]] = {}
        for stratum, spread in strata.items():
            groups.setdefault(stratum.split("/")[place], []).append(spread)
        between = theil_between([_joined(spreads) for spreads in groups.values()])
        parts[f"between_{name}"] = text(between)
        parts[f"within_{name}"] = None if whole is None or between is None else text(whole - between)
    return Figure(value=gini(everyone), parts=parts)


EQU_02 = Measure(
    units=EQU_02_UNITS,
    finish=_equ_02,
    spreads={"pays": "stratum || ' ' || amount::text"},
    bins={"pays": 0},
    additive=False,
)

SMALLEST = 11
COVERAGE = ("known", "eligible", "covered", "to_cover")


def worst_served(cubes: Mapping[str, Cube]) -> Cube:
    """EQU-03's only cell: yes and known of each group of people in each parent indicator, and the coverage of each."""
    counts = Counts(units=1)
    for code in EQUITY_PARENTS:
        kept, whole = definitions()[code].cells, added(cubes[code].values())
        for name in COVERAGE:
            counts.sums[f"{code}|||{name}"] += getattr(whole, name)
        counts.covered += whole.known
        counts.to_cover += whole.eligible
        for by in EQUITY_GROUPS:
            for (group,), cell in told_by(cubes[code], kept, [by]).items():
                if cell.known:
                    counts.sums[f"{code}|{by}|{group}|k"] += cell.k or 0  # type: ignore[assignment]
                    counts.sums[f"{code}|{by}|{group}|n"] += cell.known  # type: ignore[assignment]
            counts.eligible = max(counts.eligible, Decimal(1) if cubes[code] else Decimal(0))
    counts.known = counts.eligible
    return {(): counts} if counts.eligible else {}


def _equ_03(counts: Counts, period: Period) -> Figure:
    """min over groups of (rate of the group ÷ overall rate), over the four parents; the worst is the value."""
    parents: dict[str, dict[str, str | None]] = {}
    worst: Fraction | None = None
    for code in EQUITY_PARENTS:
        found = _worst_group(counts, code) if _published(counts, code) else None
        if found is None:
            continue
        told, value = found
        parents[code] = told
        worst = value if worst is None else min(worst, value)
    return Figure(value=worst, parts={"parents": parents})


def _published(counts: Counts, code: str) -> bool:
    """Whether the parent is known enough to be told (rule M): an access nobody looked at is no access served."""
    parent = Counts()
    for name in COVERAGE:
        setattr(parent, name, counts.sum(f"{code}|||{name}"))
    covered = parent.coverage
    return covered is not None and covered >= Fraction(definitions()[code].published_from)


def _worst_group(counts: Counts, code: str) -> tuple[dict[str, str | None], Fraction] | None:
    groups: dict[tuple[str, str], tuple[int, int]] = {}
    for name, amount in counts.sums.items():
        parent, by, group, what = name.split("|")
        if parent == code and what == "n":
            groups[by, group] = int(counts.sum(f"{code}|{by}|{group}|k")), int(amount)
    totals = [pair for (by, _group), pair in groups.items() if by == EQUITY_GROUPS[0]]
    k, n = sum(pair[0] for pair in totals), sum(pair[1] for pair in totals)
    large = {at: pair for at, pair in groups.items() if at[1] != UNKNOWN and pair[1] >= SMALLEST}
    compared = {at: pair for at, pair in large.items() if sum(1 for other in large if other[0] == at[0]) >= 2}
    if not compared or not k:
        return None
    (by, group), (worst_k, worst_n) = min(compared.items(), key=lambda item: (Fraction(*item[1]), item[0]))
    others = [pair for at, pair in compared.items() if at[0] == by and at[1] != group]
    next_k, next_n = min(others, key=lambda pair: (Fraction(*pair), pair))
    gap = newcombe(next_k, next_n, worst_k, worst_n)
    value = Fraction(worst_k, worst_n) / Fraction(k, n)
    told = {
        "by": by,
        "group": group,
        "rate": text(Fraction(worst_k, worst_n)),
        "overall": text(Fraction(k, n)),
        "ratio": text(value),
        "gap_low": text(gap[0]) if gap else None,
        "gap_high": text(gap[1]) if gap else None,
        "established": None if gap is None else ("yes" if gap[0] > 0 else "no"),
    }
    return told, value


EQU_03 = Measure(units="", finish=_equ_03, additive=False)
