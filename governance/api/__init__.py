from typing import Any

from django.urls import path

from governance.api import views
from governance.api.credits import AuthorisationVersionViewSet, AuthorisationViewSet
from governance.api.documents import PlanDocumentViewSet
from governance.api.expenses import ExpenseViewSet, FctvaRegimeViewSet
from governance.api.optimisation import OptimisationPlaceViewSet, OptimisationViewSet
from governance.api.programme import EquippedSchoolViewSet, ProgrammePhaseViewSet, ProgrammeVersionViewSet, RenewalView
from governance.api.ranking import DepartureViewSet, RankedPlaceViewSet, RankingView
from governance.api.schemas import SCHEMAS
from governance.api.simulate import SimulateView
from governance.api.subsidies import (
    AccountViewSet,
    FundingPostingViewSet,
    FundingPresetViewSet,
    HeadingViewSet,
    SubsidyDeadlineViewSet,
    SubsidyStepViewSet,
    SubsidyViewSet,
)
from plan_numerique.web.calculators.http import SchemasView

routes: list[tuple[str, Any]] = [
    ("plans", views.PlanViewSet),
    ("phases", views.PhaseViewSet),
    ("principes", views.PlanCommitmentViewSet),
    ("autorisations", AuthorisationViewSet),
    ("votes-d-autorisation", AuthorisationVersionViewSet),
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
    ("documents-du-plan", PlanDocumentViewSet),
    ("programmes", ProgrammeVersionViewSet),
    ("phases-du-programme", ProgrammePhaseViewSet),
    ("ecoles-equipees", EquippedSchoolViewSet),
    ("optimisations", OptimisationViewSet),
    ("places-d-optimisation", OptimisationPlaceViewSet),
    ("depenses", ExpenseViewSet),
    ("regimes-fctva", FctvaRegimeViewSet),
    ("subventions", SubsidyViewSet),
    ("etapes-de-subvention", SubsidyStepViewSet),
    ("echeances-de-subvention", SubsidyDeadlineViewSet),
    ("affichages", FundingPostingViewSet),
    ("postes", HeadingViewSet),
    ("comptes", AccountViewSet),
    ("dispositifs", FundingPresetViewSet),
    ("partenaires", views.PartnerViewSet),
    ("conventions", views.ConventionViewSet),
    ("engagements", views.ConventionCommitmentViewSet),
    ("comites", views.CommitteeViewSet),
    ("sieges", views.SeatViewSet),
    ("reunions", views.MeetingViewSet),
    ("points", views.AgendaItemViewSet),
    ("decisions", views.DecisionViewSet),
    ("actions", views.ActionViewSet),
    ("ecarts-au-classement", DepartureViewSet),
    ("places-arretees", RankedPlaceViewSet),
]

extra_urls: list[Any] = [
    path("budget/simulate/", SimulateView.as_view(), name="api-budget-simulate"),
    path("classements/<int:pk>/", RankingView.as_view(), name="api-ranking"),
    path("renouvellements/", RenewalView.as_view(), name="api-renewals"),
    path("budget/schemas/<slug:name>.json", SchemasView.as_view(schemas=SCHEMAS), name="api-budget-schema"),
]
