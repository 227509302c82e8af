from typing import Any

from django.urls import reverse

from governance import permissions
from governance.imports import ExpenseImporter
from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.views import Action, Tab


def history_action(page: Any) -> list[Action]:
    """The link to the history of the row shown, for whoever may read it."""
    if not page.may(VIEW_HISTORY, page.object):
        return []
    name = page.object._meta.model_name
    return [Action("Historique", reverse(f"governance:{name}_history", args=[page.object.pk]), "history")]


def import_url() -> str:
    """Where a file of expenses is sent."""
    return f"{reverse('importing:import_create')}?kind={ExpenseImporter.kind}"


def import_actions(user: Any) -> list[Action]:
    if not permissions.EDIT_MONEY.anywhere(user):
        return []
    sent = f"{reverse('importing:import_list')}?kind={ExpenseImporter.kind}"
    return [Action("Importer", import_url(), "upload"), Action("Imports", sent, "file-spreadsheet")]


def listed(text: str) -> list[str]:
    """The lines of a text, without those that are blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


PLAN_PAGES = (
    ("Plan", "plan_detail", permissions.VIEW),
    ("Programme", "plan_programme", permissions.VIEW),
    ("Financement", "plan_funding", permissions.VIEW_MONEY),
    ("Crédits", "plan_credits", permissions.VIEW_MONEY),
    ("Exécution", "plan_execution", permissions.VIEW_MONEY),
    ("Calendriers", "plan_calendars", permissions.VIEW_MONEY),
    ("Documents", "plan_documents", permissions.VIEW_MONEY),
)
"""Label, address and right of each page of a plan, in the order of its tabs."""


def plan_title(plan: Any, active: str) -> str:
    """The tab, then the plan: « Exécution : École numérique ». The first tab is the plan itself."""
    label = next(label for label, name, _ in PLAN_PAGES if name == active)
    return f"{label} : {plan}"


def plan_crumbs(plan: Any) -> list[tuple[str, str]]:
    """Of each page of a plan but its first."""
    return [
        ("Plans", reverse("governance:plan_list")),
        (str(plan), reverse("governance:plan_detail", args=[plan.pk])),
    ]


def plan_tabs(page: Any, plan: Any, active: str) -> list[Tab]:
    """The pages of a plan that the reader may open; `active` names the one shown."""
    return [
        Tab(label, reverse(f"governance:{name}", args=[plan.pk]), active=name == active)
        for label, name, permission in PLAN_PAGES
        if permission.granted(page.request.user, plan.authority)
    ]
