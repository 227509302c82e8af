from typing import Any

from django.urls import path

from governance.api import views
from governance.api.simulate import SchemaView, SimulateView

routes: list[tuple[str, Any]] = [
    ("plans", views.PlanViewSet),
    ("phases", views.PhaseViewSet),
    ("principes", views.PlanCommitmentViewSet),
    ("autorisations", views.AuthorisationViewSet),
    ("scenarios", views.ScenarioViewSet),
    ("plafonds", views.ScenarioCapViewSet),
    ("perimetres", views.ScenarioSchoolViewSet),
    ("perimetres-annonces", views.StatedPerimeterViewSet),
    ("phases-de-scenario", views.ScenarioPhaseViewSet),
    ("montants-globaux", views.LumpSumViewSet),
    ("couts-recurrents", views.RecurringCostViewSet),
    ("financeurs", views.FunderViewSet),
    ("financements", views.FundingLineViewSet),
    ("montants-annonces", views.AnnouncedAmountViewSet),
    ("calculs", views.BudgetRunViewSet),
    ("lignes-de-budget", views.BudgetLineViewSet),
    ("ecoles-de-budget", views.BudgetSchoolViewSet),
    ("partenaires", views.PartnerViewSet),
    ("conventions", views.ConventionViewSet),
    ("engagements", views.ConventionCommitmentViewSet),
    ("comites", views.CommitteeViewSet),
    ("sieges", views.SeatViewSet),
    ("reunions", views.MeetingViewSet),
    ("points", views.AgendaItemViewSet),
    ("decisions", views.DecisionViewSet),
    ("actions", views.ActionViewSet),
]

extra_urls: list[Any] = [
    path("budget/simulate/", SimulateView.as_view(), name="api-budget-simulate"),
    path("budget/schemas/<slug:name>.json", SchemaView.as_view(), name="api-budget-schema"),
]
