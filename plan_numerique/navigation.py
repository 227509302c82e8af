"""What each page's frame shows: sections by domain, filtered by what the user may open."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from deliberations import permissions as deliberations
from ent import permissions as ent
from equipment import permissions as equipment
from governance import permissions as governance
from plan_numerique.accounts import permissions as accounts
from plan_numerique.audit import permissions as audit
from plan_numerique.importing.importers import IMPORT
from plan_numerique.jobs import permissions as jobs
from schools import permissions as schools

# (section, icon, [(label, URL name, permission)])
SECTIONS = (
    (
        "Écoles",
        "school",
        [
            ("Écoles", "schools:school_list", schools.VIEW),
            ("Classes et effectifs", "schools:schoolclass_list", schools.VIEW),
            ("Rentrées", "schools:rollover_list", schools.ROLL_OVER),
            ("Sites", "schools:site_list", schools.VIEW),
            ("Comptes des sources", "schools:statedcount_list", schools.VIEW),
        ],
    ),
    (
        "Projets des écoles",
        "clipboard-list",
        [
            ("Candidatures", "schools:application_list", schools.VIEW_APPLICATIONS),
            ("Campagnes de candidatures", "schools:campaign_list", schools.VIEW_CAMPAIGNS),
            ("Diagnostics", "schools:diagnosticcampaign_list", schools.VIEW_DIAGNOSTICS),
            ("Packs proposés", "equipment:proposal_list", schools.VIEW_DIAGNOSTICS),
            ("Travaux", "schools:work_list", schools.VIEW_DIAGNOSTICS),
            ("Questionnaires", "schools:questionnaire_list", schools.VIEW_QUESTIONNAIRES),
        ],
    ),
    (
        "Équipement",
        "laptop",
        [
            ("Besoin et existant", "equipment:need", equipment.VIEW),
            ("Parc", "equipment:device_list", equipment.VIEW),
            ("Stock disponible", "equipment:stock_list", equipment.VIEW),
            ("Packs", "equipment:pack_list", equipment.VIEW),
            ("Articles et prix", "equipment:itemtype_list", equipment.VIEW),
            ("Règles de dotation", "equipment:ruleset_list", equipment.VIEW),
        ],
    ),
    (
        "ENT",
        "cloud",
        [
            ("Abonnements", "ent:subscription_list", ent.VIEW),
            ("Offres", "ent:offer_list", ent.VIEW),
            ("Fournisseurs", "ent:provider_list", ent.VIEW),
        ],
    ),
    (
        "Pilotage",
        "compass",
        [
            ("Plans", "governance:plan_list", governance.VIEW),
            ("Scénarios", "governance:scenario_list", governance.VIEW),
            ("Programmes", "governance:programmeversion_list", governance.VIEW),
            ("Documents du plan", "governance:plandocument_list", governance.VIEW_MONEY),
            ("Partenaires", "governance:partner_list", governance.VIEW),
            ("Conventions", "governance:convention_list", governance.VIEW),
            ("Comités", "governance:committee_list", governance.VIEW),
            ("Réunions", "governance:meeting_list", governance.VIEW),
            ("Actions", "governance:action_list", governance.VIEW),
        ],
    ),
    (
        "Finances",
        "coins",
        [
            ("Autorisations et crédits", "governance:authorisation_list", governance.VIEW_MONEY),
            ("Dépenses", "governance:expense_list", governance.VIEW_MONEY),
            ("Subventions", "governance:subsidy_list", governance.VIEW_MONEY),
            ("Financeurs", "governance:funder_list", governance.VIEW),
            ("Dispositifs d'aide", "governance:fundingpreset_list", governance.VIEW_MONEY),
            ("Postes", "governance:heading_list", governance.VIEW_MONEY),
            ("Comptes", "governance:account_list", governance.VIEW_MONEY),
            ("À renouveler", "governance:renewals", governance.VIEW),
        ],
    ),
    (
        "Conseil",
        "landmark",
        [
            ("Mes séances", "deliberations:my_sittings", deliberations.ANSWER),
            ("Séances", "deliberations:sitting_list", deliberations.VIEW),
            ("Convocations", "deliberations:convocation_list", deliberations.VIEW_CONVENED),
            ("Réponses des membres", "deliberations:invitation_list", deliberations.EDIT),
            ("Délibérations", "deliberations:act_list", deliberations.VIEW),
            ("À viser", "deliberations:visa_list", deliberations.SIGN_OFF),
            ("Modèles d'actes", "deliberations:acttemplate_list", deliberations.VIEW_DRAFTS),
            ("Assemblées", "deliberations:assembly_list", deliberations.VIEW),
            ("Mandats", "deliberations:mandate_list", deliberations.VIEW),
        ],
    ),
    (
        "Registre",
        "scroll-text",
        [
            ("Documents du conseil", "deliberations:councildocument_list", deliberations.VIEW),
            ("Vérifier un acte", "deliberations:act_reading", deliberations.VIEW_DRAFTS),
            ("Transmissions", "deliberations:transmission_list", deliberations.VIEW_DRAFTS),
            ("Publications", "deliberations:publication_list", deliberations.VIEW),
            ("Données ouvertes", "deliberations:opendata_list", deliberations.VIEW_DRAFTS),
            ("Classifications", "deliberations:classification_list", deliberations.VIEW),
            ("Profils de transmission", "deliberations:profile_list", deliberations.VIEW_DRAFTS),
            ("Règles de droit", "deliberations:legalsetting_list", deliberations.VIEW),
        ],
    ),
    (
        "Administration",
        "settings",
        [
            ("Imports", "importing:import_list", IMPORT),
            ("Tâches", "jobs:job_list", jobs.VIEW),
            ("Utilisateurs", "administration:member_list", accounts.MANAGE_MEMBERS),
            ("Rôles et droits", "administration:rights", accounts.VIEW_AUTHORITY),
            ("Collectivités", "administration:authority_list", accounts.VIEW_AUTHORITY),
            ("Journal", "audit:event_list", audit.VIEW_TRAIL),
        ],
    ),
)


class Chrome:
    """The frame of a page; computed only when a template asks."""

    product = "Plan numérique"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = request.user
        scope = getattr(request, "scope", None)
        self.authorities = scope.authorities if scope else []
        self.authority = scope.authority if scope else None
        self.role_label = scope.role_label if scope else ""
        self.version = settings.VERSION
        logo = self.authority and self.authority.logo
        self.logo_url = reverse("authority_logo", args=[self.authority.pk]) if logo else ""

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        sections = []
        for label, icon, entries in SECTIONS:
            items = [self._item(name, url) for name, url, permission in entries if permission.anywhere(self.user)]
            if items:
                sections.append({"label": label, "icon": icon, "items": items})
        return sections

    def _item(self, label: str, name: str) -> dict[str, Any]:
        url = reverse(name)
        return {"label": label, "url": url, "active": self.request.path.startswith(url), "count": None}


def chrome(request: HttpRequest) -> dict[str, Any]:
    return {"chrome": Chrome(request)} if hasattr(request, "user") else {}
