"""Words about health and justice, and those that tell of everything at once: read by counsellors and by who wrote them, by nobody
else, whatever the door."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from accounts.openings import open_access
from accounts.roles import Role
from agenda.attention import the_day
from parcours.follow_ups import cancel_follow_up
from parcours.models import PlanReview
from privacy import requests
from rights.models import RightStep
from tests.factories import (
    BarrierFactory,
    BarrierStateFactory,
    DiagnosisFactory,
    FollowUpFactory,
    MembershipFactory,
    OrganisationFactory,
    PathwayFactory,
    PlanReviewFactory,
    RightStepFactory,
    UserFactory,
    user_with,
)
from tests.trust.world import bearer, client_of

pytestmark = pytest.mark.django_db
TODAY, NOW = timezone.localdate(), timezone.now()
WORDS = "dépistage VIH"
OTHERS = ("hr", "director", "team", "hr token", "director token")
RIGHTS = ("Reconnaissance de la qualité de travailleur handicapé", "Titre de séjour")


@pytest.fixture
def structure():
    return OrganisationFactory(name="Atelier du Port")


@pytest.fixture
def counsellor(structure):
    return user_with(Role.COUNSELLOR, structure)


@pytest.fixture
def pathway(structure, counsellor):
    return PathwayFactory(
        worker__organisation=structure, worker__counsellor=counsellor, started_on=TODAY - timedelta(days=90)
    )


@pytest.fixture
def clients(structure, counsellor):
    """Everyone who may open the file, by what they are called."""
    director, giver = user_with(Role.DIRECTOR, structure), user_with(Role.DIRECTOR, structure)
    MembershipFactory(user=giver, organisation=structure, role=Role.COUNSELLOR)
    team = UserFactory(is_staff=True)
    open_access(by=team, organisation=structure, kind="help", motive="Retrouver un suivi perdu", minutes=60, at=NOW)
    return {
        "counsellor": client_of(counsellor),
        "hr": client_of(user_with(Role.HR, structure)),
        "director": client_of(director),
        "team": client_of(team),
        "hr token": bearer(structure, Role.HR, giver),
        "director token": bearer(structure, Role.DIRECTOR, giver),
        "counsellor token": bearer(structure, Role.COUNSELLOR, giver),
    }


def pages(clients, address):
    """What each reads there; only the API for a token, only pages for the platform's team."""
    api = address.startswith("/api/")
    wanted = [who for who in clients if ("token" in who) <= api and (who != "team" or not api)]
    answers = {who: clients[who].get(address) for who in wanted}
    assert {answer.status_code for answer in answers.values()} == {200}, address
    return {who: answer.content.decode() for who, answer in answers.items()}


def readers(clients, address, words=WORDS):
    return {who for who, text in pages(clients, address).items() if words in text}


def packed_for(client, worker):
    answer = client.get(f"/salaries/{worker.pk}/donnees/copie.zip")
    return json.loads(ZipFile(BytesIO(b"".join(answer.streaming_content))).read("donnees.json"))


TRUSTED = {"counsellor", "counsellor token"}


# Follow-ups ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/salaries/{w}/", "/suivis/{f}/", "/api/v1/follow-ups/", "/api/v1/follow-ups/{f}/"]
)
def test_why_a_follow_up_about_health_was_cancelled_is_as_reserved_as_what_it_said(
    clients, counsellor, pathway, address
):
    kept = FollowUpFactory(pathway=pathway, author=counsellor, themes=["sante"], held_on=TODAY)
    cancel_follow_up(by=counsellor, follow_up=kept, reason=f"{WORDS}, erreur", at=NOW)

    assert readers(clients, address.format(w=pathway.worker_id, f=kept.pk)) <= TRUSTED
    assert "counsellor" in readers(clients, address.format(w=pathway.worker_id, f=kept.pk))


def test_why_a_follow_up_about_anything_else_was_cancelled_is_read_by_all(clients, counsellor, pathway):
    kept = FollowUpFactory(pathway=pathway, author=counsellor, themes=["logement"], held_on=TODAY)
    cancel_follow_up(by=counsellor, follow_up=kept, reason="Mauvais dossier", at=NOW)

    assert readers(clients, f"/suivis/{kept.pk}/", "Mauvais dossier") == {"counsellor", "hr", "director", "team"}


