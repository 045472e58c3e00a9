"""A dated value of the law added by an administrator: layered over the files, seen everywhere, weighed, shown."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from contracts.flags import refresh
from contracts.models import Flag
from indicators.catalogue import definitions
from indicators.computation import parameters_of
from indicators.periods import periods_on
from jobs.actions import perform
from jobs.models import Job
from law import law_on
from law.parameters_at import history, written
from lawbook import overlay
from lawbook.actions import add_value, parse, withdraw_value
from lawbook.models import AddedValue, Consequence
from lawbook.weighing import weigh
from tests.factories import ContractFactory, FederationFactory, OrganisationFactory, UserFactory, user_with

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def added(key="cddi.min_weekly_hours", since=date(2026, 1, 1), value="24", **fields):
    return add_value(
        by=UserFactory(), key=key, since=since, value=value, source="Décret 2026-1 du 01/01/2026", reason="Nouveau décret",
        confirmed=fields.pop("confirmed", True), at=timezone.now(),
    )  # fmt: skip


def weighed():
    for job in Job.objects.filter(name="lawbook.weigh", done_at__isnull=True):
        assert perform(job.pk)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_an_added_value_holds_from_its_day_on_and_leaves_the_others():
    assert law_on(date(2026, 6, 1)).amount("smic.hourly") == Decimal("12.31")
    added("smic.hourly", date(2026, 9, 1), "12,60", confirmed=False)

    assert law_on(date(2026, 8, 31)).amount("smic.hourly") == Decimal("12.31")
    assert law_on(date(2026, 9, 1)).amount("smic.hourly") == Decimal("12.60")
    assert (date(2026, 9, 1), Decimal("12.60")) in history("smic.hourly")
    assert not law_on(date(2026, 9, 1)).confirmed("smic.hourly")
    assert law_on(date(2026, 8, 31)).confirmed("smic.hourly")
    assert written()["smic.hourly"].on(date(2026, 9, 1)).value == Decimal("12.31")


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("no.such", "1", "n'existe pas"),
        ("smic.hourly", "douze", "Un nombre positif"),
        ("smic.hourly", "-1", "Un nombre positif"),
        ("cddi.max_months", "24,5", "Un nombre entier est attendu, en mois"),
        ("cdi_i.quota", "20", "20 % s'écrit 0,2"),
        ("etti.no_carence", "1", "« oui » ou « non »"),
    ],
)
def test_a_value_of_another_nature_is_refused_in_words(key, text, words):
    with pytest.raises(ValidationError) as refusal:
        parse(key, text)
    assert words in " ".join(refusal.value.messages)


def test_a_value_is_weighed_by_a_job_that_says_which_alerts_it_opened_and_its_withdrawal_closes_them():
    contract = ContractFactory(
        weekly_hours=22, started_on=date(2026, 1, 12), planned_end_on=date(2027, 12, 31), worker__birth_date=None
    )
    today = TODAY()
    contract.started_on, contract.planned_end_on = date(today.year, 1, 1), date(today.year + 1, 12, 31)
    contract.save()
    refresh(today)
    before = Flag.objects.open().count()

    value = added(since=date(2020, 1, 1), value="24")
    weighed()

    value.refresh_from_db()
    assert value.changes["opened"] == {"WEEKLY_HOURS_MIN": 1}
    assert [(c.flag.contract, c.what) for c in Consequence.objects.all()] == [(contract, "opened")]
    assert Flag.objects.open().count() == before + 1

    withdraw_value(by=UserFactory(), value=value, reason="Erreur de date", at=timezone.now())
    weighed()
    value.refresh_from_db()
    assert value.changes["closed"] == {"WEEKLY_HOURS_MIN": 1}
    assert Flag.objects.open().count() == before


def test_a_value_whose_parameter_left_the_files_or_changed_nature_is_left_out_of_the_law_and_takes_nothing_down():
    value = added("smic.hourly", date(2026, 9, 1), "12,60")
    said = {"source": "s", "reason": "r", "confirmed": True, "added_by": value.added_by, "added_at": timezone.now()}
    gone, changed = AddedValue.objects.bulk_create(
        [
            AddedValue(key="no.such", since=date(2026, 1, 1), value="3", **said),
            AddedValue(key="etti.no_carence", since=date(2026, 1, 1), value="12", **said),
        ]
    )
    overlay.forget()
    overlay.begin()

    client = signed_in(user_with(Role.HR, OrganisationFactory()))
    assert client.get("/loi/").status_code == 200
    overlay.begin()
    assert law_on(date(2026, 9, 1)).amount("smic.hourly") == Decimal("12.60")
    assert [weigh(row, TODAY())["opened"] for row in (gone, changed)] == [{}, {}]


def test_a_value_that_revives_a_parameter_lets_the_next_one_follow():
    key = next(one for one, parameter in written().items() if parameter.until and parameter.unit in {"mois", "jours"})
    over = written()[key].until
    later = over + timedelta(days=400)
    with pytest.raises(ValidationError, match="commence le lendemain"):
        added(key, later, "3")

    added(key, over + timedelta(days=1), "2")
    added(key, later, "3")

    assert law_on(later).whole(key) == 3


def test_a_value_withdrawn_is_to_be_weighed_again():
    value = added()
    weighed()
    value.refresh_from_db()
    assert value.weighed_at is not None

    withdraw_value(by=UserFactory(), value=value, reason="Erreur de date", at=timezone.now())
    value.refresh_from_db()
    assert value.weighed_at is None


def test_another_process_sees_a_new_value_at_its_next_request_and_keeps_one_law_within_it():
    overlay.begin()
    assert law_on(date(2026, 9, 1)).whole("cddi.max_months") == 24
    AddedValue.objects.bulk_create(
        [AddedValue(key="cddi.max_months", since=date(2026, 9, 1), value="30", source="s", reason="r",
                    confirmed=True, added_by=UserFactory(), added_at=timezone.now())]
    )  # fmt: skip
    from uuid import uuid4

    from lawbook.models import Edition

    Edition.objects.create(pk=1, mark=uuid4())  # as another process would have done
    assert law_on(date(2026, 9, 1)).whole("cddi.max_months") == 24
    overlay.begin()
    assert law_on(date(2026, 9, 1)).whole("cddi.max_months") == 30
    overlay.begin()
    with CaptureQueriesContext(connection) as queries:
        for _time in range(3):
            assert law_on(date(2026, 9, 1)).whole("cddi.max_months") == 30
    assert len(queries) == 1


def test_the_fingerprint_of_an_indicator_sees_an_added_value():
    definition = next(one for one in definitions().values() if "smic.hourly" in one.parameters)
    period = periods_on(date(2026, 6, 1))[-1]
    before = parameters_of(definition, period)

    added("smic.hourly", date(2020, 5, 5), "99")
    assert parameters_of(definition, period) == before or period.start < date(2020, 5, 5)
    added("smic.hourly", period.start, "13")
    assert parameters_of(definition, period) != before


def test_an_administrator_of_the_federation_adds_a_value_on_the_page_and_reads_what_is_wrong():
    client = signed_in(user_with(Role.ADMINISTRATOR, FederationFactory()))
    sent = {"since": "2026-09-01", "value": "beaucoup", "source": "Décret", "reason": "Hausse", "confirmed": "on"}

    page = client.post("/loi/smic.hourly/", sent).content.decode()
    assert "Un nombre positif est attendu" in page
    assert client.post("/loi/smic.hourly/", {**sent, "value": "12,60"}).status_code == 302
    page = client.get("/loi/smic.hourly/").content.decode()
    assert "12,6" in page
    assert "en cours de calcul" in page
    twice = client.post("/loi/smic.hourly/", {**sent, "value": "12,70"}).content.decode()
    assert "déjà été ajoutée à cette date" in twice
    weighed()
    assert "en cours de calcul" not in client.get("/loi/smic.hourly/").content.decode()


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ADMINISTRATOR])
def test_nobody_of_a_structure_adds_a_value_for_everyone(role):
    client = signed_in(user_with(role, OrganisationFactory()))
    sent = {"since": "2026-09-01", "value": "12,60", "source": "Décret", "reason": "Hausse"}

    assert client.get("/loi/smic.hourly/").status_code == 200
    assert client.post("/loi/smic.hourly/", sent).status_code == 404
    assert AddedValue.objects.count() == 0


def test_the_consequences_name_only_the_people_a_reader_may_see():
    today = TODAY()
    contract = ContractFactory(
        weekly_hours=22, started_on=date(today.year, 1, 1), planned_end_on=date(today.year + 1, 12, 31)
    )
    added(since=date(2020, 1, 1), value="24")
    weighed()

    name = str(contract.worker)
    theirs = signed_in(user_with(Role.HR, contract.worker.organisation)).get("/loi/cddi.min_weekly_hours/")
    others = signed_in(user_with(Role.HR, OrganisationFactory())).get("/loi/cddi.min_weekly_hours/")
    assert (name in theirs.content.decode(), name in others.content.decode()) == (True, False)


def test_the_api_reads_the_values_in_force_on_a_day():
    added("smic.hourly", date(2026, 9, 1), "12,60")
    client = signed_in(user_with(Role.HR, OrganisationFactory()))

    rows = {row["key"]: row for row in client.get("/api/v1/law/?on=2026-09-02").json()}
    (now,) = [value for value in rows["smic.hourly"]["values"] if value["in_force"]]
    assert (now["value"], now["added"], now["confirmed"]) == ("12,60", True, True)
