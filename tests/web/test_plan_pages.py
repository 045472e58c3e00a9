"""Pages of the plan, exits, participation and partners: what one sees, one click, constant queries, closed doors."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from parcours import plan
from parcours.models import ExitCall, PlanAction
from participation import survey
from partners.models import DirectoryFile, Orientation
from tests.factories import (
    BarrierFactory,
    BarrierStateFactory,
    BodyFactory,
    ExitCallFactory,
    ExitFactory,
    ExpressionSessionFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PartnerFactory,
    PathwayFactory,
    PlanActionFactory,
    ProposalFactory,
    SeatFactory,
    ServiceFactory,
    StrengthFactory,
    UnmetNeedFactory,
    UserFactory,
    user_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pathway():
    return PathwayFactory(
        worker__organisation=OrganisationFactory(), worker__first_name="Amina", worker__last_name="Diallo"
    )


@pytest.fixture
def counsellor(client, pathway):
    user = user_with(Role.COUNSELLOR, pathway.worker.organisation)
    client.force_login(user)
    return user


def test_the_plan_shows_strengths_before_what_stands_in_the_way_and_says_what_is_unknown(client, counsellor, pathway):
    StrengthFactory(worker=pathway.worker, words="Je parle trois langues")
    BarrierStateFactory(barrier=BarrierFactory(pathway=pathway, words="Pas de voiture"))
    page = client.get(f"/salaries/{pathway.worker_id}/plan/").content.decode()
    assert page.index("Je parle trois langues") < page.index("Ce qui freine") < page.index("Pas de voiture")
    assert "Pas encore abordé, donc inconnu : Langue et savoirs de base" in page


def test_health_is_on_the_counsellor_s_page_and_not_on_that_of_hr(client, counsellor, pathway):
    BarrierStateFactory(barrier=BarrierFactory(pathway=pathway, theme="sante", words="Mal au dos"))
    address = f"/salaries/{pathway.worker_id}/plan/"
    assert "Mal au dos" in client.get(address).content.decode()
    client.force_login(user_with(Role.HR, pathway.worker.organisation))
    assert "Mal au dos" not in client.get(address).content.decode()


def test_another_structure_finds_no_plan_and_moves_nothing(client, pathway):
    action = PlanActionFactory(pathway=pathway)
    client.force_login(user_with(Role.COUNSELLOR, OrganisationFactory()))
    assert client.get(f"/salaries/{pathway.worker_id}/plan/").status_code == 404
    assert client.post(f"/plan/actions/{action.pk}/", {"to": "done"}).status_code == 404
    assert PlanAction.objects.get().state == "to_do"


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("point-d-appui", {"words": "Je cuisine", "kind": "know_how", "said_by": "worker", "stated_on": "2024-02-01"}),
        ("objectif", {"words": "Un CDI", "own_words": "true", "set_on": "2024-02-01"}),
        ("action", {"what": "Appeler", "provider": "internal", "decided_on": "2024-02-01"}),
        ("situation", {"themes": ["mobilite"], "barriers": ["mobilite"], "said_by": "worker", "made_on": "2024-02-01"}),
        ("obstacle", {"theme": "mobilite", "situation": "6", "said_by": "worker", "identified_on": "2024-02-01"}),
        ("engagement", {"worker_commits": "a", "structure_commits": "b", "proposed_on": "2024-02-01"}),
        ("bilan", {"worker_present": "true", "held_on": "2024-02-01"}),
        ("heures", {"weekly_hours": "28", "available": "unknown", "stated_on": "2024-02-01"}),
        (
            "citoyennete",
            {"answer": "acted", "kind": "volunteering", "acted_on": "2024-01-20", "asked_on": "2024-02-01"},
        ),
        ("vote", {"help": "informed", "offered_on": "2024-02-01"}),
        ("association", {"started_on": "2024-02-01"}),
        ("sans-solution", {"theme": "mobilite", "reason": "too_far", "noted_on": "2024-02-01"}),
    ],
)
def test_each_short_form_opens_writes_and_comes_back_to_the_plan(client, counsellor, pathway, what, form):
    address = f"/salaries/{pathway.worker_id}/plan/{what}/"
    assert client.get(address).status_code == 200
    done = client.post(address, form)
    assert (done.status_code, done.get("Location")) == (302, f"/salaries/{pathway.worker_id}/plan/"), done.context[
        "form"
    ].errors
    assert client.get(done["Location"]).status_code == 200


def test_a_refusal_is_said_at_its_field_and_keeps_what_was_typed(client, counsellor, pathway):
    form = {"words": "Un CDI", "own_words": "true", "set_on": "2020-01-01"}
    page = client.post(f"/salaries/{pathway.worker_id}/plan/objectif/", form).content.decode()
    assert "Le parcours a commencé le 08/01/2024." in page
    assert "Un CDI" in page


def test_one_click_moves_an_action_an_objective_and_an_obstacle(client, counsellor, pathway):
    action, objective = PlanActionFactory(pathway=pathway), ObjectiveFactory(pathway=pathway)
    barrier = plan.note_barrier(
        by=UserFactory(),
        pathway=pathway,
        theme="mobilite",
        identified_on=date(2024, 2, 1),
        said_by="worker",
        today=date(2024, 2, 1),
    )
    client.post(f"/plan/actions/{action.pk}/", {"to": "done"})
    client.post(f"/plan/objectifs/{objective.pk}/", {"to": "hers"})
    client.post(f"/plan/objectifs/{objective.pk}/", {"to": "reached"})
    client.post(f"/plan/obstacles/{barrier.pk}/", {"to": "resolved:worker"})
    for row in (action, objective):
        row.refresh_from_db()
    last = barrier.states.last()
    assert (action.state, objective.state, last.state, last.said_by) == ("done", "reached", "resolved", "worker")
    assert objective.cosigned_on is not None


def test_the_plan_costs_the_same_however_full_it_is(client, counsellor, pathway):
    address, counted = f"/salaries/{pathway.worker_id}/plan/", []
    for _n in range(2):
        for _m in range(3):
            PlanActionFactory(pathway=pathway, objective=ObjectiveFactory(pathway=pathway))
            BarrierStateFactory(
                barrier=BarrierFactory(pathway=pathway, theme="mobilite", situation=str(6 + len(counted) * 3 + _m))
            )
            UnmetNeedFactory(pathway=pathway, topic=f"{_n}{_m}")

        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 30


def test_calls_due_are_listed_and_answered_in_one_click(client, counsellor, pathway):
    left = ExitFactory(
        pathway=PathwayFactory(worker__organisation=pathway.worker.organisation, ended_on=date(2025, 5, 31))
    )
    call, other = ExitCallFactory(exit=left), ExitCallFactory(months=6)
    page = client.get("/sorties/").content.decode()
    assert (f"exitcall-{call.pk}" in page, f"exitcall-{other.pk}" in page) == (True, False)
    client.post(f"/sorties/appels/{call.pk}/", {"to": "tried"})
    client.post(f"/sorties/appels/{call.pk}/", {"to": "cdi"})
    call.refresh_from_db()
    assert (call.situation, call.answer, call.attempts.count()) == ("cdi", "answered", 1)
    assert client.post(f"/sorties/appels/{other.pk}/", {"to": "cdi"}).status_code == 404
    assert ExitCall.objects.get(pk=other.pk).answer == ""


def test_the_exit_form_has_the_official_definition_at_hand(client, counsellor, pathway):
    page = client.get(f"/salaries/{pathway.worker_id}/sortie/").content.decode()
    assert "emploi durable à partir de 6 mois" in page


def test_participation_shows_what_waits_and_its_forms_write(client, counsellor, pathway):
    structure = pathway.worker.organisation
    session = ExpressionSessionFactory(organisation=structure, attendance_listed=False)
    proposal = ProposalFactory(session=session, words="Des casiers qui ferment")
    SeatFactory(body=BodyFactory(organisation=structure), worker=pathway.worker)
    page = client.get("/participation/").content.decode()
    assert "Des casiers qui ferment" in page
    client.post(
        f"/participation/seances/{session.pk}/", {"held": "oui", "listed": "on", "attendees": [pathway.worker_id]}
    )
    client.post(f"/participation/propositions/{proposal.pk}/", {"answer": "accepted", "answered_on": "2024-04-01"})
    client.post("/participation/elections/", {"first_round_on": "2024-06-06", "rule": "contract", "headcount": "20"})
    client.post("/participation/seances/", {"on": "2024-09-03", "subjects": ["safety"]})
    client.post("/participation/instances/", {"kind": "assembly", "level": "structure", "checked_on": "2024-06-06"})
    proposal.refresh_from_db()
    assert (proposal.answer, session.attendances.count(), structure.ballots.get().headcount) == ("accepted", 1, 20)
    assert (structure.expression_sessions.count(), structure.bodies.count()) == (2, 2)
    assert client.get("/participation/").status_code == 200


def test_a_worker_answers_without_signing_in_and_a_used_code_opens_nothing(client, counsellor, pathway):
    page = client.post("/participation/enquetes/")
    [code] = page.context["codes"]
    client.logout()
    assert "Choisissez un visage" in client.post("/mon-avis/", {"code": code}).content.decode()
    done = client.post("/mon-avis/", {"code": code, "answers": "1", "decided_with_me": "5"}).content.decode()
    assert "Votre avis est compté" in done
    assert "n'ouvre rien" in client.post("/mon-avis/", {"code": code}).content.decode().replace("&#x27;", "'")
    assert survey.usable(code) is None


def test_a_person_is_sent_to_a_service_from_the_directory(client, counsellor, pathway):
    service = ServiceFactory(name="Louer une voiture", zones=["35"])
    hidden = ServiceFactory(name="Ailleurs", zones=["35"], partner=PartnerFactory(organisation=OrganisationFactory()))
    page = client.get(f"/partenaires/?personne={pathway.worker_id}&theme=mobilite").content.decode()
    assert ("Louer une voiture" in page, "Ailleurs" in page) == (True, False)
    address = f"/partenaires/{service.partner_id}/orienter/?personne={pathway.worker_id}&service={service.pk}"
    assert client.post(address, {"theme": "mobilite", "sent_on": "2024-02-05"}).status_code == 302
    sent = Orientation.objects.get()
    client.post(f"/plan/orientations/{sent.pk}/", {"to": "accepted"})
    sent.refresh_from_db()
    assert (sent.service, sent.state) == (service, "accepted")
    assert client.get(f"/partenaires/{hidden.partner_id}/").status_code == 404
    assert client.get(f"/partenaires/{service.partner_id}/").status_code == 200


def test_a_directory_file_is_read_by_who_may_import_and_its_faults_are_shown(client, pathway):
    client.force_login(user_with(Role.HR, pathway.worker.organisation))
    content = (
        b'[{"source":"dora","id":"dora--1","nom":"Garage","date_maj":"2024-01-01"},{"source":"dora","id":"dora--2"}]'
    )
    for _twice in range(2):
        client.post("/partenaires/repertoire/", {"kind": "structures", "file": SimpleUploadedFile("s.json", content)})
    files = list(DirectoryFile.objects.order_by("pk").values_list("created", "unchanged", "faulty"))
    assert files == [(1, 0, 1), (0, 1, 1)]
    assert "Ce champ est obligatoire" in client.get("/partenaires/repertoire/").content.decode()
    page = client.post("/partenaires/repertoire/", {"kind": "structures", "file": SimpleUploadedFile("s.json", b"")})
    assert "Le fichier est vide." in page.content.decode()


def test_what_leaves_the_structure_holds_no_small_number(client, counsellor, pathway):
    structure = pathway.worker.organisation
    for theme, count in (("mobilite", 5), ("logement", 4)):
        for _n in range(count):
            UnmetNeedFactory(
                pathway=PathwayFactory(worker__organisation=structure),
                theme=theme,
                commune=structure.commune,
                noted_on=date.today(),
            )
    assert "Logement" in client.get("/partenaires/besoins/").content.decode()
    table = client.get("/partenaires/besoins.csv").content.decode("utf-8-sig").splitlines()
    assert table == ["Thème;Département;Personnes", "Mobilité;Ille-et-Vilaine;5"]
