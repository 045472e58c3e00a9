"""Papers about a person: her engagement, her rights, her skills, her pathway, her PASS."""

from datetime import date, timedelta

import pytest

from accounts.roles import Role
from documents import actions
from documents.models import Paper
from documents.papers import KINDS
from parcours.models import EngagementContract, Objective, PassProlongation, PlanAction, Strength
from skills.models import Certificate
from tests.documents.reading import reader, text_of
from tests.factories import (
    AssessmentFactory,
    ContractFactory,
    FollowUpFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    SkillFactory,
    TrainingFactory,
    TrainingSessionFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def counsellor():
    return user_with(Role.COUNSELLOR, OrganisationFactory(name="Les Jardins"), first_name="Maud", last_name="Rivoal")


@pytest.fixture
def worker(counsellor):
    structure = counsellor.memberships.get().organisation
    return WorkerFactory(organisation=structure, last_name="Diallo", counsellor=counsellor)


@pytest.fixture
def pathway(worker):
    return PathwayFactory(worker=worker, started_on=date(2026, 1, 5))


def content(counsellor, code, subject):
    return actions.content_of(actions.issue(by=counsellor, kind=KINDS[code], subject=subject, today=TODAY))


def test_an_engagement_says_what_each_side_commits_to_and_who_has_signed(counsellor, pathway):
    engagement = EngagementContract.objects.create(
        pathway=pathway, version=2, worker_commits="Venir aux entretiens\nPasser le code", structure_commits="Payer le temps de code",
        proposed_on=date(2026, 2, 1), signed_worker_on=date(2026, 2, 3), recorded_by=counsellor,
    )  # fmt: skip

    text = text_of(content(counsellor, "engagement", engagement))

    assert "Amina Diallo s'engage à • Venir aux entretiens • Passer le code" in text
    assert "Les Jardins s'engage à • Payer le temps de code" in text
    assert "Amina Diallo signé le 3 février 2026" in text
    assert "Les Jardins à signer" in text


def test_the_checklist_of_rights_holds_on_one_page_and_is_seen_as_sensitive(counsellor, worker, pathway):
    for n in range(45):
        RightStepFactory(
            pathway=pathway,
            right="D02",
            due_on=date(2026, 7, 1 + n % 28),
            triggered_on=date(2026, 1, 5) + timedelta(days=n),
        )

    made = content(counsellor, "rights_checklist", worker)

    assert len(reader(made).pages) == 1
    assert "Et 15 autres démarches" in text_of(made)
    hr = user_with(Role.HR, worker.organisation)
    assert Paper.objects.visible_to(counsellor).count() == 1
    assert Paper.objects.visible_to(hr).count() == 0


def test_a_checklist_without_diagnosis_says_it_may_be_incomplete(counsellor, worker, pathway):
    text = text_of(content(counsellor, "rights_checklist", worker))

    assert "diagnostic des droits à faire : ce qui suit peut être incomplet" in text
    assert "Aucune démarche n'est suivie pour l'instant." in text


def test_the_portfolio_shows_the_last_look_of_each_side(counsellor, worker):
    skill = SkillFactory(label="Conduire une débroussailleuse")
    for level, day in ((1, 1), (3, 20)):
        AssessmentFactory(worker=worker, skill=skill, level=level, assessed_on=date(2026, 3, day))
    AssessmentFactory(
        worker=worker,
        skill=skill,
        level=2,
        assessed_by="worker",
        assessed_on=date(2026, 3, 20),
        words="Je prends confiance",
    )
    training = TrainingFactory(worker=worker, title="SST", started_on=date(2026, 3, 4))
    TrainingSessionFactory(training=training, attended_hours=7)
    Certificate.objects.create(worker=worker, title="CACES R482", certifier="AFPA", obtained_on=date(2026, 5, 1))

    text = text_of(content(counsellor, "skills_portfolio", worker))

    assert "Conduire une débroussailleuse « Je prends confiance » Fait seul 20 mars 2026 Fait avec de l'aide" in text
    assert "SST 4 mars 2026 7 h" in text
    assert "CACES R482 AFPA 1er mai 2026" in text


def test_my_pathway_says_my_words_and_leaves_health_and_justice_out(counsellor, worker, pathway):
    common = {"pathway": pathway, "recorded_by": counsellor}
    Objective.objects.create(words="Travailler dehors", set_on=date(2026, 1, 6), **common)
    Objective.objects.create(words="Me soigner", theme="sante", set_on=date(2026, 1, 6), **common)
    for what, theme in (("Visiter la ferme", ""), ("Voir l'avocate", "justice")):
        PlanAction.objects.create(
            what=what,
            theme=theme,
            decided_on=date(2026, 6, 1),
            due_on=date(2026, 8, 1),
            state_on=date(2026, 6, 1),
            **common,
        )
    Strength.objects.create(
        worker=worker,
        kind="know_how",
        words="Je connais les plantes",
        stated_on=date(2026, 1, 6),
        recorded_by=counsellor,
    )
    WorkedMonthFactory(
        contract=ContractFactory(worker=worker, started_on=date(2026, 1, 5), planned_end_on=date(2026, 12, 31)),
        month=date(2026, 2, 1),
        paid_hours=110,
    )

    made = content(counsellor, "my_pathway", worker)
    text = text_of(made)

    assert len(reader(made).pages) == 1
    for part in (
        "« Travailler dehors »",
        "Visiter la ferme 1er août 2026",
        "Je connais les plantes",
        "110 h",
        "Maud Rivoal",
    ):
        assert part in text
    for hidden in ("soigner", "avocate"):
        assert hidden not in text


def test_a_report_of_prolongation_says_reason_days_and_what_was_done(counsellor, worker, pathway):
    held = PassFactory(worker=worker, number="999991234567", started_on=date(2024, 9, 1), ended_on=date(2026, 8, 31))
    FollowUpFactory(pathway=pathway, held_on=date(2026, 3, 1), minutes=30)
    FollowUpFactory(pathway=pathway, held_on=date(2026, 4, 1), minutes=45)
    FollowUpFactory(pathway=pathway, held_on=date(2026, 5, 1), minutes=45, outcome="absent")
    asked = PassProlongation.objects.create(
        pass_iae=held, reason="COMPLETE_TRAINING", from_on=date(2026, 8, 31), days=90, requested_on=date(2026, 7, 1),
        requested_by=counsellor, report="La formation finit en novembre.",
    )  # fmt: skip

    text = text_of(content(counsellor, "prolongation_report", asked))

    for part in (
        "Numéro 99999 12 34567", "Fin avant prolongation 31 août 2026", "Durée demandée 90 jours",
        "Fin si elle est accordée 29 novembre 2026", "Entretien individuel 2 75", "La formation finit en novembre.",
    ):  # fmt: skip
        assert part in text
