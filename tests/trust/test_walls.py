"""Two walls: `visible_to` in the application, the rules of the database under it. Each is removed in turn; the other holds."""

import json
import threading
from contextlib import contextmanager
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts import policies, walls
from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.policies import APP, SUPPORT, WORKER
from accounts.roles import Role
from jobs.actions import enqueue, perform, to_publish
from jobs.models import Job
from parcours.models import Worker
from releases.role import ROLE, released_only
from skills.models import Award
from tests import factories as make
from tests.trust.matrix import cells, wrong
from web.walls import WallMiddleware

pytestmark = pytest.mark.django_db
REFUSED = "42501"


@pytest.fixture
def _django_db_helper(world):
    """The transaction of the world is that of each test here."""


@contextmanager
def acting(role, *organisations):
    """Ask the database as a process under this role would, for a request that reaches these organisations; undone after."""
    ids = ",".join(str(organisation.pk) for organisation in organisations)
    point = transaction.savepoint()
    asked("SELECT set_config('role', %s, true), set_config('parcours.organisations', %s, true)", role, ids)
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def asked(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def refused(sql, *given):
    """The code of the refusal, or "" when the statement passed; undone either way."""
    point = transaction.savepoint()
    try:
        asked(sql, *given)
    except DatabaseError as error:
        return error.__cause__.sqlstate
    finally:
        transaction.savepoint_rollback(point)
    return ""


def role_on():
    return asked("SHOW ROLE")[0][0]


def path_of(model):
    tracked = getattr(model, "pgh_tracked_model", model)
    if path := getattr(tracked, "organisation_path", None):
        return path
    return f"{tracked.walled_by}__{tracked._meta.get_field(tracked.walled_by).related_model.organisation_path}"


def keys(model, **where):
    return set(model._default_manager.filter(**where).values_list("pk", flat=True))


def neighbours(world, method="get"):
    """What people of the other structures ask of alpha's addresses."""
    return [
        cell
        for cell in cells(world)
        if cell.viewer.place in {"other", "sibling"} and cell.method == method and not cell.viewer.is_token
    ]


def forget_the_filter(monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "visible_to", lambda rows, principal, permission=None: rows.all())


def raze_the_database(monkeypatch):
    monkeypatch.setattr(walls, "put_up", lambda principal: None)


# The two walls, and each without the other ----------------------------------------------------------------------------


def test_with_a_filter_forgotten_everywhere_the_database_still_holds(world, monkeypatch, capsys):
    forget_the_filter(monkeypatch)
    tried = neighbours(world)
    faults = [fault for cell in tried if (fault := wrong(world, cell)) and " reads " in fault]
    with capsys.disabled():
        print(f"\nwalls: {len(tried)} cells asked by neighbours without the application's filter, {len(faults)} leaks")

    assert faults == []
    assert len(tried) > 500


def test_an_access_of_the_platforms_team_reaches_one_structure_with_either_wall_alone(world, monkeypatch):
    places = {"opening", "ended opening"}
    tried = [cell for cell in cells(world) if cell.viewer.place in places and cell.method == "get"]
    with monkeypatch.context() as patched:
        forget_the_filter(patched)
        faults = [fault for cell in tried if " reads " in (fault := wrong(world, cell))]
    # Without the filter, its holder reads of alpha what is kept for counsellors: no neighbour, and nothing once it has ended.
    assert [fault for fault in faults if not fault.endswith("of alpha") or "ended" in fault] == []

    raze_the_database(monkeypatch)
    faults = [fault for cell in tried if (fault := wrong(world, cell))]
    assert faults == []
    assert len(tried) > 300


def test_without_the_walls_of_the_database_the_filter_still_holds(world, monkeypatch):
    raze_the_database(monkeypatch)
    tried = neighbours(world)

    assert [fault for cell in tried if (fault := wrong(world, cell))] == []


def test_with_both_walls_removed_the_matrix_says_so(world, monkeypatch):
    watched = {"workers", "worker", "contract", "api-workers-list", "api-workers-detail", "api-contracts-detail"}
    forget_the_filter(monkeypatch)
    raze_the_database(monkeypatch)

    caught = {cell.address.name for cell in neighbours(world) if cell.address.name in watched and wrong(world, cell)}

    assert caught == watched


# The rules of the database, table by table -----------------------------------------------------------------------------


def test_every_table_is_walled_or_says_why_it_is_not():
    there = {name for (name,) in asked("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    ruled = {name for (name,) in asked("SELECT tablename FROM pg_policies WHERE policyname = 'reached'")}
    on = {name for (name,) in asked("SELECT relname FROM pg_class WHERE relrowsecurity")}

    assert ruled == set(policies.walled()) <= on
    assert there == ruled | (set(policies.unwalled()) & there), "tables neither walled nor named in unwalled.yaml"
    assert ruled & set(policies.unwalled()) == set()
    optional = {name for name in policies.unwalled() if name.startswith("socialaccount_")}
    assert set(policies.unwalled()) - optional <= there, "named and gone"


def test_the_way_of_each_row_is_a_way_of_rows_walled_too():
    for name, model in policies.walled().items():
        if not policies.to_organisation(model):
            assert policies.reference(model).related_model._meta.db_table in policies.walled(), name


def test_each_table_gives_the_rows_of_the_organisation_reached_and_none_without_one(world, capsys):
    rows = 0
    for name, model in policies.walled().items():
        path, may = path_of(model), policies.APP_ONLY.get(name)
        if may == "none":
            with acting(APP, world.alpha.organisation):
                assert refused(f"SELECT * FROM {name}") == REFUSED
            continue
        shared = keys(model, **{f"{path}__isnull": True}) if policies.reference(model).null else set()
        own, others = keys(model, **{path: world.alpha.organisation}), keys(model, **{path: world.bravo.organisation})
        key = model._meta.pk.column
        with acting(APP, world.alpha.organisation):
            seen = {pk for (pk,) in asked(f"SELECT {key} FROM {name}")}
        with acting(APP):
            unreached = {pk for (pk,) in asked(f"SELECT {key} FROM {name}")}
        assert seen == own | shared, name
        assert not seen & others, name
        assert unreached == shared, name
        rows += len(others)
    with capsys.disabled():
        print(
            f"\nwalls: {len(policies.walled())} tables closed, {len(policies.unwalled())} named open, {rows} rows hidden"
        )
    assert rows > 150


def test_nothing_is_written_into_another_organisation_nor_changed_there(world):
    tried = 0
    for name, model in policies.walled().items():
        path = path_of(model)
        theirs = model._default_manager.filter(**{path: world.bravo.organisation}).first()
        if theirs is None or policies.APP_ONLY.get(name) in {"read", "none"}:
            continue
        tried += 1
        key = model._meta.pk.column
        said = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated)
        copy = asked(f"SELECT row_to_json(t) FROM {name} t WHERE {key} = %s", theirs.pk)[0][0]
        with acting(APP, world.alpha.organisation):
            into = f"INSERT INTO {name} ({said}) SELECT {said} FROM json_populate_record(NULL::{name}, %s)"
            assert refused(into, json.dumps(copy)) == REFUSED, name
            if not policies.is_history(model):
                assert asked(f"UPDATE {name} SET {key} = {key} WHERE {key} = %s", theirs.pk) == 0, name
                assert asked(f"DELETE FROM {name} WHERE {key} = %s", theirs.pk) == 0, name
        mine = model._default_manager.filter(**{path: world.alpha.organisation}).first()
        column = policies.reference(model).column
        if mine and not policies.is_history(model):
            with acting(APP, world.alpha.organisation):
                given = copy[column]
                assert refused(f"UPDATE {name} SET {column} = %s WHERE {key} = %s", given, mine.pk) != "", name
    assert tried > 100


@pytest.mark.parametrize("role", [APP, WORKER])
def test_no_process_changes_history_nor_the_tables(world, role):
    histories = [name for name, model in policies.tables().items() if policies.is_history(model)]
    assert len(histories) > 50
    with acting(role, world.alpha.organisation):
        for name in histories:
            for sql in ("UPDATE {} SET pgh_label = ''", "TRUNCATE {}", *(["DELETE FROM {}"] if role == APP else [])):
                assert refused(sql.format(name)) == REFUSED, name
        for sql in (
            "ALTER TABLE parcours_worker DISABLE TRIGGER ALL",
            "ALTER TABLE parcours_worker DISABLE ROW LEVEL SECURITY",
            "DROP POLICY reached ON parcours_worker",
            "ALTER TABLE parcours_worker ADD COLUMN more int",
            "DROP TABLE parcours_privatenote",
            "TRUNCATE parcours_worker CASCADE",
            "CREATE TABLE more (id int)",
            "CREATE OR REPLACE FUNCTION parcours_reach() RETURNS bigint[] LANGUAGE sql AS 'SELECT NULL::bigint[]'",
            "SET session_replication_role = replica",
            "DELETE FROM releases_ledgercell",
            "UPDATE django_migrations SET name = ''",
        ):
            assert refused(sql) == REFUSED, sql


def test_rules_cannot_be_put_aside(world):
    with acting(APP, world.alpha.organisation):
        assert refused("SET LOCAL row_security = off; SELECT * FROM parcours_worker") == REFUSED


def test_the_platforms_team_reads_no_table_about_people(world):
    with acting(SUPPORT, world.alpha.organisation):
        for name in policies.walled():
            assert refused(f"SELECT 1 FROM {name}") == REFUSED, name
        for name in ("accounts_user", "accounts_membership", "django_session", "pghistory_context", "axes_accesslog"):
            assert refused(f"SELECT * FROM {name}") == REFUSED, name
        assert refused("SELECT arguments, error FROM jobs_job") == REFUSED
        assert asked("SELECT count(*) FROM accounts_organisation")[0][0] >= 5
        assert refused("UPDATE accounts_organisation SET name = ''") == REFUSED


def test_making_the_walls_again_changes_nothing_and_mends_what_a_restored_base_lacks():
    before = asked("SELECT oid, polname FROM pg_policy ORDER BY 1")
    assert policies.ensure()
    assert asked("SELECT oid, polname FROM pg_policy ORDER BY 1") == before

    asked("SET CONSTRAINTS ALL IMMEDIATE")
    for lost in ("DROP POLICY reached ON parcours_exit", f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}"):
        point = transaction.savepoint()
        asked(f"LOCK TABLE {', '.join(policies.tables())}")  # no vacuum comes between the loss and the mending
        asked(lost)
        assert policies.ensure()
        assert asked("SELECT count(*) FROM pg_policies WHERE policyname = 'reached'") == [(len(policies.walled()),)]
        with acting(APP):
            assert asked("SELECT count(*) FROM parcours_worker") == [(0,)]
        transaction.savepoint_rollback(point)


def test_a_vacuum_that_has_one_of_the_tables_is_waited_for_and_never_in_a_circle():
    """A vacuum holds its table, then writes what it found where a change of rights would have left its own mark."""
    met, ended = threading.Event(), []

    def vacuum():
        own = connection.copy()
        with own.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE agenda_appointment IN SHARE UPDATE EXCLUSIVE MODE")
            met.set()
            while not ended:
                cursor.execute(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'agenda_appointment'::regclass)"
                )
                if cursor.fetchone()[0]:
                    cursor.execute("ANALYZE agenda_appointment; COMMIT")
                    ended.append("vacuum")
        own.close()

    asked("SET CONSTRAINTS ALL IMMEDIATE")
    point = transaction.savepoint()
    asked("DROP POLICY reached ON parcours_exit")
    other = threading.Thread(target=vacuum, daemon=True)
    other.start()
    assert met.wait(timeout=30)
    try:
        assert policies.ensure()
    finally:
        ended.append("walls")
        other.join(timeout=30)

    assert ended == ["vacuum", "walls"]
    assert asked("SELECT count(*) FROM pg_policies WHERE policyname = 'reached'") == [(len(policies.walled()),)]
    transaction.savepoint_rollback(point)


# The time of a request ----------------------------------------------------------------------------------------------------


def through_the_wall(user, view):
    request = RequestFactory().get("/")
    request.user = user
    middleware = WallMiddleware(view)

    def called(request):
        request.resolver_match = type("Match", (), {"url_name": "workers"})
        middleware.process_view(request, view, (), {})
        return view(request)

    middleware.get_response = called
    return middleware(request)


def closed(answer):
    """As Django does when the answer is sent or given up, but for the signal that closes the connection of this test."""
    for close in answer._resource_closers:
        close()


def workers():
    return {name for (name,) in asked("SELECT DISTINCT last_name FROM parcours_worker")}


def test_the_wall_is_up_for_the_view_alone(world):
    user = world.alpha.users[Role.HR]
    answer = through_the_wall(user, lambda request: HttpResponse(f"{role_on()} {workers()}"))

    assert answer.content.decode() == f"{APP} {{'{world.alpha.mark}'}}"
    assert role_on() == "none"
    assert workers() >= {world.alpha.mark, world.bravo.mark}


def test_the_wall_comes_down_when_the_view_fails(world):
    def fails(request):
        raise RuntimeError(role_on())

    with pytest.raises(RuntimeError, match=APP):
        through_the_wall(world.alpha.users[Role.HR], fails)
    assert role_on() == "none"


def test_a_streamed_answer_keeps_its_wall_until_it_is_sent_or_given_up(world):
    def rows():
        yield role_on()
        yield " ".join(workers())

    user = world.alpha.users[Role.HR]
    answer = through_the_wall(user, lambda request: StreamingHttpResponse(rows()))
    assert b"".join(answer).decode() == APP + world.alpha.mark
    closed(answer)
    assert role_on() == "none"

    closed(through_the_wall(user, lambda request: StreamingHttpResponse(rows())))
    assert role_on() == "none"


def test_a_group_reaches_its_members_and_a_federation_no_structure(world):
    analyst, director = (
        next(v for v in world.viewers if (v.place, v.letter, v.is_token) == who).client.session["_auth_user_id"]
        for who in (("federation", "N", False), ("group", "D", False))
    )
    reached = []
    for pk in (analyst, director):
        through_the_wall(User.objects.get(pk=pk), lambda request: HttpResponse(str(reached.append(workers()))))

    assert reached == [set(), {world.alpha.mark, world.charlie.mark}]


def test_a_public_address_reaches_what_it_names_and_gives_it_back(world):
    uuid = world.bravo.row(Award).uuid
    with acting(APP, world.alpha.organisation):
        assert asked("SELECT count(*) FROM skills_award WHERE uuid = %s", uuid)[0][0] == 0
        with walls.through(Award, uuid):
            assert asked("SELECT count(*) FROM skills_award WHERE uuid = %s", uuid)[0][0] == 1
            assert workers() == {world.alpha.mark, world.bravo.mark}
        assert workers() == {world.alpha.mark}
        with walls.through(Award, "00000000-0000-4000-8000-000000000000"):
            assert workers() == {world.alpha.mark}


def test_reading_what_is_released_leaves_the_wall_as_it_was(world):
    with acting(APP, world.alpha.organisation):
        with released_only():
            assert role_on() == ROLE
            assert refused("SELECT * FROM parcours_worker") == REFUSED
        assert role_on() == APP
        assert workers() == {world.alpha.mark}


# The accounts of production ---------------------------------------------------------------------------------------------


def test_the_accounts_of_the_site_and_of_the_jobs_put_on_their_roles_and_no_other(world, monkeypatch):
    monkeypatch.setenv("WEB_PASSWORD", "w")
    monkeypatch.setenv("JOBS_PASSWORD", "j")
    point = transaction.savepoint()
    call_command("walls", logins=True, stdout=StringIO())
    owner = asked("SELECT current_user")[0][0]
    for login, mine, others in (("parcours_web", APP, WORKER), ("parcours_jobs", WORKER, APP)):
        inner = transaction.savepoint()
        asked(f"SET LOCAL SESSION AUTHORIZATION {login}")
        assert refused("SELECT * FROM parcours_worker") == REFUSED  # nothing of its own
        for role in (others, owner, SUPPORT):
            assert refused(f"SET ROLE {role}") == REFUSED
        asked(f"SET LOCAL ROLE {mine}")
        assert bool(workers()) == (mine == WORKER)
        with released_only():
            assert refused("SELECT * FROM parcours_worker") == REFUSED
        transaction.savepoint_rollback(inner)
    transaction.savepoint_rollback(point)


def test_the_night_and_an_erasure_need_no_more_than_the_role_of_jobs(world):
    now = timezone.now()
    night = {"day": now.date().isoformat(), "known_at": now.isoformat()}
    with acting(WORKER):
        worker = make.WorkerFactory(organisation=world.bravo.organisation)
        erasing = {"worker": worker.pk, "by": 0, "ground": "asked", "day": night["day"]}
        asked_for = [(name, night) for name in settings.NIGHT] + [("privacy.erase", erasing)]
        for name, arguments in asked_for:
            enqueue(name, key=f"essai {name}", arguments=arguments)
        while ids := to_publish(timezone.now()):
            for pk in ids:
                assert perform(pk)
        assert not Job.objects.filter(done_at=None, key__startswith="essai ").exists()
        assert not Worker.objects.filter(pk=worker.pk).exists()
        assert Worker.pgh_event_model.objects.filter(pgh_obj_id=worker.pk).count() == 0
