"""What people agree to: nothing before they say it, taken back as simply as given, and told to who relies on it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.roles import Role
from indicators.models import Experiment, Participant
from privacy import catalogue, consents, copies
from privacy.models import Consent
from tests.documents.reading import text_of
from tests.factories import (
    ExitCallFactory,
    ExitFactory,
    OrganisationFactory,
    OrientationFactory,
    PartnerFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def structure():
    return OrganisationFactory(name="Les Jardins")


@pytest.fixture
def counsellor(structure):
    return user_with(Role.COUNSELLOR, structure)


@pytest.fixture
def worker(structure):
    return WorkerFactory(organisation=structure, first_name="Aminata", last_name="Diallo")


def says(worker, by, purpose="photo", agreed=True, on=TODAY, **said):
    given = {"how": "said", "today": TODAY, **said}
    return consents.answer(by=by, worker=worker, purpose=purpose, agreed=agreed, said_on=on, **given)


def test_nothing_is_chosen_before_she_answers(worker, counsellor):
    client = client_for(counsellor)
    page = f"/salaries/{worker.pk}/accords/photo/"

    form = client.get(page).context["form"]
    assert (form["agreed"].value(), form["how"].value()) == (None, None)
    unsaid = client.post(page, {"said_on": TODAY, "how": "said", "agreed": ""})

    assert unsaid.context["form"].errors.keys() == {"agreed"}
    assert Consent.objects.count() == 0
    assert consents.standing(worker, counsellor, "photo") == "accord jamais demandé"


def test_the_words_shown_are_kept_with_the_answer(worker, counsellor):
    client = client_for(counsellor)
    shown = client.get(f"/salaries/{worker.pk}/accords/photo/").context["words"]
    client.post(f"/salaries/{worker.pk}/accords/photo/", {"said_on": TODAY, "how": "paper", "agreed": "non"})

    row = Consent.objects.get()
    assert (row.words, row.version, row.agreed) == (shown, 1, False)
    assert "Les Jardins" in row.words
    assert "accord refusé le" in client.get(f"/salaries/{worker.pk}/accords/").content.decode()


def test_taking_it_back_asks_no_reason_and_the_last_answer_counts(worker, counsellor):
    row = says(worker, counsellor, on=TODAY - timedelta(days=9))
    assert says(worker, counsellor, on=TODAY - timedelta(days=9)) == row
    client = client_for(counsellor)
    assert f"/actes/retirer-accord/{row.pk}/" in client.get(f"/salaries/{worker.pk}/accords/").content.decode()

    said = {"withdrawn_on": TODAY, "withdrawn_how": "said"}
    back = client.post(f"/actes/retirer-accord/{row.pk}/", said)

    assert back["Location"] == f"/salaries/{worker.pk}/accords/"
    assert consents.standing(worker, counsellor, "photo") == f"accord retiré le {TODAY:%d/%m/%Y}"
    says(worker, counsellor)
    assert consents.standing(worker, counsellor, "photo") == f"accord donné le {TODAY:%d/%m/%Y}"
    [photo] = [asked for asked in consents.register(worker, counsellor, TODAY) if asked.purpose.code == "photo"]
    assert (len(photo.current), len(photo.before)) == (1, 1)


def test_a_refusal_is_not_withdrawn_and_a_partner_is_named_when_one_is_needed(worker, counsellor):
    refused = says(worker, counsellor, agreed=False)

    with pytest.raises(ValidationError, match="On retire un accord donné"):
        consents.withdraw(by=counsellor, consent=refused, withdrawn_on=TODAY, withdrawn_how="said", today=TODAY)
    with pytest.raises(ValidationError, match="Dites à quel partenaire"):
        says(worker, counsellor, "transmission")
    with pytest.raises(ValidationError, match="Une transmission nomme son partenaire"):
        says(worker, counsellor, partner=PartnerFactory())
    with pytest.raises(ValidationError, match="pas d'accord pour cela ici"):
        says(worker, counsellor, "experiment")


def test_who_sends_her_to_a_partner_sees_whether_her_file_may_go_and_nothing_is_blocked(worker, counsellor):
    pathway = PathwayFactory(worker=worker)
    partner = PartnerFactory(organisation=worker.organisation, source="own", name="Mission locale")
    client = client_for(counsellor)
    page = f"/partenaires/{partner.pk}/orienter/?personne={worker.pk}"
    assert "accord jamais demandé" in client.get(page).content.decode()

    says(worker, counsellor, "transmission", agreed=False, partner=partner)

    for address in (page, f"/partenaires/{partner.pk}/?personne={worker.pk}"):
        assert "accord refusé le" in client.get(address).content.decode()
    sent = client.post(page, {"theme": "logement", "sent_on": TODAY})
    assert (sent.status_code, pathway.orientations.count()) == (302, 1)


def test_a_named_partner_is_told_to_counsellors_and_to_who_wrote_it_down(structure, worker, counsellor):
    partner = PartnerFactory(organisation=structure, source="own", name="Centre d'addictologie")
    says(worker, counsellor, "transmission", partner=partner)

    page = f"/salaries/{worker.pk}/accords/"
    assert "addictologie" in client_for(counsellor).get(page).content.decode()
    other = user_with(Role.HR, structure)
    assert "addictologie" not in client_for(other).get(page).content.decode()
    assert consents.standing(worker, other, "transmission", partner) == "réservé aux conseillers"


def test_who_calls_after_an_exit_sees_whether_she_agreed_to_a_survey(worker, counsellor):
    left = ExitFactory(pathway=PathwayFactory(worker=worker, ended_on=TODAY - timedelta(days=100)))
    call = ExitCallFactory(exit=left)
    says(worker, counsellor, "after_exit")

    assert (
        f"accord donné le {TODAY:%d/%m/%Y}"
        in client_for(counsellor).get(f"/sorties/appels/{call.pk}/").content.decode()
    )


def test_the_agreement_to_an_experiment_is_shown_from_where_it_is_kept(structure, worker, counsellor):
    experiment = Experiment.objects.create(
        organisation=structure, title="Horaires choisis", registered_on=TODAY, started_on=TODAY, subject="organisation",
        hypothesis="h", outcome="o", comparison="c",
    )  # fmt: skip
    Participant.objects.create(experiment=experiment, worker=worker, joined_on=TODAY, consented_on=TODAY)

    page = client_for(counsellor).get(f"/salaries/{worker.pk}/accords/").content.decode()

    assert "Horaires choisis" in page
    assert "experiment" not in dict(catalogue.purposes())


def test_the_sheet_to_sign_holds_the_words_and_ticks_nothing(worker, counsellor):
    orientation = OrientationFactory(pathway=PathwayFactory(worker=worker), recorded_by=counsellor)
    client = client_for(counsellor)
    sheet = f"/salaries/{worker.pk}/accords/transmission/a-signer.pdf"

    assert client.get(sheet)["Location"] == f"/salaries/{worker.pk}/accords/"
    text = text_of(client.get(f"{sheet}?partenaire={orientation.partner_id}").content)

    assert str(orientation.partner) in text
    assert ("☒" in text, "Oui, j'accepte" in text, "Non, je n'accepte pas" in text) == (False, True, True)


def test_her_answers_are_in_the_copy_of_her_data(worker, counsellor):
    says(worker, counsellor)

    told = copies.gathered(by=counsellor, worker=worker, today=TODAY)

    [rows] = [table.rows for table in told.tables if table.title == "accords"]
    assert dict(rows[0])["texte montré"].startswith("J'accepte que Les Jardins me photographie")


def test_the_same_through_the_api(structure, worker, counsellor):
    secret = tokens.issue(by=counsellor, organisation=structure, name="p", role=Role.COUNSELLOR)[1]
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    said = {"worker": worker.pk, "purpose": "after_exit", "said_on": TODAY, "how": "written"}

    unsaid = Client().post("/api/v1/consents/", said, "application/json", **bearer)
    made = Client().post("/api/v1/consents/", {**said, "agreed": True}, "application/json", **bearer)
    back = Client().post(
        f"/api/v1/consents/{made.json()['id']}/withdraw/", {"withdrawn_how": "said"}, "application/json", **bearer
    )

    assert ([error["field"] for error in unsaid.json()["errors"]], made.status_code) == (["agreed"], 201)
    assert back.json()["withdrawn_on"] == TODAY.isoformat()


def test_versions_of_a_text_follow_each_other_and_are_never_rewritten_in_place():
    for purpose in catalogue.consents().values():
        numbers = [one["version"] for one in purpose.versions]
        assert numbers == list(range(1, len(numbers) + 1))
        assert [one["since"] for one in purpose.versions] == sorted({one["since"] for one in purpose.versions})
        assert bool(purpose.versions) != bool(purpose.kept_in)
