"""The values of the law: dated, sourced, read strictly; the loader says where a file is wrong."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import history, law_on
from law.parameters_at import ALWAYS, ParameterError, parameters, read_folder, read_theme

TODAY = date(2026, 6, 15)

# Hourly SMIC and the full-time month published with it: fifteen rises from 2006 to 2017.
PUBLISHED = [
    (date(2006, 7, 1), "8.27", "1254.28"),
    (date(2007, 7, 1), "8.44", "1280.07"),
    (date(2008, 5, 1), "8.63", "1308.88"),
    (date(2008, 7, 1), "8.71", "1321.02"),
    (date(2009, 7, 1), "8.82", "1337.70"),
    (date(2010, 1, 1), "8.86", "1343.77"),
    (date(2011, 1, 1), "9.00", "1365.00"),
    (date(2011, 12, 1), "9.19", "1393.82"),
    (date(2012, 1, 1), "9.22", "1398.37"),
    (date(2012, 7, 1), "9.40", "1425.67"),
    (date(2013, 1, 1), "9.43", "1430.22"),
    (date(2014, 1, 1), "9.53", "1445.38"),
    (date(2015, 1, 1), "9.61", "1457.52"),
    (date(2016, 1, 1), "9.67", "1466.62"),
    (date(2017, 1, 1), "9.76", "1480.27"),
]


@pytest.mark.parametrize(("day", "hourly", "monthly"), PUBLISHED)
def test_the_fifteen_published_months_are_1820_twelfths_of_the_hourly_smic(day, hourly, monthly):
    law = law_on(day)
    cents = Decimal("0.01")
    month = law.amount("smic.hourly") * law.whole("pay.month_hours_times_12") / 12

    assert (law["smic.hourly"], law.since("smic.hourly")) == (Decimal(hourly), day)
    assert month.quantize(cents, ROUND_HALF_UP) == Decimal(monthly)
    assert (law.amount("smic.hourly") * Decimal("151.67")).quantize(cents, ROUND_HALF_UP) != Decimal(monthly)


@pytest.mark.parametrize(("year", "monthly"), [(2025, "1801.80"), (2026, "1823.03")])
def test_the_later_published_months_are_the_same_twelfths(year, monthly):
    law = law_on(date(year, 1, 1))
    month = law.amount("smic.hourly") * law.whole("pay.month_hours_times_12") / 12

    assert month.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(monthly)


@pytest.mark.parametrize(
    ("day", "hourly"),
    [
        (date(2021, 9, 30), "10.25"),
        (date(2021, 10, 1), "10.48"),
        (date(2022, 4, 30), "10.57"),
        (date(2022, 5, 1), "10.85"),
        (date(2022, 8, 1), "11.07"),
        (date(2023, 5, 1), "11.52"),
        (date(2024, 10, 31), "11.65"),
        (date(2024, 11, 1), "11.88"),
        (date(2025, 12, 31), "11.88"),
        (date(2026, 5, 31), "12.02"),
        (date(2026, 6, 1), "12.31"),
    ],
)
def test_the_smic_rises_inside_a_year_on_their_day(day, hourly):
    assert law_on(day)["smic.hourly"] == Decimal(hourly)


@pytest.mark.parametrize(
    ("key", "day", "before", "after"),
    [
        ("unemployment.days", date(2019, 11, 1), 122, 130),
        ("unemployment.hours", date(2019, 11, 1), 610, 910),
        ("unemployment.window_months", date(2019, 11, 1), 28, 24),
        ("unemployment.senior_age", date(2025, 4, 1), 53, 55),
        ("sickness.hours_3_months", date(2015, 2, 1), 200, 150),
        ("pension.quarter_smic_hours", date(2014, 1, 1), 200, 150),
        ("fte.hours.ETTI", date(2005, 1, 1), 1820, 1607),
        ("fte.hours.ETTI", date(2014, 1, 1), 1607, 1600),
        ("etti.no_carence", date(2023, 12, 20), False, True),
    ],
)
def test_a_parameter_changes_on_its_day_and_not_on_the_eve(key, day, before, after):
    assert (law_on(day - timedelta(days=1))[key], law_on(day)[key]) == (before, after)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cddi.min_months", 4),
        ("cddi.max_months", 24),
        ("cddi.max_months.difficultes", 60),
        ("cddi.min_weekly_hours", 20),
        ("derog.cumul.min_months_in_pathway", 4),
        ("derog.cumul.max_months", 6),
        ("derog.cumul.renewals", 1),
        ("ai.private_hours_cap", 480),
        ("ai.private_hours_window_months", 24),
        ("ai.derogation_max_years", 3),
        ("etti.mission_max_months", 24),
        ("cdi_i.min_age", 57),
        ("cdi_i.min_pathway_months", 12),
        ("cdi_i.quota", Decimal("0.2")),
        ("cdi_i.quota_prefect", Decimal("0.3")),
        ("pass.duration.law", 24),
        ("pass.duration.platform", 730),
        ("pass.waiting_years", 2),
        ("suspension.min_contract_suspension_days", 15),
        ("suspension.max_months.platform", 36),
        ("suspension.end_possible_months.law", 12),
        ("prolongation.per_request_days", 365),
        ("prolongation.rqth.cumulative_days", 1095),
        ("prolongation.senior.cumulative_days", 1825),
        ("prolongation.particular_difficulties.cumulative_days", 1095),
        ("eligibility.level2_required.AI", 2),
        ("eligibility.level2_required.ETTI", 2),
        ("eligibility.level2_required.ACI", 3),
        ("eligibility.level2_required.EI", 3),
        ("eligibility.level2_required.EITI", 3),
        ("exit.min_hours", 150),
        ("exit.min_months", 3),
        ("exit.min_months.platform", Decimal("2.65")),
        ("pmsmp.max_days_same_host_12m", 60),
        ("pmsmp.max_share_of_contract", Decimal("0.25")),
        ("rsa.base", Decimal("651.69")),
        ("ppa.base", Decimal("638.28")),
        ("part_time.min_weekly_hours", 24),
        ("fte.hours.AI", 1607),
        ("fte.hours.EI", 1505),
        ("fte.hours.ACI", 1820),
    ],
)
def test_the_values_to_seed_are_there(key, value):
    assert law_on(TODAY)[key] == value


def test_every_value_names_its_source_and_every_parameter_its_theme():
    bare = [p.key for p in parameters().values() if not p.theme or not all(v.source for v in p.values)]
    assert bare == []


def test_what_the_law_and_the_platform_say_differently_is_held_twice():
    keys = set(parameters())
    for key in (k for k in keys if k.endswith(".platform")):
        assert parameters()[key].origin == "platform"
    assert {"pass.duration.law", "pmsmp.max_months.law", "suspension.end_possible_months.law"} <= keys
    assert {p.origin for p in parameters().values() if p.key.endswith(".law")} == {"law"}


def test_our_own_rules_never_pass_for_the_law():
    posing = [
        p.key
        for p in parameters().values()
        if p.origin == "law" and any(v.source.startswith(("Règle de Parcours", "Fiche", "Pratique")) for v in p.values)
    ]
    assert posing == []


def test_what_is_to_confirm_can_be_listed():
    assert "unemployment.days" in [p.key for p in parameters().values() if not p.confirmed]


def test_before_its_first_value_a_parameter_is_an_error_not_a_zero():
    with pytest.raises(LookupError, match=r"smic.hourly : aucune valeur connue au 01/01/2000"):
        law_on(date(2000, 1, 1))["smic.hourly"]
    with pytest.raises(LookupError, match=r"smic.mensuel : paramètre inconnu"):
        law_on(TODAY)["smic.mensuel"]
    assert not law_on(date(2000, 1, 1)).knows("smic.hourly")


def test_a_rule_that_is_over_has_no_value_any_more():
    key = "cddi.max_months.crise_sanitaire"

    assert law_on(date(2021, 1, 10))[key] == 36
    with pytest.raises(LookupError, match=r"n'est plus en vigueur au 11/01/2021 \(jusqu'au 10/01/2021\)"):
        law_on(date(2021, 1, 11))[key]


def test_a_value_says_since_when_and_from_which_text():
    law = law_on(date(2025, 3, 1))

    assert law.since("smic.hourly") == date(2024, 11, 1)
    assert law.source("smic.hourly") == "Décret 2024-951 du 23/10/2024"
    assert law.since("ai.private_hours_cap") == ALWAYS


def test_a_whole_number_is_not_a_share_nor_a_yes():
    law = law_on(TODAY)
    for key in ("cdi_i.quota", "etti.no_carence"):
        with pytest.raises(TypeError, match=f"{key} n'est pas un nombre entier"):
            law.whole(key)


def test_two_days_under_the_same_rules_have_the_same_fingerprint():
    keys = ["smic.hourly", "fte.hours.ACI"]

    assert law_on(date(2025, 1, 1)).fingerprint(keys) == law_on(date(2025, 12, 31)).fingerprint(reversed(keys))
    assert law_on(date(2025, 12, 31)).fingerprint(keys) != law_on(date(2026, 1, 1)).fingerprint(keys)


def test_the_whole_law_has_a_fingerprint_even_where_some_values_are_missing():
    assert law_on(date(1950, 1, 1)).fingerprint() == law_on(date(1951, 1, 1)).fingerprint()
    assert law_on(date(2026, 5, 31)).fingerprint() != law_on(date(2026, 6, 1)).fingerprint()


def test_a_fingerprint_is_the_same_on_every_machine():
    assert law_on(TODAY).fingerprint(["cddi.max_months", "smic.hourly"]) == (
        "5883b08b0d8bf97a7a0bbaeab65d37f9cbad2324f4c96136d538da23841cdf0e"
    )


@given(st.sampled_from(sorted(parameters())), st.dates(date(1900, 1, 1), date(2060, 1, 1)))
def test_the_history_and_the_snapshot_say_the_same(key, day):
    started = [value for since, value in history(key) if since <= day]
    parameter, law = parameters()[key], law_on(day)
    over = parameter.until is not None and day > parameter.until

    assert law.knows(key) == bool(started and not over)
    if law.knows(key):
        assert law[key] == started[-1]


GOOD = """
- key: a.b
  label: Une règle
  unit: jours
  status: confirmed
  values:
    - {from: 2020-01-01, value: 1, source: L1 CT}
    - {from: 2021-01-01, value: 2, source: L1 CT}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  unit: jours\n", "", "faute.yaml : a.b : il manque unit"),
        ("unit: jours", "unité: jours", "faute.yaml : a.b : il manque unit"),
        ("status: confirmed", "status: confirmed\n  auteur: moi", "faute.yaml : a.b : champs inconnus auteur"),
        ("key: a.b", "key: A B", "faute.yaml : A B n'est pas une clé"),
        ("label: Une règle", "label: ' '", "faute.yaml : a.b, label : un texte est attendu"),
        ("unit: jours", "unit: 3", "faute.yaml : a.b, unit : un texte est attendu"),
        ("confirmed", "sûr", "faute.yaml : a.b a un statut inconnu « sûr », attendu confirmed ou to_confirm"),
        ("status: confirmed", "status: confirmed\n  origin: web", "a.b a une origine inconnue « web »"),
        (
            "status: confirmed",
            "status: confirmed\n  until: bientôt",
            "a.b : « bientôt » n'est pas une date \\(until\\)",
        ),
        ("status: confirmed", "status: confirmed\n  until: 2020-06-30", "a.b finit le 30/06/2020, avant sa dernière"),
        (
            "source: L1 CT}\n    -",
            "source: ''}\n    -",
            "faute.yaml : a.b, source au 01/01/2020 : un texte est attendu",
        ),
        (", source: L1 CT}\n    -", "}\n    -", "faute.yaml : a.b, valeur : il manque source"),
        ("value: 2,", "value: 2, fin: 2022,", "faute.yaml : a.b, valeur : champs inconnus fin"),
        ("from: 2021-01-01", "from: 2020-01-01", "faute.yaml : a.b a deux valeurs au 01/01/2020"),
        ("from: 2021-01-01", "from: 2019-01-01", "a.b : la valeur au 01/01/2019 vient après une plus récente"),
        ("from: 2021-01-01", "from: 2021", "a.b : « 2021 » n'est pas une date \\(from\\)"),
        ("from: 2021-01-01", "from: null", "a.b : la valeur au 01/01/1900 vient après une plus récente"),
        ("value: 2", "value: [2]", "a.b : la valeur au 01/01/2021 n'est ni un nombre"),
        ("value: 2", "value: null", "a.b : la valeur au 01/01/2021 n'est ni un nombre"),
        ("value: 2", "value: '2'", "faute.yaml : a.b mêle des valeurs de natures différentes"),
        ("value: 2", "value: true", "faute.yaml : a.b mêle des valeurs de natures différentes"),
        (GOOD, "- key: a.b\n  label: x\n  unit: x\n  status: confirmed\n  values: []", "a.b n'a aucune valeur"),
        (GOOD, "a.b: 3", "faute.yaml : une liste de paramètres est attendue"),
        (GOOD, "- a.b", "faute.yaml : un paramètre est attendu, pas « a.b »"),
        (GOOD, "- {a: [", "faute.yaml : ce n'est pas du YAML lisible"),
        (GOOD, "", "faute.yaml : une liste de paramètres est attendue"),
    ],
)
def test_a_faulty_file_is_refused_with_its_name_and_the_key(old, new, message):
    assert old in GOOD
    with pytest.raises(ParameterError, match=message):
        read_theme(GOOD.replace(old, new, 1), "faute.yaml")


def test_a_good_file_is_read_as_it_is_written():
    [parameter] = read_theme(GOOD.replace("value: 2", "value: 2.50"), "bonne.yaml")

    assert [(v.since, v.value) for v in parameter.values] == [
        (date(2020, 1, 1), 1),
        (date(2021, 1, 1), Decimal("2.5")),
    ]
    assert (parameter.theme, parameter.origin, parameter.confirmed) == ("bonne", "law", True)


def test_a_key_is_defined_once_over_all_files(tmp_path):
    for name in ("un.yaml", "deux.yaml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"un.yaml : a.b est défini deux fois"):
        read_folder(tmp_path)
