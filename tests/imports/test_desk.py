"""Files in: every sample, twice, damaged; our own formats with each fault; nothing lost, nothing half-written."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db.models import DateField, Value

from audit.history import because
from contracts import imports
from contracts.imports import desk
from contracts.imports.staging import Staging
from contracts.models import Assignment, Contract, FaultyLine, ImportedFile, PayMinimum, WorkedMonth
from parcours.models import PassIAE, Pathway, Worker
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def give(organisation, content, name="fichier.csv"):
    raw = content.encode() if isinstance(content, str) else content
    file = imports.receive(by=None, organisation=organisation, name=name, stream=BytesIO(raw))
    return imports.commit(by=None, file=file)


def faults(file):
    return [(f.line, f.column, f.value, f.message) for f in file.faults.all()]


def rows_and_events():
    models = (Worker, Pathway, PassIAE, Contract, WorkedMonth)
    return [(m.objects.count(), m.pgh_event_model.objects.count()) for m in models]


# (sample, good lines, faulty lines), in the order a structure would give them.
SAMPLES = (
    ("les_emplois_candidats.json", 50, 0),
    ("les_emplois_approval.json", 16, 0),
    ("les_emplois_contract.json", 7, 0),
    ("cdb_import_beneficiaires.csv", 3, 1),
    ("cdb_import_reorientation.csv", 2, 5),
    ("cdb_import_professionnels.csv", 0, 2),
    ("cdb_import_structures.csv", 0, 2),
)


@pytest.mark.samples
def test_every_sample_is_imported_with_its_count_and_twice_changes_nothing(shared_data):
    organisation = OrganisationFactory(kind="EI")
    contents = {name: (shared_data / "samples" / name).read_bytes() for name, _good, _faulty in SAMPLES}

    found = tuple(
        (name, f.good_lines, f.faulty_lines) for name in contents for f in [give(organisation, contents[name], name)]
    )
    assert found == SAMPLES
    before = rows_and_events()
    for name, content in contents.items():
        give(organisation, content, name)
        give(organisation, content + b"\n", name)  # another fingerprint, the same lines

    assert rows_and_events() == before
    assert before[0][0] == 53


@pytest.mark.samples
@pytest.mark.parametrize(
    "name", ["les_emplois_candidats.json", "les_emplois_approval.json", "cdb_import_beneficiaires.csv"]
)
def test_a_sample_cut_in_half_is_refused_whole(shared_data, name):
    organisation = OrganisationFactory()
    content = (shared_data / "samples" / name).read_bytes()

    file = give(organisation, content[: len(content) // 2], name)

    assert file.state == "refused"
    assert "coupé" in file.refusal
    assert "Exportez-le de nouveau." in file.refusal
    assert Worker.objects.count() == PassIAE.objects.count() == 0


@pytest.mark.samples
@pytest.mark.parametrize("name", ["les_emplois_jobapplication.json", "cnaf_flux_rsa_mensuel_RSABEM.xml"])
def test_a_file_of_another_world_is_refused_with_what_was_expected(shared_data, name):
    file = give(OrganisationFactory(), (shared_data / "samples" / name).read_bytes(), name)

    assert (file.state, file.refusal[:14]) == ("refused", "Format inconnu")


PEOPLE = "Matricule;Nom;Prénom;Date de naissance;Sexe;Code postal;RQTH;Entrée\n"
CONTRACTS = "Matricule;Numéro de contrat;Nature;Signé le;Début;Fin prévue;Heures hebdomadaires;Salaire horaire brut;Renouvelle\n"
MONTHS = "Matricule;Numéro de contrat;Mois;Heures payées;Salaire brut;Clos;Client;Genre de client\n"


def test_our_three_files_make_people_contracts_and_months():
    association = OrganisationFactory(kind="AI")

    give(association, PEOPLE + "A1;Le Goff;Éloïse;31/12/1990;F;1000;non;05/01/2026\n")
    give(
        association,
        CONTRACTS
        + "A1;C1;CDDI;02/01/2026;05/01/2026;04/07/2026;26,5;11,88;\n"
        + "A1;C2;CDDI;20/06/2026;05/07/2026;04/01/2027;26,5;12,31;C1\n",
    )
    give(association, MONTHS + "A1;C1;01/2026;98,5;1 170,18;oui;Biscuiterie;Entreprise\nA1;C1;02/2026;;;non;;\n")

    worker = Worker.objects.get()
    assert (worker.first_name, worker.postal_code, worker.disabled_worker) == ("Éloïse", "01000", False)
    assert worker.pathways.get().started_on == date(2026, 1, 5)
    first, second = worker.contracts.order_by("started_on")
    assert (first.weekly_hours, first.planned_end_on, second.renews) == (Decimal("26.5"), date(2026, 7, 4), first)
    assert Assignment.objects.get().client_kind == "entreprise"
    paid, unknown = WorkedMonth.objects.order_by("month")
    assert (paid.paid_hours, paid.gross_pay, paid.closed) == (Decimal("98.5"), Decimal("1170.18"), True)
    assert (unknown.paid_hours, unknown.gross_pay) == (None, None)


def test_what_the_indicators_need_is_imported_days_paid_papers_given_and_minima_of_the_agreement():
    organisation = OrganisationFactory()
    give(organisation, "Matricule;Prénom;Nom;Date de naissance\nA1;Zoé;Petit;01/02/1990\n", "p.csv")
    give(
        organisation,
        "Matricule;Numéro de contrat;Nature;Remis le;Information remise le;Début;Fin prévue\n"
        "A1;C1;CDDI;07/01/2025;20/01/2025;06/01/2025;05/07/2025\n",
        "c.csv",
    )
    months = give(
        organisation, "Numéro de contrat;Mois;Heures payées;Jours payés\nC1;01/2025;91;13\nC1;02/2025;91;32\n", "m.csv"
    )
    minima = give(
        organisation,
        "Code ROME;Minimum horaire;À compter du;Convention\nK22;12,50;01/01/2025;IDCC 3016\n;12,00;01/01/2025;IDCC 3016\n"
        "K2;12;01/01/2025;IDCC 3016\n",
        "minima.csv",
    )
    contract = Contract.objects.get(reference="C1")
    assert (contract.handed_on, contract.rights_information_on) == (date(2025, 1, 7), date(2025, 1, 20))
    assert list(contract.worked_months.values_list("month", "paid_days")) == [(date(2025, 1, 1), 13)]
    assert [f[:2] for f in faults(months)] == [(3, "Jours payés")]
    assert list(PayMinimum.objects.order_by("rome_code").values_list("rome_code", "hourly_gross")) == [
        ("", Decimal("12.0000")), ("K22", Decimal("12.5000")),
    ]  # fmt: skip
    assert [f[:2] for f in faults(minima)] == [(4, "Code ROME")]


def test_each_fault_says_where_and_the_good_lines_go_in():
    organisation = OrganisationFactory()

    file = give(
        organisation,
        PEOPLE
        + "A1;Bon;Paul;1990-12-31;M;35000;oui;\n"
        + "A2;Petit;Zoé;31/13/1990;F;35000;;\n"
        + "A3;Petit;;01/01/1990;F;35000;;\n"
        + "A4;Petit;Luc;01/01/1990;Z;35000;peut-être;\n"
        + "A5;Petit;Léo;01/01/1990;M;ABC;;\n"
        + ";Petit;Sam;;M;35000;;\n"
        + "A1;Bon;Paul;1990-12-31;M;35000;oui;\n"
        + "A6;Petit;Ana;01/01/1890;F;35000;;\n",
    )

    assert (file.good_lines, file.faulty_lines) == (1, 7)
    assert faults(file) == [
        (3, "Date de naissance", "31/13/1990", "Date incomprise"),
        (4, "Prénom", "", "Cellule obligatoire vide"),
        (5, "Sexe", "Z", "Sexe incompris"),
        (5, "RQTH", "peut-être", "Réponse incomprise"),
        (6, "Code postal", "ABC", "Code postal incompris"),
        (7, "Matricule", "", "Ni matricule ni date de naissance"),
        (8, "", "", "Déjà décrit à la ligne 2"),
        (9, "Date de naissance", "01/01/1890", "Date invraisemblable"),
    ]
    assert FaultyLine.objects.filter(remedy="").count() == 0


def test_contracts_the_law_forbids_are_faults_of_their_line():
    organisation = OrganisationFactory()
    WorkerFactory(organisation=organisation, reference="A1")

    file = give(
        organisation,
        CONTRACTS
        + "A1;C1;CDDI;;05/01/2026;04/07/2026;26;;\n"
        + "A1;C2;CDDI;;04/07/2026;04/01/2027;26;;\n"
        + "A1;C3;CDDI;;05/07/2026;01/07/2026;26;;\n"
        + "A9;C4;CDDI;;05/01/2026;04/07/2026;26;;\n"
        + "A1;C5;Bail;;05/08/2026;04/12/2026;26;;\n"
        + "A1;C6;CDDI;;05/08/2027;04/12/2027;49;;\n"
        + "A1;C7;CDDI;;05/08/2028;04/12/2028;26;;C0\n",
    )

    assert file.good_lines == 1
    assert [(line, column, message) for line, column, _value, message in faults(file)] == [
        (3, "Début", "La personne a déjà un contrat du 05/01/2026 au 04/07/2026"),
        (4, "Fin prévue", "La fin prévue précède le début"),
        (5, "Matricule", "Personne inconnue"),
        (6, "Nature", "Valeur inconnue"),
        (7, "Heures hebdomadaires", "Nombre impossible : plus de 0 et au plus 48 heures par semaine"),
        (8, "Renouvelle", "Contrat renouvelé inconnu"),
    ]


def test_a_line_only_the_database_refuses_does_not_lose_the_others(monkeypatch):
    """Without our own check, the exclusion constraint refuses one of 20 contracts: found, named, and alone."""
    organisation = OrganisationFactory()
    give(organisation, PEOPLE + "".join(f"A{n};Petit;Zoé{n};01/01/1990;F;;;\n" for n in range(20)))
    give(organisation, CONTRACTS + "A7;C;CDDI;;01/01/2026;28/02/2026;26;;\n")
    monkeypatch.setattr(desk.WRITERS["contracts"], "_check", lambda *_: None)
    lines = "".join(f"A{n};C{n};CDDI;;05/01/2026;04/07/2026;26;;\n" for n in range(20))

    file = give(organisation, CONTRACTS + lines + "A7;R7;CDDI;;05/07/2026;04/09/2026;26;;C7\n")

    assert (file.good_lines, file.faulty_lines, Contract.objects.count(), Pathway.objects.count()) == (19, 2, 20, 20)
    assert faults(file) == [
        (
            9,
            "",
            "",
            "La personne a déjà un contrat de travail de ce genre dans la structure à ces dates : "
            "seuls les CDD d'usage et les missions peuvent se superposer.",
        ),
        (22, "", "", "Cette ligne dépend d'une ligne refusée"),
    ]


NUMBERS = {"organisation_id", "worker_id", "renews_id", "created_at"}


def rows_with_history(organisation):
    """Everything the tables and their history hold of a structure's people, but numbers and moments."""
    told = []
    for model in (Worker, Pathway, Contract):
        ours = {model.organisation_path: organisation}
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in NUMBERS and not f.auto_created]
        mine = list(model.objects.filter(**ours).values_list("pk", flat=True))
        told.append(sorted(model.objects.filter(pk__in=mine).values_list(*names), key=repr))
        events = model.pgh_event_model.objects.filter(pgh_obj_id__in=mine)
        kept = [name for name in names if name != "name_key"]
        told.append(sorted(events.values_list("pgh_label", "pgh_context__metadata__why", *kept), key=repr))
    return told


