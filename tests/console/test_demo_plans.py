"""The demonstration's plans: every situation occurs, some is missing on purpose, and counts hold together."""

from datetime import date

import pytest
from django.db.models import F, Q

from console.demo.load import load
from parcours.models import (
    BarrierState,
    Diagnosis,
    EngagementContract,
    ExitCall,
    Objective,
    Pathway,
    PlanAction,
    PlanReview,
)
from participation.models import Ballot, CivicStatement, ExpressionSession, Proposal, SurveyAnswer, SurveyCode
from partners.models import Orientation, UnmetNeed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_plans_look_like_life_and_are_partly_missing():
    load(seed=2012, today=TODAY, structures=12, workers=120, say=lambda _text: None)
    found = {
        "lifted, said by the person": BarrierState.objects.filter(state="resolved", said_by="worker").exists(),
        "lifted, said by the counsellor only": BarrierState.objects.filter(
            state="resolved", said_by="counsellor"
        ).exists(),
        "never looked at": Pathway.objects.exclude(pk__in=Diagnosis.objects.values("pathway")).exists(),
        "own words": Objective.objects.filter(own_words=True).exists(),
        "nobody knows whose words": Objective.objects.filter(own_words=None).exists(),
        "by, with, for and unknown": PlanAction.objects.values("autonomy").distinct().count() == 4,
        "signed by both": EngagementContract.objects.filter(signed_worker_on=F("signed_structure_on")).exists(),
        "not signed": EngagementContract.objects.filter(signed_worker_on=None).exists(),
        "reviewed with the person": PlanReview.objects.filter(worker_present=True).exists(),
        "not reached after the exit": ExitCall.objects.filter(answer="not_reached").exists(),
        "call still to make": ExitCall.objects.filter(answer="", due_on__lte=TODAY).exists(),
        "session without a list": ExpressionSession.objects.filter(held=True, attendance_listed=False).exists(),
        "session to come": ExpressionSession.objects.filter(on__gt=TODAY, held=None).exists(),
        "proposal waiting": Proposal.objects.filter(answer="").exists(),
        "roll unknown": Ballot.objects.filter(registered=None).exists(),
        "refused to say": CivicStatement.objects.filter(answer="no_answer").exists(),
        "answers and silences": {True, False} == set(SurveyCode.objects.values_list("used", flat=True)),
        "prefers not to say": SurveyAnswer.objects.filter(value=None).exists(),
        "sent to a partner": Orientation.objects.filter(action__isnull=False).exists(),
        "no solution": UnmetNeed.objects.exists(),
    }
    assert found == dict.fromkeys(found, True)
    late = Q(pathway__ended_on__lt=F("decided_on")) | Q(decided_on__lt=F("pathway__started_on"))
    assert PlanAction.objects.filter(late).count() == 0
    assert PlanReview.objects.filter(held_on__gt=TODAY).count() == 0
    reviewed = Pathway.objects.exclude(plan_reviewed_on=None)
    assert reviewed.exclude(reviews__held_on=F("plan_reviewed_on")).count() == 0
