"""What the page of one school reads: its steps in the plan, what its tabs count, the documents that concern it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from plan_numerique.documents.models import StoredDocument
from schools import permissions
from schools.enums import ApplicationState
from schools.models import Application, Diagnostic, School, SchoolStep
from schools.queries.applications import attachments_listed, sheet_key
from schools.queries.diagnostics import report_key
from schools.queries.projects import visible_applications, visible_diagnostics, visible_steps
from schools.queries.territory import within


def held_on(school: School, conditions: Mapping[str, Q]) -> dict[str, bool]:
    """Which of these hold for this very school, in one query: `{"apply": within(user, permissions.APPLY)}`."""
    wrapped: dict[str, Any] = {name: ExpressionWrapper(each, BooleanField()) for name, each in conditions.items()}
    row = School.objects.filter(pk=school.pk).annotate(**wrapped).values(*conditions).get()
    return {name: bool(row[name]) for name in conditions}


@dataclass(frozen=True, slots=True)
class SchoolTabs:
    """What the tabs of a school count for one reader; None where the tab is not for that reader."""

    applications: int | None
    diagnostics: int | None

    @property
    def documents(self) -> bool:
        return self.applications is not None or self.diagnostics is not None


def tabs_of(user: Any, school: School) -> SchoolTabs:
    """One query."""
    sees = {
        "sees_applications": within(user, permissions.VIEW_APPLICATIONS),
        "sees_diagnostics": within(user, permissions.VIEW_DIAGNOSTICS),
    }
    wrapped: dict[str, Any] = {name: ExpressionWrapper(each, BooleanField()) for name, each in sees.items()}
    counts = {
        "application_count": _counted(visible_applications(user)),
        "diagnostic_count": _counted(visible_diagnostics(user)),
    }
    row = School.objects.filter(pk=school.pk).annotate(**wrapped, **counts).values(*wrapped, *counts).get()
    return SchoolTabs(
        row["application_count"] if row["sees_applications"] else None,
        row["diagnostic_count"] if row["sees_diagnostics"] else None,
    )


def _counted(rows: QuerySet[Any]) -> Coalesce:
    found = rows.filter(school=OuterRef("pk")).order_by().values("school").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def steps_of(user: Any, school: School) -> list[SchoolStep]:
    return list(visible_steps(user).filter(school=school).order_by("reached_on", "pk"))


def applications_of(user: Any, school: School) -> QuerySet[Application]:
    """Those of the latest campaign first."""
    rows = visible_applications(user).filter(school=school).select_related("letter").defer("letter__content")
    return rows.order_by("-campaign__school_year", "-campaign__closes_on", "-pk")


def diagnostics_of(user: Any, school: School) -> QuerySet[Diagnostic]:
    """The latest first."""
    rows = visible_diagnostics(user).filter(school=school)
    return rows.order_by("-campaign__school_year", "-triggered_on", "-pk")


@dataclass(frozen=True, slots=True)
class SchoolDocument:
    """`subject`: what it is about; `page` and `pk`: the address that opens the file, after its own check."""

    title: str
    subject: str
    filename: str
    size: int
    created_at: datetime
    page: str
    pk: int


def documents_of(user: Any, school: School) -> list[SchoolDocument]:
    """Letters, summaries and attachments of its applications, reports of its diagnostics: the latest first. Four queries."""
    applications, diagnostics = list(applications_of(user, school)), list(diagnostics_of(user, school))
    made = _latest_made(school, [*map(sheet_key, applications), *map(report_key, diagnostics)])
    found = []
    for row in applications:
        if row.letter is not None:
            found.append(_document("Courrier de réponse", row.campaign, row.letter, "application_letter", row.pk))
        sheet = made.get(sheet_key(row))
        if sheet is not None and _tells(row, sheet):
            found.append(_document("Récapitulatif de candidature", row.campaign, sheet, "application_sheet", row.pk))
    for each in diagnostics:
        report = made.get(report_key(each))
        if report is not None:
            found.append(_document("Compte rendu de diagnostic", each.campaign, report, "diagnostic_report", each.pk))
    for file in attachments_listed(user).filter(application__in=[row.pk for row in applications]):
        title = f"Pièce jointe : {file.caption}" if file.caption else "Pièce jointe"
        found.append(_document(title, file.application.campaign, file.document, "attachment_file", file.pk))
    return sorted(found, key=lambda each: (each.created_at, each.page, each.pk), reverse=True)


def _latest_made(school: School, kinds: list[str]) -> dict[str, StoredDocument]:
    rows = StoredDocument.objects.defer("content").filter(authority=school.authority_id, kind__in=kinds)
    return {row.kind: row for row in rows.order_by("created_at", "pk")}


def _tells(row: Application, sheet: StoredDocument) -> bool:
    """The summary is that of what was last sent (queries.sheet_of)."""
    sent = row.state != ApplicationState.DRAFT and row.submitted_at is not None
    return bool(sent and row.submitted_at and sheet.created_at >= row.submitted_at)


def _document(title: str, subject: Any, stored: StoredDocument, page: str, pk: int) -> SchoolDocument:
    return SchoolDocument(title, str(subject), stored.filename, stored.size, stored.created_at, f"schools:{page}", pk)
