from django.urls import path

from deliberations.api import views
from deliberations.api.verify import SchemaView, VerifyView

routes = [
    ("assemblees", views.AssemblyViewSet),
    ("mandats", views.MandateViewSet),
    ("seances", views.SittingViewSet),
    ("presences", views.PresenceViewSet),
    ("pouvoirs", views.ProxyViewSet),
    ("secretaires-de-seance", views.SecretaryViewSet),
    ("mouvements-en-seance", views.AttendanceChangeViewSet),
    ("ordres-de-passage", views.PassageRangeViewSet),
    ("deliberations", views.ActViewSet),
    ("rapporteurs", views.ReporterViewSet),
    ("textes-des-actes", views.ActClauseViewSet),
    ("identifiants-des-actes", views.ActIdentifierViewSet),
    ("votes", views.BallotViewSet),
    ("votes-des-membres", views.VoteViewSet),
    ("montants-ecrits", views.StatedAmountViewSet),
    ("budgets-ecrits", views.StatedBudgetViewSet),
    ("lignes-ecrites", views.StatedBudgetLineViewSet),
    ("subventions-ecrites", views.StatedGrantViewSet),
    ("couts-ecrits", views.StatedProductViewSet),
    ("regles-de-droit", views.LegalSettingViewSet),
]

extra_urls = [
    path("acts/verify/", VerifyView.as_view(), name="api-acts-verify"),
    path("acts/schemas/<slug:name>.json", SchemaView.as_view(), name="api-acts-schema"),
]
