"""Organisations: their kind, their SIRET, their place."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from audit.saving import saved
from tests.factories import CommuneFactory, FederationFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("siret", ["41273578900023", "35600000049837"])
def test_a_right_siret_is_kept(siret):
    assert saved(Organisation(kind="ACI", name="Les Ateliers", siret=siret)).siret == siret


@pytest.mark.parametrize("siret", ["41273578900024", "4127357890002", "ABCDEFGHIJKLMN"])
def test_a_wrong_siret_is_refused_with_words(siret):
    with pytest.raises(ValidationError) as refusal:
        saved(Organisation(kind="ACI", name="Les Ateliers", siret=siret))
    assert refusal.value.message_dict["siret"][0] == (
        f"« {siret} » n'est pas un SIRET : 14 chiffres dont le dernier contrôle les autres."
    )


def test_the_database_itself_refuses_a_siret_that_is_not_14_digits():
    with pytest.raises(IntegrityError, match="organisation_siret_is_14_digits"), transaction.atomic():
        Organisation.objects.create(kind="ACI", name="x", siret="123")


def test_a_structure_has_a_kind_and_a_federation_has_none():
    with pytest.raises(ValidationError, match="Une structure a un type"):
        saved(Organisation(kind="", name="Sans type"))
    with pytest.raises(ValidationError, match="Une structure a un type"):
        saved(Organisation(nature="federation", kind="ACI", name="Fédération"))


def test_a_commune_leads_to_its_departement_and_region():
    organisation = OrganisationFactory(commune=CommuneFactory())

    assert organisation.commune.departement.region.name == "Bretagne"


def test_an_email_opens_one_account_whatever_its_case():
    User.objects.create_user("Camille@Example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User(email="camille@example.org").save()
    assert User.objects.get_by_natural_key("CAMILLE@example.org").email == "camille@example.org"


def test_a_federation_role_is_refused_in_a_structure():
    with pytest.raises(ValidationError, match="Ce rôle n'existe pas"):
        saved(Membership(user=UserFactory(), organisation=OrganisationFactory(), role=Role.ANALYST))
    assert saved(Membership(user=UserFactory(), organisation=FederationFactory(), role=Role.ANALYST)).pk
