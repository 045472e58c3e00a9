"""Damaged files through every importer: none crashes, none is half-written, each refusal is said in French.

A few hundred here; `FUZZ=10000 ./run test tests/imports/test_damage.py -n 0 -s` by hand, which prints what became of them.
"""

import base64
import io
import json
import os
import random
import re
from collections import Counter
from datetime import UTC, datetime

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction

import console.management.commands.load_reference as reference
from accounts.models import Commune
from contracts import imports
from contracts.models import Contract, FaultyLine, PayMinimum, WorkedMonth
from parcours.models import PassIAE, Pathway, Worker
from partners.models import DirectoryFile, Partner, Service
from releases import contributions
from releases.models import Contribution
from skills import frameworks
from skills.models import Framework, Skill
from skills.reference import FILES
from tests.factories import OrganisationFactory, UserFactory
from tests.imports.damage import damaged
from tests.partners.test_directory import SERVICE, STRUCTURE

pytestmark = pytest.mark.django_db
TIMES, SEED = int(os.environ.get("FUZZ", "260")), int(os.environ.get("FUZZ_SEED", "1"))
ENGLISH = re.compile(r"\b(the|line|expected|invalid|codec|delimiter|must|cannot|not|unexpected|value|decode|file)\b")
SIRET = "11111111100006"
KEY = Ed25519PrivateKey.generate()
WRITTEN = (
    Worker,
    Pathway,
    Contract,
    WorkedMonth,
    PassIAE,
    PayMinimum,
    Partner,
    Service,
    DirectoryFile,
    Skill,
    Commune,
    Contribution,
)

PEOPLE = """Matricule;Nom;Prénom;Date de naissance;Sexe;Code postal;RQTH;RSA;Entrée
A001;Le Goff;Éloïse;12/03/1990;F;35000;non;oui;05/01/2026
A002;Diallo;Mamadou;1er août 1984;M;35200;;;12/01/2026
"""
CONTRACTS = """Matricule;Numéro de contrat;Nature;Signé le;Début;Fin prévue;Heures hebdomadaires;Salaire horaire brut;Renouvelle
A101;C-1;CDDI;02/01/2026;05/01/2026;04/07/2026;26;12,02;
A101;C-2;CDDI;22/06/2026;05/07/2026;04/01/2027;28;12,31;C-1
"""
MONTHS = "Numéro de contrat;Mois;Heures payées;Salaire brut;Clos\nC-1;01/2026;98,5;1183,97;oui\nC-1;02/2026;104;1250,08;oui\n"
MINIMA = "Code ROME;Minimum horaire;À compter du;Convention\nA1203;12,10;01/01/2026;ACI\n;11,90;01/01/2025;ACI\n"
CANDIDATES = [{"pk": 2, "prenom": "Jacques", "nom": "Henry", "code_postal": "64500", "birthdate": "1990-03-13",
               "education_level": "", "has_rsa_allocation": "NON", "rqth_employee": False}]  # fmt: skip
PASSES = [{"pk": 1, "user": 2, "number": "XXXXX2600001", "start_at": "2026-01-01", "end_at": "2027-12-31"}]
BENEFICIARIES = """Identifiant dans le SI;Prénom;Nom;Date de naissance;Téléphone;E-mail
B1;Aïcha;Benali;01/02/1988;0601020304;a@exemple.fr
B2;Luc;Morel;03/04/1979;;
"""
SKILLS = "code;intitule;nature\nC1;Trier les déchets;savoir-faire\nC2;Écouter;savoir-être professionnel\n"
COMMUNES = "code;nom;type;departement;codes_postaux\n35238;Rennes;commune-actuelle;35;35000|35200\n"
ROME = {
    "occupations": "code_rome,libelle_rome\nA1203,Aménagement\n",
    "skills": "code_ogr,libelle_competence,cat_comp\n100,Tailler,Savoir-faire\n",
    "knowledge": "code_ogr_savoir,libelle_savoir\n200,Botanique\n",
    "links": "code_rome,code_ogr\nA1203,100\n",
}
CONTRIBUTION = [
    {"format": "parcours-contribution/1", "member": SIRET, "period": "2025", "catalogue": "2026-1", "sequence": 1, "structures": [SIRET]},
    {"structure": SIRET, "record": "00000000000000ab", "sex": "F", "age": "26-49", "level": "2", "values": {"exit": "durable"}},
]  # fmt: skip


def workbook():
    book = openpyxl.Workbook()
    for line in PEOPLE.strip().split("\n"):
        book.active.append(line.split(";"))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def as_json(found):
    return json.dumps(found, indent=1).encode()


