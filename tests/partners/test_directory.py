"""The directory: data·inclusion files streamed in, and services found by theme and place."""

import io
import json
from datetime import date

import pytest

from accounts.roles import Role
from partners import search
from partners.imports import UnreadableFile, read_directory
from partners.models import DirectoryFile, Partner, Service
from tests.factories import CommuneFactory, OrganisationFactory, PartnerFactory, ServiceFactory, UserFactory, user_with

pytestmark = pytest.mark.django_db
STRUCTURE = {
    "source": "dora", "id": "dora--1", "nom": "Garage solidaire", "date_maj": "2024-02-02", "code_insee": "35238",
    "code_postal": "35000", "latitude": 48.11, "longitude": -1.68, "reseaux_porteurs": ["ccas-cias"],
}  # fmt: skip
SERVICE = {
    "source": "dora", "structure_id": "dora--1", "id": "dora--s1", "nom": "Louer une voiture", "date_maj": "2024-02-02",
    "description": "Une voiture à petit prix.", "thematiques": ["mobilite--acceder-a-un-vehicule"],
    "modes_accueil": ["en-presentiel"], "zone_eligibilite": ["35"],
}  # fmt: skip


def read(content, kind="structures", **options):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_directory(by=UserFactory(), kind=kind, name="f.json", stream=io.BytesIO(text), **options)


def counts(file):
    return (file.created, file.changed, file.unchanged, file.faulty)


def test_a_file_is_read_and_the_same_file_again_changes_nothing():
    CommuneFactory()
    assert counts(read([STRUCTURE])) == (1, 0, 0, 0)
    assert counts(read([SERVICE], "services")) == (1, 0, 0, 0)
    assert counts(read({"items": [STRUCTURE]})) == (0, 0, 1, 0)
    assert counts(read([SERVICE], "services")) == (0, 0, 1, 0)
    partner, service = Partner.objects.get(), Service.objects.get()
    assert (partner.commune_id, partner.departement_id, partner.kind) == ("35238", "35", "local_authority")
    assert (service.partner, service.themes, service.remote, service.zones) == (partner, ["mobilite"], False, ["35"])


def test_what_changed_is_changed_and_an_older_file_changes_nothing():
    read([STRUCTURE])
    assert counts(read([{**STRUCTURE, "nom": "Garage du Pont", "date_maj": "2024-03-01"}])) == (0, 1, 0, 0)
    assert counts(read([STRUCTURE])) == (0, 0, 1, 0)
    assert Partner.objects.get().name == "Garage du Pont"


def test_each_fault_says_its_rank_its_field_and_what_is_expected():
    file = read([{**STRUCTURE, "nom": ""}, {**STRUCTURE, "date_maj": "hier"}, 12, STRUCTURE, STRUCTURE])
    assert counts(file) == (1, 0, 0, 4)
    told = list(file.faults.values_list("line", "column", "value", "message"))
    assert told == [
        (1, "nom", "", "Ce champ est obligatoire."),
        (2, "date_maj", "hier", "Une date AAAA-MM-JJ est attendue."),
        (3, "", "", "Un objet est attendu."),
        (5, "id", "dora--1", "Cet identifiant est déjà plus haut dans le fichier."),
    ]


@pytest.mark.parametrize("latitude", [999, 10**400, "nulle part", "nan"])
def test_an_optional_field_that_is_wrong_is_left_empty_and_reported(latitude):
    file = read([{**STRUCTURE, "siret": "123", "latitude": latitude, "courriel": "ici"}])
    partner = Partner.objects.get()
    assert (partner.siret, partner.latitude, partner.email, counts(file)) == ("", None, "", (1, 0, 0, 0))
    assert sorted(file.faults.values_list("column", flat=True)) == ["courriel", "latitude", "siret"]


