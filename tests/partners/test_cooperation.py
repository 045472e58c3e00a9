"""People sent to a partner, and what nobody could answer."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import Role
from partners import actions, needs
from partners.models import Orientation, UnmetNeed
from tests.factories import (
    CommuneFactory,
    OrganisationFactory,
    PartnerFactory,
    PathwayFactory,
    PlanActionFactory,
    ServiceFactory,
    UnmetNeedFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 3)
YEAR = (date(2024, 1, 1), date(2024, 12, 31))


def test_a_person_is_sent_to_a_service_and_the_answer_is_dated():
    service = ServiceFactory()
    sent = actions.orient(
        by=UserFactory(), pathway=PathwayFactory(), theme="mobilite", service=service, sent_on=DAY, today=DAY
    )
    assert (sent.partner, sent.state) == (service.partner, "sent")
    later = date(2024, 6, 20)
    actions.move_orientation(by=UserFactory(), orientation=sent, state="refused", on=later, today=later)
    with pytest.raises(ValidationError, match="précède l'orientation"):
        actions.move_orientation(by=UserFactory(), orientation=sent, state="accepted", on=date(2024, 6, 1), today=later)
    assert Orientation.objects.values_list("state", "state_on").get() == ("refused", later)


def test_an_orientation_serves_an_action_of_the_same_pathway():
    with pytest.raises(ValidationError, match="autre parcours"):
        actions.orient(
            by=UserFactory(),
            pathway=PathwayFactory(),
            theme="mobilite",
            partner=PartnerFactory(),
            action=PlanActionFactory(),
            sent_on=DAY,
            today=DAY,
        )


def test_a_need_is_noted_where_the_person_lives_then():
    vern = CommuneFactory(code="35352", name="Vern-sur-Seiche")
    for worker in (WorkerFactory(commune=vern), WorkerFactory(commune=None)):
        actions.note_unmet_need(
            by=UserFactory(),
            pathway=PathwayFactory(worker=worker),
            theme="mobilite",
            reason="too_far",
            noted_on=DAY,
            today=DAY,
        )
    assert sorted(UnmetNeed.objects.values_list("commune", flat=True)) == ["35238", "35352"]


def test_needs_are_counted_in_people_by_theme_and_commune():
    rennes, pathway = CommuneFactory(), PathwayFactory()
    for day in (3, 4):  # the same person twice is one person
        UnmetNeedFactory(pathway=pathway, commune=rennes, noted_on=date(2024, 6, day))
    UnmetNeedFactory(commune=rennes, answered_on=date(2024, 7, 1))
    UnmetNeedFactory(theme="logement", commune=None)
    UnmetNeedFactory(commune=rennes, noted_on=date(2023, 12, 31))
    counted = needs.by_commune(UnmetNeed.objects.all(), *YEAR)
    assert counted == [needs.NeedCount("logement", "", 1, 1), needs.NeedCount("mobilite", "Rennes", 2, 1)]


def test_only_large_counts_leave_the_structure_and_no_total_betrays_the_others():
    rennes = CommuneFactory()
    UnmetNeedFactory.create_batch(5, commune=rennes)
    UnmetNeedFactory.create_batch(4, commune=rennes, theme="logement")
    assert needs.to_share(UnmetNeed.objects.all(), *YEAR) == [("mobilite", "Ille-et-Vilaine", 5)]


def test_a_need_about_health_is_counted_only_for_those_who_may_see_it():
    pathway = PathwayFactory(worker__organisation=OrganisationFactory())
    for theme in ("sante", "mobilite"):
        UnmetNeedFactory(pathway=pathway, theme=theme)
    here = pathway.worker.organisation
    seen = {
        role: [c.theme for c in needs.by_commune(UnmetNeed.objects.visible_to(user_with(role, here)), *YEAR)]
        for role in (Role.COUNSELLOR, Role.HR)
    }
    assert seen == {Role.COUNSELLOR: ["mobilite", "sante"], Role.HR: ["mobilite"]}
