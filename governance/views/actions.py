from typing import Any

from django.urls import reverse

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.views import Action


def history_action(page: Any) -> list[Action]:
    """The link to the history of the row shown, for whoever may read it."""
    if not page.may(VIEW_HISTORY, page.object):
        return []
    name = page.object._meta.model_name
    return [Action("Historique", reverse(f"governance:{name}_history", args=[page.object.pk]), "history")]


def listed(text: str) -> list[str]:
    """The lines of a text, without those that are blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]
