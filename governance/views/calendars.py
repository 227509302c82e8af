"""What a plan votes and what it spends, by exercise; its three calendars, reconciled."""

from collections import defaultdict
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views import View

from governance import permissions, queries, reports, tasks
from governance.enums import DocumentKind, Section
from governance.models import Authorisation, Plan
from governance.queries import AuthorisationStatement, Calendars
from governance.views.actions import plan_crumbs, plan_tabs, plan_title
from governance.views.credits import NOT_A_DAY, asked_day, state_of
from governance.views.results import lines_url
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import DetailPage, Tab
from plan_numerique.web.views.base import Page
from plan_numerique.web.views.list import EXPORTS


class PlanMoneyPage(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_plans)
    tab: ClassVar[str]

    def get_crumbs(self) -> list[tuple[str, str]]:
        return plan_crumbs(self.object)

    def tabs(self) -> list[Tab]:
        return plan_tabs(self, self.object, self.tab)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=plan_title(self.object, self.tab), **kwargs)


class PlanCredits(PlanMoneyPage):
    """Every authorisation of the plan on a day, and the table to attach to a deliberation."""

    template_name, tab = "governance/plan_credits.html", "plan_credits"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        day, wrong = asked_day(self.request)
        today = timezone.localdate()
        rows = list(plan.authorisations.order_by("-section", "code"))
        statements = queries.statements(rows, day, today)
        documents = queries.visible_plan_documents(self.request.user).filter(plan=plan, kind=DocumentKind.CREDITS_TABLE)
        create = f"{reverse('governance:authorisation_create')}?plan={plan.pk}"
        return super().get_context_data(
            plan=plan,
            day=day,
            day_wrong=wrong,
            today=today,
            rows=[_line(statement) for statement in statements],
            totals=_totals(statements),
            jobs=followed(self.request, queries.credits_jobs(plan)),
            documents=list(documents.order_by("-pk")[:10]),
            create_url=create if self.may(permissions.EDIT_MONEY, plan) else "",
            may_report=self.may(permissions.REPORT, plan),
            **kwargs,
        )


def _line(statement: AuthorisationStatement) -> dict[str, Any]:
    row, state = statement.authorisation, statement.state
    return {
        "row": row,
        "state": state_of(statement),
        "voted": state.amount if statement.versions else None,
        "gap": state.amount - row.amount if statement.versions else 0,
        "committed": state.committed,
        "paid": state.paid,
        "left": state.amount - state.paid,
    }


def _totals(statements: list[AuthorisationStatement]) -> dict[str, int]:
    return {
        "announced": sum(each.authorisation.amount for each in statements),
        "voted": sum(each.state.amount for each in statements),
        "committed": sum(each.state.committed for each in statements),
        "paid": sum(each.state.paid for each in statements),
        "left": sum(each.state.amount - each.state.paid for each in statements),
    }


class CreditsTable(Page, View):
    """GET gives the workbook of the day asked for; POST asks for the PDF."""

    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_plans)
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = self.row()
        self.require(plan)
        day = asked_day(request)[0] or timezone.localdate()
        rows = list(plan.authorisations.order_by("-section", "code"))
        content = reports.credits_workbook(queries.statements(rows, day, timezone.localdate()))
        name = f"ap-cp-{slugify(plan.name)[:80]}-{day:%Y-%m-%d}.xlsx"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=EXPORTS["xlsx"][1], headers={"Content-Disposition": disposition})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = self.row()
        self.require(plan, permissions.REPORT)
        day, wrong = asked_day(request)
        try:
            if wrong:
                raise DomainError(NOT_A_DAY)
            follow(request, tasks.start_credits_table(plan=plan, day=day or timezone.localdate(), by=request.user))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("governance:plan_credits", args=[plan.pk]))


class PlanCalendars(PlanMoneyPage):
    template_name, tab = "governance/plan_calendars.html", "plan_calendars"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        run = queries.programme_run(plan, asked_key(self.request.GET.get("scenario")))
        section = self.request.GET.get("section", "")
        sections = [section] if section in Section.values else list(Section.values)
        calendars = queries.calendars_of(run, sections) if run else None
        rows = list(plan.authorisations.order_by("-section", "code"))
        statements = queries.statements(rows, None, timezone.localdate())
        return super().get_context_data(
            plan=plan,
            run=run,
            scenarios=list(queries.computed_scenarios(plan)),
            sections=[("", "Investissement et fonctionnement"), *Section.choices],
            section=section if section in Section.values else "",
            calendars=calendars,
            table=_matrix(calendars) if calendars else None,
            sums=_sums(calendars, run, section if section in Section.values else "") if calendars else [],
            proposals=[_proposal(statement) for statement in statements],
            proposals_first=bool(rows) and not (calendars and calendars.stated),
            **kwargs,
        )


def _matrix(calendars: Calendars) -> dict[str, Any]:
    """A row for each school year and exercise, a column for each year of payment."""
    years = sorted(calendars.by_payment_year)
    cells: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for row in calendars.rows:
        cells[(row.school_year or row.exercise, row.exercise)][row.payment_year] = row.amount
    return {
        "years": [str(year) for year in years],
        "rows": [
            {
                "school_year": school_year_label(school_year),
                "exercise": str(exercise),
                "cells": [found.get(year, 0) for year in years],
                "total": sum(found.values()),
            }
            for (school_year, exercise), found in sorted(cells.items())
        ],
        "totals": [calendars.by_payment_year[year] for year in years],
    }


def _sums(calendars: Calendars, run: Any, section: str) -> list[dict[str, Any]]:
    """The same total by each of the three calendars; an exercise opens its lines."""
    more = {"section": section} if section else {}
    exercises = [
        (str(year), cents, lines_url(run, exercise=year, **more)) for year, cents in calendars.by_exercise.items()
    ]
    served = [(school_year_label(year), cents, "") for year, cents in calendars.by_school_year.items()]
    paid = [(str(year), cents, "") for year, cents in calendars.by_payment_year.items()]
    return [
        {"label": label, "rows": rows, "total": sum(cents for _, cents, _ in rows)}
        for label, rows in (("Année scolaire", served), ("Exercice", exercises), ("Année de paiement", paid))
    ]


def _proposal(statement: AuthorisationStatement) -> dict[str, Any]:
    """The amount announced over the school years of its exercises, beside the credits voted, if any."""
    row: Authorisation = statement.authorisation
    years = range(row.first_exercise, row.last_exercise + 1)
    cells: defaultdict[int | None, dict[int, int]] = defaultdict(dict)
    for part in queries.by_school_year(row.amount, years[0], years[-1]):
        cells[part.school_year][part.exercise] = part.amount
    credits = {each.exercise: each.credit for each in statement.exercises}
    return {
        "row": row,
        "years": [str(year) for year in years],
        "rows": [
            {
                "label": school_year_label(school_year) if school_year is not None else "Un seul exercice",
                "cells": [found.get(year, 0) for year in years],
                "total": sum(found.values()),
            }
            for school_year, found in cells.items()
        ],
        "by_exercise": [sum(found.get(year, 0) for found in cells.values()) for year in years],
        "total": sum(sum(found.values()) for found in cells.values()),
        "school_years": len(cells),
        "voted": [credits.get(year, 0) for year in years] if statement.versions else None,
        "voted_total": statement.state.amount,
    }
