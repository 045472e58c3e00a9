"""What is said of health and justice, and what its author keeps for herself, is sealed in the database: a dump holds none of it."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone
from django.utils.text import format_lazy

from accounts.policies import SUPPORT
from accounts.roles import Role
from accounts.sealed_fields import SealedField
from accounts.second_factor import SealedFactors
from agenda.attention import the_day
from audit.history import changes_of, known_at
from parcours import follow_ups
from parcours.models import Attachment, Barrier, FollowUp, Objective, PlanAction, PlanReview, PrivateNote
from privacy import copies, reach, resealing
from skills import badges
from skills.models import IssuerKey
from tests.factories import FollowUpFactory, PathwayFactory, user_with
from tests.privacy.test_erasure import dump
from tests.web.test_papers import client_for

TODAY = timezone.localdate()
SECRET = "Zhôpitalz"
LOST = "[Ce texte est scellé par une clé qui n'est plus connue.]"


@pytest.fixture
def world(transactional_db):
    """A person about whom the word is written everywhere it must be sealed, once corrected; her counsellor."""
    pathway = PathwayFactory(started_on=TODAY - timedelta(days=90))
    by = user_with(Role.COUNSELLOR, pathway.worker.organisation)
    write(by, pathway)
    return by, pathway


def write(by, pathway):
    said = {"pathway": pathway, "recorded_by": by}
    row = follow_ups.record_follow_up(
        by=by, pathway=pathway, kind="telephone", held_on=TODAY, minutes=30, today=TODAY, themes=["sante"],
        note=f"{SECRET} d'abord", private_note=f"{SECRET} à part", next_step=f"{SECRET} à rappeler", next_due_on=TODAY,
    )  # fmt: skip
    follow_ups.correct_follow_up(by=by, follow_up=row, reason=f"pas {SECRET}", today=TODAY, note=f"{SECRET} ensuite")
    follow_ups.cancel_follow_up(by=by, follow_up=FollowUpFactory(pathway=pathway, author=by, themes=["justice"]),
                                reason=f"{SECRET} par erreur", at=timezone.now())  # fmt: skip
    Attachment.objects.create(
        follow_up=row, name=f"{SECRET}.pdf", media_type="application/pdf", size=1, sha256="0" * 64
    )
    Barrier.objects.create(theme="sante", words=SECRET, identified_on=TODAY, said_by="worker", **said)
    goal = Objective.objects.create(theme="justice", words=SECRET, set_on=TODAY, **said)
    PlanAction.objects.create(theme="sante", what=SECRET, decided_on=TODAY, state_on=TODAY, objective=goal, **said)
    PlanReview.objects.create(
        pathway=pathway,
        held_on=TODAY,
        worker_words=SECRET,
        summary=SECRET,
        next_on=TODAY + timedelta(days=30),
        author=by,
    )


def read(by, pathway):
    """All that was written, as who may read it does."""
    row = FollowUp.objects.visible_to(by).get(themes=["sante"])
    cancelled = FollowUp.objects.visible_to(by).get(themes=["justice"])
    review = PlanReview.objects.get()
    return [
        row.note, row.shown_note, row.next_step, row.own_note, PrivateNote.objects.get().text, cancelled.cancel_reason,
        *(str(model.objects.get()) for model in (Attachment, Barrier, Objective, PlanAction)),
        review.worker_words, review.summary,
        *((event.note, why) for event, why in changes_of(row)),
    ]  # fmt: skip


def checked():
    """What `reseal --check` says, and its code."""
    out = StringIO()
    try:
        call_command("reseal", "--check", stdout=out)
    except CommandError as refusal:
        return f"{out.getvalue()}{refusal}", refusal.returncode
    return out.getvalue(), 0


def stored(model):
    """What the database holds of a model's rows and their history."""
    tables = [model._meta.db_table, model.pgh_event_model._meta.db_table]
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            rows += cursor.fetchall()
        return rows


def in_clear():
    """As it was before texts were sealed: the same rows and history, in clear."""
    fields = [
        (m, f) for m in resealing.apps.get_models() for f in m._meta.concrete_fields if isinstance(f, SealedField)
    ]
    with resealing.pgtrigger.ignore(), connection.cursor() as cursor:
        for model, field in fields:
            for number, text in model._base_manager.values_list("pk", field.name):
                cursor.execute(
                    f"UPDATE {model._meta.db_table} SET {field.column} = %s WHERE {model._meta.pk.column} = %s",
                    [str(text), number],
                )
        cursor.execute(
            "UPDATE pghistory_context SET metadata = jsonb_set(metadata, '{why}', to_jsonb(%s::text)) WHERE metadata ? 'why'",
            [f"pas {SECRET}"],
        )


# Texts about people, in tables that have themes, that stay in clear: docs/decisions/0011.
IN_CLEAR = {"UnmetNeed.topic"}


