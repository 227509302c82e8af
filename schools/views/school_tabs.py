"""Tabs of a school: its applications, its diagnostics, the documents that concern it. A right is asked for this very school."""

from typing import Any

from schools import permissions, queries
from schools.models import Application, Diagnostic, School
from schools.queries import STAGES
from schools.tables import APPLICATION_TONES
from schools.views.asking import OnSchool
from schools.views.schools import SchoolPage


class SchoolTab(OnSchool, SchoolPage):
    school_path = ""
    object: School


class SchoolApplications(SchoolTab):
    permission = permissions.VIEW_APPLICATIONS
    template_name = "schools/school_applications.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.applications_of(self.request.user, self.object)
        return super().get_context_data(rows=[(row, application_state(row)) for row in rows], **kwargs)


class SchoolDiagnostics(SchoolTab):
    permission = permissions.VIEW_DIAGNOSTICS
    template_name = "schools/school_diagnostics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.diagnostics_of(self.request.user, self.object)
        return super().get_context_data(rows=[(row, diagnostic_state(row)) for row in rows], **kwargs)


class SchoolDocuments(SchoolTab):
    """For whoever sees the applications or the diagnostics of the school, among which they come."""

    template_name = "schools/school_documents.html"

    def require(self, row: Any, permission: Any = None) -> None:
        if not queries.tabs_of(self.request.user, row).documents:
            super().require(row, permissions.VIEW_DIAGNOSTICS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(documents=queries.documents_of(self.request.user, self.object), **kwargs)


def application_state(row: Application) -> dict[str, str]:
    return {"label": row.get_state_display(), "tone": APPLICATION_TONES[row.state]}


def diagnostic_state(row: Diagnostic) -> dict[str, str]:
    label, tone = STAGES[queries.stage_of(row)]
    return {"label": label, "tone": tone}
