"""Reading values: what a page, the API, a release and the command line show of them.

One query each for what is stored, whatever the number of rows:

- `dashboard`, `sheet`, `values_as_of`: the figures of a structure or group, over quarters and years, as known at a time;
- `at_scope`: the same for any scope (`indicators.scopes`: kind, territory, group, whole), for those entitled to it;
- `board`: the dashboard in nine dimensions, with trends and the range of the structure's kind;
- `broken_down`: a figure by at most two of its sheet's breakdowns; `contributions`: what each structure adds to a cell;
- `range_of_kind`, `funnel`, `alike`: where a structure stands among those of its kind, at equal case mix too, without naming
  or ranking any;
- `survival`, `incidence`, `transitions`: the curves and the matrix behind SEC-04, ACC-02, PER-01 and SEC-03;
- `revisions`: the value of a period by knowledge date (the revision triangle, one row a vintage).

Who is unknown and why is computed from the facts: `indicators.computation.unknowns`, for those who may see people.
"""

from indicators.report.breakdowns import Cell, broken_down, contributions
from indicators.report.curves import curve_of, incidence, last_day, survival, transitions
from indicators.report.nine import Block, Board, Line, Trend, board, trend_of
from indicators.report.readings import (
    MOST_CROSSED,
    Reading,
    Sheet,
    at_scope,
    dashboard,
    denominator,
    lines,
    period_of,
    scope_of,
    sheet,
    shown,
    values_as_of,
    whole,
)
from indicators.report.standing import (
    Funnel,
    Range,
    alike,
    case_mix,
    funnel,
    funnel_in,
    of_kind,
    range_in,
    range_of_kind,
)
from indicators.report.targets import history_of, judged, may_be_aimed_at, reached, targets_of
from indicators.report.vintages import Revision, mean_absolute_revision, revisions
from indicators.report.words import Part, Rule, Served, cell_label, parts_of, rules_of, served

__all__ = [
    "MOST_CROSSED",
    "Block",
    "Board",
    "Cell",
    "Funnel",
    "Line",
    "Part",
    "Range",
    "Reading",
    "Revision",
    "Rule",
    "Served",
    "Sheet",
    "Trend",
    "alike",
    "at_scope",
    "board",
    "broken_down",
    "case_mix",
    "cell_label",
    "contributions",
    "curve_of",
    "dashboard",
    "denominator",
    "funnel",
    "funnel_in",
    "history_of",
    "incidence",
    "judged",
    "last_day",
    "lines",
    "may_be_aimed_at",
    "mean_absolute_revision",
    "of_kind",
    "parts_of",
    "period_of",
    "range_in",
    "range_of_kind",
    "reached",
    "revisions",
    "rules_of",
    "scope_of",
    "served",
    "sheet",
    "shown",
    "survival",
    "targets_of",
    "transitions",
    "trend_of",
    "values_as_of",
    "whole",
]