def test_a_new_text_beside_a_theme_is_sealed_or_said():
    themed = [m for m in reach.ties() if {"theme", "themes"} & {f.name for f in m._meta.concrete_fields}]
    texts = {
        f"{model.__name__}.{field.name}"
        for model in themed
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (isinstance(field, SealedField) or field.choices or field.name in {"theme", "situation"})
    }
    assert texts - IN_CLEAR == set()


def test_a_full_dump_holds_none_of_it_and_who_may_read_reads_all(world):
    assert SECRET not in dump()

    told = read(*world)

    assert all(SECRET in str(one) for one in told)
    assert told[0] == f"{SECRET} ensuite"
    assert told[-2:] == [(f"{SECRET} ensuite", f"pas {SECRET}"), (f"{SECRET} d'abord", "")]


def test_the_team_of_the_platform_reads_nothing_of_it_on_the_base_itself(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"SET ROLE {SUPPORT}")
        try:
            read = ""
            for table in tables:
                cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                    read += cursor.fetchone()[0] or ""
        finally:
            cursor.execute("RESET ROLE")
    assert "0003_sealed_texts" in read  # which migrations were made is not about people
    assert "sealed1:" not in read
    assert SECRET not in read


def test_the_page_the_day_the_copy_and_the_api_show_it_to_who_may_read_it(world):
    by, pathway = world
    row = FollowUp.objects.get(themes=["sante"])
    pages = [
        f"/suivis/{row.pk}/",
        f"/suivis/{row.pk}/corriger/",
        "/suivis/",
        f"/salaries/{pathway.worker_id}/",
        "/api/v1/follow-ups/",
    ]

    found = [client_for(by).get(page).content.decode() for page in pages]

    assert [SECRET in page for page in found] == [True] * len(pages)
    people = the_day(organisations=[pathway.worker.organisation_id], today=TODAY, reader=by).people
    assert any(SECRET in reason.text for person in people for reason in person.reasons)
    assert SECRET in copies.as_json(copies.gathered(by=by, worker=pathway.worker, today=TODAY))
    assert known_at(row, timezone.now()).note == f"{SECRET} ensuite"
    outsider = user_with(Role.HR, pathway.worker.organisation)
    assert SECRET not in client_for(outsider).get("/suivis/").content.decode()


def test_an_ordinary_text_stays_in_clear_and_is_sealed_when_its_theme_becomes_sensitive(world):
    by, pathway = world
    row = FollowUpFactory(pathway=pathway, author=by, held_on=TODAY, themes=["logement"], note="Mot ordinaire")
    assert "Mot ordinaire" in dump()

    follow_ups.correct_follow_up(by=by, follow_up=row, reason="relu", today=TODAY, themes=["sante"])
    assert FollowUp.objects.get(pk=row.pk).note == "Mot ordinaire"
    assert checked()[1] == 1  # its former state is still in clear
    call_command("reseal", stdout=StringIO())
    assert "Mot ordinaire" not in dump()

    row = FollowUp.objects.get(pk=row.pk)
    follow_ups.correct_follow_up(by=by, follow_up=row, reason="relu", today=TODAY, themes=["logement"])
    assert "Mot ordinaire" in dump()
    assert FollowUp.objects.visible_to(by).saying("ordinaires").get() == row