def test_what_an_import_writes_at_once_is_what_is_written_row_by_row_with_the_same_history():
    imported, written = OrganisationFactory(kind="ACI"), OrganisationFactory(kind="ACI")
    give(imported, PEOPLE + "".join(f"A{n};Petit;Zoé{n};01/01/1990;F;35000;;\n" for n in range(40)))
    give(
        imported,
        CONTRACTS
        + "".join(
            f"A{n};C{n};CDDI;;01/0{1 + n % 9}/2026;30/09/2026;26;12,5;\nA{n};R{n};CDDI;;01/10/2026;31/12/2026;28;;C{n}\n"
            for n in range(40)
        ),
    )

    with because("import"):
        for n in range(40):
            worker = Worker.objects.create(
                organisation=written, reference=f"A{n}", last_name="Petit", first_name=f"Zoé{n}",
                birth_date=date(1990, 1, 1), sex="F", postal_code="35000",
            )  # fmt: skip
            first = Contract.objects.create(
                worker=worker, reference=f"C{n}", kind="FIXED_TERM_I", started_on=date(2026, 1 + n % 9, 1),
                planned_end_on=date(2026, 9, 30), weekly_hours=26, hourly_gross=Decimal("12.5"),
            )  # fmt: skip
            Contract.objects.create(
                worker=worker, reference=f"R{n}", kind="FIXED_TERM_I", started_on=date(2026, 10, 1),
                planned_end_on=date(2026, 12, 31), weekly_hours=28, renews=first,
            )  # fmt: skip
            Pathway.objects.create(worker=worker, started_on=first.started_on)
    assert rows_with_history(imported) == rows_with_history(written)
    assert {c.renews.reference for c in Contract.objects.filter(reference__startswith="R")} == {
        f"C{n}" for n in range(40)
    }


