"""What is put off, what is planned, and what of it leaves for a telephone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import Role
from agenda import actions
from agenda.attention import the_day
from agenda.calendar import feed
from agenda.models import Snooze
from tests.agenda.test_attention import DAY, said, seen, someone
from tests.factories import (
    ExitFactory,
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 6, 15, 7, tzinfo=UTC)  # in Paris


def late_right(pathway, days):
    return RightStepFactory(pathway=pathway, right="D15", state="to_study", due_on=DAY - timedelta(days=days))


def put_off(pathway, step, until, today=DAY, by=None, reason="Dossier parti"):
    return actions.snooze(
        by=by or user_with(Role.COUNSELLOR, pathway.worker.organisation), worker=pathway.worker, fact="right_late",
        subject=step.pk, due_on=step.due_on, until=until, reason=reason, today=today,
    )  # fmt: skip


def codes_on(pathway, day):
    found = the_day(organisations=[pathway.worker.organisation_id], today=day)
    return [r.code for p in found.people for r in p.reasons], [r.code for p in found.waiting for r in p.put_off]


def test_a_fact_put_off_comes_back_by_itself_on_its_day():
    pathway = someone()
    seen(pathway, 1)
    step = late_right(pathway, 3)
    put_off(pathway, step, DAY + timedelta(days=5))

    assert codes_on(pathway, DAY) == ([], ["right_late"])
    assert codes_on(pathway, DAY + timedelta(days=4)) == ([], ["right_late"])
    assert codes_on(pathway, DAY + timedelta(days=5)) == (["right_late"], [])


def test_only_that_fact_is_put_off_and_only_while_it_is_the_same():
    pathway = someone()
    seen(pathway, 1)
    step, other = late_right(pathway, 3), late_right_other(pathway)
    put_off(pathway, step, DAY + timedelta(days=5))
    assert codes_on(pathway, DAY)[0] == ["right_late"]

    step.due_on = DAY - timedelta(days=1)
    step.save()
    other.delete()
    assert codes_on(pathway, DAY)[0] == ["right_late"]


def late_right_other(pathway):
    return RightStepFactory(pathway=pathway, right="D02", state="to_study", due_on=DAY - timedelta(days=2))


def test_what_is_past_due_is_not_hidden_beyond_thirty_days():
    pathway = someone()
    seen(pathway, 1)
    step = late_right(pathway, 20)

    with pytest.raises(ValidationError, match="Pas au-delà du 25/06/2026"):
        put_off(pathway, step, DAY + timedelta(days=11))
    put_off(pathway, step, DAY + timedelta(days=10))
    Snooze.objects.update(until=DAY + timedelta(days=300))

    assert codes_on(pathway, DAY + timedelta(days=9))[0] == []
    assert codes_on(pathway, DAY + timedelta(days=10))[0] == ["right_late"]
    old = late_right(someone(), 31)
    with pytest.raises(ValidationError, match="ne peut plus attendre"):
        put_off(old.pathway, old, DAY + timedelta(days=1))


def test_putting_off_asks_for_a_reason_a_later_day_and_a_true_fact():
    pathway = someone()
    seen(pathway, 1)
    step = late_right(pathway, 3)

    with pytest.raises(ValidationError):
        put_off(pathway, step, DAY + timedelta(days=2), reason=" ")
    with pytest.raises(ValidationError, match="choisissez un jour à venir"):
        put_off(pathway, step, DAY)
    step.delete()
    with pytest.raises(ValidationError, match="n'est plus d'actualité"):
        put_off(
            pathway, RightStepFactory.build(pk=step.pk or 1, due_on=DAY - timedelta(days=3)), DAY + timedelta(days=2)
        )
    assert Snooze.objects.count() == 0


def test_a_meeting_of_today_is_told_until_it_is_noted_and_one_forgotten_is_to_note():
    pathway = someone(first_name="Awa", last_name="Bâ")
    seen(pathway, 5)
    by = user_with(Role.COUNSELLOR, pathway.worker.organisation)

    def plan(at):
        actions.plan_appointment(by=by, workers=[pathway.worker], kind="bilan", starts_at=at, place="Atelier", now=at)

    plan(NINE + timedelta(hours=5, minutes=30))
    plan(NINE - timedelta(days=2))
    plan(NINE + timedelta(days=1))

    assert said(pathway, counsellor=by) == [
        ("Bilan intermédiaire du 13/06/2026 : à noter", 3),
        ("Bilan intermédiaire aujourd'hui à 14:30, Atelier", 3),
    ]
    seen(pathway, 0)
    assert said(pathway) == [("Bilan intermédiaire du 13/06/2026 : à noter", 3)]


def test_news_are_asked_for_after_an_exit():
    left = ExitFactory(
        pathway=PathwayFactory(started_on=date(2025, 1, 6), ended_on=date(2026, 3, 10)), exited_on=date(2026, 3, 10)
    )
    left.calls.all().delete()
    left.calls.create(months=3, due_on=date(2026, 6, 10))
    left.calls.create(months=6, due_on=date(2026, 9, 10))

    assert said(left.pathway) == [("Nouvelles à prendre 3 mois après la sortie (vers le 10/06/2026)", 3)]


@pytest.mark.parametrize(("late", "asked"), [(90, True), (91, False)])
def test_news_left_unasked_for_three_months_are_asked_for_no_more(late, asked):
    left = ExitFactory(
        pathway=PathwayFactory(started_on=date(2025, 1, 6), ended_on=date(2025, 12, 10)), exited_on=date(2025, 12, 10)
    )
    left.calls.all().delete()
    left.calls.create(months=3, due_on=DAY - timedelta(days=late))

    assert bool(said(left.pathway)) is asked


def test_someone_who_did_not_come_was_not_seen():
    pathway = someone()
    seen(pathway, 40)
    seen(pathway, 2, outcome="absent")

    assert said(pathway) == [("Pas de suivi depuis 40 jours", 3)]


def test_a_cancelled_follow_up_counts_for_nothing():
    pathway = someone()
    seen(pathway, 40)
    seen(pathway, 2, cancelled_at=NINE, cancel_reason="Mauvais dossier")

    assert said(pathway) == [("Pas de suivi depuis 40 jours", 3)]


def test_a_step_about_health_is_told_where_it_may_be_read():
    pathway = someone()
    structure = pathway.worker.organisation_id
    seen(pathway, 3, next_step="Rappeler le CMP", next_due_on=DAY, themes=["sante"])

    def told(**who):
        day = the_day(organisations=[structure], today=DAY, **who)
        return [r.text for p in day.people for r in p.reasons]

    assert told() == ["Étape prévue : prévu pour aujourd'hui"]
    assert told(trusted=[structure]) == ["Rappeler le CMP : prévu pour aujourd'hui"]


# The calendar -----------------------------------------------------------------------------------------------------


def parsed(text):
    """A strict reading of RFC 5545: CRLF, 75 octets a line, unfolding, properties, blocks closed in order."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert [line for line in text.split("\r\n") if len(line.encode()) > 75] == []
    events, open_blocks, current = [], [], {}
    for line in text.replace("\r\n ", "").split("\r\n")[:-1]:
        name, colon, value = line.partition(":")
        assert colon, line
        if name == "BEGIN":
            open_blocks.append(value)
            current = {}
        elif name == "END":
            assert open_blocks.pop() == value
            if value == "VEVENT":
                events.append(current)
        else:
            current[name] = value
    assert open_blocks == []
    return events


