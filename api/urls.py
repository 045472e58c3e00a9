"""The REST door, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api.documentation import Viewer
from api.v1 import (
    agenda,
    contracts,
    follow_ups,
    organisation,
    papers,
    participation,
    partners,
    people,
    plan,
    skills_and_rights,
    what_if,
)

router = SimpleRouter()
for address, viewset in (
    ("organisations", organisation.Organisations),
    ("tokens", organisation.Tokens),
    ("workers", people.Workers),
    ("pathways", people.Pathways),
    ("exits", people.Exits),
    ("passes", people.Passes),
    ("follow-ups", follow_ups.FollowUps),
    ("follow-up-templates", follow_ups.Templates),
    ("attachments", follow_ups.Attachments),
    ("strengths", plan.Strengths),
    ("objectives", plan.Objectives),
    ("plan-actions", plan.PlanActions),
    ("diagnoses", plan.Diagnoses),
    ("barriers", plan.Barriers),
    ("engagements", plan.Engagements),
    ("plan-reviews", plan.PlanReviews),
    ("hours-wishes", plan.HoursWishes),
    ("exit-calls", plan.ExitCalls),
    ("expression-sessions", participation.ExpressionSessions),
    ("proposals", participation.Proposals),
    ("ballots", participation.Ballots),
    ("bodies", participation.Bodies),
    ("seats", participation.Seats),
    ("civic-statements", participation.CivicStatements),
    ("association-members", participation.AssociationMembers),
    ("voter-helps", participation.VoterHelps),
    ("survey-waves", participation.SurveyWaves),
    ("partners", partners.Partners),
    ("services", partners.Services),
    ("agreements", partners.Agreements),
    ("orientations", partners.Orientations),
    ("unmet-needs", partners.UnmetNeeds),
    ("snoozes", agenda.Snoozes),
    ("appointments", agenda.Appointments),
    ("feed-tokens", agenda.Feeds),
    ("contracts", contracts.Contracts),
    ("amendments", contracts.Amendments),
    ("suspensions", contracts.Suspensions),
    ("assignments", contracts.Assignments),
    ("worked-months", contracts.WorkedMonths),
    ("decisions", contracts.Decisions),
    ("flags", contracts.Flags),
    ("imports", contracts.Files),
    ("skills", skills_and_rights.Skills),
    ("assessments", skills_and_rights.Assessments),
    ("trainings", skills_and_rights.Trainings),
    ("training-sessions", skills_and_rights.TrainingSessions),
    ("certificates", skills_and_rights.Certificates),
    ("awards", skills_and_rights.Awards),
    ("circumstances", skills_and_rights.Circumstances),
    ("right-steps", skills_and_rights.RightSteps),
    ("values", organisation.Values),
    ("papers", papers.Papers),
    ("exports", papers.Exports),
    ("notifications", papers.Notices),
):
    router.register(address, viewset, basename=f"api-{address}")

urlpatterns = [
    path("contracts/what-if/", what_if.WhatIf.as_view(), name="api-what-if"),
    path("", include(router.urls)),
    path("attention/", agenda.Attention.as_view(), name="api-attention"),
    path("me/", organisation.Me.as_view(), name="api-me"),
    path(
        "openapi.yaml", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="api-schema"
    ),
    path("docs/", Viewer.as_view(url_name="api-schema"), name="api-docs"),
]
