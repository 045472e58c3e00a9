"""Jobs: asked once, done once, whatever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.celery import app
from contracts.models import Flag
from indicators.models import Value
from jobs import actions, registry, tasks
from jobs.models import Job
from tests.factories import ContractFactory, PassFactory, PathwayFactory, WorkedMonthFactory, WorkerFactory
from tests.reference.flags import actual

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def counting(monkeypatch):
    """A job named « essai » that counts its runs, or raises."""
    runs: list[dict] = []

    def handler(fail=False, **arguments):
        runs.append(arguments)
        if fail:
            raise ValueError("donnée impossible")
        return {"runs": len(runs)}

    monkeypatch.setitem(registry._handlers, "essai", handler)
    return runs


@pytest.mark.django_db
def test_the_same_key_asked_twice_is_one_job(counting):
    first = actions.enqueue("essai", key="k", arguments={"a": 1})
    assert actions.enqueue("essai", key="k") == first
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_job_done_is_not_done_again(counting):
    job = actions.enqueue("essai", key="k")

    assert actions.perform(job.pk) is True
    assert actions.perform(job.pk) is False
    assert len(counting) == 1
    assert Job.objects.get().result == {"runs": 1}


@pytest.mark.django_db
def test_a_job_that_is_gone_is_nothing_to_do(counting):
    assert actions.perform(10**9) is False


@pytest.mark.django_db
def test_a_failing_job_waits_longer_each_time_and_is_given_up_after_five(counting):
    job = actions.enqueue("essai", key="k", arguments={"fail": True})
    waits = []
    for _attempt in range(5):
        with pytest.raises(ValueError, match="donnée impossible"):
            actions.perform(job.pk)
        job.refresh_from_db()
        waits.append(job.available_at)

    assert (job.attempts, job.error, job.failed_at is not None) == (5, "ValueError: donnée impossible", True)
    assert waits == sorted(waits)
    assert actions.perform(job.pk) is False


@pytest.mark.django_db
def test_a_worker_cut_off_while_another_did_its_job_blames_nobody(counting):
    job = actions.enqueue("essai", key="e")
    for _attempt in range(actions.MAX_ATTEMPTS):
        assert Job.objects.filter(pk=job.pk, failed_at=None).exists()
        actions._failed(job.pk, ConnectionError("câble débranché"))
    done = actions.enqueue("essai", key="f")
    assert actions.perform(done.pk)
    actions._failed(done.pk, ConnectionError("câble débranché"))

    assert Job.objects.get(pk=job.pk).failed_at
    assert Job.objects.filter(pk=done.pk, failed_at=None, attempts=0, error="").exists()


@pytest.mark.django_db
def test_each_end_gives_up_within_a_minute_a_machine_that_vanished():
    """Otherwise the lock of its job stays for the two hours of the system. `benchmarks.machines` pulls a cable out."""
    asked = connection.get_connection_params()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting::int FROM pg_settings WHERE name LIKE 'tcp%%'")
        there = dict(cursor.fetchall())
    for ends in (asked, {name.removeprefix("tcp_"): value for name, value in there.items()}):
        assert 0 < ends["keepalives_idle"] + ends["keepalives_interval"] * ends["keepalives_count"] <= 60
    assert 0 < asked["tcp_user_timeout"] <= 60_000
    assert 0 < there["tcp_user_timeout"] <= 60_000


@pytest.mark.django_db(transaction=True)
def test_a_long_job_is_seen_being_done_until_it_is(monkeypatch):
    started, over = threading.Event(), threading.Event()

    def long(**_arguments):
        started.set()
        assert over.wait(30)
        return {}

    def work():
        actions.perform(job.pk)
        connection.close()

    monkeypatch.setitem(registry._handlers, "essai", long)
    job = actions.enqueue("essai", key="k", batch="nuit")
    assert actions.at_work("nuit") is False

    worker = threading.Thread(target=work)
    worker.start()
    assert started.wait(30)
    assert actions.at_work("nuit") is True
    over.set()
    worker.join()

    assert actions.at_work("nuit") is False


@pytest.mark.django_db
def test_the_relay_tells_each_waiting_job_once_and_again_when_forgotten(counting):
    now = timezone.now()
    waiting = actions.enqueue("essai", key="a", available_at=now)
    actions.enqueue("essai", key="later", available_at=now + timedelta(hours=1))

    assert actions.to_publish(now) == [waiting.pk]
    assert actions.to_publish(now) == []
    later = now + timedelta(seconds=settings.JOBS_REPUBLISH_SECONDS + 1)
    assert actions.to_publish(later) == [waiting.pk]


@pytest.mark.django_db
def test_a_clock_moved_back_makes_nothing_wait_for_that_hour_again(counting):
    with time_machine.travel(NOON, tick=False):
        told, asked = actions.enqueue("essai", key="told"), actions.enqueue("essai", key="asked")
        Job.objects.filter(pk=told.pk).update(published_at=NOON)
        last_relay = app.now()
        later = actions.enqueue("essai", key="later", available_at=NOON + timedelta(hours=1))
        Job.objects.filter(pk=later.pk).update(created_at=NOON - timedelta(days=1))

    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        assert app.conf.beat_schedule["relay"]["schedule"].is_due(last_relay).is_due
        assert actions.to_publish(timezone.now()) == [told.pk, asked.pk]
        assert not app.conf.beat_schedule["relay"]["schedule"].is_due(app.now()).is_due


@pytest.mark.django_db
def test_a_broker_that_is_away_fails_nothing_and_loses_nothing(monkeypatch, counting):
    job = actions.enqueue("essai", key="k")

    def away(job_id):
        raise ConnectionError

    monkeypatch.setattr(tasks.perform, "delay", away)
    with pytest.raises(ConnectionError):
        tasks.relay()
    later = timezone.now() + timedelta(seconds=settings.JOBS_REPUBLISH_SECONDS + 1)
    assert actions.to_publish(later) == [job.pk]


@pytest.mark.django_db
def test_the_night_is_asked_once_a_day_by_two_schedulers_as_by_one():
    with time_machine.travel(datetime(2026, 6, 15, 1, tzinfo=UTC), tick=False):  # 3 h in Paris
        tasks.nightly("contracts.refresh_flags", "02:00")
        tasks.nightly("contracts.refresh_flags", "02:00")

    assert list(Job.objects.values_list("key", flat=True)) == ["contracts.refresh_flags:2026-06-15"]


@pytest.mark.django_db
def test_before_its_hour_nothing_is_asked_and_a_missed_hour_is_caught_up():
    with time_machine.travel(datetime(2026, 6, 14, 23, 30, tzinfo=UTC), tick=False):  # 1 h 30 in Paris
        tasks.nightly("contracts.refresh_flags", "02:00")
    assert Job.objects.count() == 0
    with time_machine.travel(NOON, tick=False):
        tasks.nightly("contracts.refresh_flags", "02:00")
    assert Job.objects.get().arguments == {"day": "2026-06-15", "known_at": "2026-06-15T02:00:00+02:00"}


def lives(count, every=1):
    for number in range(0, count * every, every):
        worker = WorkerFactory()
        PathwayFactory(worker=worker)
        PassFactory(worker=worker, ended_on=date(2026, 7, 1 + number % 28))
        contract = ContractFactory(
            worker=worker, started_on=date(2026, 1, 5), planned_end_on=date(2026, 6, 16) + timedelta(days=number)
        )
        WorkedMonthFactory(contract=contract, month=date(2026, 5, 1))


def figures():
    names = (
        "indicator",
        "organisation",
        "period_start",
        "period_end",
        "known_at",
        "k",
        "known",
        "eligible",
        "value",
        "inputs",
    )
    return sorted(map(str, Value.objects.values_list(*names)))


def worker_process(environment):
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "2", "-B", "-s", environment["BEAT_FILE"],
         "--without-gossip", "--without-mingle", "-l", "ERROR"],
        env=environment, cwd=settings.BASE_DIR, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def of_the_test_base(tmp_path):
    """The environment of a real worker on the database of the tests."""
    database = connection.settings_dict
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "BROKER_URL": settings.BROKER_URL.rsplit("/", 1)[0] + "/9",
        "SECRET_KEY": settings.SECRET_KEY,
        "JOBS_REPUBLISH_SECONDS": "2",
        "BEAT_FILE": str(tmp_path / "beat"),
    }


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_night_loses_and_doubles_nothing(tmp_path):
    """The same night twice: once undisturbed, once with the worker killed -9 three times."""
    lives(30)
    night = [
        ("contracts.refresh_flags", {"day": "2026-06-15"}),
        ("indicators.compute", {"day": "2026-06-15", "known_at": timezone.now().isoformat()}),
    ]
    for name, arguments in night:
        registry.handler(name)(**arguments)
    while waiting := Job.objects.filter(done_at__isnull=True).first():  # what a job asks for is done too
        actions.perform(waiting.pk)
    undisturbed = actual(), figures()
    assert len(undisturbed[0]) >= 30
    assert len(undisturbed[1]) > 1000
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica; TRUNCATE indicators_value, lawbook_consequence, notifications_notice, contracts_flag, contracts_flagevent, jobs_job; SET session_replication_role = origin"
        )

    for name, arguments in night:
        actions.enqueue(name, key=f"{name}:essai", arguments=arguments, batch="essai")
    environment = of_the_test_base(tmp_path)
    worker = worker_process(environment)
    try:
        for kill in range(3):
            done = Job.objects.filter(done_at__isnull=False).count()
            wait_for(
                lambda seen=done: Job.objects.filter(started_at__isnull=False).count() > seen or not Job.objects.filter(done_at__isnull=True).exists(),
                30, f"the worker to start a job before kill {kill}",
            )  # fmt: skip
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
            worker = worker_process(environment)
        wait_for(lambda: not Job.objects.filter(done_at__isnull=True).exists(), 60, "the night to end")
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    assert (actual(), figures()) == undisturbed
    assert Flag.objects.count() == len(undisturbed[0])


def told_once():
    """How many times each open flag was opened, from the history."""
    opened = Flag.pgh_event_model.objects.filter(pgh_label="insert").values_list("pgh_obj_id", flat=True)
    return sorted(opened) == sorted(Flag.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_week_of_missed_nights_is_caught_up_by_the_worker_with_no_flag_lost_or_doubled(tmp_path):
    """The same week twice: every night done; then seven nights missed, the scheduler back on the eighth morning, and the
    oldest night delivered last, as a queue that was away may do."""
    refresh = registry.handler("contracts.refresh_flags")
    week = [date(2026, 6, 8) + timedelta(days=n) for n in range(8)]
    lives(20, every=5)
    for day in week:
        refresh(day=day.isoformat())
    every_night = actual()
    assert len({key for key, *_rest in every_night}) == len(every_night) >= 20
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE lawbook_consequence, notifications_notice, contracts_flag, contracts_flagevent")

    first = actions.enqueue("contracts.refresh_flags", key="k", arguments={"day": week[0].isoformat()})
    actions.perform(first.pk)
    before = set(Flag.objects.values_list("pk", flat=True))
    for _scheduler in range(2):
        with time_machine.travel(datetime(2026, 6, 15, 6, tzinfo=UTC), tick=False):
            tasks.nightly("contracts.refresh_flags", "02:00")
    worker = worker_process(of_the_test_base(tmp_path))
    try:
        wait_for(lambda: not Job.objects.filter(done_at__isnull=True).exists(), 60, "the missed week to be caught up")
        for day in reversed(week[1:-1]):
            actions.enqueue("contracts.refresh_flags", key=f"late:{day}", arguments={"day": day.isoformat()})
        wait_for(lambda: not Job.objects.filter(done_at__isnull=True).exists(), 60, "the late nights to be done")
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    assert [
        job.arguments["day"]
        for job in Job.objects.filter(name="contracts.refresh_flags", key__contains="refresh_flags:")
    ] == ["2026-06-15"]
    assert actual() == every_night
    assert before < set(Flag.objects.values_list("pk", flat=True))
    assert told_once()