def test_a_service_of_an_unknown_structure_is_refused():
    file = read([SERVICE], "services")
    assert (counts(file), file.faults.get().column) == ((0, 0, 0, 1), "structure_id")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b'[{"id": "a"}', "coupé"),
        (b"nom;ville\na;b\n", "« id »"),
        (b"\xff\xfe[", "UTF-8"),
        (b'{"total": 3}', "liste"),
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing(content, said):
    with pytest.raises(UnreadableFile, match=said):
        read(content)
    assert (DirectoryFile.objects.count(), Partner.objects.count()) == (0, 0)


def test_json_lines_and_csv_say_the_same_as_json():
    lines = "\n".join(json.dumps({**STRUCTURE, "id": f"dora--{n}"}) for n in (1, 2)).encode()
    table = b'source,id,nom,date_maj,reseaux_porteurs\ndora,dora--3,Mission locale,2024-02-02,"[""mission-locale""]"\n'
    assert (counts(read(lines)), counts(read(table))) == ((2, 0, 0, 0), (1, 0, 0, 0))
    assert Partner.objects.get(source_id="dora--3").networks == ["mission-locale"]


def test_an_element_cut_between_two_reads_is_read_whole():
    many = [{**STRUCTURE, "id": f"dora--{n}", "description": "é" * 300} for n in range(1200)]
    assert counts(read(many)) == (1200, 0, 0, 0)


def test_the_samples_of_data_inclusion_are_read(shared_data):
    for kind in ("structures", "services"):
        with (shared_data / f"samples/data_inclusion_{kind}.json").open("rb") as stream:
            file = read_directory(by=None, kind=kind, name=kind, stream=stream)
        assert (file.created > 0, file.faulty) == (True, 1), kind  # the empty one of each sample
    assert Service.objects.filter(themes__contains=["recherche_emploi"]).exists()


def test_a_structure_s_own_file_is_its_own_and_hides_the_common_row():
    structure = OrganisationFactory()
    for organisation in (None, structure):
        read([STRUCTURE], organisation=organisation)
        read([{**SERVICE, "nom": "Louer" if organisation else "Prêter"}], "services", organisation=organisation)
    here, elsewhere = (user_with(Role.COUNSELLOR, o) for o in (structure, OrganisationFactory()))
    assert [s.name for s in search.services(here)] == ["Louer"]
    assert [s.name for s in search.services(elsewhere)] == ["Prêter"]


def test_services_are_found_by_theme_place_words_and_the_nearest_comes_first():
    rennes, vern = CommuneFactory(), CommuneFactory(code="35352", name="Vern-sur-Seiche")
    reader = user_with(Role.COUNSELLOR, OrganisationFactory())
    located = {"departement": rennes.departement}
    ServiceFactory(name="Atelier vélo", commune=rennes, latitude=48.11, longitude=-1.68, **located)
    ServiceFactory(name="Garage", commune=vern, latitude=48.05, longitude=-1.60, **located)
    ServiceFactory(name="Permis", zones=["35"])
    ServiceFactory(name="Logement", themes=["logement"], **located)
    ServiceFactory(name="Ailleurs")
    found = list(search.services(reader, theme="mobilite", near=rennes))
    assert [(s.name, None if s.km is None else round(s.km)) for s in found] == [
        ("Atelier vélo", 0),
        ("Garage", 9),
        ("Permis", None),
    ]
    assert [s.name for s in search.services(reader, text="velo atelier")] == ["Atelier vélo"]
    assert [s.name for s in search.services(reader, departement="35", theme="logement")] == ["Logement"]


def test_a_partner_of_another_structure_is_not_known():
    common, other = PartnerFactory(), PartnerFactory(organisation=OrganisationFactory(), updated_on=date(2024, 1, 1))
    reader = user_with(Role.COUNSELLOR, OrganisationFactory())
    assert list(Partner.objects.known_to(reader)) == [common]
    assert set(Partner.objects.known_to(user_with(Role.COUNSELLOR, other.organisation))) == {common, other}
