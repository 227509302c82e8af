"""Documents drawn from the plans and kept: comparisons, annexes, posters."""

from typing import Any

from django.shortcuts import get_object_or_404

from governance import permissions, queries
from governance.filtersets import PlanDocumentFilter
from governance.tables import PlanDocumentTable
from governance.views.actions import plan_crumbs, plan_tabs, plan_title
from plan_numerique.web.views import ListPage


class PlanDocumentList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_plan_documents)
    authority_path = "plan__authority"
    filterset_class, table_class = PlanDocumentFilter, PlanDocumentTable
    title, search_placeholder = "Documents du plan", "Titre"
    intro = "Ce que les plans ont produit, tel que produit : chaque fichier garde sa date et son empreinte."
    empty_text = "Une comparaison de scénarios, un plan de financement ou un tableau des AP/CP se garde ici."


class PlanDocuments(PlanDocumentList):
    """Of one plan, whatever authority the header shows."""

    authority_path = ""

    def rows(self) -> Any:
        seen = queries.visible_plans(self.request.user)
        self.plan = get_object_or_404(seen, pk=self.kwargs["pk"])
        return super().rows().filter(plan=self.plan)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return plan_crumbs(self.plan)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(
            title=plan_title(self.plan, "plan_documents"), notice=self.plan.authority.notice, **kwargs
        )
        return {**context, "views": plan_tabs(self, self.plan, "plan_documents")}
