"""What the law says of a contract before it is signed: every kind, kinds of structure, dates, derogations (§1.2 to §1.7).

A row: kind, structure, first day, last day, the person and the terms that matter, and the codes found; `!` is forbidden.
"""

from datetime import date
from decimal import Decimal

import pytest

from law import review
from law.facts import ContractFacts, Derogation, PassFacts, PersonFacts, Span, StructureFacts
from law.findings import rules
from law.nomenclature import contract_kinds

LONG_PASS = PassFacts("999990000001", date(2015, 1, 1), known_end_on=date(2040, 12, 31))
CDDI = "FIXED_TERM_I"


def day(text):
    return date.fromisoformat(text) if text else None


def found(kind, structure, start, end, *, before=(), derogations=(), birth="1990-01-01", rqth=False, pathway="2015-01-01",
          passes=(LONG_PASS,), departement="35", quota=None, **terms):  # fmt: skip
    """Codes of what is found for a contract that is otherwise in order, the forbidden ones marked."""
    agreed = {"signed_on": day(start), "weekly_hours": Decimal(26), "hourly_gross": Decimal(15), **terms}
    contract = ContractFacts(kind, day(start), day(end), **agreed)
    posts = (
        {} if quota is None else dict(zip(("insertion_posts", "cdi_inclusion_posts"), map(Decimal, quota), strict=True))
    )
    person = PersonFacts(
        StructureFacts(structure, departement, **posts),
        birth_date=day(birth),
        disabled_worker=rqth,
        pathway_started_on=day(pathway),
        contracts=tuple(ContractFacts(k, day(s), day(e), signed_on=day(s), renews=r) for k, s, e, r in before),
        passes=passes,
        derogations=tuple(Derogation(k, day(s), day(e)) for k, s, e in derogations),
    )
    return [finding.code + "!" * finding.forbids for finding in review.of_draft(contract, person)]


def cddi(structure, start, end, **options):
    return found(CDDI, structure, start, end, **options)


# Which structure signs what ----------------------------------------------------------------------------------------

SIGNED = {
    "AI": {"FIXED_TERM_I", "FIXED_TERM_USAGE", "PERMANENT_I", "PERMANENT", "FIXED_TERM", "PROFESSIONAL_TRAINING", "CUI_CAE", "CDDUA"},
    "ETTI": {"TEMPORARY", "PERMANENT_I", "TEMPORARY_PERMANENT", "PERMANENT", "FIXED_TERM", "PROFESSIONAL_TRAINING"},
    "ACI": {"FIXED_TERM_I", "FIXED_TERM_I_PHC", "FIXED_TERM_I_CVG", "PERMANENT_I", "PERMANENT", "FIXED_TERM", "PROFESSIONAL_TRAINING", "CUI_CAE"},
    "EI": {"FIXED_TERM_I", "PERMANENT_I", "PERMANENT", "FIXED_TERM", "PROFESSIONAL_TRAINING"},
    "GEIQ": {"PROFESSIONAL_TRAINING", "APPRENTICESHIP", "PERMANENT", "FIXED_TERM"},
}  # fmt: skip
PAIRS = [(structure, kind.code) for structure in SIGNED for kind in contract_kinds() if kind.code != "OTHER"]


@pytest.mark.parametrize(("structure", "kind"), PAIRS)
def test_insertion_contracts_belong_to_their_structures(structure, kind):
    """Each kind × structure of §1.2: what another structure alone may sign is refused, with an article."""
    end = None if next(k for k in contract_kinds() if k.code == kind).open_ended else "2026-08-31"
    codes = found(kind, structure, "2026-01-05", end, birth="1960-01-01")

    kept_by_law = {"FIXED_TERM_I", "TEMPORARY", "PERMANENT_I", "TEMPORARY_PERMANENT"}
    if kind in SIGNED[structure]:
        assert not {"KIND_NOT_ALLOWED!", "KIND_UNUSUAL"} & set(codes)
    elif kind in kept_by_law:
        assert "KIND_NOT_ALLOWED!" in codes
    elif kind in {"FIXED_TERM_I_PHC", "FIXED_TERM_I_CVG"}:  # programmes of the State's platform, in no article
        assert "KIND_UNUSUAL" in codes


