from django.urls import path

from deliberations.api import drafting, filing, views
from deliberations.api.convocations import ConvocationViewSet, InvitationViewSet, MemberContactViewSet
from deliberations.api.documents import CouncilDocumentViewSet
from deliberations.api.entries import SittingEntriesView, SittingStateView
from deliberations.api.read import ReadView
from deliberations.api.schemas import SCHEMAS
from deliberations.api.verify import VerifyView
from plan_numerique.web.calculators.http import SchemasView

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
    ("documents-du-conseil", CouncilDocumentViewSet),
    ("modeles-d-actes", drafting.ActTemplateViewSet),
    ("chiffres-des-actes", drafting.ActFigureViewSet),
    ("versions-des-actes", drafting.ActVersionViewSet),
    ("visas", drafting.VisaStepViewSet),
    ("avis-des-commissions", drafting.CommissionOpinionViewSet),
    ("annexes", drafting.AnnexViewSet),
    ("regles-de-droit", views.LegalSettingViewSet),
    ("profils-de-transmission", filing.TransmissionProfileViewSet),
    ("classifications", filing.ClassificationViewSet),
    ("matieres", filing.MatterViewSet),
    ("types-de-pieces", filing.AttachmentTypeViewSet),
    ("transmissions", filing.TransmissionViewSet),
    ("publications", filing.PublicationViewSet),
    ("coordonnees-des-membres", MemberContactViewSet),
    ("convocations", ConvocationViewSet),
    ("convocations-des-membres", InvitationViewSet),
]

extra_urls = [
    path("seances/<int:pk>/saisies/", SittingEntriesView.as_view(), name="api-sitting-entries"),
    path("seances/<int:pk>/etat/", SittingStateView.as_view(), name="api-sitting-state"),
    path("acts/read/", ReadView.as_view(), name="api-acts-read"),
    path("acts/verify/", VerifyView.as_view(), name="api-acts-verify"),
    path("acts/schemas/<slug:name>.json", SchemasView.as_view(schemas=SCHEMAS), name="api-acts-schema"),
]
