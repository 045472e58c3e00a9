"""Follow-ups and the agenda through the REST door: the pages' verbs and the pages' walls."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.roles import Role
from parcours.models import FollowUp
from tests.api.test_api import client_of, results
from tests.factories import FollowUpFactory, OrganisationFactory, PathwayFactory, RightStepFactory, user_with
from tests.parcours.files import pdf

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def person_client(role, structure):
    client = APIClient()
    client.user = user_with(role, structure)
    client.force_login(client.user)
    return client


def test_a_workshop_is_posted_once_with_the_presence_of_each():
    structure = OrganisationFactory()
    one, two = (PathwayFactory(worker__organisation=structure) for _time in range(2))
    sent = {
        "people": [{"pathway": one.pk}, {"pathway": two.pk, "outcome": "excused"}], "kind": "atelier_collectif",
        "held_on": TODAY.isoformat(), "minutes": 120, "sent_once": "5f844eff-2dbb-450e-8f8b-6ec99f216c31",
    }  # fmt: skip
    client = client_of(structure)

    answers = [client.post("/api/v1/follow-ups/group/", sent) for _time in range(2)]

    assert [a.status_code for a in answers] == [201, 201]
    assert [(r["pathway"], r["outcome"]) for r in answers[1].json()] == [(one.pk, "present"), (two.pk, "excused")]
    assert FollowUp.objects.count() == 2


def test_what_is_reserved_is_empty_for_a_program_of_hr_and_is_not_searched():
    structure = OrganisationFactory()
    FollowUpFactory(pathway__worker__organisation=structure, themes=["sante"], note="Hôpital", next_step="Rappeler")

    def read(role, **params):
        return [
            (r["readable"], r["themes"], r["note"], r["next_step"])
            for r in results(client_of(structure, role), "follow-ups", **params)
        ]

    full = [(True, ["sante"], "Hôpital", "Rappeler")]
    assert (read(Role.COUNSELLOR), read(Role.COUNSELLOR, theme="sante")) == (full, full)
    assert read(Role.COUNSELLOR, q="hopital") == []  # what is sealed is not searched, by anybody
    assert (read(Role.HR), read(Role.HR, q="hopital"), read(Role.HR, theme="sante")) == ([(False, [], "", "")], [], [])


def test_a_private_note_comes_back_to_its_author_only():
    structure = OrganisationFactory()
    pathway = PathwayFactory(worker__organisation=structure)
    author = person_client(Role.COUNSELLOR, structure)
    sent = {
        "pathway": pathway.pk,
        "kind": "bilan",
        "held_on": TODAY.isoformat(),
        "minutes": 45,
        "private_note": "Pour moi",
    }
    assert author.post("/api/v1/follow-ups/", sent).json()["private_note"] == "Pour moi"

    readers = (author, person_client(Role.COUNSELLOR, structure), client_of(structure, Role.COUNSELLOR))
    assert [results(reader, "follow-ups")[0]["private_note"] for reader in readers] == ["Pour moi", "", ""]


def test_a_follow_up_is_corrected_and_cancelled_with_a_reason():
    structure = OrganisationFactory()
    client = person_client(Role.COUNSELLOR, structure)
    row = FollowUpFactory(pathway__worker__organisation=structure, author=client.user, note="Mardi")
    address = f"/api/v1/follow-ups/{row.pk}"

    assert client.post(f"{address}/correct/", {"note": "Lundi"}).status_code == 400
    assert client.post(f"{address}/correct/", {"note": "Lundi", "reason": "Jour"}).json()["note"] == "Lundi"
    assert client.post(f"{address}/cancel/", {"reason": "Doublon"}).json()["cancel_reason"] == "Doublon"
    other = person_client(Role.COUNSELLOR, structure)
    assert other.post(f"{address}/cancel/", {"reason": "x"}).status_code == 400


def test_a_piece_is_given_and_handed_over_as_a_file_to_save(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    row = FollowUpFactory(themes=["sante"])
    structure = row.pathway.worker.organisation
    content = BytesIO(pdf())
    content.name = "cv.exe"

    client = client_of(structure, Role.COUNSELLOR)
    given = client.post("/api/v1/attachments/", {"follow_up": row.pk, "file": content}, format="multipart")
    assert (given.status_code, given.json()["name"]) == (201, "cv.exe.pdf")
    answer = client.get(f"/api/v1/attachments/{given.json()['id']}/content/")
    assert (b"".join(answer.streaming_content), answer["Content-Disposition"]) == (
        pdf(),
        'attachment; filename="cv.exe.pdf"',
    )
    for hidden_from in (client_of(structure, Role.HR), client_of(OrganisationFactory())):
        assert hidden_from.get(f"/api/v1/attachments/{given.json()['id']}/content/").status_code == 404


def test_a_fact_of_the_day_is_put_off_and_taken_up_again():
    structure = OrganisationFactory()
    pathway = PathwayFactory(worker__organisation=structure, started_on=TODAY, plan_reviewed_on=TODAY)
    RightStepFactory(pathway=pathway, right="D15", due_on=TODAY - timedelta(days=2))
    client = client_of(structure, Role.COUNSELLOR)
    [person] = client.get("/api/v1/attention/").json()
    fact = {"fact": person["reasons"][0]["code"], **{k: person["reasons"][0][k] for k in ("subject", "due_on")}}

    until = (TODAY + timedelta(days=4)).isoformat()
    kept = client.post("/api/v1/snoozes/", {"worker": pathway.worker_id, **fact, "until": until, "reason": "En cours"})

    assert kept.status_code == 201, kept.json()
    [person] = client.get("/api/v1/attention/").json()
    assert (person["reasons"], [r["back_on"] for r in person["put_off"]]) == ([], [until])
    assert client.post(f"/api/v1/snoozes/{kept.json()['id']}/wake/").status_code == 204
    assert len(client.get("/api/v1/attention/").json()[0]["reasons"]) == 1


def test_an_appointment_is_planned_moved_and_cancelled():
    structure = OrganisationFactory()
    pathway = PathwayFactory(worker__organisation=structure)
    client = client_of(structure, Role.COUNSELLOR)
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)

    [row] = client.post("/api/v1/appointments/", {"workers": [pathway.worker_id], "starts_at": at.isoformat()}).json()
    moved = client.post(f"/api/v1/appointments/{row['id']}/move/", {"starts_at": (at + timedelta(hours=1)).isoformat()})
    gone = client.post(f"/api/v1/appointments/{row['id']}/cancel/", {"reason": "Congés"})

    assert (moved.status_code, gone.json()["cancel_reason"]) == (200, "Congés")
    assert results(client, "appointments", cancelled_at__isnull="true") == []


def test_an_address_of_agenda_is_a_persons_not_a_programs():
    structure = OrganisationFactory()
    client = person_client(Role.COUNSELLOR, structure)

    made = client.post("/api/v1/feed-tokens/", {"name": "Téléphone"}).json()

    assert made["address"].endswith(".ics")
    assert "address" not in results(client, "feed-tokens")[0]
    assert client.post(f"/api/v1/feed-tokens/{made['id']}/revoke/").json()["revoked_at"] is not None
    assert client_of(structure).post("/api/v1/feed-tokens/", {"name": "x"}).status_code == 404
