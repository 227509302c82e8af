"""Works of every diagnostic: who pays, how far they are; entered from the diagnostic, followed from the list."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.templatetags.web import day, euros, rate
from plan_numerique.web.views import Action, BulkAction, Child, ChildDeletePage, ChildEditPage, DetailPage, ListPage
from schools import permissions, queries, services
from schools.domain.works import cost
from schools.filtersets import WorkFilter
from schools.forms import WorkForm
from schools.models import Work
from schools.tables import WorkTable
from schools.tables.diagnostics import WORK_TONES
from schools.views.diagnostics import totals_shown

OF_WORK = "diagnostic__school__authority"


class WorkList(ListPage):
    permission, queryset, authority_path = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_works), OF_WORK
    template_name = "schools/work_list.html"
    filterset_class, table_class = WorkFilter, WorkTable
    title, search_placeholder = "Travaux", "Travaux, école, partenaire"
    empty_text = "Les travaux qu'un diagnostic trouve nécessaires se saisissent depuis sa page."
    bulk_actions = (BulkAction("faits", "Noter faits aujourd'hui", permissions.FILL_TECHNICAL, services.finish_works),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(totals=totals_shown(list(self.object_list)), **kwargs)


class WorkDetail(DetailPage):
    permission, queryset, authority_path = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_works), OF_WORK
    crumbs = (("Travaux", "/travaux/"),)
    object: Work

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": WORK_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        found = cost(row.amount_ht, row.vat_rate)
        url = reverse("schools:diagnostic_detail", args=[row.diagnostic_id])
        told = " (estimation)" if row.estimate and found else ""
        return [
            ("Diagnostic", format_html('<a href="{}">{}</a>', url, row.diagnostic)),
            ("Site", row.site.name if row.site else ""),
            ("Nature", row.get_nature_display()),
            ("À la charge de", row.payer_name or row.get_payer_display()),
            ("Coût HT", f"{euros(found.ht)}{told}" if found else "Non chiffré"),
            ("TVA", f"{euros(found.vat)} ({rate(row.vat_rate)})" if found else rate(row.vat_rate)),
            ("Coût TTC", euros(found.ttc) if found else "Non chiffré"),
            ("Attendus pour le", day(row.due_on)),
            ("Faits le", day(row.done_on)),
            ("Observation", row.note),
        ]

    def actions(self) -> list[Action]:
        row, found = self.object, []
        if self.may(permissions.FILL_TECHNICAL, row):
            found.append(Action("Modifier", reverse("schools:work_edit", args=[row.pk]), "pencil"))
            if not queries.content_lock(row.diagnostic):
                url = reverse("schools:work_delete", args=[row.pk])
                found.append(Action("Supprimer", url, "trash-2", danger=True))
        if self.may(VIEW_HISTORY, row):
            found.append(
                Action("Historique", reverse("schools:work_history", args=[row.pk]), "history", secondary=True)
            )
        return found


class OfDiagnostic(Child):
    permission, queryset, authority_path = permissions.FILL_TECHNICAL, staticmethod(queries.visible_works), OF_WORK
    parent, home = "diagnostic", "schools:diagnostic_detail"
    crumbs = (("Travaux", "/travaux/"),)


class WorkEdit(OfDiagnostic, ChildEditPage):
    form_class, service = WorkForm, staticmethod(services.save_work)
    title, list_url = "Travaux", "schools:work_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lock = queries.content_lock(self.object.diagnostic) if self.object and self.object.pk else ""
        return {**context, "intro": f"{lock} Seul l'avancement des travaux se note encore." if lock else ""}


class WorkDelete(OfDiagnostic, ChildDeletePage):
    service = staticmethod(services.delete_work)
