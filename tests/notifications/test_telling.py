"""Who is told what: each fact once a person and threshold, whatever happens to the nights."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Flag
from jobs import actions as jobs
from jobs.models import Job
from notifications import actions, letters, tasks, telling
from notifications.models import Digest, Notice, Preference
from tests.factories import (
    ContractFactory,
    FlagFactory,
    GroupFactory,
    MembershipFactory,
    OrganisationFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 6, 15)
NOW = timezone.now()


@pytest.fixture
def structure():
    return OrganisationFactory(name="Les Jardins", group=GroupFactory())


@pytest.fixture
def counsellor(structure):
    return user_with(Role.COUNSELLOR, structure, email="conseil@example.org")


@pytest.fixture
def hr(structure):
    return user_with(Role.HR, structure, email="rh@example.org")


def flag_about(structure, counsellor=None, first_name="Amina", last_name="Diallo", **fields):
    worker = WorkerFactory(organisation=structure, counsellor=counsellor, first_name=first_name, last_name=last_name)
    return FlagFactory(contract=ContractFactory(worker=worker), **fields)


def told():
    return sorted(Notice.objects.values_list("recipient__email", "severity"))


def night(day, **arguments):
    """The whole night of a day, as the jobs do it."""
    result = tasks.tell(day.isoformat(), **arguments)
    for job in Job.objects.filter(name="notifications.send", done_at__isnull=True):
        jobs.perform(job.pk)
    return result


def test_the_counsellor_of_the_person_and_hr_are_told_and_nobody_else(structure, counsellor, hr):
    user_with(Role.COUNSELLOR, structure, email="autre.conseil@example.org")
    user_with(Role.DIRECTOR, structure, email="direction@example.org")
    user_with(Role.HR, OrganisationFactory(), email="rh.ailleurs@example.org")
    flag_about(structure, counsellor, severity=3)

    assert telling.tell(MONDAY) == 2
    assert told() == [("conseil@example.org", 3), ("rh@example.org", 3)]


def test_the_director_is_told_what_is_overdue(structure, counsellor, hr):
    user_with(Role.DIRECTOR, structure, email="direction@example.org")
    flag_about(structure, counsellor, severity=5, rung=0)

    telling.tell(MONDAY)

    assert told() == [("conseil@example.org", 5), ("direction@example.org", 5), ("rh@example.org", 5)]


def test_a_fact_nobody_would_be_told_is_told_to_the_director(structure):
    user_with(Role.DIRECTOR, structure, email="direction@example.org")
    flag_about(structure, severity=2)

    telling.tell(MONDAY)

    assert told() == [("direction@example.org", 2)]


def test_a_role_held_in_the_group_is_told_of_its_structures(structure):
    user_with(Role.HR, structure.group, email="rh.groupe@example.org")
    flag_about(structure, severity=3)

    telling.tell(MONDAY)

    assert told() == [("rh.groupe@example.org", 3)]


def test_someone_who_left_or_cannot_sign_in_is_told_nothing(structure):
    gone = user_with(Role.HR, structure)
    gone.memberships.update(ended_on=MONDAY - timedelta(days=1))
    user_with(Role.HR, structure, is_active=False)
    flag_about(structure, severity=3)

    assert telling.tell(MONDAY) == 0


def test_two_roles_of_one_person_are_one_notice(structure, counsellor):
    MembershipFactory(user=counsellor, organisation=structure, role=Role.HR)
    flag_about(structure, counsellor, severity=3)

    assert telling.tell(MONDAY) == 1


def test_told_twice_is_told_once(structure, hr):
    flag_about(structure, severity=3)

    assert (telling.tell(MONDAY), telling.tell(MONDAY), telling.tell(MONDAY + timedelta(days=1))) == (1, 0, 0)


def test_a_new_threshold_is_told_anew_and_one_that_comes_back_is_not(structure, hr):
    flag = flag_about(structure, severity=2, rung=60)
    counts = []
    for severity, rung in ((2, 60), (3, 30), (4, 15), (3, 30)):
        Flag.objects.filter(pk=flag.pk).update(severity=severity, rung=rung)
        counts.append(telling.tell(MONDAY))

    assert counts == [1, 1, 1, 0]


def test_after_missed_nights_only_the_threshold_reached_is_told(structure, hr):
    flag = flag_about(structure, severity=2, rung=60)
    telling.tell(MONDAY)
    Flag.objects.filter(pk=flag.pk).update(severity=4, rung=15)  # the nights of 30 days were missed

    telling.tell(MONDAY + timedelta(days=45))

    assert told() == [("rh@example.org", 2), ("rh@example.org", 4)]


def test_a_person_hired_again_drops_out(structure, hr):
    flag = flag_about(structure, severity=3)
    telling.tell(MONDAY)
    (digest,) = telling.gather(MONDAY)
    Flag.objects.filter(pk=flag.pk).update(closed_on=MONDAY)

    assert telling.tell(MONDAY + timedelta(days=1)) == 0
    assert letters.send(digest, NOW) == 0
    assert mail.outbox == []


def test_what_one_does_not_want_is_not_told(structure, hr):
    actions.prefer(by=hr, least_severity=4)
    flag_about(structure, severity=3)
    flag_about(structure, severity=4, due_on=date(2026, 7, 1))

    telling.tell(MONDAY)

    assert told() == [("rh@example.org", 4)]


def test_a_night_sends_one_message_a_person_with_all_her_facts(structure, counsellor, hr):
    flag_about(structure, counsellor, severity=3)
    flag_about(structure, counsellor, "Bruno", "Petit", severity=5, rung=0, due_on=date(2026, 6, 1))

    assert night(MONDAY) == {"told": 4, "messages": 2}

    assert sorted(message.to[0] for message in mail.outbox) == ["conseil@example.org", "rh@example.org"]
    assert {message.subject for message in mail.outbox} == {"Parcours : 2 échéances à regarder, dont 1 dépassée"}


def test_a_night_run_again_sends_nothing_more(structure, hr):
    flag_about(structure, severity=3)

    night(MONDAY)
    night(MONDAY)
    night(MONDAY + timedelta(days=1))

    assert len(mail.outbox) == 1


def test_a_message_says_a_first_name_an_initial_and_a_link_and_nothing_more(structure, hr, settings):
    settings.PUBLIC_URL = "https://parcours.example.org"
    flag = flag_about(structure, severity=3)
    flag.worker.email, flag.worker.phone = "amina@example.org", "0600000000"
    flag.worker.save()

    night(MONDAY)

    (message,) = mail.outbox
    for said in (message.body, message.alternatives[0].content):
        assert "Amina D." in said
        assert f"https://parcours.example.org/salaries/{flag.worker_id}/" in said
        for secret in ("Diallo", "1985", "amina@example.org", "0600000000", "CDDI", "11.65"):
            assert secret not in said
    assert "- Amina D. — Fin de contrat à décider\n  À décider : échéance le 07/07/2024" in message.body


def test_a_message_interrupted_by_the_mail_server_is_sent_once_later(structure, hr, monkeypatch):
    flag_about(structure, severity=3)
    telling.tell(MONDAY)
    (digest,) = telling.gather(MONDAY)

    def broken(self, *arguments, **options):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMultiAlternatives.send", broken)
        with pytest.raises(ConnectionRefusedError):
            letters.send(digest, NOW)
    assert Digest.objects.get().sent_at is None

    assert (letters.send(digest, NOW), letters.send(digest, NOW)) == (1, 0)
    assert len(mail.outbox) == 1


def test_the_same_message_keeps_its_identifier(structure, hr):
    flag_about(structure, severity=3)
    night(MONDAY)
    digest = Digest.objects.get()

    assert mail.outbox[0].extra_headers["Message-ID"] == letters.message_id(digest)


def test_a_message_given_up_is_asked_for_again_the_next_night(structure, hr):
    flag_about(structure, severity=3)
    tasks.tell(MONDAY.isoformat())
    Job.objects.filter(name="notifications.send").update(failed_at=NOW)

    night(MONDAY + timedelta(days=1))

    assert len(mail.outbox) == 1


def test_weekly_is_one_message_from_monday_on(structure, hr):
    actions.prefer(by=hr, frequency=Preference.Frequency.WEEKLY)
    for offset in range(8):
        flag_about(structure, last_name=f"N{offset}", severity=3)
        night(MONDAY + timedelta(days=offset))

    assert [message.subject for message in mail.outbox] == [
        "Parcours : 1 échéance à regarder", "Parcours : 7 échéances à regarder",
    ]  # fmt: skip


def test_never_by_mail_is_still_told_in_the_application(structure, hr):
    actions.prefer(by=hr, frequency=Preference.Frequency.NEVER)
    flag_about(structure, severity=3)

    night(MONDAY)

    assert (mail.outbox, told()) == ([], [("rh@example.org", 3)])


def test_one_message_a_structure_when_asked(structure):
    other = OrganisationFactory(name="La Ressourcerie", group=structure.group)
    hr = user_with(Role.HR, structure.group)
    actions.prefer(by=hr, by_structure=True)
    flag_about(structure, severity=3)
    flag_about(other, severity=3)

    night(MONDAY)

    assert len(mail.outbox) == 2
    assert sorted("Les Jardins" in message.body for message in mail.outbox) == [False, True]


def test_telling_waits_for_the_flags_of_the_day(structure, hr):
    flag_about(structure, severity=3)
    refresh = jobs.enqueue("contracts.refresh_flags", key="r", arguments={"day": MONDAY.isoformat()})

    assert tasks.tell(MONDAY.isoformat()) == {"waiting": 1}
    assert told() == []
    assert Job.objects.get(name="notifications.tell").available_at > timezone.now()

    Job.objects.filter(pk=refresh.pk).update(done_at=NOW)
    assert tasks.tell(MONDAY.isoformat())["told"] == 1


def test_a_link_of_a_message_stops_the_messages_of_its_reader_only(structure, hr, client):
    other = user_with(Role.HR, structure)
    token = letters.unsubscribe_token(hr)
    address = f"/notifications/desinscription/{token}/"

    assert client.get(address).status_code == 200
    assert Preference.objects.count() == 0  # opening the link changes nothing
    assert client.post(address).status_code == 200
    assert actions.preference_of(hr).frequency == "never"
    assert actions.preference_of(other).frequency == "daily"


def test_an_altered_link_is_nobodys(structure, hr, client):
    token = letters.unsubscribe_token(hr)
    other = f"{hr.pk + 1}:{token.partition(':')[2]}"

    assert client.post(f"/notifications/desinscription/{other}/").status_code == 404
    assert Preference.objects.count() == 0


def test_telling_costs_the_same_questions_for_one_fact_and_for_many(structure, hr, django_assert_num_queries):
    for number in range(5):
        flag_about(structure, last_name=f"N{number}", severity=3)
    with django_assert_num_queries(4):
        telling.tell(MONDAY)
