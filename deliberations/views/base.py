from typing import Any

from django.urls import reverse

from deliberations import permissions
from deliberations.enums import SittingState
from deliberations.models import Act, Sitting
from deliberations.tables import STATE_TONES
from plan_numerique.accounts.access import Permission
from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.views import Action, DetailPage, Tab

# (label, page of the sitting, permission asked of its authority)
SITTING_TABS: tuple[tuple[str, str, Permission], ...] = (
    ("Séance", "deliberations:sitting_detail", permissions.VIEW),
    ("Convocation", "deliberations:sitting_convocation", permissions.VIEW_CONVENED),
    ("Conduite", "deliberations:sitting_conduct", permissions.EDIT),
    ("Documents", "deliberations:sitting_documents", permissions.VIEW_CONVENED),
)
ACT_TABS: tuple[tuple[str, str, Permission], ...] = (
    ("Délibération", "deliberations:act_detail", permissions.VIEW),
    ("Rédaction", "deliberations:act_compose", permissions.EDIT),
    ("Visas", "deliberations:act_visas", permissions.FOLLOW_VISAS),
    ("Versions", "deliberations:act_versions", permissions.VIEW_DRAFTS),
    ("Dépôt et publication", "deliberations:act_filing", permissions.VIEW_DRAFTS),
)

MET = (SittingState.OPEN, SittingState.CLOSED)
SITTING_TONES: dict[str, str] = {
    SittingState.DRAFT: "neutral",
    SittingState.CONVENED: "info",
    SittingState.OPEN: "warning",
    SittingState.CLOSED: "success",
}


class CouncilPage(DetailPage):
    def history(self, name: str) -> list[Action]:
        """The link to the history, for who may read it."""
        asked = [VIEW_HISTORY, *filter(None, [self.history_permission])]
        if not all(self.may(permission, self.object) for permission in asked):
            return []
        return [Action("Historique", reverse(name, args=[self.object.pk]), "history")]

    def tabs_of(self, pages: tuple[tuple[str, str, Permission], ...]) -> list[Tab]:
        """The pages of the row that the user may open; none where there is only one."""
        shown = [
            (label, reverse(name, args=[self.object.pk]))
            for label, name, asked in pages
            if self.may(asked, self.object)
        ]
        return [Tab(label, url, active=self.request.path == url) for label, url in shown] if len(shown) > 1 else []


class SittingPage(CouncilPage):
    """One of the pages of a sitting, under its tabs."""

    authority_path, history_permission = "assembly__authority", permissions.VIEW_DRAFTS
    crumbs = (("Séances", "/seances/"),)
    object: Sitting

    def state(self) -> dict[str, str] | None:
        if self.object.past:
            return {"label": "Séance reprise", "tone": "info"}
        return {"label": self.object.get_state_display(), "tone": SITTING_TONES[self.object.state]}

    def tabs(self) -> list[Tab]:
        return self.tabs_of(SITTING_TABS)


class ActPage(CouncilPage):
    """One of the pages of an act, under its tabs."""

    authority_path, history_permission = "sitting__assembly__authority", permissions.VIEW_DRAFTS
    object: Act

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": STATE_TONES[self.object.state]}

    def tabs(self) -> list[Tab]:
        return self.tabs_of(ACT_TABS)

    def get_crumbs(self) -> list[tuple[str, str]]:
        sitting = self.object.sitting
        return [
            ("Séances", reverse("deliberations:sitting_list")),
            (str(sitting), reverse("deliberations:sitting_detail", args=[sitting.pk])),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"title": self.object.title, **kwargs})