def test_a_pathway_someone_has_just_given_is_left_out_and_the_others_are_written():
    organisation = OrganisationFactory()
    first, second = (WorkerFactory(organisation=organisation) for _ in range(2))
    given = Pathway.objects.create(worker=first, started_on=date(2026, 1, 1))
    people = Worker.objects.filter(organisation=organisation).order_by("id")

    written = Staging(Pathway).insert_from(
        people.values_list("id", Value(date(2026, 2, 1), output_field=DateField())), "worker_id", "started_on"
    )

    assert written == 1
    assert first.pathways.get() == given
    assert second.pathways.get().phase == "accueil"


def test_a_blank_cell_never_erases():
    organisation = OrganisationFactory()
    WorkerFactory(
        organisation=organisation, reference="A1", first_name="Zoé", last_name="Petit", city="Rennes", rsa=True
    )

    give(organisation, "Matricule;Nom;Prénom;Ville;RSA\nA1;Petit;Zoé;;\n")

    worker = Worker.objects.get()
    assert (worker.city, worker.rsa) == ("Rennes", True)


def test_another_structures_people_are_neither_matched_nor_touched():
    other = WorkerFactory(reference="A1", first_name="Zoé", last_name="Petit", city="Brest")
    organisation = OrganisationFactory()

    give(organisation, "Matricule;Nom;Prénom;Ville\nA1;Petit;Zoé;Rennes\n")

    other.refresh_from_db()
    assert other.city == "Brest"
    assert Worker.objects.get(organisation=organisation).city == "Rennes"


