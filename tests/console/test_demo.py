"""The demonstration: the same seed gives the same lives, every situation occurs, and the fast figures equal the slow ones."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from console.demo.load import load
from contracts import flags
from contracts.models import Contract, Decision, Flag, WorkedMonth
from indicators.models import Value
from indicators.periods import civil_years, quarters, rolling_year
from parcours.models import Exit, PassIAE, Pathway, Worker
from rights.models import RightStep
from skills.models import TrainingSession
from tests.factories import OrganisationFactory
from tests.reference import flags as slow_flags
from tests.reference import indicators as slow_indicators

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
KNOWN_AT = datetime(2026, 11, 25, 2, tzinfo=ZoneInfo("Europe/Paris"))


def demo(workers=240, seed=2012):
    return load(seed=seed, today=TODAY, structures=12, workers=workers, say=lambda _text: None)


def digest():
    """What the demonstration says, without the numbers the database gives to rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
                 SELECT concat_ws(',', w.reference, w.first_name, w.last_name, w.birth_date, c.kind, c.started_on,
                                  c.planned_end_on, c.ended_on, c.weekly_hours, c.hourly_gross) AS line
                 FROM parcours_worker w LEFT JOIN contracts_contract c ON c.worker_id = w.id
                 UNION ALL
                 SELECT concat_ws(',', w.reference, e.pgh_label, e.pgh_created_at, e.ended_on)
                 FROM contracts_contractevent e JOIN parcours_worker w ON w.id = e.worker_id) lines"""
        )
        return cursor.fetchone()[0]


def test_the_same_seed_gives_the_same_lives_and_another_one_others():
    digests = []
    for seed in (1, 1, 2):
        from django.db import transaction

        with transaction.atomic():
            demo(workers=24, seed=seed)
            digests.append(digest())
            transaction.set_rollback(True)

    assert digests[0] == digests[1] != digests[2]


def test_every_situation_of_life_occurs():
    demo()
    flags.refresh(TODAY)
    contracts = Contract.objects
    lapsed = RightStep.objects.filter(state="lapsed")

    found = {
        "kinds of structure": Organisation.objects.structures().values("kind").distinct().count(),
        "regions": Organisation.objects.structures().values("commune__departement__region").distinct().count(),
        "renewals": contracts.filter(renews__isnull=False).exists(),
        "breaks": contracts.filter(end_reason="resignation").exists(),
        "contracts that end soon": contracts.filter(
            planned_end_on__range=(TODAY, TODAY + timedelta(days=90)), ended_on=None
        ).exists(),
        "unknown kinds": contracts.filter(kind="").exists(),
        "unknown pay": contracts.filter(hourly_gross=None).exists(),
        "unsigned": contracts.filter(signed_on=None).exists(),
        "unknown hours": WorkedMonth.objects.filter(paid_hours=None).exists(),
        "open months": WorkedMonth.objects.filter(closed=False).exists(),
        "untold decisions": Decision.objects.filter(notified_on=None).exists(),
        "rights lapsed": lapsed.exists(),
        "rights unknown": RightStep.objects.filter(state="").exists(),
        "no diagnosis": Pathway.objects.filter(rights_diagnosed_on=None).exists(),
        "exits unknown": Exit.objects.filter(outcome="").exists(),
        "people without PASS": Worker.objects.filter(passes=None).exists(),
        "unknown attendance": TrainingSession.objects.filter(held_on__lt=TODAY, attended_hours=None).exists(),
        "PASS prolonged": PassIAE.pgh_event_model.objects.filter(pgh_label="update").exists(),
    }
    assert found == {**dict.fromkeys(found, True), "kinds of structure": 5, "regions": 4}
    assert len(set(Flag.objects.values_list("code", flat=True))) >= 6


def test_facts_are_known_from_the_month_they_happened_in():
    demo(workers=60)

    first = Contract.pgh_event_model.objects.filter(pgh_label="insert").order_by("pgh_created_at").first()
    assert first.pgh_created_at < timezone.make_aware(datetime(2024, 12, 31))
    assert not Contract.pgh_event_model.objects.filter(pgh_created_at__gt=KNOWN_AT).exists()


def test_the_flags_equal_the_slow_ones():
    demo()
    flags.refresh(TODAY)

    assert slow_flags.actual() == slow_flags.expected(TODAY)
    assert Flag.objects.count() > 20


def test_the_indicators_equal_the_slow_recomputation():
    load(seed=2012, today=TODAY, structures=6, workers=72, say=lambda _text: None)
    periods = [quarters(TODAY)[-1], *civil_years(TODAY), rolling_year(TODAY)]

    differences = [
        difference
        for structure in Organisation.objects.structures().order_by("pk")
        for difference in slow_indicators.compare(structure, periods, KNOWN_AT)
    ]
    assert differences == []


def test_the_night_run_again_writes_nothing_and_says_so():
    call_command("demo", workers=36, today=TODAY, stdout=StringIO())
    call_command("night", day=TODAY, inline=True, stdout=StringIO())
    before = Value.objects.count(), Flag.pgh_event_model.objects.count()
    said = StringIO()

    call_command("night", day=TODAY, inline=True, stdout=said)

    assert (Value.objects.count(), Flag.pgh_event_model.objects.count()) == before
    assert "Cette nuit : 0 ouvertes, 0 modifiées, 0 closes." in said.getvalue()
    assert [code for code in ("SEC-01", "REM-02", "SOR-01") if code not in said.getvalue()] == []
    talks = Value.objects.filter(indicator="ENG-01", scope="whole").latest("period_end", "period_start")
    monthly = talks.k / (talks.known / Decimal("30.4375"))  # of a pathway's days
    assert re.search(rf"ENG-01 .* {f'{monthly:.2f}'.replace('.', ',')} par mois ", said.getvalue())


def test_the_demonstration_is_loaded_once():
    call_command("demo", workers=12, today=TODAY, stdout=StringIO())
    before = digest()
    said = StringIO()

    call_command("demo", workers=12, today=TODAY, stdout=said)

    assert "rien n'est modifié" in said.getvalue()
    assert digest() == before


def test_a_base_that_holds_real_organisations_refuses_it():
    OrganisationFactory()

    with pytest.raises(CommandError, match="ne se charge que dans une base vide"):
        call_command("demo", stdout=StringIO())
    assert Worker.objects.count() == 0
