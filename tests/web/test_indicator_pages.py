"""The dashboard, the sheet, the plan and the experiments: what one reads, who may, and what it costs."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.roles import Role
from indicators.catalogue import DIMENSIONS, definitions
from indicators.models import Experiment, Participant, Target
from indicators.periods import Period, quarters, rolling_year
from tests.documents.reading import text_of
from tests.factories import ContractFactory, OrganisationFactory, PathwayFactory, UserFactory, WorkerFactory, user_with
from tests.web.figures import a_year_of_figures, figure, people, told

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def structure():
    return OrganisationFactory(kind="ACI")


@pytest.fixture
def director(client, structure):
    user = user_with(Role.DIRECTOR, structure)
    client.force_login(user)
    return user


def body(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_dashboard_says_each_dimension_its_figure_its_doubt_and_its_kind(client, director, structure):
    last = a_year_of_figures(structure, TODAY)[-1]
    page = body(client.get("/indicateurs/"))
    assert all(f'id="dim-{dimension.code}"' in page for dimension in DIMENSIONS)
    assert "56,4 %" in page  # 22 of 39 in the last vintage
    assert "Couverture complète : 39 connus sur 39" in page
    assert "Intervalle à 95 %" in page
    assert f"depuis {last.label.split()[0]} {int(last.label.split()[1]) - 1}" in page
    assert "écart non établi" in page
    assert "Huit structures sur dix de ce type : de 30,0 % à 70,0 %" in page
    assert "Ni classement" in page or "ni classement, ni note d’ensemble" in page


def test_too_little_known_shows_bounds_and_no_figure(client, director, structure):
    last = quarters(TODAY)[-1]
    figure(structure, "SEC-01", last, told("SEC-01", people(10, 10, 20)))
    page = body(client.get("/indicateurs/"))
    assert "fourchette seulement" in page
    assert "entre 25,0 % et 75,0 %" in page
    assert "Couverture insuffisante : 20 connus sur 40" in page
    assert "50,0 %" not in page


def test_a_yearly_trend_names_the_years_it_compares(client, director, structure):
    year = TODAY.year - 1
    for span, yes in (((year - 1, 1, 1), 10), ((year, 1, 1), 14)):
        period = Period(date(*span), date(span[0], 12, 31))
        figure(structure, "COM-02", period, told("COM-02", people(yes, 40 - yes)))
    last = rolling_year(TODAY)
    figure(structure, "COM-02", last, told("COM-02", people(8, 32)))
    page = body(client.get("/indicateurs/"))
    if not last.is_civil_year:
        assert f"{last.label} · {year} : 35,0 %, en hausse de 10,0 points depuis {year - 1} (25,0 %)" in page


def test_partial_coverage_for_want_of_a_diagnosis_says_so(client, director, structure):
    counts = people(20, 10)
    counts.covered, counts.to_cover = Decimal(9), Decimal(10)
    counts.sums.update({"diagnosed": Decimal(9), "in_pathway": Decimal(10)})
    figure(structure, "ACC-01", quarters(TODAY)[-1], told("ACC-01", counts))
    assert "diagnostic fait pour" in body(client.get("/indicateurs/"))


def test_who_nobody_looked_at_can_be_reached_though_every_step_is_known(client, director, structure):
    counts = people(20, 10)
    counts.covered, counts.to_cover = Decimal(2), Decimal(10)
    figure(structure, "ACC-01", quarters(TODAY)[-1], told("ACC-01", counts))
    assert "/indicateurs/ACC-01/inconnus/" in body(client.get("/indicateurs/ACC-01/"))


def test_under_eleven_there_are_counts_and_no_rate_at_all(client, director, structure):
    counts = people(6, 2, 1)
    counts.sums.update({"durable": Decimal(2)})
    figure(structure, "SOR-01", quarters(TODAY)[-1], told("SOR-01", counts))
    page = body(client.get("/indicateurs/SOR-01/")).split('id="titre-sens"')[0]
    assert "6 sur 9" in page
    assert "entre 6 et 7 sur 9" in page
    assert not re.search(r"\d %", page.split("<h1")[1].replace("95 %", ""))


def test_hours_under_the_floor_are_an_alert(client, director, structure):
    last = quarters(TODAY)[-1]
    figure(structure, "REM-01", last, told("REM-01", people(970, 30)))
    assert "Alerte : la valeur attendue est 100,0 %." in body(client.get("/indicateurs/REM-01/"))
    figure(structure, "REM-01", last, told("REM-01", people(1000, 0)), known_at=timezone.now())
    assert "Alerte" not in body(client.get("/indicateurs/REM-01/"))


def test_a_structure_is_read_at_equal_case_mix_beside_its_kind(client, director, structure):
    """EX-19: 44 % as it is, 50 % with the people of its kind."""
    last = quarters(TODAY)[-1]

    def cube(on_minima, others):
        return {
            **told("SOR-01", people(*on_minima), sex="F", qualification="1", minima="yes"),
            **told("SOR-01", people(*others), sex="F", qualification="1", minima="no"),
        }

    figure(structure, "SOR-01", last, cube((32, 48), (12, 8)))
    figure(structure, "SOR-01", last, cube((39, 61), (56, 44)), kind=True)
    page = body(client.get("/indicateurs/SOR-01/"))
    assert "50,0 % à public égal (sexe, niveau de qualification, minima sociaux), 44,0 % tel quel ; observé" in page


def test_the_range_of_fewer_than_five_structures_is_not_told(client, director, structure):
    figure(structure, "SEC-01", quarters(TODAY)[-1], told("SEC-01", people(10, 10)))
    assert "Étendue de son type non montrée : moins de cinq structures" in body(client.get("/indicateurs/"))


def test_as_of_a_day_shows_what_was_known_and_a_wrong_day_says_so(client, director, structure):
    last = a_year_of_figures(structure, TODAY)[-1]
    page = body(client.get(f"/indicateurs/SEC-01/?au={last.end}"))
    assert f">{last.label}<" not in page, "the last quarter was not known yet"
    assert "Ce qu’on en savait" not in page, "nor was its second vintage"
    assert f">{last.label}<" in body(client.get("/indicateurs/SEC-01/"))
    page = body(client.get("/indicateurs/?au=1999-01-01"))
    assert "Rien n’avait encore été calculé à cette date" in page
    page = body(client.get("/indicateurs/?au=hier"))
    assert "n&#x27;est pas une date" in page


def test_the_sheet_opens_the_figure(client, director, structure):
    a_year_of_figures(structure, TODAY)
    page = body(client.get("/indicateurs/SEC-01/"))
    definition = definitions()["SEC-01"]
    assert f"« {definition.clauses[0].text} »".replace("'", "&#x27;") in page
    for said in (
        "Numérateur", "Concernés", "Ce qu’on en savait, date après date", "À lire avec", "Version", "Empreintes",
        "Femmes", "57,1 %", "Par groupe de personnes", "Parmi les structures de son type", "De trimestre en trimestre",
    ):  # fmt: skip
        assert said in page, said
    assert "57,1" in page.split('id="ventilation"')[1].split("</section>")[0]  # 16 of 28 women
    crossed = body(client.get("/indicateurs/SEC-01/?par=sex&par=age"))
    assert "Femmes · Inconnu" in crossed


def test_matrix_curve_and_funnel_each_have_a_table(client, director, structure):
    a_year_of_figures(structure, TODAY)
    matrix = body(client.get("/indicateurs/SEC-03/"))
    assert "D’un contrat à l’autre" in matrix
    assert "<td>12</td>" in matrix
    curve = body(client.get("/indicateurs/SEC-04/"))
    assert "médiane 200 jours" in curve
    assert '<th scope="row">200</th>' in curve
    assert "Limites à 99,8 %" in body(client.get("/indicateurs/SEC-01/"))


def test_who_is_unknown_is_a_list_of_people_with_what_to_do(client, director, structure):
    last = quarters(TODAY)[-1]
    worker = WorkerFactory(organisation=structure, last_name="Sansheures")
    PathwayFactory(worker=worker, started_on=last.start)
    ContractFactory(
        worker=worker, kind="FIXED_TERM_I", started_on=last.start, planned_end_on=last.end + timedelta(days=90)
    )
    figure(structure, "SEC-01", last, told("SEC-01", people(0, 0, 1)), known_at=timezone.now())
    page = body(client.get("/indicateurs/SEC-01/inconnus/"))
    assert f'href="/salaries/{worker.pk}/"' in page
    assert "Les heures payées du mois ne sont pas connues." in page
    client.force_login(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert "Sansheures" not in body(client.get("/indicateurs/SEC-01/inconnus/"))
    assert client.get(f"/indicateurs/SEC-01/inconnus/?structure={structure.pk}").status_code == 404


def test_domains_of_barriers_are_told_only_to_those_who_may_read_of_health(client, structure):
    cube = told("PER-01", people(6, 8, life={"20 1": 6, "180 0": 8}), domain="sante")
    figure(structure, "PER-01", quarters(TODAY)[-1], cube)
    client.force_login(user_with(Role.COUNSELLOR, structure))
    assert "Santé" in body(client.get("/indicateurs/PER-01/?par=domain"))
    client.force_login(user_with(Role.HR, structure))
    assert "Santé" not in body(client.get("/indicateurs/PER-01/?par=domain"))


def test_downloads_carry_the_method_beside_each_figure(client, director, structure):
    a_year_of_figures(structure, TODAY)
    raw = b"".join(client.get("/indicateurs/?format=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw), delimiter=";"))
    [mine] = [row for row in rows if row["Indicateur"] == "SEC-01"]
    assert mine["Valeur"].startswith("0,5641")
    assert mine["Calcul"] == definitions()["SEC-01"].formula
    assert (mine["Version de la méthode"], mine["Son type, 90 %"]) == ("1", "0,7")
    told_small = client.get("/indicateurs/SEC-01/?format=json").json()
    assert len(told_small["rows"]) == 8
    assert told_small["rows"][0]["caution"]
    book = load_workbook(io.BytesIO(b"".join(client.get("/indicateurs/SEC-03/?format=xlsx").streaming_content)))
    assert book.active["B2"].value == "SEC-03"


def test_the_dashboard_is_printed_as_a_pdf_that_says_the_same(client, director, structure):
    a_year_of_figures(structure, TODAY)
    answer = client.get("/indicateurs/tableau.pdf")
    assert answer["Content-Type"] == "application/pdf"
    words = " ".join(text_of(answer.content).split())
    assert "Contrats sécurisants" in words
    assert "56,4 %" in words.replace("\xa0", " ")
    assert answer.content == client.get("/indicateurs/tableau.pdf").content


def test_a_download_gives_no_rate_of_fewer_than_eleven(client, director, structure):
    figure(structure, "SEC-01", quarters(TODAY)[-1], told("SEC-01", people(3, 1)))
    [row] = client.get("/indicateurs/SEC-01/?format=json").json()["rows"]
    assert (row["reading"], row["value"], row["interval_low"], row["k"]) == ("3 sur 4", None, None, "3.0000")


def test_the_pages_cost_the_same_whatever_the_number_of_figures(client, director, structure):
    def cost(address):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        return len(asked)

    figure(structure, "SEC-01", quarters(TODAY)[-1], told("SEC-01", people(12, 12)))
    addresses = ("/indicateurs/", "/indicateurs/SEC-01/", "/indicateurs/plan/", "/experimentations/")
    before = {address: cost(address) for address in addresses}
    other = OrganisationFactory(kind="ACI")
    a_year_of_figures(other, TODAY)
    for code in ("SEC-02", "CON-01", "ENG-03"):
        for period in quarters(TODAY):
            figure(structure, code, period, told(code, people(12, 12)))
    for year in (TODAY.year, TODAY.year - 1):
        Target.objects.create(
            organisation=structure,
            indicator="SEC-02",
            year=year,
            value=Decimal("0.2"),
            voted_on=TODAY,
            voted_by="board",
        )
    assert {address: cost(address) for address in addresses} == before


def test_the_plan_quotes_every_clause_and_a_vote_is_judged_three_ways(client, director, structure):
    last = quarters(TODAY)[-1]
    figure(structure, "SEC-01", last, told("SEC-01", people(24, 12, 1)))
    address = f"/indicateurs/plan/SEC-01/?structure={structure.pk}&annee={last.end.year}"
    plan = f"/indicateurs/plan/?annee={last.end.year}"

    def verdict(percent):
        sent = {"value": percent, "voted_on": TODAY.isoformat(), "voted_by": "assembly"}
        assert client.post(address, sent).status_code == 302
        section = body(client.get(plan)).split(f"{definitions()['SEC-01'].label}")[1]
        return section.split('class="verdict verdict-')[1].split('"')[0]

    assert [verdict(percent) for percent in ("60", "66", "90")] == ["yes", "unknown", "no"]
    target = Target.objects.get()
    assert (target.value, target.voted_by) == (Decimal("0.9000"), "assembly")
    page = body(client.get(plan))
    assert "en ciblant le développement d&#x27;activités riches en emplois pour tous" in page
    assert "Non mesuré ici." in page
    client.post(f"/indicateurs/cibles/{target.pk}/retirer/")
    page = body(client.get(plan))
    assert not Target.objects.exists()
    assert "cible de 90,0 % retirée" in page
    assert "60,0 %, par Assemblée générale" in page


def test_a_target_that_cannot_be_is_refused_in_words(client, director):
    sent = {"value": "120", "voted_on": TODAY.isoformat(), "voted_by": "board"}
    assert "Une part ne dépasse pas 100 %" in body(client.post("/indicateurs/plan/SEC-01/", sent))
    assert client.get("/indicateurs/plan/SEC-04/").status_code == 404, "neither way is better"


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.HR])
def test_only_the_director_votes_and_registers(client, structure, role):
    target = Target.objects.create(
        organisation=structure,
        indicator="SEC-01",
        year=TODAY.year,
        value=Decimal("0.5"),
        voted_on=TODAY,
        voted_by="board",
    )
    client.force_login(user_with(role, structure))
    assert "Voter une cible" not in body(client.get("/indicateurs/plan/"))
    addresses = ("/indicateurs/plan/SEC-01/", "/experimentations/nouvelle/")
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(f"/indicateurs/cibles/{target.pk}/retirer/").status_code == 404
    client.force_login(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert client.post(f"/indicateurs/cibles/{target.pk}/retirer/").status_code == 404
    assert Target.objects.exists()


def test_an_experiment_from_its_hypothesis_to_its_result(client, director, structure):
    worker = WorkerFactory(organisation=structure)
    stranger = WorkerFactory()
    sent = {
        "title": "Semaine de quatre jours", "subject": "organisation", "hypothesis": "Moins d'absences", "outcome": "Heures payées",
        "comparison": "L'équipe voisine", "started_on": TODAY.isoformat(),
    }  # fmt: skip
    late = client.post("/experimentations/nouvelle/", {**sent, "started_on": "2020-01-01"})
    assert "s&#x27;inscrit avant de commencer" in body(late)
    client.post("/experimentations/nouvelle/", sent)
    experiment = Experiment.objects.get()
    address = f"/experimentations/{experiment.pk}/"
    refused = client.post(address + "participation/", {"worker": stranger.pk, "joined_on": TODAY.isoformat()})
    assert refused.status_code == 200
    assert not Participant.objects.exists()
    client.post(address + "participation/", {"worker": worker.pk, "joined_on": TODAY.isoformat()})
    assert "accord inconnu" in body(client.get(address))
    one = Participant.objects.get()
    client.post(f"/experimentations/participants/{one.pk}/accord/", {"on": TODAY.isoformat()})
    client.post(f"/experimentations/participants/{one.pk}/fin/", {"on": TODAY.isoformat()})
    client.post(address + "fin/", {"on": TODAY.isoformat()})
    assert "évaluation attendue" in body(client.get("/experimentations/"))
    client.post(address + "evaluation/", {"result": "Aucun effet.", "published_on": TODAY.isoformat()})
    page = body(client.get(address))
    assert "Aucun effet." in page
    assert "accord du" in page
    assert "jusqu’au" in page
    client.force_login(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert {client.get(a).status_code for a in (address, address + "fin/", address + "participation/")} == {404}


def test_an_experiment_tells_who_only_to_those_who_see_people(client, director, structure):
    experiment = Experiment.objects.create(
        organisation=structure, title="Tutorat", subject="relations", hypothesis="h", outcome="o", comparison="c",
        registered_on=date(2025, 1, 1), started_on=date(2025, 2, 1),
    )  # fmt: skip
    worker = WorkerFactory(organisation=structure, last_name="Participante")
    Participant.objects.create(experiment=experiment, worker=worker, joined_on=date(2025, 2, 1))
    assert "Participante" in body(client.get(f"/experimentations/{experiment.pk}/"))
    client.force_login(UserFactory())
    assert client.get(f"/experimentations/{experiment.pk}/").status_code == 404