class Importers:
    """Each importer takes the bytes of a file and says why it refused, or nothing."""

    def __init__(self, folder):
        self.folder = folder
        self.organisation = OrganisationFactory(siret=SIRET)
        self.user = UserFactory()
        contributions.register(
            organisation=self.organisation, public_key=contributions.public_half(KEY), at=datetime.now(UTC)
        )
        self.framework = Framework.objects.create(
            code="X", version="1", name="Le nôtre", organisation=self.organisation
        )
        self.give("contrat.csv", PEOPLE.replace("A00", "A10").encode())
        self.samples = (
            *((self.desk(name), content) for name, content in (
                ("personnes.csv", PEOPLE.encode()), ("personnes.xlsx", workbook()), ("contrats.csv", CONTRACTS.encode()),
                ("mois.csv", MONTHS.encode()), ("minima.csv", MINIMA.encode()), ("candidats.json", as_json(CANDIDATES)),
                ("pass.json", as_json(PASSES)), ("beneficiaires.csv", BENEFICIARIES.encode()),
            )),
            (self.directory("structures"), as_json([STRUCTURE, STRUCTURE])),
            (self.directory("services"), as_json([SERVICE])),
            (self.directory("structures"), b"".join(json.dumps(STRUCTURE).encode() + b"\n" for _ in range(2))),
            (self.skills, SKILLS.encode()),
            *((self.rome(name), content.encode()) for name, content in ROME.items()),
            (self.communes("csv"), COMMUNES.encode()),
            (self.communes("json"), as_json([{"code": "35238", "nom": "Rennes", "type": "commune-actuelle", "departement": "35"}])),
            (self.contribution, b"".join(json.dumps(line).encode() + b"\n" for line in CONTRIBUTION)),
        )  # fmt: skip

    def give(self, name, content):
        file = imports.receive(by=None, organisation=self.organisation, name=name, stream=io.BytesIO(content))
        return imports.commit(by=None, file=file)

    def desk(self, name):
        def give(content):
            file = self.give(name, content)
            return file.refusal or None

        return give

    def directory(self, kind):
        def load(content):
            return self.command(kind, "repertoire.json", content)

        return load

    def communes(self, suffix):
        return lambda content: self.command("communes", f"communes.{suffix}", content)

    def rome(self, name):
        def load(content):
            for other, whole in ROME.items():
                (self.folder / f"{FILES[other][0]}_v460.csv").write_bytes(content if other == name else whole.encode())
            return self.command("rome", None, b"")

        return load

    def command(self, kind, name, content):
        path = self.folder / name if name else self.folder
        if name:
            path.write_bytes(content)
        try:
            call_command("load_reference", kind, str(path), stdout=io.StringIO(), stderr=io.StringIO())
        except CommandError as refusal:
            return str(refusal)
        return None

    def skills(self, content):
        return refusal_of(
            lambda: frameworks.read_skills(by=self.user, framework=self.framework, stream=io.BytesIO(content))
        )

    def contribution(self, content):
        """Signed by the member: the signature is right, what is signed is not."""
        signed = content.rstrip(b"\n") + b"\n"
        signed += json.dumps({"signature": base64.b64encode(KEY.sign(signed)).decode()}).encode() + b"\n"
        return refusal_of(
            lambda: contributions.receive(organisation=self.organisation, content=signed, at=datetime.now(UTC))
        )


def refusal_of(verb):
    try:
        verb()
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return None


class _Undo(Exception):
    pass


def written():
    return [model.objects.count() for model in WRITTEN]


@pytest.fixture
def importers(tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(
        "skills.reference.FILES", {name: (file, columns, 1) for name, (file, columns, _n) in FILES.items()}
    )
    load = reference.load_communes
    monkeypatch.setattr(reference, "load_communes", lambda path: load(path, fewest=1))
    (tmp_path / "fichiers").mkdir()
    return Importers(tmp_path / "fichiers")


def test_each_whole_file_is_taken(importers):
    assert [importer(content) for importer, content in importers.samples] == [None] * len(importers.samples)
    assert Worker.objects.filter(last_name="Henry").exists()
    assert Contract.objects.count() == 2


def test_a_number_without_end_is_a_fault_of_its_line_and_utf_32_a_refusal(importers):
    endless = importers.give("contrats.csv", CONTRACTS.replace("12,31", "9" * 400).encode())
    assert (endless.good_lines, endless.faulty_lines) == (1, 1)

    assert importers.give("b.csv", b"\xff\xfe" + BENEFICIARIES.encode("utf-32-le")).state == "refused"


def test_a_workbook_whose_parts_cannot_be_listed_and_a_zero_byte_are_refusals(importers):
    whole = workbook()
    part = whole.rindex(b"PK\x01\x02")  # the version that reads a part comes six bytes further
    of_another_version = whole[: part + 6] + b"\x54" + whole[part + 7 :]
    assert "abîmé" in importers.desk("personnes.xlsx")(of_another_version)
    assert "illisible" in importers.rome("links")(b"code_rome,code_ogr\n\x00A1203,100\n")


def test_damaged_files_crash_nothing_and_are_never_half_written(importers, capsys):
    rng, outcomes = random.Random(SEED), Counter()
    for number in range(TIMES):
        importer, whole = importers.samples[number % len(importers.samples)]
        content = damaged(rng, whole)
        before = written()
        try:
            with transaction.atomic():
                try:
                    refusal = importer(content)
                except Exception as crash:
                    raise AssertionError(
                        f"n° {number} (seed {SEED}), {importer.__qualname__}: {content[:300]!r}"
                    ) from crash
                if refusal is not None:
                    assert written() == before, f"n° {number}: refused and written in part: {refusal}"
                    assert not ENGLISH.search(refusal.lower()), f"n° {number}: refused in English: {refusal}"
                faulty = FaultyLine.objects.exists()
                outcomes["refused whole" if refusal else "faulty lines told" if faulty else "taken"] += 1
                raise _Undo
        except _Undo:
            pass
    if "FUZZ" in os.environ:
        with capsys.disabled():
            print(
                f"\n{TIMES} damaged files through {len(importers.samples)} samples: {dict(outcomes)}; 0 crash, 0 written in part"
            )
    assert set(outcomes) == {"refused whole", "faulty lines told", "taken"}
