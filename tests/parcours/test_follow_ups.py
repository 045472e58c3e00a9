"""Follow-ups: written once, for one or several, corrected by their author, read by whom they concern."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from accounts.roles import Role
from audit.history import changes_of
from parcours import follow_ups
from parcours.models import Attachment, FollowUp, PrivateNote
from tests.factories import (
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)
from tests.parcours.files import pdf

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
KEY = "5f844eff-2dbb-450e-8f8b-6ec99f216c31"


def sent(**more):
    return {"kind": "entretien_individuel", "held_on": DAY, "minutes": 30, "today": DAY, **more}


def refusal(call) -> str:
    with pytest.raises(ValidationError) as refused:
        call()
    return " ".join(refused.value.messages)


def test_the_same_form_sent_twice_logs_one_follow_up():
    pathway, by = PathwayFactory(), UserFactory()

    first = follow_ups.record_follow_up(by=by, pathway=pathway, sent_once=KEY, **sent())
    second = follow_ups.record_follow_up(by=by, pathway=pathway, sent_once=KEY, **sent())

    assert first.pk == second.pk
    assert FollowUp.objects.count() == 1
    assert len(changes_of(first)) == 1


def test_a_form_completed_before_it_is_sent_again_corrects_the_first_one():
    pathway, by = PathwayFactory(), UserFactory()
    first = follow_ups.record_follow_up(by=by, pathway=pathway, sent_once=KEY, **sent(note="Projet"))

    follow_ups.record_follow_up(
        by=by, pathway=pathway, sent_once=KEY, **sent(note="Projet de cuisine"), private_note="À rappeler"
    )

    kept = FollowUp.objects.get()
    assert (kept.pk, kept.note, kept.private_note.text) == (first.pk, "Projet de cuisine", "À rappeler")
    assert changes_of(kept)[0][1] == "Envoyé de nouveau après une coupure"


def test_a_key_is_its_authors_own():
    pathway = PathwayFactory()
    follow_ups.record_follow_up(by=UserFactory(), pathway=pathway, sent_once=KEY, **sent(note="Le mien"))

    said = refusal(lambda: follow_ups.record_follow_up(by=UserFactory(), pathway=pathway, sent_once=KEY, **sent()))

    assert said == "Ce suivi est déjà enregistré."
    assert FollowUp.objects.get().note == "Le mien"


def test_a_workshop_is_one_save_with_the_presence_of_each():
    structure, by = OrganisationFactory(), UserFactory()
    one, two, three = (PathwayFactory(worker__organisation=structure) for _time in range(3))

    def save():
        return follow_ups.record_together(
            by=by,
            attendance=[(one, "present"), (two, "absent"), (three, "excused")],
            sent_once=KEY,
            **sent(kind="atelier_collectif", minutes=120),
        )

    written, again = save(), save()

    assert [f.pk for f in again] == [f.pk for f in written]
    rows = FollowUp.objects.order_by("id").values_list("pathway_id", "outcome", "minutes", "kind")
    assert list(rows) == [
        (one.pk, "present", 120, "atelier_collectif"),
        (two.pk, "absent", 120, "atelier_collectif"),
        (three.pk, "excused", 120, "atelier_collectif"),
    ]
    assert len({f.together for f in written}) == 1


def test_someone_added_before_a_workshop_is_sent_again_is_added_and_nobody_doubled():
    structure, by = OrganisationFactory(), UserFactory()
    one, two = (PathwayFactory(worker__organisation=structure) for _time in range(2))
    follow_ups.record_together(by=by, attendance=[(one, "present")], sent_once=KEY, **sent())

    follow_ups.record_together(by=by, attendance=[(one, "absent"), (two, "present")], sent_once=KEY, **sent())

    assert sorted(FollowUp.objects.values_list("pathway_id", "outcome")) == [(one.pk, "absent"), (two.pk, "present")]


def test_one_wrong_person_keeps_the_whole_workshop_unwritten():
    structure = OrganisationFactory()
    one = PathwayFactory(worker__organisation=structure)
    late = PathwayFactory(worker__organisation=structure, worker__last_name="Kaya", started_on=DAY + timedelta(days=1))

    said = refusal(
        lambda: follow_ups.record_together(by=UserFactory(), attendance=[(one, "present"), (late, "present")], **sent())
    )

    assert said == "Amina Kaya : Le parcours a commencé le 16/06/2026."
    assert FollowUp.objects.count() == 0


def test_a_follow_up_is_neither_in_the_future_nor_before_the_pathway_nor_of_an_unknown_kind():
    pathway, by = PathwayFactory(started_on=date(2026, 6, 1)), UserFactory()

    def log(**more):
        return lambda: follow_ups.record_follow_up(by=by, pathway=pathway, **sent(**more))

    assert refusal(log(held_on=DAY + timedelta(days=1))) == "Cette date est dans l'avenir."
    assert refusal(log(held_on=date(2026, 5, 31))) == "Le parcours a commencé le 01/06/2026."
    assert "bavardage" in refusal(log(kind="bavardage"))
    assert refusal(log(minutes=721)) == "Un suivi ne dure pas plus de 12 heures."
    assert refusal(log(next_due_on=DAY - timedelta(days=1))) == "La prochaine échéance précède le suivi."
    assert FollowUp.objects.count() == 0


def test_saving_costs_the_same_for_one_person_and_for_thirty():
    structure, by = OrganisationFactory(), UserFactory()
    everyone = [(PathwayFactory(worker__organisation=structure), "present") for _time in range(30)]

    def cost(attendance):
        with CaptureQueriesContext(connection) as queries:
            follow_ups.record_together(by=by, attendance=attendance, sent_once=uuid4(), **sent())
        return len(queries)

    assert cost(everyone[:1]) == cost(everyone)


def test_a_correction_says_why_and_what_was_said_before_stays_known():
    by = UserFactory()
    follow_up = FollowUpFactory(author=by, note="Vu mardi", minutes=30)

    follow_ups.correct_follow_up(by=by, follow_up=follow_up, reason="Erreur de jour", note="Vu lundi", today=DAY)

    assert FollowUp.objects.get().note == "Vu lundi"
    assert [(event.note, why) for event, why in changes_of(follow_up)] == [
        ("Vu lundi", "Erreur de jour"),
        ("Vu mardi", ""),
    ]


def test_only_the_author_corrects_and_never_without_a_reason():
    follow_up = FollowUpFactory(note="Vu mardi")

    def correct(by, reason):
        return lambda: follow_ups.correct_follow_up(by=by, follow_up=follow_up, reason=reason, note="x", today=DAY)

    assert refusal(correct(UserFactory(), "pour voir")) == (
        "Seule la personne qui a écrit ce suivi peut le corriger ou l'annuler."
    )
    assert refusal(correct(follow_up.author, " ")) == "Dites pourquoi."
    assert FollowUp.objects.get().note == "Vu mardi"


def test_a_cancelled_follow_up_stays_and_is_corrected_no_more():
    by = UserFactory()
    follow_up = FollowUpFactory(author=by)

    follow_ups.cancel_follow_up(by=by, follow_up=follow_up, reason="Mauvais dossier", at=NOW)

    kept = FollowUp.objects.get()
    assert (kept.cancelled_at, kept.cancel_reason) == (NOW, "Mauvais dossier")
    assert list(FollowUp.objects.standing()) == []
    again = lambda: follow_ups.correct_follow_up(by=by, follow_up=kept, reason="x", note="y", today=DAY)  # noqa: E731
    assert refusal(again) == "Ce suivi est annulé."


# Who reads what ---------------------------------------------------------------------------------------------------


def shown_to(principal):
    return [
        (f.readable, f.shown_themes, f.shown_note, f.shown_next_step)
        for f in FollowUp.objects.visible_to(principal).order_by("id")
    ]


OPEN = (True, ["logement"], "Bail signé", "")
SEALED = (False, [], "", "")
FULL = (True, ["sante"], "Rendez-vous à l'hôpital", "Rappeler le CMP")


def two_follow_ups(structure, **fields):
    pathway = PathwayFactory(worker__organisation=structure)
    FollowUpFactory(pathway=pathway, themes=["logement"], note="Bail signé", **fields)
    FollowUpFactory(
        pathway=pathway, themes=["sante"], note="Rendez-vous à l'hôpital", next_step="Rappeler le CMP", **fields
    )


def test_health_and_justice_are_read_by_the_counsellors_of_the_structure():
    structure = OrganisationFactory()
    two_follow_ups(structure)

    assert shown_to(user_with(Role.COUNSELLOR, structure)) == [OPEN, FULL]
    assert shown_to(user_with(Role.HR, structure)) == [OPEN, SEALED]
    assert shown_to(user_with(Role.DIRECTOR, structure)) == [OPEN, SEALED]
    assert shown_to(user_with(Role.COUNSELLOR, OrganisationFactory())) == []


def test_a_director_reads_what_she_wrote_herself():
    structure = OrganisationFactory()
    director = user_with(Role.DIRECTOR, structure)
    two_follow_ups(structure, author=director)

    assert shown_to(director) == [OPEN, FULL]
    assert shown_to(user_with(Role.DIRECTOR, structure)) == [OPEN, SEALED]


def test_a_counsellor_elsewhere_who_is_hr_here_reads_as_hr():
    here, elsewhere = OrganisationFactory(), OrganisationFactory()
    two_follow_ups(here)
    user = user_with(Role.HR, here)
    user.memberships.create(organisation=elsewhere, role=Role.COUNSELLOR, started_on=date(2020, 1, 1))

    assert shown_to(user) == [OPEN, SEALED]


@pytest.mark.parametrize(("role", "expected"), [(Role.COUNSELLOR, FULL), (Role.DIRECTOR, SEALED), (Role.HR, SEALED)])
def test_a_program_reads_with_the_role_of_its_token(role, expected):
    structure = OrganisationFactory()
    two_follow_ups(structure)
    token, _secret = tokens.issue(by=user_with(Role.COUNSELLOR, structure), organisation=structure, name="x", role=role)

    assert shown_to(token) == [OPEN, expected]


def test_a_private_note_is_its_authors_alone():
    structure = OrganisationFactory()
    author, colleague = (user_with(Role.COUNSELLOR, structure) for _time in range(2))
    pathway = PathwayFactory(worker__organisation=structure)
    follow_ups.record_follow_up(by=author, pathway=pathway, private_note="Mon impression", **sent(note="Vu"))
    token, _secret = tokens.issue(by=author, organisation=structure, name="x", role=Role.COUNSELLOR)

    def own(principal):
        return [f.own_note for f in FollowUp.objects.visible_to(principal)]

    readers = {"author": author, "colleague": colleague, "program": token}
    assert {name: own(who) for name, who in readers.items()} == {
        "author": ["Mon impression"],
        "colleague": [""],
        "program": [""],
    }
    assert {name: PrivateNote.objects.visible_to(who).count() for name, who in readers.items()} == {
        "author": 1,
        "colleague": 0,
        "program": 0,
    }


def test_the_words_of_a_private_note_are_in_no_history_corrected_or_deleted():
    by = user_with(Role.COUNSELLOR, structure := OrganisationFactory())
    pathway = PathwayFactory(worker__organisation=structure)
    row = follow_ups.record_follow_up(by=by, pathway=pathway, private_note="Premier mot secret", **sent())
    for text in ("Second mot secret", ""):
        follow_ups.correct_follow_up(by=by, follow_up=row, reason="relu", today=DAY, private_note=text)

    assert not PrivateNote.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label, to_jsonb(e)::text FROM parcours_privatenoteevent e ORDER BY pgh_id")
        events = cursor.fetchall()
    assert [label for label, _kept in events] == ["insert", "update", "delete"]
    assert "secret" not in str(events)


# Search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("élève", True), ("eleve", True), ("ÉLÈVES", True), ("conduite élève", True), ("\"élève conduite\"", False),
        ("conduites", True), ("élève -conduite", False), ("camion", False), ("moniteur", True), ("'; drop table", False),
    ],
)  # fmt: skip
def test_words_are_found_whatever_their_accents_number_and_order(asked, found):
    user = user_with(Role.COUNSELLOR, structure := OrganisationFactory())
    FollowUpFactory(
        pathway__worker__organisation=structure,
        note="Conduite : progrès d'un élève appliqué",
        next_step="Voir le moniteur",
    )

    assert FollowUp.objects.visible_to(user).saying(asked).exists() is found


def test_a_search_reads_no_sealed_text_and_no_private_note():
    structure = OrganisationFactory()
    two_follow_ups(structure)
    author = user_with(Role.COUNSELLOR, structure)
    pathway = PathwayFactory(worker__organisation=structure)
    follow_ups.record_follow_up(by=author, pathway=pathway, private_note="hôpital", **sent())

    def found(role):
        return FollowUp.objects.visible_to(user_with(role, structure)).saying("hopital").count()

    assert (found(Role.COUNSELLOR), found(Role.DIRECTOR), found(Role.HR)) == (0, 0, 0)
    FollowUpFactory(pathway=pathway, note="Aide-soignante à l'hôpital", themes=["recherche_emploi"])
    assert (found(Role.COUNSELLOR), found(Role.DIRECTOR)) == (1, 1)


# Attachments in the same save -------------------------------------------------------------------------------------


def test_a_file_is_kept_with_its_follow_up_and_not_twice(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    pathway, by = PathwayFactory(), UserFactory()

    for _time in range(2):
        follow_ups.record_follow_up(by=by, pathway=pathway, sent_once=KEY, files=[("cv.pdf", BytesIO(pdf()))], **sent())

    assert [(a.name, a.media_type, a.size) for a in Attachment.objects.all()] == [
        ("cv.pdf", "application/pdf", len(pdf()))
    ]


def test_a_refused_file_keeps_the_follow_up_unwritten(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    call = lambda: follow_ups.record_follow_up(  # noqa: E731
        by=UserFactory(), pathway=PathwayFactory(), files=[("cv.pdf", BytesIO(b"<script>"))], **sent()
    )

    assert "n'est pas d'un type accepté" in refusal(call)
    assert (FollowUp.objects.count(), list(tmp_path.rglob("*"))) == (0, [])


def test_a_file_never_goes_into_several_files():
    attendance = [(PathwayFactory(), "present"), (PathwayFactory(), "present")]
    call = lambda: follow_ups.record_together(  # noqa: E731
        by=UserFactory(), attendance=attendance, files=[("cv.pdf", BytesIO(pdf()))], **sent()
    )

    assert refusal(call) == "Une pièce jointe va dans le dossier d'une seule personne."


def test_a_person_is_not_chosen_twice_nor_nobody():
    pathway = PathwayFactory(worker=WorkerFactory())

    def save(attendance):
        return lambda: follow_ups.record_together(by=UserFactory(), attendance=attendance, **sent())

    assert refusal(save([])) == "Choisissez au moins une personne."
    assert refusal(save([(pathway, "present"), (pathway, "absent")])) == "La même personne est choisie deux fois."