def test_a_preview_writes_nothing_and_counts_the_same():
    organisation = OrganisationFactory()
    content = (PEOPLE + "A1;Bon;Paul;31/12/1990;M;;;05/01/2026\nA2;Petit;Zoé;31/13/1990;F;;;\n").encode()
    file = imports.receive(by=None, organisation=organisation, name="p.csv", stream=BytesIO(content))

    seen = imports.preview(file)
    counted = (seen.state, seen.good_lines, seen.faulty_lines, dict(seen.counts))
    assert Worker.objects.count() == 0
    done = imports.commit(by=None, file=seen)

    assert counted == ("previewed", done.good_lines, done.faulty_lines, done.counts)
    assert done.counts["salariés en parcours"] == {"created": 1, "changed": 0, "unchanged": 0}


def test_the_same_content_is_the_same_file():
    organisation = OrganisationFactory()
    first = give(organisation, PEOPLE + "A1;Bon;Paul;31/12/1990;M;;;\n", "un.csv")

    assert give(organisation, PEOPLE + "A1;Bon;Paul;31/12/1990;M;;;\n", "deux.csv") == first
    assert ImportedFile.objects.count() == 1


def test_an_import_broken_in_the_middle_leaves_nothing(monkeypatch):
    organisation = OrganisationFactory()
    monkeypatch.setattr(desk, "BATCH", 5)
    written = []
    write = desk.WRITERS["workers"].write

    def breaks(self, lines):
        written.append(1)
        if len(written) == 2:
            raise RuntimeError("courant coupé")
        return write(self, lines)

    monkeypatch.setattr(desk.WRITERS["workers"], "write", breaks)
    with pytest.raises(RuntimeError):
        give(organisation, PEOPLE + "".join(f"A{n};Petit;Zoé{n};01/01/1990;F;;;\n" for n in range(12)))

    assert (Worker.objects.count(), ImportedFile.objects.get().state) == (0, "received")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_any_encoding_and_delimiter_is_read(encoding, delimiter):
    text = "Matricule;Nom;Prénom;Date de naissance\r\nA1;Le Goff;Éloïse;12 mars 1990\r\n".replace(";", delimiter)

    file = give(OrganisationFactory(), text.encode(encoding))

    assert (file.state, faults(file)) == ("imported", [])
    assert (Worker.objects.get().first_name, Worker.objects.get().birth_date) == ("Éloïse", date(1990, 3, 12))


