from typing import Any

from django.views.generic import DetailView

from plan_numerique.web.views.base import Action, Page, Tab


class DetailPage(Page, DetailView):
    """One row: summary, tabs, actions. An app's template extends components/detail.html."""

    template_name = "components/detail.html"

    def get_object(self, queryset: Any = None) -> Any:
        """Unseen is 404; seen, but where the permission of the page is not held, is 403. A row of no authority asks for it anywhere."""
        row = self.row()
        if self.authority_path and self.authority_of(row) is not None:
            self.require(row)
        return row

    def summary(self) -> list[tuple[str, Any]]:
        """(label, value) pairs shown beside the content; values are text or safe HTML."""
        return []

    def state(self) -> dict[str, str] | None:
        """{"label": …, "tone": neutral | info | success | warning | danger}"""
        return None

    def tabs(self) -> list[Tab]:
        return []

    def actions(self) -> list[Action]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "title": self.title or str(self.object),
                "summary": self.summary(),
                "state": self.state(),
                "tabs": self.tabs(),
                "actions": self.actions(),
                "notice": self.notice_of(self.object),
                **kwargs,
            }
        )
