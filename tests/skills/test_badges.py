"""A badge given here verifies with a library that is not ours; a changed one, and one taken back, do not."""

import base64
import json
from datetime import date

import pytest
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ValidationError
from django.core.management import call_command
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from skills import badges
from skills.awards import create_badge, give_badge, renew_key, revoke_badge
from skills.models import Award, IssuerKey
from tests.factories import OrganisationFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db

TODAY = date(2025, 6, 2)


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "https://parcours.example"


def given(worker=None, name="Entretien des espaces verts"):
    worker = worker or WorkerFactory(first_name="Aminata", last_name="Diarra-Secrète")
    badge = create_badge(
        by=UserFactory(),
        organisation=worker.organisation,
        name=name,
        description="Tient un massif.",
        criteria="Un mois.",
    )
    return give_badge(by=UserFactory(), badge=badge, worker=worker, awarded_on=TODAY, today=TODAY)


def stranger(client, award):
    """A verifier that knows only what a stranger may fetch: the key at the address in the document."""
    header = json.loads(base64.urlsafe_b64decode(award.credential.split(".")[0] + "=="))
    jwk = client.get(header["kid"].removeprefix("https://parcours.example")).json()
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    return OB3Verifier(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def download(client):
    return lambda url: client.get(url.removeprefix("https://parcours.example")).content


def test_a_badge_issued_here_verifies_with_an_independent_library(client):
    award = given()

    said = stranger(client, award).verify(award.credential, check_status=True, download=download(client))

    assert (said.achievement.name, said.issuer.name) == (award.badge.name, award.organisation.name)


@pytest.mark.parametrize("what", ["payload", "signature", "header"])
def test_a_tampered_badge_does_not(client, what):
    award = given()
    parts = award.credential.split(".")
    if what == "payload":
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        payload["credentialSubject"]["achievement"]["name"] = "Chef de chantier"
        parts[1] = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    else:
        position = 2 if what == "signature" else 0
        parts[position] = parts[position][:-6] + ("AAAAAA" if parts[position][-6:] != "AAAAAA" else "BBBBBB")

    with pytest.raises(OB3VerificationError):
        stranger(client, award).verify(".".join(parts))


def test_a_badge_taken_back_no_longer_stands_and_its_neighbours_do(client):
    worker = WorkerFactory()
    kept, taken = given(worker, "Gardé"), given(worker, "Retiré")
    revoke_badge(by=UserFactory(), award=taken, on=TODAY, reason="Remis par erreur")

    stranger(client, kept).verify(kept.credential, check_status=True, download=download(client))
    with pytest.raises(OB3VerificationError, match="revo"):
        stranger(client, taken).verify(taken.credential, check_status=True, download=download(client))


def test_after_a_new_key_the_badges_of_the_old_one_still_verify(client):
    worker = WorkerFactory()
    old = given(worker, "Avant")
    renew_key(by=UserFactory(), organisation=worker.organisation, on=TODAY)
    new = given(worker, "Après")

    assert old.key_id != new.key_id
    for award in (old, new):
        stranger(client, award).verify(award.credential, check_status=True, download=download(client))
    with pytest.raises(OB3VerificationError):
        stranger(client, new).verify(old.credential)


def test_private_keys_are_sealed_and_the_seal_may_change(settings):
    award = given()
    sealed = award.key.sealed
    settings.BADGE_SECRETS = ["nouveau secret", *settings.BADGE_SECRETS]
    call_command("reseal")
    again = IssuerKey.objects.get().sealed
    settings.BADGE_SECRETS = ["nouveau secret"]

    assert badges.opened(badges.sign({"a": 1}, sealed=again, kid="k"), award.key.public) == {"a": 1}
    with pytest.raises(InvalidToken):
        badges.sign({"a": 1}, sealed=sealed, kid="k")


def test_what_strangers_read_names_no_one(client):
    award = given()
    pages = [
        client.get(f"/badges/{award.uuid}/"),
        client.get(f"/badges/{award.uuid}/", headers={"accept": "application/vc+jwt"}),
        client.get(f"/badges/{award.uuid}/badge.jwt"),
        client.get(f"/badges/cles/{award.key.uuid}/"),
        client.get(f"/badges/cles/{award.key.uuid}/etat/"),
        client.get(f"/badges/emetteurs/{award.organisation_id}/"),
        client.get(f"/badges/modeles/{award.badge.uuid}/"),
    ]
    assert [page.status_code for page in pages] == [200] * 7
    read = "\n".join(page.content.decode() for page in pages)
    read += json.dumps(badges.opened(award.credential, award.key.public), ensure_ascii=False)
    for secret in ("Aminata", "Diarra", award.given_by.email, award.given_by.last_name, award.key.sealed):
        assert secret not in read


def test_a_structure_that_gives_no_badge_is_no_issuer(client):
    assert client.get(f"/badges/emetteurs/{OrganisationFactory().pk}/").status_code == 404


def test_a_badge_is_given_once_and_never_to_the_worker_of_another_structure():
    award = given()
    with pytest.raises(ValidationError, match="La personne a déjà ce badge"):
        give_badge(by=UserFactory(), badge=award.badge, worker=award.worker, awarded_on=TODAY, today=TODAY)
    with pytest.raises(ValidationError, match="n'est pas de la structure"):
        give_badge(by=UserFactory(), badge=award.badge, worker=WorkerFactory(), awarded_on=TODAY, today=TODAY)
    assert (Award.objects.count(), IssuerKey.objects.count()) == (1, 1)


def test_a_badge_is_not_taken_back_without_a_reason():
    with pytest.raises(ValidationError, match="Dites pourquoi"):
        revoke_badge(by=UserFactory(), award=given(), on=TODAY, reason="")
