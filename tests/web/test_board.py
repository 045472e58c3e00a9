"""The board of decisions: the list, the month, one decision, many at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Contract, ContractDraft, Decision, Flag
from parcours.models import Pathway
from tests.factories import (
    ContractFactory,
    DecisionFactory,
    FlagFactory,
    GroupFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)
from tests.web.test_pages import client_for, signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def ending(structure, days, name="Diallo", **fields):
    """An open flag on a contract that ends in so many days, as the night writes it."""
    worker = WorkerFactory(organisation=structure, last_name=name, **fields)
    PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=200))
    PassFactory(worker=worker, started_on=TODAY - timedelta(days=200), ended_on=TODAY + timedelta(days=500))
    contract = ContractFactory(
        worker=worker, started_on=TODAY - timedelta(days=150), planned_end_on=TODAY + timedelta(days=days)
    )
    severity = next(level for most, level in ((-1, 5), (15, 4), (30, 3), (60, 2), (90, 1)) if days <= most)
    return FlagFactory(contract=contract, due_on=contract.planned_end_on, severity=severity, rung=None)


def names(html):
    """The people on the cards, in the order of the page."""
    return [
        part.split("<")[0].split()[-1]
        for part in html.split('<a href="/salaries/')[1:]
        for part in [part.split(">", 1)[1]]
    ]


def test_the_board_lists_by_urgency_page_after_page_and_nothing_twice():
    structure = OrganisationFactory()
    for n in range(70):
        ending(structure, days=n % 90 - 5, name=f"Nom{n}")
    client = signed_in(Role.HR, structure)
    seen, query = [], ""
    while True:
        page = client.get(f"/echeances/?apres={query}").content.decode()
        seen += names(page)
        if 'rel="next"' not in page:
            break
        query = page.split("apres=")[1].split('"')[0]

    expected = Flag.objects.order_by("-severity", "due_on", "id").values_list("worker__last_name", flat=True)
    assert seen == list(expected)


def test_a_key_that_means_nothing_gives_the_first_page():
    structure = OrganisationFactory()
    ending(structure, 10, name="Seul")
    client = signed_in(Role.HR, structure)

    for nonsense in ("%00", "abc", "W10", "WzEsMiwzXQ", "é"):
        assert names(client.get("/echeances/", {"apres": nonsense}).content.decode()) == ["Seul"]


def test_the_board_is_narrowed_by_rule_gravity_counsellor_structure_name_and_days():
    group = GroupFactory()
    one, two = OrganisationFactory(group=group), OrganisationFactory(group=group)
    counsellor = UserFactory()
    mine = ending(one, 10, name="Éloi", counsellor=counsellor)
    late = ending(two, -3, name="Brel")
    FlagFactory(
        contract=late.contract, code="CONTRACT_UNSIGNED", severity=3, due_on=TODAY, facts={"started_on": "2026-01-05"}
    )
    ending(OrganisationFactory(), 10, name="Ailleurs")
    client = signed_in(Role.HR, group)

    def shown(**asked):
        return names(client.get("/echeances/", asked).content.decode())

    assert shown() == ["Brel", "Éloi", "Brel"]
    assert shown(regle="CONTRACT_UNSIGNED") == ["Brel"]
    assert shown(gravite=5) == ["Brel"]
    assert shown(conseiller=counsellor.pk) == ["Éloi"]
    assert shown(structure=one.pk) == ["Éloi"]
    assert shown(q="eloi") == ["Éloi"]
    assert shown(du=mine.due_on, au=mine.due_on) == ["Éloi"]
    assert shown(regle="N_IMPORTE", gravite="x", conseiller="-1", structure="y", du="2026-13-45") == [
        "Brel",
        "Éloi",
        "Brel",
    ]


def test_a_card_says_why_from_which_figures_until_when_and_who_decides():
    flag = ending(OrganisationFactory(), 10)

    page = signed_in(Role.HR, flag.organisation).get("/echeances/").content.decode()

    day = f"{flag.due_on:%d/%m/%Y}"
    assert (
        f"Le contrat (CDD d&#x27;insertion (CDDI)) finit le {day} et aucun autre ne le suit dans la structure." in page
    )
    assert f"Échéance le {day}, dans 10 jours" in page
    assert "L1243-5 CT" in page
    assert "la structure, avec la personne" in page
    assert "Nature du contrat" in page


def test_the_month_shows_each_day_its_flags_and_how_many_more():
    structure = OrganisationFactory()
    first = TODAY.replace(day=1)
    for n in range(5):
        flag = ending(structure, 10, name=f"Nom{n}")
        Flag.objects.filter(pk=flag.pk).update(due_on=first + timedelta(days=9))
    other = ending(structure, 20, name="Autre")
    Flag.objects.filter(pk=other.pk).update(due_on=first + timedelta(days=50))
    client = signed_in(Role.HR, structure)

    page = client.get("/echeances/mois/").content.decode()
    nothing = client.get("/echeances/mois/?mois=2031-02").content.decode()

    assert [name for name in ("Nom0", "Nom1", "Nom2", "Nom3", "Nom4", "Autre") if name in page] == [
        "Nom0",
        "Nom1",
        "Nom2",
    ]
    assert "et 2 autres" in page
    assert "Aucune échéance ce mois-ci" in nothing
    assert client.get("/echeances/mois/?mois=9999-99").status_code == 200


@pytest.mark.parametrize("page", ["/echeances/", "/echeances/mois/"])
def test_the_board_costs_the_same_with_one_flag_and_with_forty(page):
    structure = OrganisationFactory()
    DecisionFactory(contract=ending(structure, 10).contract)
    client = signed_in(Role.HR, structure)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(page)
        # what the law in force is, is asked again now and then, whatever the page
        return len([query for query in queries if "lawbook_edition" not in query["sql"]])

    few = cost()
    for n in range(40):
        DecisionFactory(contract=ending(structure, n).contract)

    assert cost() == few <= 12


def test_deciding_records_who_why_and_when_told_and_leads_to_the_act():
    flag = ending(OrganisationFactory(), 40)
    user = user_with(Role.HR, flag.organisation)
    sent = {"kind": "renew", "reason": "Projet à finir", "notified_on": TODAY.isoformat(), "sent_once": str(uuid4())}

    answers = [client_for(user).post(f"/echeances/{flag.pk}/decision/", sent) for _twice in range(2)]

    (decision,) = Decision.objects.all()
    assert [answer.url for answer in answers] == [f"/contrats/{flag.contract_id}/renouveler/"] * 2
    assert (decision.decided_by, decision.rule, decision.due_on) == (user, "CONTRACT_END", flag.due_on)
    assert (decision.notified_on, decision.on_time) == (TODAY, True)


def test_a_decision_of_the_last_day_is_said_to_be_late_and_one_not_told_is_unknown():
    structure = OrganisationFactory()
    late, untold = ending(structure, 0, name="Tard"), ending(structure, 40, name="Muet")
    now = timezone.now()
    for flag, told in ((late, TODAY), (untold, None)):
        DecisionFactory(contract=flag.contract, due_on=flag.due_on, notified_on=told, recorded_at=now)

    page = signed_in(Role.HR, structure).get("/echeances/").content.decode()

    assert "hors délai" in page
    assert "à temps ou non : inconnu tant que la personne n’est pas informée" in page
    assert "· à temps\n" not in page


def test_ending_with_an_exit_plan_prepares_the_exit():
    flag = ending(OrganisationFactory(), 40)
    sent = {"kind": "end_with_exit_plan", "reason": "Emploi trouvé"}

    answer = signed_in(Role.HR, flag.organisation).post(f"/echeances/{flag.pk}/decision/", sent)

    assert answer.url == f"/salaries/{flag.worker_id}/"
    assert Pathway.objects.get().phase == "preparation_sortie"


def test_a_decision_the_rule_does_not_offer_or_a_closed_alert_is_refused_in_words():
    flag = ending(OrganisationFactory(), 40)
    client = signed_in(Role.HR, flag.organisation)
    wrong = client.post(f"/echeances/{flag.pk}/decision/", {"kind": "extend_pass", "reason": "x"}).content.decode()
    Flag.objects.update(closed_on=TODAY)
    closed = client.post(f"/echeances/{flag.pk}/decision/", {"kind": "renew", "reason": "x"}).content.decode()

    assert (
        "n’est pas l’un des choix disponibles" in wrong.replace("&#x27;", "’")
        or "Sélectionnez un choix valide" in wrong
    )
    assert "Cette alerte est close depuis le" in closed
    assert Decision.objects.count() == 0


def test_deciding_together_first_shows_what_would_be_done_and_refused_then_does_it_once():
    structure = OrganisationFactory()
    good, also = ending(structure, 40, name="Bon"), ending(structure, 50, name="Aussi")
    known = ending(structure, 45, name="Déjà")
    DecisionFactory(contract=known.contract, due_on=known.due_on, kind="end_with_exit_plan")
    elsewhere = ending(OrganisationFactory(), 40, name="Ailleurs")
    client = signed_in(Role.HR, structure)
    flags = [good.pk, also.pk, known.pk, elsewhere.pk]

    preview = client.post("/echeances/ensemble/", {"flag": flags, "kind": "end_with_exit_plan"}).content.decode()

    assert Decision.objects.count() == 1
    assert "2 décisions seraient enregistrées" in preview
    assert "1 refusée, et pourquoi" in preview
    assert "Déjà décidé le" in preview
    assert "Ailleurs" not in preview
    assert Pathway.objects.filter(phase="preparation_sortie").count() == 0

    sent = {
        "flag": flags, "kind": "end_with_exit_plan", "reason": "Fin de chantier", "confirm": "1",
        "notified_on": TODAY.isoformat(), "sent_once": str(uuid4()),
    }  # fmt: skip
    twice = [client.post("/echeances/ensemble/", sent).url for _time in range(2)]

    assert twice == ["/echeances/", "/echeances/"]
    assert sorted(Decision.objects.filter(reason="Fin de chantier").values_list("worker__last_name", flat=True)) == [
        "Aussi",
        "Bon",
    ]
    assert Pathway.objects.filter(phase="preparation_sortie").count() == 2


def test_the_end_of_a_pass_is_decided_about_the_person():
    structure = OrganisationFactory()
    flag = ending(structure, 40)
    flag.delete()
    worker = flag.worker
    end = FlagFactory(
        contract=None, pass_iae=worker.passes.get(), worker=worker, organisation=structure, code="PASS_END",
        due_on=TODAY + timedelta(days=10), facts={"number": "999990000001"},
    )  # fmt: skip
    client = signed_in(Role.HR, structure)

    assert "un prescripteur habilité, à la demande de la structure" in client.get("/echeances/").content.decode()
    client.post(f"/echeances/{end.pk}/decision/", {"kind": "extend_pass", "reason": "Formation en cours"})

    decision = Decision.objects.get()
    assert (decision.worker, decision.contract, decision.rule) == (worker, None, "PASS_END")


def test_a_counsellor_reads_the_board_and_decides_nothing():
    flag = ending(OrganisationFactory(), 10)
    client = signed_in(Role.COUNSELLOR, flag.organisation)

    assert f"/echeances/{flag.pk}/decision/" not in client.get("/echeances/").content.decode()
    assert client.get(f"/echeances/{flag.pk}/decision/").status_code == 404
    assert client.post("/echeances/ensemble/", {"flag": [flag.pk], "kind": "renew"}).status_code == 404


def test_renewing_together_shows_each_new_end_lets_it_be_changed_then_prepares_the_drafts_once():
    structure = OrganisationFactory(kind="ACI")
    one, two = ending(structure, 40, name="Un"), ending(structure, 50, name="Deux")
    Contract.objects.update(hourly_gross="13")
    client = signed_in(Role.HR, structure)
    flags = [one.pk, two.pk]

    preview = client.post("/echeances/ensemble/", {"flag": flags, "kind": "renew"}).content.decode()
    assert "Décider et préparer 2 projets" in preview
    assert f'name="fin-{one.pk}"' in preview
    beyond = {f"fin-{two.pk}": one.due_on + timedelta(days=1000)}
    again = client.post("/echeances/ensemble/", {"flag": flags, "kind": "renew", **beyond}).content.decode()
    assert "1 refusée, et pourquoi" in again
    assert "L5132-15-1 CT" in again
    assert f"/contrats/{two.contract_id}/renouveler/" in again

    sent = {"flag": flags, "kind": "renew", "reason": "À poursuivre", "confirm": "1", "sent_once": str(uuid4())}
    unseen = client.post("/echeances/ensemble/", {**sent, **beyond, "seen": "2"}).content.decode()
    assert "rien n&#x27;est enregistré" in unseen
    assert ContractDraft.objects.count() == 0
    chosen = {f"fin-{one.pk}": one.due_on + timedelta(days=130)}
    for _twice in range(2):
        answer = client.post("/echeances/ensemble/", {**sent, **chosen, "seen": "2"})
        assert answer.url == "/contrats/projets/"

    assert sorted(ContractDraft.objects.values_list("worker__last_name", flat=True)) == ["Deux", "Un"]
    assert ContractDraft.objects.get(worker=one.worker).planned_end_on == one.due_on + timedelta(days=130)
    assert (
        "2 décisions enregistrées. 2 projets de renouvellement à signer."
        in client.get("/contrats/projets/").content.decode()
    )


def test_the_day_the_person_is_told_is_noted_later_from_the_card_once_and_decides_what_is_on_time():
    flag = ending(OrganisationFactory(), 40)
    decision = DecisionFactory(contract=flag.contract, kind="end_with_exit_plan", notified_on=None)
    client = signed_in(Role.HR, flag.organisation)
    address = f"/actes/informer/{decision.pk}/"

    assert address in client.get("/echeances/").content.decode()
    future = client.post(address, {"notified_on": TODAY + timedelta(days=1)}).content.decode()
    assert "dans l&#x27;avenir" in future
    client.post(address, {"notified_on": TODAY})
    again = client.post(address, {"notified_on": TODAY - timedelta(days=9)}).content.decode()
    assert "déjà notée" in again

    decision.refresh_from_db()
    flag.refresh_from_db()
    assert (decision.notified_on, decision.on_time) == (TODAY, True)
    assert flag.closed_on == TODAY  # an end that was told answers the alert
    assert signed_in(Role.COUNSELLOR, flag.organisation).get(address).status_code == 404


def test_a_card_says_who_decided_why_and_which_draft_waits():
    flag = ending(OrganisationFactory(), 40)
    user = user_with(Role.HR, flag.organisation, first_name="Nadia", last_name="Petit")
    DecisionFactory(contract=flag.contract, decided_by=user, reason="Permis en cours")
    draft = ContractDraft.objects.create(
        worker=flag.worker, renews=flag.contract, kind="FIXED_TERM_I", started_on=flag.due_on + timedelta(days=1),
        planned_end_on=flag.due_on + timedelta(days=150), prepared_by=user, prepared_on=TODAY,
    )  # fmt: skip

    page = client_for(user).get("/echeances/").content.decode()

    assert "par Nadia Petit : Renouveler" in page
    assert "Permis en cours" in page
    assert f"/actes/signer-projet/{draft.pk}/" in page
