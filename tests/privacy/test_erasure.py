"""A person erased is nowhere: not in a dump of the whole database, not in a file, not after an old backup is put back."""

import json
import subprocess
import unicodedata
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import Error, connection, models, transaction
from django.utils import timezone

from accounts.sealed_fields import SealedCharField, SealedTextField
from audit.history import because
from contracts import imports
from contracts.models import Contract, FaultyLine, Flag, ImportedFile
from documents.models import Export, Paper
from embedded.postgres import find_binaries
from indicators.models import Value
from jobs.models import Job
from lawbook.models import AddedValue, Consequence
from parcours.models import Attachment, ExitCall, ExitCallAttempt, Pathway, Worker
from privacy import erasure, reach, tombstones
from privacy.models import Erasure
from tests.architecture.test_house import our_models
from tests.factories import ContractFactory, FollowUpFactory, PathwayFactory, WorkerFactory
from tests.trust.world import a_structure, fill

TODAY = timezone.localdate()
LATER = TODAY + timedelta(days=2000)
HERS = "Zeffacéez"
WORDS = ("zeffaceez", "r-774421", "zef@exemple.fr", "0677442211", "7744210")
TEXTS = (models.CharField, models.TextField, models.JSONField, SealedCharField, SealedTextField)
# Rows about nobody in particular: structures, their staff, their catalogues, and figures.
NOBODY = {
    "Region", "Departement", "Commune", "User", "Organisation", "Membership", "ApiToken", "Job", "FollowUpTemplate",
    "ImportedFile", "FaultyLine", "PayMinimum", "Framework", "Skill", "IssuerKey", "Badge", "ExpressionSession", "Proposal",
    "Ballot", "Body", "BodyMeeting", "SurveyWave", "SurveyCode", "SurveyAnswer", "Partner", "Service", "DirectoryFile",
    "DirectoryFault", "Agreement", "Experiment", "Target", "Value", "FeedToken", "Wording", "Export", "AddedValue", "Edition",
    "Preference", "Digest", "ContributorKey", "Contribution", "Release", "Audit", "SnapshotRow", "LedgerCell", "Issue",
    "ReleasedTable", "ReleasedCell", "Withdrawal", "Erasure", "Opening", "OpenedList", "CodeTries",
}  # fmt: skip


def dump() -> str:
    """The whole database, as a backup would hold it."""
    told = connection.settings_dict
    host = told["HOST"] or "localhost"
    url = f"postgresql://{quote(told['USER'])}:{quote(told['PASSWORD'])}@{quote(host, safe='')}:{told['PORT']}/{told['NAME']}"
    done = subprocess.run([find_binaries()[1] / "pg_dump", url], capture_output=True, text=True, check=True)
    return done.stdout


def everywhere() -> str:
    """The dump, the files and their names."""
    media = Path(tombstones.path().parent)
    files = [path for path in media.rglob("*") if path.is_file()]
    return "\n".join(
        [dump(), *(f"{path} {path.read_bytes()!r} {path.read_bytes().decode('utf-8', 'replace')}" for path in files)]
    )


def found() -> set[str]:
    """Her words found anywhere, accents and capitals aside."""
    letters = unicodedata.normalize("NFKD", everywhere().lower())
    text = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return {word for word in WORDS if word in text}


def say_it_everywhere(worker) -> None:
    """Her word in every text of every row of hers, and so in its history; what a constraint refuses is left as it is."""
    for model, ids in reach.rows_of([worker.pk]).items():
        for column in model._meta.concrete_fields:
            if column.generated or type(column) not in TEXTS:
                continue
            said = {"mot": HERS} if isinstance(column, models.JSONField) else HERS
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk__in=ids).update(**{column.name: said})
            except Error:
                continue


@pytest.fixture
def structure(transactional_db):
    """A structure where one person has something in every table; her contract and her pathway are over."""
    made = a_structure("un", "Maison")
    fill(made)
    worker, director, flag = made.row(Worker), made.users["director"], Flag.objects.get()
    added = AddedValue.objects.create(
        key="smic.hourly", since=TODAY, value="13", source="s", reason="r", added_by=director, added_at=timezone.now()
    )
    Consequence.objects.create(value=added, flag=flag, what="opened")
    ExitCallAttempt.objects.create(call=ExitCall.objects.first(), tried_on=TODAY, channel="phone", recorded_by=director)
    for kept in (Attachment.objects.get().content, Paper.objects.get().file, ImportedFile.objects.get().content):
        Path(kept.path).write_text(f"{HERS};R-774421")
    ImportedFile.objects.update(name=f"{HERS}.csv")
    FaultyLine.objects.update(value=HERS)
    Export.objects.update(filters={"q": HERS})
    Job.objects.create(name="essai", key="essai", available_at=timezone.now(), error=f"ValueError: {HERS} impossible")
    FollowUpFactory(pathway=Pathway.objects.get(ended_on=None), note=HERS).delete()  # its history is hers
    say_it_everywhere(worker)
    Worker.objects.filter(pk=worker.pk).update(
        last_name=HERS, reference="R-774421", email="zef@exemple.fr", phone="0677442211", emplois_id=7744210
    )
    with transaction.atomic(), because(f"{HERS} est partie", url=f"/salaries/?q={HERS}"):
        Pathway.objects.filter(ended_on=None).update(ended_on=TODAY)
    Contract.objects.filter(worker=worker).update(ended_on=TODAY)
    return made