def test_a_workbook_is_read_with_its_own_dates_and_numbers():
    book = openpyxl.Workbook()
    book.active.append(["Matricule", "Nom", "Prénom", "Date de naissance", "Code postal", "RQTH"])
    book.active.append([12, "Petit", "Zoé", date(1990, 3, 12), 1000, True])
    stream = BytesIO()
    book.save(stream)

    file = give(OrganisationFactory(), stream.getvalue(), "personnes.xlsx")

    worker = Worker.objects.get()
    assert file.good_lines == 1
    assert (worker.reference, worker.birth_date, worker.postal_code, worker.disabled_worker) == (
        "12",
        date(1990, 3, 12),
        "01000",
        True,
    )


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "Le fichier est vide."),
        (b"  \n\n", "Le fichier est vide."),
        (b"\x00\x01\x02\x03" * 100, "Le fichier est binaire"),
        (b"PK\x03\x04cass\xc3\xa9", "Le classeur Excel est ab\u00eem\u00e9"),
        (b"Nom;Nom;Pr\xc3\xa9nom\nA;B;C\n", "Ligne 1 : colonne en double : Nom"),
        (b"Nature;D\xc3\xa9but;Matricule;Fin\n1;2;3;4\nCDDI;05/01", "Ligne 3 : le fichier est coup\u00e9 (2 cellules sur 4)"),
        (b'Nom;Pr\xc3\xa9nom;Ville\nA;B;"Ren', "guillemet jamais referm\u00e9"),
        (b'[{"pk": 1, "prenom": "A", "nom": "B", "birthdate": null}, {"pk": 2, "pre', "le fichier JSON est coup\u00e9"),
        (b'{"pk": 1}', "le JSON doit \u00eatre une liste"),
        (b"[]", "ne contient aucun enregistrement"),
        (b"Nom;Pr\xc3\xa9nom\nA;\xc3", "au milieu d'une lettre"),
        (b"Mois;Heures pay\xc3\xa9es\n01/2026;10\n", "colonne obligatoire absente : Num\u00e9ro de contrat"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_in_words(content, refusal):
    file = give(OrganisationFactory(), content)

    assert file.state == "refused"
    assert refusal in file.refusal
    assert Worker.objects.count() == 0


def test_a_file_too_big_is_refused_before_it_is_read(settings):
    settings.IMPORT_MAX_BYTES = 1 << 20

    file = give(OrganisationFactory(), (PEOPLE + "A1;Bon;Paul;31/12/1990;M;;;\n" * 60_000).encode())

    assert (file.state, file.refusal) == ("refused", "Le fichier dépasse 1 Mo : découpez-le.")


def test_a_counsellor_is_attached_by_address_and_an_unknown_one_is_a_fault():
    organisation = OrganisationFactory()
    worker = WorkerFactory(
        organisation=organisation, first_name="Charlie", last_name="Fondue", birth_date=date(1997, 4, 22)
    )
    membership = MembershipFactory(user=UserFactory(email="nadia@example.org"), organisation=organisation)
    header = (
        "Prénom*;Nom*;Date de naissance*;Accompagnateurs à ajouter;Accompagnateurs à supprimer;Structures à rattacher\n"
    )

    file = give(
        organisation,
        header + "charlie;FONDUE;22/04/1997;nadia@example.org;;\nCharlie;Fondue;22/04/1997;autre@example.org;;\n",
    )

    worker.refresh_from_db()
    assert worker.counsellor == membership.user
    assert faults(file) == [
        (3, "Accompagnateurs à ajouter", "autre@example.org", "Aucun compte de la structure n'a cette adresse")
    ]


def test_the_examples_of_the_documentation_are_imported_whole(settings):
    organisation = OrganisationFactory()
    folder = settings.BASE_DIR / "docs/imports"

    files = [
        give(organisation, (folder / name).read_bytes(), name) for name in ("personnes.csv", "contrats.csv", "mois.csv")
    ]

    assert [(f.good_lines, f.faulty_lines) for f in files] == [(2, 0), (2, 0), (2, 0)]
