"""Indicators at the REST door: the same figures as the pages, the same doors closed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.roles import Role
from indicators.models import Experiment, Participant, Target
from indicators.periods import quarters
from tests.factories import OrganisationFactory, WorkerFactory, user_with
from tests.web.figures import a_year_of_figures, figure, people, told

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
API = "/api/v1"


@pytest.fixture
def structure():
    return OrganisationFactory(kind="ACI")


@pytest.fixture
def director(client, structure):
    client.force_login(user_with(Role.DIRECTOR, structure))


def test_the_dashboard_and_a_sheet_carry_the_method_and_the_words(client, director, structure):
    a_year_of_figures(structure, TODAY)
    board = client.get(f"{API}/dashboard/?organisation={structure.pk}").json()
    assert len(board["dimensions"]) == 9
    lead = board["dimensions"][0]["lead"]
    assert (lead["indicator"], lead["reading"], lead["kind_structures"]) == ("SEC-01", "56,4 %", 7)
    assert "écart non établi" in lead["trend"]
    sheet = client.get(f"{API}/indicators/SEC-01/?organisation={structure.pk}&by=sex").json()
    assert sheet["definition"]["clauses"][0]["number"] == "2.1.2.b"
    assert {cell["breakdown"]["sex"]: cell["reading"] for cell in sheet["cells"]} == {"F": "57,1 %", "M": "54,5 %"}
    assert len(sheet["revisions"]) == 9
    matrix = client.get(f"{API}/indicators/SEC-03/?organisation={structure.pk}").json()["matrix"]
    assert matrix["U"]["I"] == 4
    curve = client.get(f"{API}/indicators/SEC-04/?organisation={structure.pk}").json()["curve"]
    assert curve[0] == [0, "1"] or curve[0] == [0, 1]


def test_as_of_a_day_the_api_tells_what_was_known(client, director, structure):
    last = a_year_of_figures(structure, TODAY)[-1]
    asked = f"{API}/indicators/SEC-01/?organisation={structure.pk}&as_of={last.end}"
    assert all(row["period_end"] < str(last.end) for row in client.get(asked).json()["rows"])


def test_elsewhere_nothing_exists(client, director, structure):
    other = OrganisationFactory(kind="ACI")
    a_year_of_figures(other, TODAY)
    for address in ("dashboard", "indicators/SEC-01", "indicators/SEC-01/unknowns", "strategic-plan"):
        assert client.get(f"{API}/{address}/?organisation={other.pk}").status_code == 404, address
    assert client.get(f"{API}/indicators/XXX-99/?organisation={structure.pk}").status_code == 404
    wrong = client.get(f"{API}/indicators/SEC-01/?organisation={structure.pk}&by=colour")
    assert wrong.status_code == 400


def test_a_target_is_voted_judged_and_withdrawn(client, director, structure):
    last = quarters(TODAY)[-1]
    figure(structure, "SEC-01", last, told("SEC-01", people(24, 12)))
    sent = {"organisation": structure.pk, "indicator": "SEC-01", "year": last.end.year, "value": "0.6",
            "voted_on": TODAY.isoformat(), "voted_by": "board"}  # fmt: skip
    assert client.post(f"{API}/targets/", sent, "application/json").status_code == 201
    again = client.post(f"{API}/targets/", {**sent, "value": "0.9"}, "application/json")
    assert again.status_code == 201
    assert Target.objects.get().value == Decimal("0.9")
    plan = client.get(f"{API}/strategic-plan/?organisation={structure.pk}&year={last.end.year}").json()
    [clause] = [one for one in plan["clauses"] if one["number"] == "2.1.2.b"]
    assert [one["reached"] for one in clause["indicators"] if one["indicator"] == "SEC-01"] == [False]
    refused = client.post(f"{API}/targets/", {**sent, "indicator": "SEC-04"}, "application/json")
    assert refused.status_code == 400
    assert client.post(f"{API}/targets/{Target.objects.get().pk}/withdraw/").status_code == 204
    client.force_login(user_with(Role.HR, structure))
    assert client.post(f"{API}/targets/", sent, "application/json").status_code == 404


def test_an_experiment_lives_at_the_api(client, director, structure):
    worker, stranger = WorkerFactory(organisation=structure), WorkerFactory()
    sent = {"organisation": structure.pk, "title": "Tutorat", "subject": "relations", "hypothesis": "h", "outcome": "o",
            "comparison": "c", "started_on": TODAY.isoformat()}  # fmt: skip
    made = client.post(f"{API}/experiments/", sent, "application/json")
    assert (made.status_code, made.json()["registered_on"]) == (201, TODAY.isoformat())
    joined = {"experiment": made.json()["id"], "worker": worker.pk, "joined_on": TODAY.isoformat()}
    assert client.post(f"{API}/participants/", {**joined, "worker": stranger.pk}, "application/json").status_code == 400
    one = client.post(f"{API}/participants/", joined, "application/json").json()
    assert one["consented_on"] is None
    client.post(f"{API}/participants/{one['id']}/consent/", {"on": TODAY.isoformat()}, "application/json")
    client.post(f"{API}/participants/{one['id']}/leave/", {}, "application/json")
    assert (Participant.objects.get().consented_on, Participant.objects.get().left_on) == (TODAY, TODAY)
    address = f"{API}/experiments/{made.json()['id']}"
    early = client.post(f"{address}/evaluation/", {"result": "Rien"}, "application/json")
    assert early.status_code == 400, "still running"
    ended = (TODAY + timedelta(days=1)).isoformat()
    assert client.post(f"{address}/end/", {"ended_on": ended}, "application/json").json()["ended_on"] == ended
    done = client.post(f"{address}/evaluation/", {"result": "Aucun effet."}, "application/json")
    assert (done.status_code, Experiment.objects.get().result) == (200, "Aucun effet.")