def test_the_same_text_sealed_twice_is_not_the_same_and_another_column_does_not_open_it(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT summary, worker_words FROM parcours_planreview")
        summary, words = cursor.fetchone()
        assert summary != words
        cursor.execute("UPDATE parcours_privatenote SET text = %s", [summary])
    assert PrivateNote.objects.get().text == "[Ce texte scellé est abîmé : il ne s'ouvre plus.]"


def test_a_text_that_looks_sealed_is_a_text(world):
    _by, pathway = world
    row = FollowUpFactory(pathway=pathway, themes=[], note="sealed1:00000000:AAAA")

    assert FollowUp.objects.get(pk=row.pk).note == "sealed1:00000000:AAAA"


def test_the_database_is_asked_nothing_of_a_sealed_text_but_whether_there_is_one(world):
    assert PlanReview.objects.filter(summary="").count() == 0
    assert PlanReview.objects.exclude(summary="").count() == 1
    assert PrivateNote.objects.filter(text__isnull=False).count() == 1
    for refused in (
        {"text": SECRET},
        {"text__icontains": "z"},
        {"text__in": [SECRET]},
        {"follow_up__note__contains": "z"},
    ):
        with pytest.raises(FieldError):
            PrivateNote.objects.filter(**refused).count()


def test_whoever_writes_without_the_row_seals_too(world):
    Barrier.objects.update(words=SECRET)
    barrier = Barrier.objects.get()
    barrier.words = f"{SECRET} encore"
    Barrier.objects.bulk_update([barrier], ["words"])
    Barrier.objects.bulk_create([Barrier(pathway=barrier.pathway, theme="justice", words=SECRET, identified_on=TODAY,
                                         said_by="worker", recorded_by=barrier.recorded_by)])  # fmt: skip
    PlanReview.objects.update(summary=format_lazy("{} plus tard", SECRET))

    assert SECRET not in dump()
    assert set(Barrier.objects.values_list("words", flat=True)) == {f"{SECRET} encore", SECRET}
    assert PlanReview.objects.get().summary == f"{SECRET} plus tard"


def test_saving_a_row_again_changes_nothing(world):
    before = stored(Barrier)

    Barrier.objects.get().save()

    assert stored(Barrier) == before


def test_a_key_withdrawn_is_gone_once_all_is_sealed_again(world, settings):
    by, pathway = world
    told, entered = read(by, pathway), "JBSWY3DPEHPK3PXP"
    factor = Authenticator.objects.create(
        user=by, type=Authenticator.Type.TOTP, data={"secret": SealedFactors().encrypt(entered)}
    )
    public, private = badges.new_key_pair()
    key = IssuerKey.objects.create(
        organisation=pathway.worker.organisation, public=public, sealed=private, created_on=TODAY
    )
    events = {model: model.pgh_event_model.objects.count() for model in (FollowUp, PrivateNote, Barrier, PlanReview)}
    for name in ("TEXT_SECRETS", "SEALING_SECRETS", "BADGE_SECRETS"):
        setattr(settings, name, ["nouveau", *getattr(settings, name)])
    said, code = checked()
    assert code == 1
    assert "parcours_followupevent.note : 2" in said
    assert "mfa_authenticator.data : 1, secret n° 2" in said

    call_command("reseal", stdout=StringIO())
    call_command("reseal", stdout=StringIO())
    for name in ("TEXT_SECRETS", "SEALING_SECRETS", "BADGE_SECRETS"):
        setattr(settings, name, ["nouveau"])

    assert checked()[1] == 0
    assert read(by, pathway) == told
    factor.refresh_from_db()
    assert SealedFactors().decrypt(factor.data["secret"]) == entered
    key.refresh_from_db()
    assert badges.opened(badges.sign({"a": 1}, sealed=key.sealed, kid="k"), public) == {"a": 1}
    assert {model: model.pgh_event_model.objects.count() for model in events} == events


def test_what_was_written_in_clear_before_is_sealed_with_its_history(world):
    told = read(*world)
    in_clear()
    assert dump().count(SECRET) > 15
    said, code = checked()
    assert (code, "parcours_privatenote.text : 1, en clair" in said) == (1, True)

    call_command("reseal", stdout=StringIO())

    assert SECRET not in dump()
    assert checked()[1] == 0
    assert read(*world)[:12] == told[:12]


def test_a_lost_key_is_said_on_the_page_and_what_it_sealed_is_left_as_it_is(world, settings):
    by, pathway = world
    row, old = FollowUp.objects.get(themes=["sante"]), settings.TEXT_SECRETS
    settings.TEXT_SECRETS = ["un autre"]

    pages = [client_for(by).get(page) for page in (f"/suivis/{row.pk}/", f"/salaries/{pathway.worker_id}/", "/suivis/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all("scellé par une clé qui n" in page.content.decode() for page in pages)
    known = FollowUp.objects.get(pk=row.pk)
    assert known.note == LOST
    follow_ups.correct_follow_up(by=by, follow_up=known, reason="durée", today=TODAY, minutes=45, note=known.note)
    with pytest.raises(CommandError, match="clé inconnue"):
        call_command("reseal", stdout=StringIO())
    settings.TEXT_SECRETS = [*settings.TEXT_SECRETS, *old]
    known = FollowUp.objects.get(pk=row.pk)
    assert (known.note, known.minutes) == (f"{SECRET} ensuite", 45)


def test_what_is_written_while_all_is_sealed_again_is_not_lost(world, settings, monkeypatch):
    settings.TEXT_SECRETS = ["nouveau", *settings.TEXT_SECRETS]
    note, again = PrivateNote.objects.get(), resealing.Texts._write

    def written_meanwhile(place, pairs):
        if place.column == "private_note.text":
            PrivateNote.objects.filter(pk=note.pk).update(text="Écrit entre-temps")
        return again(place, pairs)

    monkeypatch.setattr(resealing.Texts, "_write", written_meanwhile)
    call_command("reseal", stdout=StringIO())

    assert PrivateNote.objects.get().text == "Écrit entre-temps"
    assert checked()[1] == 0


def test_a_run_cut_short_is_taken_up_by_the_next(world, settings, monkeypatch):
    told = read(*world)
    settings.TEXT_SECRETS = ["nouveau", *settings.TEXT_SECRETS]
    again, done = resealing.Texts._write, []

    def cut(place, pairs):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(1)
        return again(place, pairs[:1])

    with monkeypatch.context() as patch:
        patch.setattr(resealing.Texts, "_write", cut)
        with pytest.raises(KeyboardInterrupt):
            resealing.reseal()
    monkeypatch.setattr(resealing, "BATCH", 1)
    call_command("reseal", stdout=StringIO())
    settings.TEXT_SECRETS = ["nouveau"]

    assert read(*world) == told