# How long ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # Four months from date to date
        (cddi("EI", "2026-01-05", "2026-05-04"), []),
        (cddi("EI", "2026-01-05", "2026-05-03"), ["CDDI_MIN!"]),
        (cddi("ACI", "2024-08-31", "2024-12-30"), []),
        (cddi("ACI", "2024-08-31", "2024-12-29"), ["CDDI_MIN!"]),
        (cddi("AI", "2023-10-31", "2024-02-27"), ["CDDI_MIN!"]),
        (cddi("AI", "2023-10-31", "2024-02-28"), []),  # the eve of the 29th, the last day of a month without a 31st
        (cddi("EI", "2022-10-31", "2023-02-28"), []),
        (cddi("EI", "2022-10-29", "2023-02-28"), []),
        (cddi("EI", "2025-12-01", "2026-03-31"), []),
        (cddi("EI", "2025-12-01", "2026-03-30"), ["CDDI_MIN!"]),
        (cddi("ACI", "2026-01-05", "2026-02-04", sentence_adjustment=True), []),
        (cddi("ACI", "2026-02-05", "2026-03-04", renews=True, before=[(CDDI, "2025-10-05", "2026-02-04", False)]), []),
        # 24 months in all, renewals included
        (cddi("EI", "2025-01-31", "2027-01-30"), []),
        (cddi("EI", "2025-01-31", "2027-01-31"), ["CDDI_MAX!"]),
        (cddi("EI", "2024-02-29", "2026-02-27"), []),  # a 29 February comes again on the 28th: its eve is the last day
        (cddi("EI", "2024-02-29", "2026-02-28"), ["CDDI_MAX!"]),
        (cddi("ACI", "2026-01-01", "2026-12-31", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)]), []),
        (cddi("ACI", "2026-01-01", "2027-01-01", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)]), ["CDDI_MAX!"]),
        (cddi("ACI", "2026-01-03", "2027-06-30", before=[(CDDI, "2025-01-01", "2025-12-31", False)]), []),  # two days between
        (cddi("AI", "2026-03-01", "2026-12-31", before=[("FIXED_TERM_USAGE", "2024-01-01", "2026-02-28", False)]), []),
        # Beyond, by derogation
        (cddi("ACI", "2026-01-01", "2027-06-30", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              derogations=[("difficulties", "2026-12-31", "2027-12-30")]), ["CDDI_LIFTED"]),
        (cddi("ACI", "2026-01-01", "2027-12-31", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              derogations=[("difficulties", "2026-12-31", "2027-12-30")]), ["CDDI_MAX!"]),
        (cddi("EI", "2026-01-01", "2027-06-30", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              derogations=[("difficulties", "2026-12-31", "2027-12-30")]), ["CDDI_MAX!"]),  # AI and ACI only
        (cddi("EI", "2026-01-01", "2027-06-30", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              derogations=[("training", "2026-10-01", "2027-06-30")]), ["CDDI_LIFTED"]),
        (cddi("EI", "2026-01-01", "2027-06-30", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              derogations=[("training", "2027-01-01", "2027-06-30")]), ["CDDI_MAX!"]),  # began after the 24 months
        (cddi("EI", "2026-01-01", "2027-12-31", renews=True, before=[(CDDI, "2025-01-01", "2025-12-31", False)],
              birth="1970-01-01", derogations=[("senior_rqth", "2026-06-01", "2028-12-31")]), ["CDDI_LIFTED"]),
        # Other kinds
        (found("CUI_CAE", "ACI", "2026-01-05", "2026-07-04"), []),
        (found("CUI_CAE", "ACI", "2026-01-05", "2026-07-03"), ["DURATION_MIN!"]),
        (found("CUI_CAE", "ACI", "2026-01-05", "2026-04-04", sentence_adjustment=True), []),
        (found("CUI_CAE", "ACI", "2026-01-05", "2028-01-04"), []),
        (found("CUI_CAE", "ACI", "2026-01-05", "2028-01-05"), ["DURATION_MAX!"]),
        (found("CUI_CAE", "ACI", "2026-01-05", "2028-01-05", rqth=True), []),
        (found("TEMPORARY", "ETTI", "2026-01-05", "2028-01-04"), []),
        (found("TEMPORARY", "ETTI", "2026-01-05", "2028-01-05"), ["DURATION_MAX!"]),
        (found("TEMPORARY", "ETTI", "2026-01-05", "2026-01-05"), []),
        (found("FIXED_TERM_USAGE", "AI", "2026-01-05", "2026-01-05"), []),
        (found("PERMANENT", "EI", "2026-01-05", None), []),
        (found("PERMANENT", "EI", "2026-01-05", "2026-12-31"), ["TERM_ON_OPEN_ENDED"]),
        (cddi("EI", "2026-01-05", None), ["TERM_UNKNOWN"]),
    ],
)  # fmt: skip
def test_a_contract_lasts_what_the_law_allows(case, expected):
    assert case == expected


