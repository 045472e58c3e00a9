"""Writes docs/indicators.md from the definitions: `python -m indicators.catalogue.document`."""

from pathlib import Path

from indicators.catalogue import BREAKDOWNS, Definition, definitions

PAGE = Path(__file__).parents[2] / "docs" / "indicators.md"
UNITS = {
    "percent": "%",
    "ratio": "rapport",
    "days": "jours",
    "hours": "heures",
    "quarters": "trimestres",
    "per_year": "par an",
    "per_month": "par mois",
}
DIRECTIONS = {
    "higher": "plus haut est mieux",
    "lower": "plus bas est mieux",
    "neutral": "ni l'un ni l'autre",
    "closer_to_one": "plus près de 1 est mieux",
    "up_to_target": "plus haut est mieux, jusqu'à la cible",
}
BY_SCOPE_LABELS = {"kind": "type de structure", "territory": "territoire", "region": "région"}
RHYTHMS = {"quarterly": "trimestriel", "yearly": "annuel"}

PREAMBLE = """# Indicators

Generated from `indicators/catalogue/` by `python -m indicators.catalogue.document`; do not edit. Labels are French, as
users read them.

## How every figure is made

- **Five things decide a value**: indicator, method version, scope, period, and knowledge date K. Facts recorded after
  K change nothing. A value is an immutable row; a revision is a new row with a later K, written only when it differs.
- **Periods.** A night measures the last eight complete calendar quarters and the twelve months that end with the last
  complete month. Quarters give the trend, comparable with the same quarter a year before; the rolling year gives the
  present without waiting for the end of a quarter. Stocks (SEC-01, REM-02, ACC-01) are those of the period's last month.
- **Bodies.** What a structure is (its kind, its place, its group) and what a partner is are those known at K too; before they were
  first recorded, their first state.
- **Few people.** Under eleven, a structure reads counts and no rate, components included. A published share of eleven and more is also told
  at equal case mix (sex, level of qualification, minimum benefits), beside its kind.
- **Three values.** Each unit is yes, no or unknown. `k`, `known` and `eligible` are kept; the bounds are what the value
  would be if every unknown were a no, then a yes. Coverage is known ÷ eligible.
- **Months not declared.** Payroll comes in order. After the last month a structure declared hours for, contracts in force
  have unknown hours; before it, a contract without a line was not paid, and a line without hours is unknown.
- **Terms at the cut.** A planned end counts from the day it was signed, a rate of pay from the day it takes effect. A
  contract without an end is in progress. A contract that starts later and whose signature is not dated may count or not:
  what depends on it is unknown.
- **Chains.** Contracts of one person that follow one another within a day, or by renewal, are one chain; its planned end
  is the latest of its contracts, a broken contract that another followed counting up to its break.
- **Status.** Provisional, semi-final 120 days after the period, final after 400.
- **Exactness.** Counts are decimals, quotients are fractions rounded half up to ten decimals when stored. Intervals
  (95 %) describe how the process varies, not a sampling error: Wilson's for shares (ENG-04's on what its weighted answers are worth),
  exact Poisson for rates, Newcombe's for gaps, log-log for durations and incidences, the normal law for a mean of eleven people or more.
- **Totals** count a person once in each structure, and are ratios of sums: each value keeps the sums of its finest cells,
  so a breakdown, a kind, a territory, a group or the whole is a sum of cells, never a mean of rates.
- **Durations** are Kaplan–Meier, and « within x days » is Aalen–Johansen when leaving competes; both in exact fractions.
  The median is the smallest time where half or less remain.

## The indicators
"""


def markdown() -> str:
    """The whole page."""
    return PREAMBLE + "".join(_section(definition) for definition in definitions().values())


def _section(definition: Definition) -> str:
    rows = [
        ("Dimension", definition.dimension),
        ("Plan", " ; ".join(f"{clause.number} « {clause.text} »" for clause in definition.clauses)),
        ("Formule", definition.formula),
        ("Concernés", definition.concerned),
        ("Numérateur", definition.numerator),
        ("Fenêtre", definition.window),
        ("Unité", f"{UNITS[definition.unit]}, {DIRECTIONS[definition.direction]}, {RHYTHMS[definition.rhythm]}"),
        (
            "Ventilations",
            ", ".join(BREAKDOWNS.get(name, BY_SCOPE_LABELS.get(name, name)) for name in definition.breakdowns),
        ),
        ("Couverture", f"complète dès {definition.plain_from}, publiée dès {definition.published_from}"),
        ("Composantes", " ; ".join(f"`{name}` {label}" for name, label in definition.parts.items())),
        ("Inconnus", " ".join(definition.unknowns.values()) or "aucun"),
        ("Compléter", definition.complete),
        ("Prudence", definition.caution),
        ("À lire avec", ", ".join(definition.companions)),
        ("Droit", ", ".join(f"`{key}`" for key in (*definition.parameters, *definition.nomenclatures))),
        ("Méthode", f"{definition.method} — {definition.reason} À revoir le {definition.review_on:%d/%m/%Y}."),
    ]
    table = "".join(f"| {name} | {text} |\n" for name, text in rows if text)
    return f"\n### {definition.code} — {definition.label}\n\n| | |\n|---|---|\n{table}"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
