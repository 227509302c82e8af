"""The page of a school, with what every app knows of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views import View

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.audit.queries import versions_of
from plan_numerique.hub.reading import SchoolNeedRead, hub_of
from plan_numerique.hub.sheet import render_sheet, sheet_filename, sheet_report
from plan_numerique.hub.strip import strip_of
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import euros, integer
from plan_numerique.web.views import Action, Page
from schools import permissions
from schools.models import School
from schools.queries import documents_of, visible_schools
from schools.views.school_tabs import application_state, diagnostic_state
from schools.views.schools import SchoolDetail

FEW = 4


class SchoolHub(SchoolDetail):
    """Opened in place of the schools' own page, at its address."""

    template_name = "hub/school.html"

    def actions(self) -> list[Action]:
        sheet = Action("Fiche PDF", reverse("hub:school_sheet", args=[self.object.pk]), "file-text")
        return [sheet, *super().actions()]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, school, years = self.request.user, self.object, context["years"]
        hub = hub_of(user, school, years[0].school_year if years else None)
        sees_documents = hub.rights.applications or hub.rights.diagnostics
        reads_history = VIEW_HISTORY.granted(user, school.authority)
        return {
            **context,
            "hub": hub,
            "strip": strip_of(user, school, hub),
            "need_url": need_url(school, hub.need),
            "need_tiles": need_tiles(hub.need),
            "applications": [(row, application_state(row)) for row in hub.applications[:FEW]],
            "diagnostics": [(row, diagnostic_state(row)) for row in hub.diagnostics[:FEW]],
            "works_url": f"{reverse('schools:work_list')}?{urlencode({'school': school.pk, 'state': 'to_do'})}",
            "documents": documents_of(user, school)[:FEW] if sees_documents else [],
            "sees_documents": sees_documents,
            "changes": versions_of(school, FEW) if reads_history else [],
        }


def need_url(school: School, need: SchoolNeedRead | None) -> str:
    """The tab of the equipment, by the same rules in the same year."""
    url = reverse("equipment:school_need", args=[school.pk])
    chosen = urlencode({"rule_set": need.rule_set.pk, "school_year": need.school_year}) if need else ""
    return f"{url}?{chosen}" if chosen else url


def need_tiles(need: SchoolNeedRead | None) -> list[dict[str, Any]]:
    found = need.needs if need else None
    if found is None:
        return []
    notes = [
        *(["sur des prix en hypothèse"] if found.hypothesis else []),
        *([f"{integer(found.unpriced)} sans prix"] if found.unpriced else []),
    ]
    return [
        {"label": "Besoin", "figure": integer(found.must), "trend": "selon les règles de dotation"},
        {"label": "En place", "figure": integer(found.has), "trend": "en service, requalifié, prêté ou en panne"},
        {
            "label": "Manque",
            "figure": integer(found.lacks),
            "trend": counted(found.lacks, "article") + " à fournir" if found.lacks else "rien à fournir",
            "tone": "warning" if found.lacks else "success",
        },
        {
            "label": "Coût HT de ce qui manque",
            "figure": euros(found.cost_ht),
            "trend": ", ".join(notes),
            "tone": "warning" if notes else "",
        },
    ]


class SchoolSheet(Page, View):
    """« Fiche école »: one page, computed at once with the rights of its reader, and kept nowhere."""

    permission, queryset = permissions.VIEW, staticmethod(visible_schools)
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        school = self.row()
        self.require(school)
        content = render_sheet(sheet_report(request.user, school, timezone.localdate()))
        disposition = content_disposition_header("telecharger" in request.GET, sheet_filename(school)) or "inline"
        headers = {
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type="application/pdf", headers=headers)