def test_the_copy_a_director_makes_counts_what_she_may_not_read_and_holds_none_of_it(clients, counsellor, pathway):
    kept = FollowUpFactory(pathway=pathway, author=counsellor, themes=["sante"], held_on=TODAY)
    cancel_follow_up(by=counsellor, follow_up=kept, reason=WORDS, at=NOW)
    PlanReviewFactory(pathway=pathway, author=counsellor, summary=WORDS)
    RightStepFactory(pathway=pathway, right="D11", note=WORDS)

    copy = packed_for(clients["director"], pathway.worker)

    assert WORDS not in json.dumps(copy, ensure_ascii=False)
    assert RIGHTS[0] not in json.dumps(copy, ensure_ascii=False)
    asked = {
        name: copy["à demander"].get(name) for name in ("suivis", "bilans du plan", "démarches d'accès aux droits")
    }
    assert asked == dict.fromkeys(asked, 1)
    whole = json.dumps(packed_for(clients["counsellor"], pathway.worker), ensure_ascii=False)
    assert whole.count(WORDS) == 3


# Reviews of the plan ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["worker_words", "summary"])
@pytest.mark.parametrize("address", ["/salaries/{w}/plan/", "/api/v1/plan-reviews/", "/api/v1/plan-reviews/{r}/"])
def test_a_review_of_the_plan_is_read_by_counsellors_and_the_others_are_told_that_it_is_reserved(
    clients, counsellor, pathway, address, field
):
    review = PlanReviewFactory(pathway=pathway, author=counsellor, **{field: WORDS})

    found = pages(clients, address.format(w=pathway.worker_id, r=review.pk))

    assert {who for who, text in found.items() if WORDS in text} == set(found) & TRUSTED
    mention = '"readable":false' if "/api/" in address else "Contenu réservé aux conseillers de la structure."
    assert {who for who, text in found.items() if mention in text} == set(found) - TRUSTED


def test_who_made_a_review_reads_it(structure, pathway):
    director = user_with(Role.DIRECTOR, structure)
    PlanReviewFactory(pathway=pathway, author=director, summary=WORDS)

    assert WORDS in client_of(director).get(f"/salaries/{pathway.worker_id}/plan/").content.decode()


def test_a_review_written_by_a_program_is_told_back_as_far_as_the_program_reads(clients, pathway):
    sent = {"pathway": pathway.pk, "held_on": TODAY.isoformat(), "summary": WORDS}
    answer = clients["director token"].post("/api/v1/plan-reviews/", sent, content_type="application/json")

    assert (answer.status_code, answer.json()["summary"], answer.json()["readable"]) == (201, "", False)
    assert PlanReview.objects.get().summary == WORDS


# Rights -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def steps(pathway):
    """A right about health under way, the right to stay open, and one that all may know."""
    health = RightStepFactory(pathway=pathway, right="D11", due_on=TODAY, trigger=WORDS, note=WORDS)
    stay = RightStepFactory(
        pathway=pathway, right="D14", state="opened", opened_on=TODAY - timedelta(days=9), expires_on=TODAY
    )
    RightStepFactory(pathway=pathway, right="D15", due_on=TODAY, note="La Poste")
    return health, stay


@pytest.mark.parametrize("words", [WORDS, *RIGHTS])
@pytest.mark.parametrize("address", ["/salaries/{w}/", "/salaries/{w}/droits/", "/salaries/{w}/droits/liste/"])
def test_a_right_about_health_or_the_right_to_stay_is_named_to_counsellors_alone(
    clients, pathway, steps, address, words
):
    del clients["team"]  # it has no page of rights, and its page of the person shows none

    found = pages(clients, address.format(w=pathway.worker_id))

    assert {who for who, text in found.items() if words in text} <= {"counsellor"}
    assert {who for who, text in found.items() if "Droit réservé" in text} == {"hr", "director"}
    assert "Compte bancaire et droit au compte" in found["hr"]