def test_a_feed_says_a_first_name_an_initial_and_a_nature_and_nothing_else():
    structure = OrganisationFactory()
    user = user_with(Role.COUNSELLOR, structure)
    pathway = PathwayFactory(
        worker__organisation=structure,
        worker__first_name="Marie-Thérèse",
        worker__last_name="Özdemir",
        started_on=date(2026, 1, 5),
    )
    FollowUpFactory(
        pathway=pathway, author=user, held_on=DAY, themes=["sante"], note="Opération", next_step="Appeler l'hôpital",
        next_due_on=DAY + timedelta(days=3),
    )  # fmt: skip
    elsewhere = PathwayFactory(started_on=date(2026, 1, 5))
    FollowUpFactory(pathway=elsewhere, author=user, held_on=DAY, next_due_on=DAY + timedelta(days=3))
    actions.plan_appointment(
        by=user,
        workers=[pathway.worker],
        kind="exterieur",
        starts_at=NINE + timedelta(days=1),
        minutes=90,
        place="Hôpital",
        now=NINE,
    )
    gone = actions.plan_appointment(
        by=user, workers=[pathway.worker], kind="bilan", starts_at=NINE + timedelta(days=2), now=NINE
    )
    actions.cancel_appointment(by=user, appointment=gone[0], reason="Congés", at=NINE)

    text = feed(user, today=DAY, page="https://exemple.fr/salaries/")

    events = parsed(text)
    assert [(e["SUMMARY"], e.get("DTSTART"), e.get("DTEND"), e.get("DTSTART;VALUE=DATE")) for e in events] == [
        ("Accompagnement physique à l'extérieur — Marie-Thérèse Ö.", "20260616T070000Z", "20260616T083000Z", None),
        ("Étape prévue — Marie-Thérèse Ö.", None, None, "20260618"),
    ]
    assert {e["URL"] for e in events} == {f"https://exemple.fr/salaries/{pathway.worker_id}/"}
    assert len({e["UID"] for e in events}) == 2
    assert [word for word in ("zdemir", "Hôpital", "hôpital", "Opération", "Santé") if word in text] == []


def test_a_secret_is_not_kept_and_a_revoked_or_unknown_one_opens_nothing():
    user = user_with(Role.COUNSELLOR, OrganisationFactory())
    row, secret = actions.issue_feed(by=user, name="Téléphone")

    assert secret not in (row.digest, row.name)
    assert actions.find_feed(secret, NINE) == row
    assert actions.find_feed("x", NINE) is None
    actions.revoke_feed(by=user, feed=row, at=NINE)
    assert actions.find_feed(secret, NINE) is None
