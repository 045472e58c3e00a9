"""History: who changed what and why, and any row as it was known at a date."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts import tokens
from accounts.roles import Role
from audit.history import because, changes_of, known_at, known_at_sql, recorded_at
from contracts.models import Contract
from parcours.models import Pathway, Worker
from tests.factories import ContractFactory, MembershipFactory, PathwayFactory, WorkerFactory, user_with

pytestmark = pytest.mark.django_db

MARCH = datetime(2025, 3, 1, tzinfo=UTC)
JUNE = datetime(2025, 6, 1, tzinfo=UTC)


def labels(row):
    return list(
        type(row)
        .pgh_event_model.objects.filter(pgh_obj_id=row.pk)
        .order_by("pgh_id")
        .values_list("pgh_label", flat=True)
    )


def test_every_change_leaves_the_row_as_it_became():
    contract = ContractFactory()
    contract.planned_end_on = date(2024, 9, 7)
    contract.save()

    assert labels(contract) == ["insert", "update"]
    ends = Contract.pgh_event_model.objects.order_by("pgh_id").values_list("planned_end_on", flat=True)
    assert list(ends) == [date(2024, 7, 7), date(2024, 9, 7)]


def test_saving_without_a_change_leaves_no_trace():
    contract = ContractFactory()
    contract.save()

    assert labels(contract) == ["insert"]


def test_a_change_made_in_bare_sql_is_recorded_too():
    contract = ContractFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contracts_contract SET weekly_hours = 30 WHERE id = %s", [contract.pk])

    assert labels(contract) == ["insert", "update"]


def test_a_change_says_why():
    with because("import", file=7):
        worker = WorkerFactory()

    event = Worker.pgh_event_model.objects.select_related("pgh_context").get(pgh_obj_id=worker.pk)
    assert event.pgh_context.metadata == {"why": "import", "file": 7}


def ended_by(client, contract):
    """What the history says of the end of a contract asked through the API, whose verb names nobody."""
    ended = {"ended_on": "2024-03-29", "reason": "resignation"}
    answer = client.post(f"/api/v1/contracts/{contract.pk}/end/", ended, format="json")
    assert answer.status_code == 200, answer.content
    event = Contract.pgh_event_model.objects.select_related("pgh_context").order_by("-pgh_id").first()
    return event.pgh_context.metadata, changes_of(contract)[0][1]


def test_what_a_program_changes_has_for_author_who_gave_it_its_token():
    contract = ContractFactory()
    director = user_with(Role.DIRECTOR, contract.worker.organisation, first_name="Nadia", last_name="Benali")
    token, secret = tokens.issue(
        by=director, organisation=contract.worker.organisation, name="paie", role=Role.DIRECTOR
    )

    metadata, told = ended_by(APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}"), contract)

    assert metadata == {"user": director.pk, "token": token.pk, "url": f"/api/v1/contracts/{contract.pk}/end/"}
    assert told == str(director)


def test_what_is_changed_through_the_api_in_a_session_has_its_author():
    contract = ContractFactory()
    hr = user_with(Role.HR, contract.worker.organisation)
    client = APIClient()
    client.force_login(hr)

    metadata, told = ended_by(client, contract)

    assert metadata == {"user": hr.pk, "url": f"/api/v1/contracts/{contract.pk}/end/"}
    assert told == str(hr)


def test_a_program_that_gives_its_reason_keeps_its_author():
    pathway = PathwayFactory()
    director = user_with(Role.DIRECTOR, pathway.worker.organisation)
    MembershipFactory(user=director, organisation=pathway.worker.organisation, role=Role.COUNSELLOR)
    token, secret = tokens.issue(by=director, organisation=pathway.worker.organisation, name="p", role=Role.COUNSELLOR)
    exits = {"pathway": pathway.pk, "exited_on": "2024-06-28", "outcome": "cdi"}

    answer = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}").post("/api/v1/exits/", exits, format="json")

    assert answer.status_code == 201, answer.content
    event = Pathway.pgh_event_model.objects.select_related("pgh_context").order_by("-pgh_id").first()
    assert (event.pgh_context.metadata["user"], event.pgh_context.metadata["token"]) == (director.pk, token.pk)


def test_a_row_is_known_as_it_stood_at_a_date():
    with transaction.atomic(), recorded_at(MARCH):
        contract = ContractFactory(planned_end_on=date(2025, 6, 30), started_on=date(2025, 1, 1))
    with transaction.atomic(), recorded_at(JUNE):
        contract.planned_end_on = date(2025, 12, 31)
        contract.save()

    assert known_at(contract, datetime(2025, 2, 28, tzinfo=UTC)) is None
    assert known_at(contract, MARCH).planned_end_on == date(2025, 6, 30)
    assert known_at(contract, JUNE).planned_end_on == date(2025, 12, 31)


def test_a_deleted_row_was_known_before_and_is_not_known_after():
    with transaction.atomic(), recorded_at(MARCH):
        contract = ContractFactory()
    with transaction.atomic(), recorded_at(JUNE):
        Contract.objects.filter(pk=contract.pk).delete()

    def known(at):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({known_at_sql(Contract)}) c", {"known_at": at})
            return cursor.fetchone()[0]

    assert known(datetime(2025, 5, 31, tzinfo=UTC)) == 1
    assert known(JUNE) == 0


def test_outside_demo_data_the_clock_of_the_database_says_when():
    before = datetime.now(UTC)
    worker = WorkerFactory()

    event = Worker.pgh_event_model.objects.get(pgh_obj_id=worker.pk)
    assert abs((event.pgh_created_at - before).total_seconds()) < 600


def test_a_large_change_after_a_small_one_is_compared_by_hash():
    """PostgreSQL keeps the plan of a session's first change: looped over, rows before and after would cost their square."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, 'enable_nestloop=off' = ANY (COALESCE(p.proconfig, '{}'))
            FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
            WHERE t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL"""
        )
        compared = dict(cursor.fetchall())

    assert compared.keys() >= {"contracts_contract", "contracts_flag", "parcours_worker", "rights_rightstep"}
    assert [table for table, by_hash in compared.items() if not by_hash] == []
