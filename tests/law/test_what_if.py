"""What a contract would change, told before it is signed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from law.facts import ContractFacts, MonthFacts, PassFacts, PersonFacts, StructureFacts
from law.what_if import profile, simulate

TODAY = date(2026, 1, 2)
DRAFT = ContractFacts(
    "FIXED_TERM_I", date(2026, 1, 5), date(2026, 9, 4), signed_on=date(2026, 1, 2),
    weekly_hours=Decimal(26), hourly_gross=Decimal("12.50"),
)  # fmt: skip
NEW = PersonFacts(
    StructureFacts("EI", "35"), birth_date=date(1990, 5, 1), disabled_worker=False, pathway_started_on=date(2026, 1, 5),
    passes=(PassFacts("999990000001", date(2026, 1, 5)),),
)  # fmt: skip


def opened(simulation):
    return {opening.after.code: opening.reached_on for opening in simulation.opens if opening.opened}


def test_a_first_contract_opens_sickness_in_two_months_and_the_vote_in_three():
    found = opened(simulate(DRAFT, NEW, TODAY))

    assert found["sickness"] == date(2026, 2, 28)  # 26 h × 52 / 12 a month: 150 h in the second
    assert found["elector"] == date(2026, 4, 30)
    assert "eligible" not in found


def test_hours_nobody_knows_leave_what_they_open_unknown():
    simulation = simulate(replace(DRAFT, weekly_hours=None), NEW, TODAY)

    sickness = next(o for o in simulation.opens if o.after.code == "sickness")
    assert (sickness.opened, sickness.after.reached) == (False, None)
    assert (simulation.pay.ratio is not None, simulation.pay.monthly) == (True, None)


def test_pay_is_told_against_the_smic_of_the_first_day_and_a_full_month():
    pay = simulate(DRAFT, NEW, TODAY).pay

    assert (pay.hourly_smic, pay.full_month) == (Decimal("12.02"), Decimal("1823.03"))
    assert (round(pay.ratio, 4), pay.monthly) == (Decimal("1.0399"), Decimal("1408.33"))
    assert round(pay.full_month_share, 3) == Decimal("0.773")


def test_cover_follows_unbroken_contracts_and_the_pass():
    before = ContractFacts("FIXED_TERM_I", date(2025, 9, 5), date(2026, 1, 4), signed_on=date(2025, 9, 1))
    cover = simulate(replace(DRAFT, renews=True), replace(NEW, contracts=(before,)), TODAY).cover

    assert (cover.open_ended, cover.contract_until, cover.pass_until) == (False, date(2026, 9, 4), date(2028, 1, 4))
    assert cover.health_cover_until == date(2027, 9, 4)  # twelve months without a day between: twelve months kept


def test_a_permanent_contract_covers_without_a_term():
    draft = ContractFacts("PERMANENT", date(2026, 1, 5), None, weekly_hours=Decimal(35), hourly_gross=Decimal(13))
    simulation = simulate(draft, NEW, TODAY)

    assert (simulation.cover.open_ended, simulation.cover.contract_until) == (True, None)
    assert (simulation.before.open_ended, simulation.after.open_ended) == (False, True)
    assert simulation.after.months_ahead is None


def test_the_profile_moves_from_nothing_to_eight_months_ahead():
    simulation = simulate(DRAFT, NEW, TODAY)

    assert (simulation.before.months_ahead, simulation.after.months_ahead) == (Decimal(0), Decimal("8.0"))
    assert (simulation.before.weekly_hours, simulation.after.weekly_hours) == (None, Decimal(26))
    assert round(simulation.after.pay_ratio, 2) == Decimal("1.04")


def test_regularity_is_nought_when_every_month_is_alike_and_unknown_when_a_month_is():
    def regularity(hours):
        months = tuple(MonthFacts(date(2025, 7 + n, 1), "", h) for n, h in enumerate(hours))
        return profile(PersonFacts(months=months), date(2026, 1, 5)).regularity

    assert regularity([Decimal(100)] * 6) == 0
    assert regularity([Decimal(50), Decimal(150)] * 3) == Decimal("0.5")
    assert regularity([Decimal(100), None, Decimal(100)]) is None
    assert regularity([Decimal(100)]) is None


def test_what_breaks_is_told_apart_from_what_is_to_be_watched():
    simulation = simulate(replace(DRAFT, planned_end_on=date(2026, 2, 4)), replace(NEW, passes=()), TODAY)

    assert ([f.code for f in simulation.forbidden], [f.code for f in simulation.to_watch]) == (
        ["CDDI_MIN"],
        ["MISSING_PASS"],
    )
    assert not simulation.may_be_saved
