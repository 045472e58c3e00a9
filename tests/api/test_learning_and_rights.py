"""Skills, learning, badges and rights through the REST door: the pages' verbs, the pages' walls."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.roles import Role
from parcours.models import FollowUpTemplate
from rights.models import Circumstance, RightStep
from skills.models import Assessment, Certificate, Framework, IssuerKey, Qualification, Skill, Training, TrainingSession
from tests.api.test_api import client_of, results
from tests.factories import (
    AssociationMemberFactory,
    BodyFactory,
    FrameworkFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    SeatFactory,
    SkillFactory,
    TrainingFactory,
)
from tests.web.objects import Objects

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = TODAY.isoformat()


@pytest.fixture
def pathway():
    return PathwayFactory(worker__organisation=OrganisationFactory())


@pytest.fixture
def structure(pathway):
    return pathway.worker.organisation


@pytest.fixture
def client(structure):
    return client_of(structure, Role.COUNSELLOR)


def written(client, address, sent, status=201):
    answer = client.post(f"/api/v1/{address}/", sent, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


# Learning ---------------------------------------------------------------------------------------------------------


def test_a_training_is_written_followed_and_told_with_its_result(client, pathway):
    sent = {"worker": pathway.worker_id, "title": "CACES 3", "started_on": "2024-03-04", "certifying": True}
    training = written(client, "trainings", sent)["id"]
    day = {"training": training, "held_on": "2024-03-04", "planned_hours": "7"}
    first = written(client, "training-sessions", day)
    again = written(client, "training-sessions", {**day, "attended_hours": "6.5"})
    told = written(
        client, f"trainings/{training}/change", {"result": "certified", "result_on": "2024-04-01"}, status=200
    )

    assert (first["id"], first["attended_hours"], again["id"], again["attended_hours"]) == (
        again["id"], None, first["id"], "6.50",
    )  # fmt: skip
    assert (told["result"], told["title"], told["certifying"]) == ("certified", "CACES 3", True)
    assert TrainingSession.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "sent", "field", "said"),
    [
        ("trainings", {"title": "x", "started_on": "2024-03-04", "ended_on": "2024-03-01"}, "", "précède"),
        ("trainings", {"title": "x", "started_on": DAY, "drop_reason": "job"}, "", "motif d'interruption"),
        (
            "certificates",
            {"title": "x", "obtained_on": (TODAY + timedelta(days=2)).isoformat()},
            "obtained_on",
            "avenir",
        ),
        ("trainings", {"title": "x", "started_on": DAY, "teacher": "y"}, "teacher", "Champ inconnu"),
    ],
)
def test_what_cannot_be_is_refused_in_french_at_its_field(client, pathway, address, sent, field, said):
    answer = client.post(f"/api/v1/{address}/", {"worker": pathway.worker_id, **sent}, format="json")

    [error] = answer.json()["errors"]
    assert (answer.status_code, said in error["message"]) == (400, True)
    assert not field or error["field"] == field


def test_a_day_of_training_is_inside_the_training(client, pathway):
    training = TrainingFactory(worker=pathway.worker)
    answer = client.post("/api/v1/training-sessions/", {"training": training.pk, "held_on": "2024-03-01"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "held_on")


def test_a_certificate_and_a_level_are_written_and_put_right(client, pathway):
    sent = {"worker": pathway.worker_id, "title": "CACES 3", "obtained_on": "2024-04-01", "expires_on": "2029-03-31"}
    certificate = written(client, "certificates", sent)["id"]
    mended = written(client, f"certificates/{certificate}/change", {"certifier": "AFPA"}, status=200)
    level = {"pathway": pathway.pk, "entry_level": "40"}
    written(client, "qualifications", level)
    twice = written(client, "qualifications", {**level, "exit_level": "20"})

    assert (mended["certifier"], mended["expires_on"]) == ("AFPA", "2029-03-31")
    assert (Qualification.objects.count(), twice["entry_level"], twice["exit_level"]) == (1, "40", "20")


def test_the_training_of_somebody_else_does_not_justify_a_certificate(client, pathway, structure):
    other = TrainingFactory(worker=PathwayFactory(worker__organisation=structure).worker)
    sent = {"worker": pathway.worker_id, "title": "CACES 3", "obtained_on": DAY, "training": other.pk}
    answer = client.post("/api/v1/certificates/", sent)
    assert (answer.status_code, Certificate.objects.count()) == (400, 0)


# Frameworks and badges --------------------------------------------------------------------------------------------


def test_a_structure_writes_its_framework_and_is_assessed_on_it(client, pathway, structure):
    framework = written(
        client, "frameworks", {"organisation": structure.pk, "code": "ATELIER", "name": "Métiers", "version": "1"}
    )
    skill = written(
        client, "skills", {"framework": framework["id"], "code": "1", "label": "Tailler une haie", "kind": "know_how"}
    )
    sent = {"worker": pathway.worker_id, "skill": skill["id"], "supervisor": 3, "by_worker": 2, "evidence": "Vu"}
    looks = written(client, "assessments/together", sent)

    assert [(look["assessed_by"], look["level"]) for look in looks] == [("supervisor", 3), ("worker", 2)]
    assert [s["label"] for s in results(client, "skills", q="tailer")] == ["Tailler une haie"]
    assert (
        written(client, f"skills/{skill['id']}/reword", {"label": "Tailler droit"}, status=200)["label"]
        == "Tailler droit"
    )
    assert client.delete(f"/api/v1/skills/{skill['id']}/").status_code == 400  # it has served
    Assessment.objects.all().delete()
    assert client.delete(f"/api/v1/skills/{skill['id']}/").status_code == 204


def test_a_file_of_skills_is_read_whole_or_not_at_all(client, structure):
    framework = written(
        client, "frameworks", {"organisation": structure.pk, "code": "A", "name": "Métiers", "version": "1"}
    )["id"]

    def read(text):
        file = SimpleUploadedFile("c.csv", text.encode())
        return client.post(f"/api/v1/frameworks/{framework}/file/", {"file": file}, format="multipart")

    wrong = read("code;intitule;nature\n1;Tailler;Savoir-faire\n;Semer;\n3;Arroser;magie\n")
    assert (wrong.status_code, Skill.objects.count()) == (400, 0)
    said = [error["message"] for error in wrong.json()["errors"]]
    assert said[0].startswith("Ligne 3, colonne « code »")
    assert "« magie » inconnue" in said[1]
    right = [
        read("code;intitule;nature\n1;Tailler;Savoir-faire\n2;Écouter;savoir être professionnel\n") for _time in (1, 2)
    ]
    assert [answer.json() for answer in right] == [{"read": 2}] * 2
    assert list(Skill.objects.order_by("code").values_list("label", "kind")) == [
        ("Tailler", "know_how"),
        ("Écouter", "behaviour"),
    ]


def test_a_common_framework_is_read_and_not_written(client):
    skill = SkillFactory(framework=FrameworkFactory())
    assert results(client, "frameworks")[0]["organisation"] is None
    assert client.post(f"/api/v1/skills/{skill.pk}/reword/", {"label": "x"}).status_code == 400
    assert client.delete(f"/api/v1/skills/{skill.pk}/").status_code == 400
    sent = {"framework": skill.framework_id, "code": "x", "label": "x"}
    assert client.post("/api/v1/skills/", sent).status_code == 400
    assert client.post(f"/api/v1/frameworks/{skill.framework_id}/file/", {}, format="multipart").status_code == 404


def test_a_badge_changes_until_it_is_given_and_the_key_changes_by_who_may(client, pathway, structure):
    sent = {
        "organisation": structure.pk,
        "name": "Espaces verts",
        "description": "Tient un massif.",
        "criteria": "Un mois.",
    }
    badge = written(client, "badges", sent)["id"]
    assert written(client, f"badges/{badge}/change", {"criteria": "Deux mois."}, status=200)["criteria"] == "Deux mois."
    award = written(client, "awards", {"badge": badge, "worker": pathway.worker_id, "awarded_on": DAY})
    assert client.post(f"/api/v1/badges/{badge}/change/", {"name": "Autre"}).status_code == 400
    assert written(client, f"badges/{badge}/close", {}, status=200)["closed_on"] == DAY
    taken = written(client, f"awards/{award['id']}/revoke", {"reason": "Donné par erreur"}, status=200)
    assert taken["revoked_on"] == DAY

    assert client.get("/api/v1/issuer-keys/").status_code == 404
    director = client_of(structure)
    first = IssuerKey.objects.get()
    key = written(director, "issuer-keys", {"organisation": structure.pk})
    first.refresh_from_db()
    assert (key["retired_on"], first.retired_on, "sealed" in key) == (None, TODAY, False)


# Rights -----------------------------------------------------------------------------------------------------------


def test_what_is_told_opens_steps_that_move_and_its_last_day_may_be_said_later(client, pathway):
    told = written(client, "circumstances", {"worker": pathway.worker_id, "kind": "bank_refusal", "since": DAY})
    [step] = results(client, "right-steps", right="D15")
    moved = written(client, f"right-steps/{step['id']}/move", {"state": "requested", "on": DAY}, status=200)
    refused = client.post(f"/api/v1/right-steps/{step['id']}/move/", {"state": "lapsed", "on": DAY})
    ended = written(client, f"circumstances/{told['id']}/end", {"until": DAY}, status=200)

    assert (moved["state"], moved["requested_on"]) == ("requested", DAY)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "state")
    assert (ended["until"], Circumstance.objects.get().until) == (DAY, TODAY)


def test_a_step_opened_by_hand_is_refused_when_one_is_under_way(client, pathway):
    sent = {"pathway": pathway.pk, "right": "D26", "triggered_on": DAY}
    written(client, "right-steps", sent)
    again = client.post("/api/v1/right-steps/", sent)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "right")


def test_hr_reads_the_steps_and_moves_none(pathway, structure):
    step = RightStepFactory(pathway=pathway)
    hr = client_of(structure, Role.HR)
    assert [row["id"] for row in results(hr, "right-steps")] == [step.pk]
    assert hr.post(f"/api/v1/right-steps/{step.pk}/move/", {"state": "requested"}).status_code == 404
    assert hr.get("/api/v1/circumstances/").status_code == 404
    for address in ("trainings", "certificates", "frameworks", "badges", "awards", "assessments", "qualifications"):
        assert hr.get(f"/api/v1/{address}/").status_code == 200, address
        assert hr.post(f"/api/v1/{address}/", {}).status_code == 404, address
    step.refresh_from_db()
    assert step.state == "to_study"


# The walls --------------------------------------------------------------------------------------------------------

ACTIONS = {
    "trainings/{training}": ("change",),
    "certificates/{certificate}": ("change",),
    "skills/{skill}": ("reword",),
    "frameworks/{framework}": ("file",),
    "badges/{badge}": ("change", "close"),
    "awards/{award}": ("revoke",),
    "right-steps/{r}": ("move",),
    "follow-up-templates/{template}": ("change",),
    "appointments/{appointment}": ("move", "cancel"),
    "seats/{seat}": ("leave",),
}


def test_the_rows_of_another_structure_do_not_exist_and_do_not_move():
    theirs = PathwayFactory(worker__organisation=OrganisationFactory())
    RightStepFactory(pathway=theirs)
    objects = Objects(theirs.worker)
    for role in (Role.COUNSELLOR, Role.DIRECTOR):
        client = client_of(OrganisationFactory(), role)
        for row, actions in ACTIONS.items():
            address = "/api/v1/" + row.format_map(objects)
            assert client.get(f"{address}/").status_code == 404, row
            for action in actions:
                assert client.post(f"{address}/{action}/", {}).status_code == 404, (row, action)
        for address in {row.split("/")[0] for row in ACTIONS} - {
            "skills",
            "frameworks",
        }:  # the common ones are everybody's
            assert results(client, address) == [], address
        assert client.delete("/api/v1/skills/{skill}/".format_map(objects)).status_code == 404


def test_what_is_of_another_structure_cannot_be_named_in_what_one_writes(client, pathway, structure):
    theirs = PathwayFactory(worker__organisation=OrganisationFactory())
    objects = Objects(theirs.worker)
    for address, sent in (
        ("trainings", {"worker": theirs.worker_id, "title": "x", "started_on": DAY}),
        ("training-sessions", {"training": objects["training"], "held_on": DAY}),
        ("certificates", {"worker": theirs.worker_id, "title": "x", "obtained_on": DAY}),
        ("qualifications", {"pathway": theirs.pk}),
        ("assessments", {"worker": pathway.worker_id, "skill": objects["skill"], "level": 2, "assessed_on": DAY}),
        ("skills", {"framework": objects["framework"], "code": "9", "label": "x"}),
        ("awards", {"badge": objects["badge"], "worker": pathway.worker_id, "awarded_on": DAY}),
        ("right-steps", {"pathway": theirs.pk, "right": "D26", "triggered_on": DAY}),
        ("circumstances", {"worker": theirs.worker_id, "kind": "debts", "since": DAY}),
        ("body-meetings", {"body": objects["body"], "held_on": DAY}),
    ):  # fmt: skip
        assert client.post(f"/api/v1/{address}/", sent).status_code == 400, address
    where = theirs.worker.organisation_id
    for address, sent in (
        ("frameworks", {"organisation": where, "code": "x", "name": "x", "version": "1"}),
        ("badges", {"organisation": where, "name": "x", "description": "x", "criteria": "x"}),
        ("follow-up-templates", {"organisation": where, "title": "x"}),
    ):
        assert client.post(f"/api/v1/{address}/", sent).status_code == 400, address
    assert not Training.objects.filter(worker__organisation=structure).exists()
    assert not Framework.objects.filter(organisation=structure).exists()
    assert not RightStep.objects.exists()


# Participation and templates --------------------------------------------------------------------------------------


def test_a_meeting_is_counted_once_a_day_and_a_seat_is_left(client, structure):
    body = BodyFactory(organisation=structure)
    seat = SeatFactory(body=body)
    first = written(client, "body-meetings", {"body": body.pk, "held_on": "2024-05-02", "present": 7})
    again = written(
        client, "body-meetings", {"body": body.pk, "held_on": "2024-05-02", "present": 8, "present_workers": 2}
    )
    left = written(client, f"seats/{seat.pk}/leave", {"ended_on": "2024-06-30"}, status=200)

    assert (again["id"], again["present"], left["ended_on"]) == (first["id"], 8, "2024-06-30")


def test_a_membership_of_the_association_ends(client, pathway):
    row = AssociationMemberFactory(worker=pathway.worker)
    left = written(client, f"association-members/{row.pk}/leave", {"ended_on": "2024-06-30"}, status=200)
    assert left["ended_on"] == "2024-06-30"


def test_a_template_is_rewritten(client, structure):
    made = written(
        client, "follow-up-templates", {"organisation": structure.pk, "title": "Point", "themes": ["logement"]}
    )
    changed = written(client, f"follow-up-templates/{made['id']}/change", {"minutes": 45}, status=200)
    assert (changed["title"], changed["themes"], changed["minutes"]) == ("Point", ["logement"], 45)
    assert FollowUpTemplate.objects.get().minutes == 45