# Hours and pay -----------------------------------------------------------------------------------------------------


def week(hours, structure="ACI", **options):
    return cddi(
        structure, "2026-01-05", "2026-07-04", weekly_hours=None if hours is None else Decimal(hours), **options
    )


YEAR = ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (week("20"), []),
        (week("19.99"), ["WEEKLY_HOURS_MIN!"]),
        (week("35"), []),
        (week("35.01"), ["WEEKLY_HOURS_MAX!"]),
        (week(None), ["WEEKLY_HOURS_UNKNOWN"]),
        (week("15", derogations=[("hours_individual", *YEAR)]), []),
        (week("15", derogations=[("hours_collective", *YEAR)]), []),
        (week("15", derogations=[("hours_cumulation", *YEAR)]), []),
        (week("15", "EI", derogations=[("hours_cumulation", *YEAR)]), []),
        (week("15", derogations=[("hours_individual", "2026-01-01", "2026-05-31")]), ["WEEKLY_HOURS_MIN!"]),
        (week("15", derogations=[("hours_individual", "2026-02-01", "2026-12-31")]), ["WEEKLY_HOURS_MIN!"]),
        (cddi("EI", "2026-01-05", "2026-07-04", hourly_gross=Decimal("12.02")), []),
        (cddi("EI", "2026-01-05", "2026-07-04", hourly_gross=Decimal("12.01")), ["PAY_UNDER_SMIC!"]),
        (cddi("EI", "2026-06-01", "2026-12-31", hourly_gross=Decimal("12.02")), ["PAY_UNDER_SMIC!"]),  # 12.31 from June
        (cddi("EI", "2025-11-03", "2026-03-31", hourly_gross=Decimal("11.88")), []),
        (cddi("EI", "2026-01-05", "2026-07-04", hourly_gross=Decimal("9"), departement="976"), []),  # Mayotte has its own
        (cddi("EI", "2026-01-05", "2026-07-04", hourly_gross=None), []),
        (cddi("EI", "2026-01-05", "2026-07-04", hourly_gross=Decimal("10"), birth="2009-01-05"), ["PAY_UNDER_SMIC"]),
        (found("APPRENTICESHIP", "GEIQ", "2026-09-01", "2027-08-31", hourly_gross=Decimal(5), birth="2005-01-01"), []),
    ],
)  # fmt: skip
def test_hours_and_pay(case, expected):
    assert case == expected


# CDI inclusion -----------------------------------------------------------------------------------------------------


