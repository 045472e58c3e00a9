"""What a structure writes for itself: templates, frameworks, badges; what a person learns; meetings; moved appointments."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from agenda.models import Appointment
from parcours.models import Attachment, FollowUpTemplate
from participation.models import BodyMeeting, Seat
from skills.models import Award, Badge, Certificate, Framework, IssuerKey, Qualification, Skill, Training
from tests.factories import AssessmentFactory, FollowUpFactory, OrganisationFactory, TrainingFactory, user_with
from tests.parcours.files import pdf
from tests.web.objects import Objects
from tests.web.test_pages import TODAY, client_for, life

pytestmark = pytest.mark.django_db


@pytest.fixture
def objects(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    worker = life()
    return Objects(worker, user_with(Role.COUNSELLOR, worker.organisation))


@pytest.fixture
def client(objects):
    return client_for(objects.user)


def post(client, page, /, *args, **sent):
    return client.post(reverse(page, args=args), sent)


def test_a_template_is_written_rewritten_offered_in_the_form_and_taken_away(client, objects):
    post(client, "follow-up-template-create", title="Point logement", minutes="45", themes=["logement"])
    template = FollowUpTemplate.objects.get()
    assert "Point logement" in client.get("/suivi/").content.decode()

    post(client, "follow-up-template", template.pk, title="Point logement", minutes="60", next_step="Rappeler")
    template.refresh_from_db()
    assert (template.minutes, template.themes, template.next_step) == (60, [], "Rappeler")

    twice = post(client, "follow-up-template-create", title="Point logement")
    assert "La structure a déjà un modèle de ce titre." in twice.content.decode()
    post(client, "follow-up-template-drop", template.pk)
    assert not FollowUpTemplate.objects.exists()


def test_an_appointment_is_moved_and_not_into_the_past(client, objects):
    row = Appointment.objects.get(pk=objects["appointment"])
    at = timezone.localtime(row.starts_at + timedelta(days=1)).replace(second=0, microsecond=0)
    assert "Déplacer" in client.get(f"/agenda/?du={timezone.localdate(row.starts_at)}").content.decode()

    past = post(client, "appointment-move", row.pk, starts_at="2020-01-06T09:00")
    assert "Cette heure est passée." in past.content.decode()
    post(client, "appointment-move", row.pk, starts_at=f"{at:%Y-%m-%dT%H:%M}")

    row.refresh_from_db()
    assert row.starts_at == at


def test_a_piece_joins_a_follow_up_already_written_and_only_its_author_takes_it_away(client, objects):
    row = objects.pathway.follow_ups.get(pk=objects["own"])
    address = reverse("piece-add", args=[row.pk])
    wrong = client.post(address, {"file": SimpleUploadedFile("x.exe", b"MZ")})
    assert "pas d&#x27;un type accepté" in wrong.content.decode()
    client.post(address, {"file": SimpleUploadedFile("cv.pdf", pdf())})
    kept = Attachment.objects.get()
    assert "cv.pdf" in client.get(reverse("follow-up", args=[row.pk])).content.decode()

    colleague = client_for(user_with(Role.COUNSELLOR, objects.structure))
    assert post(colleague, "piece-remove", kept.pk, reason="x").status_code == 404
    post(client, "piece-remove", kept.pk, reason="mauvais fichier")
    assert not Attachment.objects.exists()


def test_no_piece_joins_what_one_may_not_read(objects):
    row = FollowUpFactory(pathway=objects.pathway, themes=["sante"])
    director = client_for(user_with(Role.DIRECTOR, objects.structure))
    assert director.get(reverse("piece-add", args=[row.pk])).status_code == 404


def test_a_framework_of_the_structure_is_filled_by_hand_and_by_file(client, objects):
    post(client, "framework-create", name="Métiers de l'atelier", code="ATELIER", version="1")
    framework = Framework.objects.get(code="ATELIER")
    post(client, "skill-create", framework.pk, code="1", label="Tailler", kind="know_how")
    file = SimpleUploadedFile("c.csv", b"code,intitule\n1,Tailler une haie\n2,Semer\n")
    done = client.post(reverse("framework-file", args=[framework.pk]), {"file": file}, follow=True)

    assert "2 compétences lues." in done.content.decode()
    labels = dict(Skill.objects.filter(framework=framework).values_list("code", "label"))
    assert labels == {"1": "Tailler une haie", "2": "Semer"}
    assert "Tailler une haie" in client.get(reverse("framework", args=[framework.pk]), {"q": "tailer"}).content.decode()

    AssessmentFactory(worker=objects.worker, skill=Skill.objects.get(code="1"))
    for code in ("1", "2"):
        post(client, "skill-remove", Skill.objects.get(code=code, framework=framework).pk)
    assert list(Skill.objects.filter(framework=framework).values_list("code", flat=True)) == ["1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Ligne 1 : colonnes absentes : code, intitule"),
        (b"code;intitule\n", "Le fichier ne contient aucune compétence."),
        ("code;intitule\n1;\xe9lagage".encode("latin-1"), "en UTF-8"),
        (b"PK\x00\x00", "pas un CSV"),
        (b"code;intitule\n1;Semer\n1;Planter\n", "Ligne 3, colonne « code » : déjà donné à la ligne 2"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_how_to_mend_it(client, objects, content, said):
    address = reverse("framework-file", args=[objects["framework"]])
    page = client.post(address, {"file": SimpleUploadedFile("c.csv", content)}).content.decode()

    assert said in page.replace("&#x27;", "'")
    assert Skill.objects.filter(framework_id=objects["framework"]).count() == 1


def test_a_badge_is_made_given_kept_as_it_is_and_no_more_given(client, objects):
    post(client, "badge-create", name="Espaces verts", description="Tient un massif.", criteria="Un mois.")
    badge = Badge.objects.get()
    post(client, "badge-change", badge.pk, name="Espaces verts", description="Tient un massif.", criteria="Deux mois.")
    post(client, "award-create", objects.worker.pk, badge=badge.pk, awarded_on=TODAY.isoformat())
    late = post(client, "badge-change", badge.pk, name="Autre", description="x", criteria="x")

    assert "ses mots ne changent plus" in late.content.decode()
    badge.refresh_from_db()
    assert (badge.name, badge.criteria) == ("Espaces verts", "Deux mois.")
    post(client, "badge-close", badge.pk)
    award = Award.objects.get()
    post(client, "award-revoke", award.pk, reason="Donné par erreur")
    badge.refresh_from_db()
    award.refresh_from_db()
    assert (badge.closed_on, award.revoked_on, award.revocation_reason) == (TODAY, TODAY, "Donné par erreur")


def test_the_key_is_changed_by_who_manages_the_organisation_and_nobody_else(client, objects):
    assert objects["award"]
    address = reverse("key-renew", args=[objects.structure.pk])
    assert client.post(address).status_code == 404
    other = client_for(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert other.post(address).status_code == 404

    director = client_for(user_with(Role.ADMINISTRATOR, objects.structure))
    page = director.post(address, follow=True).content.decode()

    assert "Nouvelle clé en service" in page
    assert IssuerKey.objects.filter(retired_on=None).count() == 1
    assert IssuerKey.objects.count() == 2
    assert client.get(f"/badges/{objects['award_uuid']}/").status_code == 200
    assert Award.objects.get().key.retired_on == TODAY


def test_a_training_its_days_and_its_certificate_are_written_from_the_page_of_skills(client, objects):
    worker = objects.worker.pk
    post(client, "training-create", worker, title="CACES 3", started_on="2026-03-02", in_working_time="true")
    training = Training.objects.get()
    day = {"held_on": "2026-03-02", "planned_hours": "7"}
    outside = post(client, "training-day", training.pk, held_on="2026-03-01")
    assert "hors des dates de la formation" in outside.content.decode()
    post(client, "training-day", training.pk, **day)
    post(client, "training-day", training.pk, **day, attended_hours="6.5")
    post(
        client, "training", training.pk, title="CACES 3", started_on="2026-03-02", result="certified",
        result_on="2026-04-01", in_working_time="true",
    )  # fmt: skip
    post(client, "certificate-create", worker, title="CACES 3", obtained_on="2026-04-01", training=training.pk)
    post(client, "qualification", worker, entry_level="40")

    training.refresh_from_db()
    assert (training.result, training.in_working_time) == ("certified", True)
    assert [day.attended_hours for day in training.sessions.all()] == [Decimal("6.5")]
    assert Certificate.objects.get().training == training
    assert Qualification.objects.get().entry_level == "40"
    page = client.get(reverse("skills", args=[worker])).content.decode()
    assert "Certification obtenue" in page


def test_a_refused_correction_leaves_the_training_as_it_was(client, objects):
    training = TrainingFactory(worker=objects.worker)
    page = post(client, "training", training.pk, title="Autre", started_on="2026-03-02", ended_on="2026-03-01")
    assert "précède son début" in page.content.decode()
    training.refresh_from_db()
    assert training.title == "Sauveteur secouriste du travail"


def test_a_meeting_is_counted_and_a_seat_is_left(client, objects):
    post(client, "meeting-create", objects["body"], held_on=TODAY.isoformat(), present="5", present_workers="2")
    wrong = post(client, "meeting-create", objects["body"], held_on=TODAY.isoformat(), present="1", present_workers="2")
    assert "plus nombreux que le total" in wrong.content.decode()
    assert "5 sièges présents, dont 2" in client.get("/participation/").content.decode()
    post(client, "seat-leave", objects["seat"], ended_on=TODAY.isoformat())

    assert BodyMeeting.objects.get().present_workers == 2
    assert Seat.objects.get().ended_on == TODAY