def test_the_api_names_no_reserved_right_whatever_it_is_asked(clients, steps):
    found = pages(clients, "/api/v1/right-steps/")

    for who, text in found.items():
        rows = {row["id"]: row for row in json.loads(text)["results"]}
        told = [(rows[one.pk]["right"], rows[one.pk]["readable"]) for one in steps]
        assert told == ([("D11", True), ("D14", True)] if who in TRUSTED else [("", False)] * 2), who
        assert (WORDS in text) == (who in TRUSTED), who
        assert "La Poste" in text
    assert readers(clients, "/api/v1/right-steps/?right=D11", '"readable"') == TRUSTED


def test_nobody_names_no_right_when_opening_a_step(clients, pathway):
    sent = {"pathway": pathway.pk, "right": "", "triggered_on": TODAY.isoformat()}
    answer = clients["counsellor token"].post("/api/v1/right-steps/", sent, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "right")


def test_a_step_one_may_not_read_is_not_one_to_move(clients, steps):
    moved = {"state": "requested", "on": TODAY.isoformat()}

    assert clients["director"].get(f"/droits/{steps[0].pk}/").status_code == 404
    assert clients["director"].post(f"/droits/{steps[0].pk}/", moved).status_code == 404
    answer = clients["director token"].post(f"/api/v1/right-steps/{steps[0].pk}/move/", moved)
    assert answer.status_code == 404
    assert RightStep.objects.get(pk=steps[0].pk).state == "to_study"


def test_the_list_of_the_day_says_that_a_right_waits_and_not_which(clients, structure, counsellor, pathway):
    late = RightStepFactory(pathway=pathway, right="D11", due_on=TODAY - timedelta(days=3))
    RightStepFactory(
        pathway=pathway, right="D14", state="opened", opened_on=TODAY - timedelta(days=9), expires_on=TODAY
    )

    page = clients["director"].get("/a-suivre/?qui=tous").content.decode()

    assert page.count("Droit réservé") >= 2
    assert [name for name in RIGHTS if name in page] == []
    assert f"/droits/{late.pk}/" not in page
    assert [name for name in RIGHTS if name in clients["counsellor"].get("/a-suivre/").content.decode()] == [*RIGHTS]
    [person] = the_day(organisations=[structure.pk], today=TODAY).people
    assert not [reason for reason in person.reasons if RIGHTS[0] in reason.text]


# What she contests, what was talked about -----------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "address"), [
    ("follow_ups", "/salaries/{w}/"), ("plan", "/salaries/{w}/plan/"), ("rights", "/salaries/{w}/droits/"),
])  # fmt: skip
def test_her_words_on_a_reserved_part_are_for_who_accompanies_her_or_answers_her(
    clients, structure, counsellor, pathway, part, address
):
    if part == "rights":
        del clients["team"]
    request = requests.receive(
        by=counsellor, worker=pathway.worker, kind="rectification", received_on=TODAY, channel="mail", words=WORDS,
        part=part, wanted=f"{WORDS} négatif", today=TODAY,
    )  # fmt: skip
    requests.answer(
        by=counsellor,
        request=request,
        answer="refused",
        ground="exact",
        said="Vérifié.",
        answered_on=TODAY,
        today=TODAY,
    )

    found = pages(clients, address.format(w=pathway.worker_id))

    assert {who for who, text in found.items() if WORDS in text} == {"counsellor", "director"}
    assert all("La personne conteste" in text for text in found.values())


def test_of_a_theme_reserved_to_counsellors_a_plan_says_neither_that_it_is_clear_nor_that_it_is_unknown(
    clients, counsellor, pathway
):
    DiagnosisFactory(pathway=pathway, themes=["sante", "logement"], recorded_by=counsellor)
    BarrierStateFactory(barrier=BarrierFactory(pathway=pathway, theme="sante", recorded_by=counsellor))
    address = f"/salaries/{pathway.worker_id}/plan/"

    def said(who, title):
        return clients[who].get(address).content.decode().partition(title)[2].partition("</p>")[0]

    for who in ("hr", "director", "team"):
        assert "Santé" not in said(who, "Abordé, sans obstacle :"), who
        assert "Justice" not in said(who, "donc inconnu :"), who
        assert "Logement" in said(who, "Abordé, sans obstacle :"), who
        assert "Santé, Justice" in said(who, "Réservé aux conseillers de la structure :"), who
    assert "Justice" in said("counsellor", "donc inconnu :")
    assert "Réservé aux conseillers" not in clients["counsellor"].get(address).content.decode()
