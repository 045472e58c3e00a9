"""Contracts drawn on a line of time, as numbers for a server-made SVG (no style attribute, no script)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.models import Contract
from law.nomenclature import contract_kind

WIDTH, BAR = 480, 18


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    y: int
    securing: str
    text: str


@dataclass(frozen=True)
class ContractLine:
    bars: list[Bar]
    today_x: float
    years: list[tuple[float, int]]
    height: int


def contract_line(contracts: Sequence[Contract], today: date) -> ContractLine | None:
    """Bars from the first contract to three months after today or the last planned end; None without contract."""
    if not contracts:
        return None
    start = min(c.started_on for c in contracts)
    ends = [c.ended_on or c.planned_end_on or today for c in contracts]
    end = max([*ends, today]) + timedelta(days=30)
    span = max((end - start).days, 1)

    def x(day: date) -> float:
        return round((day - start).days * WIDTH / span, 1)

    bars: list[Bar] = []
    rows: list[date] = []  # last day drawn on each row: contracts that overlap go one under the other
    for contract, last in zip(contracts, ends, strict=True):
        row = next((n for n, busy in enumerate(rows) if busy < contract.started_on), len(rows))
        rows[row : row + 1] = [last]
        kind = contract_kind(contract.kind)
        securing = "unknown" if kind is None or kind.securing is None else str(kind.securing)
        label = f"{kind.short if kind else '?'} : {contract.started_on:%d/%m/%Y} → {last:%d/%m/%Y}"
        bars.append(
            Bar(x(contract.started_on), max(x(last) - x(contract.started_on), 3), 16 + row * (BAR + 4), securing, label)
        )
    years = [(x(date(year, 1, 1)), year) for year in range(start.year + 1, end.year + 1)]
    return ContractLine(bars, x(today), years, 20 + len(rows) * (BAR + 4))