def inclusion(birth="1968-01-05", pathway="2025-01-05", **options):
    return found("PERMANENT_I", "EI", "2026-01-05", None, birth=birth, pathway=pathway, **options)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (inclusion(), []),  # 58, a year of pathway that very day
        (inclusion(birth="1969-01-05"), []),  # 57 that very day
        (inclusion(birth="1969-01-06"), ["CDI_I_AGE!"]),
        (inclusion(pathway="2025-01-06"), ["CDI_I_PATHWAY!"]),
        (inclusion(birth="1975-01-01", pathway="2025-06-01"), ["CDI_I_AGE!", "CDI_I_PATHWAY!"]),
        (inclusion(birth=None), ["CDI_I_UNKNOWN"]),
        (inclusion(pathway=None), ["CDI_I_UNKNOWN"]),
        (inclusion(quota=("10", "1.2"), weekly_hours=Decimal(28)), []),  # 1.2 + 0.8 of 10
        (inclusion(quota=("10", "1.3"), weekly_hours=Decimal(28)), ["CDI_I_QUOTA!"]),
    ],
)
def test_a_cdi_inclusion_asks_for_an_age_a_pathway_and_a_place(case, expected):
    assert sorted(case) == sorted(expected)


# Signature, trial, PASS --------------------------------------------------------------------------------------------

SHORT_PASS = PassFacts("999990000002", date(2025, 1, 1))  # to 31/12/2026
STOPPED = PassFacts("999990000003", date(2025, 1, 1), suspensions=(Span(date(2025, 12, 1)),))
OVER = PassFacts("999990000004", date(2023, 1, 1))  # to 30/12/2024


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (cddi("EI", "2026-01-05", "2026-07-04", trial_end_on=date(2026, 1, 18)), []),
        (cddi("EI", "2026-01-05", "2026-07-04", trial_end_on=date(2026, 1, 19)), ["TRIAL_TOO_LONG!"]),
        (cddi("EI", "2026-01-05", "2026-12-31", trial_end_on=date(2026, 2, 4)), []),
        (cddi("EI", "2026-01-05", "2026-12-31", trial_end_on=date(2026, 2, 5)), ["TRIAL_TOO_LONG!"]),
        (cddi("EI", "2026-01-05", "2026-07-04", passes=()), ["MISSING_PASS"]),
        (cddi("EI", "2026-01-05", "2026-12-31", passes=(SHORT_PASS,)), []),
        (cddi("EI", "2026-01-05", "2027-01-01", passes=(SHORT_PASS,)), ["PASS_EXCEEDED"]),
        (cddi("EI", "2026-01-05", "2026-07-04", passes=(STOPPED,)), ["PASS_RESUMES"]),
        (cddi("EI", "2026-01-05", "2026-07-04", passes=(OVER,)), ["PASS_WAITING"]),
        (cddi("EI", "2026-12-31", "2027-06-30", passes=(OVER,)), ["MISSING_PASS"]),  # the two years are over
        (found("PERMANENT", "EI", "2026-01-05", None, passes=()), []),  # not an insertion contract
        (found("APPRENTICESHIP", "GEIQ", "2026-09-01", "2027-08-31", birth="1990-01-01", passes=()), ["APPRENTICE_AGE"]),
        (found("APPRENTICESHIP", "GEIQ", "2026-09-01", "2027-08-31", birth="1990-01-01", rqth=True, passes=()), []),
    ],
)  # fmt: skip
def test_trial_and_pass(case, expected):
    assert case == expected


# Of all findings ---------------------------------------------------------------------------------------------------


def test_what_is_forbidden_cites_the_article_of_the_kind_of_structure():
    contract = ContractFacts(
        CDDI, date(2026, 1, 5), date(2026, 3, 4), signed_on=date(2026, 1, 5), weekly_hours=Decimal(26)
    )
    cited = {
        kind: review.forbidden(contract, PersonFacts(StructureFacts(kind), passes=(LONG_PASS,)))[0].articles
        for kind in ("EI", "AI", "ACI")
    }

    assert cited == {"EI": ("L5132-5 CT",), "AI": ("L5132-11-1 CT",), "ACI": ("L5132-15-1 CT",)}


def test_every_rule_says_why_and_what_may_be_done():
    assert [
        rule.code for rule in rules().values() if not (rule.when and rule.why and rule.next and rule.articles)
    ] == []


def test_an_old_contract_is_not_judged_by_a_law_that_came_later():
    assert found("PERMANENT_I", "EI", "2019-01-05", None, birth="1990-01-01") == ["CDI_I_UNKNOWN"]
