"""Lists as files: the reader's rows only, the same columns in both formats, and a record of what left."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts import tokens
from accounts.roles import Role
from documents.exports import LISTINGS, download
from documents.models import Export
from tests.factories import (
    AssignmentFactory,
    ContractFactory,
    FlagFactory,
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def director():
    return user_with(Role.DIRECTOR, OrganisationFactory(name="Les Jardins"))


@pytest.fixture
def structure(director):
    return director.memberships.get().organisation


def client_for(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def file_of(by, code, format="csv", rows=None):
    listing = LISTINGS[code]
    rows = listing.rows(by) if rows is None else rows
    return b"".join(download(by=by, listing=listing, rows=rows, format=format, filters={}, at=NOW).pieces)


def csv_lines(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def xlsx_lines(content):
    return [list(row) for row in load_workbook(BytesIO(content), read_only=True).active.values]


def test_contracts_leave_with_french_titles_days_and_decimal_commas(director, structure):
    worker = WorkerFactory(organisation=structure, last_name="Diallo", reference="M1")
    ContractFactory(worker=worker, reference="C1", hourly_gross="11.65", rome_code="A1203")

    titles, line = csv_lines(file_of(director, "contracts"))

    assert dict(zip(titles, line, strict=True)) == {
        "Structure": "Les Jardins", "Identifiant": "M1", "Nom": "Diallo", "Prénom": "Amina", "Numéro": "C1",
        "Nature": "CDD d'insertion (CDDI)", "Signé le": "08/01/2024", "Début": "08/01/2024", "Fin prévue": "07/07/2024",
        "Fin effective": "", "Motif de fin": "", "Heures par semaine": "26,00", "Salaire horaire brut": "11,6500",
        "Code ROME": "A1203",
    }  # fmt: skip


def test_the_spreadsheet_holds_the_same_with_real_days_and_numbers(director, structure):
    worker = WorkerFactory(organisation=structure, last_name="Diallo")
    ContractFactory(worker=worker, hourly_gross="11.65")

    titles, line = xlsx_lines(file_of(director, "contracts", "xlsx"))
    row = dict(zip(titles, line, strict=True))

    assert titles == csv_lines(file_of(director, "contracts"))[0]
    assert (row["Début"].date(), row["Fin effective"]) == (date(2024, 1, 8), None)
    assert Decimal(str(row["Salaire horaire brut"])) == Decimal("11.65")


@pytest.mark.parametrize("name", ["=1+1", "+33600000000", "-1", "@somme", "\t=1", '=HYPERLINK("http://x")'])
def test_a_name_is_never_a_formula(director, structure, name):
    WorkerFactory(organisation=structure, last_name=name)

    assert csv_lines(file_of(director, "workers"))[1][2] == "'" + name
    book = load_workbook(BytesIO(file_of(director, "workers", "xlsx")))
    assert (book.active["C2"].data_type, book.active["C2"].value) == ("s", name)


def test_every_list_holds_the_rows_of_the_readers_structures_only(director, structure):
    for organisation in (structure, OrganisationFactory(name="Ailleurs")):
        worker = WorkerFactory(organisation=organisation)
        pathway = PathwayFactory(worker=worker)
        contract = ContractFactory(worker=worker)
        FlagFactory(contract=contract)
        WorkedMonthFactory(contract=contract)
        FollowUpFactory(pathway=pathway)
        RightStepFactory(pathway=pathway)
        AssignmentFactory(contract=contract)

    counts = {code: [line[0] for line in csv_lines(file_of(director, code))[1:]] for code in LISTINGS}

    assert counts.pop("immersions") == []
    assert counts == {code: ["Les Jardins"] for code in counts}


def test_what_is_said_about_health_does_not_leave_with_who_may_not_read_it(structure):
    hr = user_with(Role.HR, structure)
    pathway = PathwayFactory(worker=WorkerFactory(organisation=structure))
    FollowUpFactory(pathway=pathway, themes=["sante"], note="secret", next_step="Voir le médecin")

    content = file_of(hr, "follow-ups").decode()

    assert content.count("\r\n") == 2
    for secret in ("Santé", "secret", "médecin"):
        assert secret not in content


def test_an_export_is_on_record_by_structure_with_its_rows(director, structure):
    WorkerFactory.create_batch(3, organisation=structure)

    file_of(director, "workers")

    log = Export.objects.get()
    assert (log.organisation, log.exported_by, log.listing, log.format) == (structure, director, "workers", "csv")
    assert (log.rows, log.complete) == (3, True)


def test_an_export_cut_short_says_so(director, structure):
    WorkerFactory.create_batch(3, organisation=structure)
    file = download(
        by=director, listing=LISTINGS["workers"], rows=LISTINGS["workers"].rows(director), format="csv", filters={},
        at=NOW,
    )  # fmt: skip
    assert Export.objects.get().rows is None  # on record before anything left

    next(file.pieces)
    file.pieces.close()

    assert (Export.objects.get().rows, Export.objects.get().complete) == (3, False)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_three_rows_or_thirty_cost_the_same_questions(director, structure, format):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            file_of(director, "contracts", format)
        return len(asked)

    for n in range(3):
        ContractFactory(worker=WorkerFactory(organisation=structure), reference=f"A{n}")
    few = cost()
    for n in range(30):
        ContractFactory(worker=WorkerFactory(organisation=structure), reference=f"B{n}")
    assert cost() == few <= 6


def test_a_page_leaves_with_its_filters(director, structure):
    WorkerFactory(organisation=structure, last_name="Diallo")
    WorkerFactory(organisation=structure, last_name="Petit")

    answer = client_for(director).get("/salaries/?q=diallo&etat=tous&format=csv")

    assert [line[2] for line in csv_lines(b"".join(answer.streaming_content))] == ["Nom", "Diallo"]
    assert Export.objects.get().filters == {"q": "diallo", "etat": "tous"}


def test_the_board_leaves_with_its_filters(director, structure):
    for severity in (3, 5):
        FlagFactory(contract=ContractFactory(worker=WorkerFactory(organisation=structure)), severity=severity)

    answer = client_for(director).get("/echeances/?gravite=5&format=xlsx")

    lines = xlsx_lines(b"".join(answer.streaming_content))
    assert [line[6] for line in lines] == ["Gravité", "Dépassé"]


def test_the_api_leaves_with_its_filters(director, structure):
    _token, secret = tokens.issue(by=director, organisation=structure, name="essai", role=Role.HR)
    ContractFactory(worker=WorkerFactory(organisation=structure), reference="C1")
    ContractFactory(worker=WorkerFactory(organisation=structure), reference="C2")
    asked = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    answer = Client().get("/api/v1/contracts/export/?format=csv&reference=C2", **asked)

    assert [line[4] for line in csv_lines(b"".join(answer.streaming_content))] == ["Numéro", "C2"]
    assert Export.objects.get().token.name == "essai"
    assert Client().get("/api/v1/contracts/export/?format=pdf", **asked).status_code == 404


def test_a_list_nobody_gave_you_does_not_exist(director):
    federation_side = user_with(Role.ADMINISTRATOR, OrganisationFactory())

    assert client_for(federation_side).get("/exports/workers.csv").status_code == 404
    assert client_for(director).get("/exports/inconnue.csv").status_code == 404
    assert client_for(director).get("/exports/workers.pdf").status_code == 404
