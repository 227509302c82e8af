from typing import Any

from django.forms import BaseForm
from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.enums import SittingState
from deliberations.forms import MinutesForm
from plan_numerique.web.views import EditPage


class MinutesEdit(EditPage):
    """The substance of the debates, part by part, and the sitting that approves it."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"
    form_class, service, title = MinutesForm, staticmethod(services.save_minutes), "Procès-verbal"
    template_name = "deliberations/minutes.html"
    detail_url = "deliberations:sitting_documents"

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        kwargs["instance"].minutes = form.minutes()  # type: ignore[attr-defined]
        return services.save_minutes(**kwargs)

    def get_crumbs(self) -> list[tuple[str, str]]:
        sitting = self.object
        return [
            ("Séances", reverse("deliberations:sitting_list")),
            (str(sitting), reverse("deliberations:sitting_detail", args=[sitting.pk])),  # type: ignore[union-attr]
            ("Documents", self.get_success_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        sitting: Any = self.object
        return {
            **context,
            "sitting": sitting,
            "parts": context["form"].parts(),
            "closing": context["form"].closing(),
            "not_met": not sitting.past and sitting.state not in (SittingState.OPEN, SittingState.CLOSED),
        }
