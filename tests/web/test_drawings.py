"""Drawings: values in, geometry and words out. No database."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from django.template.loader import render_to_string

from indicators.catalogue import definitions
from indicators.models import Value
from indicators.report import Funnel, Range, Reading, Sheet
from web.drawings import funnel_plot, incidence_curve, matrix, sparkline, strip, survival_curve
from web.drawings.scale import Scale, nice_top, ticks

HALF = Decimal("0.5")


def reading(value="0.5", known=40, eligible=40, period=(date(2025, 4, 1), date(2025, 6, 30)), **fields) -> Reading:
    row = {
        "value": Decimal(value) if value is not None else None, "k": Decimal(20), "coverage": "full", "low": HALF,
        "high": HALF, "interval_low": Decimal("0.35"), "interval_high": Decimal("0.65"), **fields,
    }  # fmt: skip
    return Reading(
        definitions()["SEC-01"],
        Value(indicator="SEC-01", period_start=period[0], period_end=period[1], known=known, eligible=eligible, **row),
    )


def drawn(drawing) -> ElementTree.Element:
    name = type(drawing).__name__.lower()
    return ElementTree.fromstring(render_to_string(f"drawings/{name}.html", {"d": drawing}).strip())


def test_a_scale_goes_from_end_to_end_and_holds_what_is_outside_at_its_edge():
    scale = Scale(0, 1, 14, 306)
    assert [scale.at(n) for n in (0, HALF, 1, 2, -1)] == [14, 160, 306, 306, 14]
    assert (nice_top(173), nice_top(0.7), nice_top(0)) == (200, 0.8, 1)
    assert ticks(0, 200) == [0, 50, 100, 150, 200]


def test_a_strip_puts_the_figure_its_interval_its_kind_and_the_target_on_one_axis():
    kind = Range(7, *(Decimal(n) for n in ("0.3", "0.4", "0.5", "0.6", "0.7")))
    found = strip(reading(low=Decimal("0.45"), high=Decimal("0.55")), kind, Decimal("0.6"))
    assert found.value == 160
    assert found.interval == (118.6, 82.8)
    assert found.bounds == (146.2, 27.6)
    assert found.kind == (104.8, 110.4)
    assert (found.kind_middle, found.target) == (160, 187.6)
    assert [label for _x, label in found.ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert "cible 60,0 %" in found.text
    assert "son type de 30,0 % à 70,0 %" in found.text


def test_what_may_not_be_shown_is_not_drawn_either():
    too_little = strip(reading(known=20, coverage="insufficient", low=Decimal("0.2"), high=Decimal("0.8")))
    assert (too_little.value, too_little.interval, too_little.bounds) == (None, None, (77.2, 165.6))
    assert strip(reading(known=8, eligible=8)) is None, "three of eight is a count, not a rate on an axis"
    assert strip(reading(value=None, coverage="empty", low=None, high=None)) is None


def test_a_sparkline_leaves_a_gap_where_a_quarter_may_not_be_shown():
    quarters = [
        reading("0.4", period=(date(2024, 4, 1), date(2024, 6, 30))),
        reading("0.5", period=(date(2024, 7, 1), date(2024, 9, 30))),
        reading("0.9", coverage="insufficient", period=(date(2024, 10, 1), date(2024, 12, 31))),
        reading("0.5", period=(date(2025, 1, 1), date(2025, 3, 31))),
        reading("0.6", period=(date(2025, 4, 1), date(2025, 6, 30))),
    ]
    found = sparkline(Sheet(definitions()["SEC-01"], (), tuple(quarters)))
    assert found.lines == ["5.0,35.0 42.5,20.0", "117.5,20.0 155.0,5.0"]
    assert len(found.dots) == 4
    assert found.then == (5.0, 35.0)
    assert sparkline(Sheet(definitions()["SEC-01"], (), tuple(quarters[:1]))) is None


def test_a_survival_curve_is_a_staircase_that_says_where_half_remain():
    found = survival_curve([(0, Decimal(1)), (10, Decimal("0.75")), (20, HALF)], last=40)
    assert found.line == "46.0,12.0 116.5,12.0 116.5,52.5 187.0,52.5 187.0,93.0 328.0,93.0"
    assert found.half == (187.0, 93.0)
    assert found.rows[0] == (0, "100,0 %")
    assert found.rows[-1] == (40, "50,0 %")
    assert found.text.startswith("médiane 20 jours")
    assert survival_curve([(0, Decimal(1)), (10, Decimal("0.75"))]).text.startswith("la moitié n'est pas atteinte")
    assert survival_curve([(0, Decimal(1))]) is None


def test_an_incidence_goes_up():
    found = incidence_curve([(0, Decimal(0)), (30, Decimal("0.6"))])
    assert found.text.startswith("la moitié en 30 jours")
    assert found.line.startswith("46.0,174.0 328.0,174.0")


def test_a_matrix_gives_shares_of_its_rows_and_counts_of_a_small_one():
    found = matrix({"U": {"U": 10, "I": 5, "X+": 5}, "I": {"I": 3, "C": 1}, "C": {}})
    words = {code: [cell.words for cell in cells if cell.words] for code, _name, _n, cells in found.rows}
    assert words == {"U": ["50 %", "25 %", "25 %"], "I": ["3", "1"]}
    assert [cell.share for cell in found.rows[0][3]][:3] == [5, 2, 0]
    assert matrix({"U": {"U": 0}}) is None


def test_a_funnel_places_a_structure_between_limits_and_ranks_nobody():
    limits = tuple((n, Decimal("0.3"), Decimal("0.7"), Decimal("0.2"), Decimal("0.8")) for n in (5, 50, 500))
    found = funnel_plot(Funnel(HALF, Decimal(50), Decimal("0.6"), limits, "within"))
    assert found.dot == (186.0, 55.0)
    assert found.target == 76.5
    assert found.rows[0] == ("5", "de 30,0 % à 70,0 %", "de 20,0 % à 80,0 %")
    assert "rien ne la distingue" in found.text


def test_every_drawing_is_well_formed_and_says_itself_in_words():
    kind = Range(7, *(Decimal(n) for n in ("0.3", "0.4", "0.5", "0.6", "0.7")))
    limits = tuple((n, Decimal("0.3"), Decimal("0.7"), Decimal("0.2"), Decimal("0.8")) for n in (5, 50, 500))
    quarters = tuple(
        reading("0.4", period=(date(2024, m, 1), date(2024, m + 2, 28 if m + 2 == 2 else 30))) for m in (4, 7)
    )
    for drawing in (
        strip(reading(), kind, HALF),
        sparkline(Sheet(definitions()["SEC-01"], (), quarters)),
        survival_curve([(0, Decimal(1)), (10, HALF)]),
        matrix({"U": {"U": 10, "I": 5}}),
        funnel_plot(Funnel(HALF, Decimal(50), HALF, limits, "outside_95")),
    ):
        svg = drawn(drawing)
        assert svg.attrib["role"] == "img"
        assert svg.attrib["aria-label"] == drawing.text != ""
        assert not any("style" in node.attrib for node in svg.iter()), "the content policy refuses inline styles"
