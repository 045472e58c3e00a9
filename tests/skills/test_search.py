"""A skill is found whatever the accents, the case and a slip of the finger."""

from datetime import date

import pytest

from accounts.roles import Role
from skills.actions import assess_together
from skills.models import Assessment
from skills.portfolio import portfolio
from skills.search import search
from tests.factories import FrameworkFactory, OrganisationFactory, SkillFactory, UserFactory, WorkerFactory, user_with

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 2)


def labels(found):
    return [skill.label for skill in found]


@pytest.fixture
def structure():
    return OrganisationFactory()


@pytest.mark.parametrize("text", ["élaguer", "ELAGUER", "elager", "arbres", "elaguer arbre"])
def test_accents_case_and_typos_are_forgiven(structure, text):
    SkillFactory(label="Élaguer des arbres")
    SkillFactory(label="Nettoyer du mobilier urbain")

    assert labels(search(text, principal=user_with(Role.COUNSELLOR, structure))) == ["Élaguer des arbres"]


def test_the_closest_label_comes_first_and_occupations_apart(structure):
    SkillFactory(label="Conduire un chantier de peinture")
    SkillFactory(label="Peinture")
    SkillFactory(label="Peinture en bâtiment", kind="occupation")

    assert labels(search("peinture", principal=user_with(Role.COUNSELLOR, structure))) == [
        "Conduire un chantier de peinture",
        "Peinture",
    ]


def test_a_framework_of_another_structure_is_not_offered(structure):
    mine = FrameworkFactory(code="MAISON", version="1", organisation=structure)
    other = FrameworkFactory(code="AILLEURS", version="1", organisation=OrganisationFactory())
    SkillFactory(label="Ranger l'atelier", framework=mine)
    SkillFactory(label="Ranger l'atelier voisin", framework=other)

    assert labels(search("ranger", principal=user_with(Role.COUNSELLOR, structure))) == ["Ranger l'atelier"]


def test_two_looks_on_one_skill_stand_side_by_side_and_each_signs():
    worker, skill = WorkerFactory(), SkillFactory(label="Tailler une haie")
    assess_together(
        by=UserFactory(), worker=worker, skill=skill, assessed_on=DAY, today=DAY, levels={"supervisor": 3, "worker": 2},
        evidence="Haie du parc finie seul", words="Pas encore à l'aise", validated=True, supervisor_signs=True,
        worker_signs=True,
    )  # fmt: skip

    (story,) = portfolio(worker).skills
    look = story.latest

    assert (look.by_supervisor.level, look.by_worker.level) == (3, 2)
    assert (look.by_supervisor.signed_on, look.by_supervisor.worker_signed_on, look.by_worker.signed_on) == (
        DAY,
        DAY,
        DAY,
    )
    assert (look.by_supervisor.words, look.by_worker.evidence) == ("", "")
    assert story.validated_on == DAY


def test_without_the_worker_s_signature_a_skill_is_not_counted_as_validated():
    worker = WorkerFactory()
    assess_together(
        by=UserFactory(), worker=worker, skill=SkillFactory(), assessed_on=DAY, today=DAY, levels={"supervisor": 4},
        evidence="Vu", validated=True, supervisor_signs=True,
    )  # fmt: skip
    assert portfolio(worker).skills[0].validated_on is None


def test_a_skill_not_yet_autonomous_is_not_validated_and_nothing_is_half_written():
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="à partir du niveau"):
        assess_together(
            by=UserFactory(), worker=WorkerFactory(), skill=SkillFactory(), assessed_on=DAY, today=DAY,
            levels={"worker": 3, "supervisor": 2}, validated=True,
        )  # fmt: skip
    assert Assessment.objects.count() == 0