def erased(structure) -> Erasure:
    return erasure.erase(
        by=structure.users["director"], worker=Worker.objects.get(), ground="asked", at=timezone.now(), today=LATER
    )


def test_every_table_is_reached_from_the_person_or_is_about_nobody():
    hers = {model.__name__ for model in reach.ties()}

    assert {model.__name__ for model in our_models()} - hers - NOBODY == set()
    assert hers & NOBODY == set()


def test_a_search_of_a_full_dump_and_of_every_file_finds_nothing_of_a_person_erased(structure):
    worker = Worker.objects.get()
    rows = reach.rows_of([worker.pk])
    assert {model.__name__ for model, ids in rows.items() if not ids} == set(), "a table of hers is tried without a row"
    assert found() == set(WORDS)
    figures = Value.objects.count()
    files = {path for path in tombstones.path().parent.rglob("*") if path.is_file()}
    assert len(files) == 3  # a piece, a paper, an imported file

    row = erased(structure)

    assert found() == set()
    assert {path for path in files if path.exists()} == set()
    assert Value.objects.count() == figures
    assert (row.organisation, row.ground, Erasure.objects.count()) == (structure.organisation, "asked", 1)
    assert json.loads(tombstones.path().read_text())["mark"] == row.mark


def test_a_backup_put_back_erases_her_again_and_nobody_else(structure):
    worker = Worker.objects.get()
    before = {model: list(model._base_manager.filter(pk=worker.pk).values()) for model in (Worker,)}
    row = erased(structure)
    with pgtrigger.ignore():
        Erasure.objects.all().delete()  # the backup was made before
    Worker.objects.create(**{k: v for k, v in before[Worker][0].items() if k != "name_key"})
    Worker.objects.filter(pk=worker.pk).update(created_at=worker.created_at)
    other = WorkerFactory(organisation=structure.organisation)

    told = [StringIO(), StringIO()]
    for out in told:
        call_command("erase_again", stdout=out)

    assert [out.getvalue() for out in told] == [
        "Personnes effacées de nouveau : 1\n",
        "Personnes effacées de nouveau : 0\n",
    ]
    assert list(Worker.objects.all()) == [other]
    assert found() == set()
    assert (Erasure.objects.get().mark, Erasure.objects.get().erased_by) == (row.mark, row.erased_by)


def test_a_number_given_again_after_a_restore_is_somebody_else(structure):
    worker = Worker.objects.get()
    erased(structure)

    newcomer = WorkerFactory(organisation=structure.organisation, pk=worker.pk)

    assert (erasure.erase_again(), list(Worker.objects.all())) == (0, [newcomer])


def test_a_mark_of_a_former_secret_still_erases(structure, settings):
    worker = Worker.objects.get()
    settings.SEALING_SECRETS = ["ancien"]
    erased(structure)
    settings.SEALING_SECRETS = ["nouveau", "ancien"]
    back = WorkerFactory(organisation=structure.organisation, pk=worker.pk)
    Worker.objects.filter(pk=back.pk).update(created_at=worker.created_at)

    assert (erasure.erase_again(), Worker.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_who_is_still_accompanied_or_under_contract_is_not_erased():
    pathway = PathwayFactory(ended_on=None)
    contract = ContractFactory(worker=pathway.worker, ended_on=None, planned_end_on=TODAY + timedelta(days=9))

    with pytest.raises(ValidationError) as refusal:
        erasure.erase(by=None, worker=pathway.worker, ground="asked", at=timezone.now(), today=TODAY)

    assert refusal.value.messages == [
        "Son parcours est ouvert : enregistrez d'abord sa sortie.",
        "Un contrat court encore : enregistrez d'abord sa fin.",
    ]
    assert Contract.objects.get() == contract


def test_the_file_that_brought_her_is_not_read_again(structure):
    director = structure.users["director"]
    content = f"Matricule;Nom;Prénom\nR-774421;{HERS};{HERS}\n".encode()
    give = {"by": director, "organisation": structure.organisation, "name": "liste.csv"}
    file = imports.commit(by=director, file=imports.receive(**give, stream=ContentFile(content)))
    assert file.state == ImportedFile.State.IMPORTED
    Contract.objects.update(ended_on=TODAY)
    Pathway.objects.filter(ended_on=None).update(ended_on=TODAY)

    erased(structure)
    again = imports.commit(by=director, file=imports.receive(**give, stream=ContentFile(content)))

    assert (again, Worker.objects.count()) == (file, 0)
    assert set(ImportedFile.objects.values_list("content", flat=True)) == {""}
