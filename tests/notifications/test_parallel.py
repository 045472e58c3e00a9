"""Two workers in the same night, on connections of their own: each fact is told once, each message leaves once."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Flag
from jobs import actions as jobs
from jobs.models import Job
from notifications import letters, tasks, telling
from notifications.models import Digest, Notice
from tests.factories import ContractFactory, FlagFactory, OrganisationFactory, WorkerFactory, user_with

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = date(2026, 6, 15)
NOW = timezone.now()


def at_once(*works):
    """Run each work in a thread of its own, started together; raises what any of them raised."""
    together, raised = Barrier(len(works)), []

    def run(work):
        try:
            together.wait()
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def scene(facts=6):
    """Facts about people of one structure, with their counsellor and two HR officers: three readers in all."""
    structure = OrganisationFactory()
    counsellor = user_with(Role.COUNSELLOR, structure, email="conseil@example.org")
    for name in ("rh1", "rh2"):
        user_with(Role.HR, structure, email=f"{name}@example.org")
    for n in range(facts):
        worker = WorkerFactory(organisation=structure, counsellor=counsellor, last_name=f"Nom{n}")
        FlagFactory(contract=ContractFactory(worker=worker), due_on=MONDAY + timedelta(days=20 + n))


def whole_night():
    """What a worker does of the night: tell, gather, then hand over every message it finds to send."""
    tasks.tell(MONDAY.isoformat())
    for job in Job.objects.filter(name="notifications.send", done_at__isnull=True).order_by("?"):
        jobs.perform(job.pk)


def test_two_workers_that_run_the_whole_night_tell_each_fact_once_and_send_one_message_a_person():
    scene()

    at_once(whole_night, whole_night)

    assert Notice.objects.count() == 18  # six facts, three readers
    assert Digest.objects.filter(sent_at__isnull=False).count() == Digest.objects.count() == 3
    assert sorted(message.to[0] for message in mail.outbox) == [
        "conseil@example.org",
        "rh1@example.org",
        "rh2@example.org",
    ]
    for message in mail.outbox:
        assert message.body.count("échéance le") == 6


def test_the_same_message_handed_over_by_two_workers_leaves_once():
    scene(1)
    telling.tell(MONDAY)
    digests = telling.gather(MONDAY)
    sent = []

    def send_all():
        sent.extend(letters.send(digest, NOW) for digest in digests)

    at_once(send_all, send_all, send_all)

    assert (sum(sent), len(mail.outbox)) == (3, 3)


def test_a_threshold_reached_while_another_worker_tells_is_told_once_too():
    scene(3)
    telling.tell(MONDAY)
    Flag.objects.update(severity=4, rung=15)
    told = []

    at_once(*[lambda: told.append(telling.tell(MONDAY + timedelta(days=1)))] * 4)

    assert sorted(told) == [0, 0, 0, 9]
