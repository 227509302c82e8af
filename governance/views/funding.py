"""How a plan is paid: hypotheses side by side, the real grants beside, the annex and the posting."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views import View

from governance import permissions, queries, tasks
from governance.domain import subsidies as rules
from governance.enums import DocumentKind, RunState
from governance.forms.subsidies import FundingPostingForm
from governance.models import BudgetAnnounced, FundingPosting, Plan, Subsidy
from governance.queries.subsidies import (
    Hypothesis,
    funding_jobs,
    granted_by_code,
    hypotheses,
    refused_codes,
    waiting_deadlines,
)
from governance.reports.funding_plan import NOT_DUE, funding_plan, funding_plan_sheets
from governance.services import subsidies as services
from governance.services.reference import UNVERIFIED
from governance.tables import SCENARIO_TONES
from governance.tables.subsidies import SUBSIDY_TONES
from governance.views.calendars import PlanMoneyPage
from governance.views.parts import OfPlan
from governance.views.subsidies import deadline_badge
from plan_numerique.jobs.following import follow, followed
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import rate
from plan_numerique.web.views import Action, ChildDeletePage, ChildEditPage
from plan_numerique.web.views.base import Page
from plan_numerique.web.views.list import EXPORTS

SHOWN_DOCUMENTS = 10
Cell = dict[str, Any]


class PlanFunding(PlanMoneyPage):
    """A column per scenario with the figures of its latest finished run; then what was really asked and granted."""

    template_name, tab = "governance/plan_funding.html", "plan_funding"
    object: Plan

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT_MONEY, self.object):
            return []
        add = f"{reverse('governance:subsidy_create')}?plan={self.object.pk}"
        return [Action("Ajouter une subvention", add, "plus", primary=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, user, today = self.object, self.request.user, timezone.localdate()
        scenarios = list(queries.visible_scenarios(user).filter(plan=plan).order_by("pk"))
        columns = hypotheses(scenarios)
        subsidies = list(
            queries.visible_subsidies(user).filter(plan=plan).select_related("funding_line").order_by("pk")
        )
        documents = queries.visible_plan_documents(user).filter(
            plan=plan, kind__in=(DocumentKind.FUNDING_PLAN, DocumentKind.POSTING)
        )
        postings = queries.visible_postings(user).filter(plan=plan).select_related("run__scenario").order_by("-due_on")
        jobs = funding_jobs(plan)
        return super().get_context_data(
            plan=plan,
            table=side_by_side(columns, subsidies),
            computed=[column for column in columns if column.run],
            to_create=_to_create(columns, subsidies) if self.may(permissions.EDIT_MONEY, plan) else [],
            real=[_real(row, columns) for row in subsidies],
            deadlines=[
                {"row": row, **deadline_badge(row.due_on, row.done_on, today)}
                for row in waiting_deadlines(user, today).filter(subsidy__plan=plan)
            ],
            postings=[_posting(row, today) for row in postings],
            not_due=NOT_DUE,
            documents=list(documents.order_by("-pk")[:SHOWN_DOCUMENTS]),
            jobs=followed(self.request, jobs),
            may_edit=self.may(permissions.EDIT_MONEY, plan),
            may_report=self.may(permissions.REPORT, plan),
            **kwargs,
        )


def side_by_side(columns: Sequence[Hypothesis], subsidies: Sequence[Subsidy]) -> dict[str, Any]:
    """{heads, rows}: a row per funder then the sums; each cell {head, text, notes, url, tone, badge}."""
    announced = _announced(columns)
    funders: dict[str, dict[str, None]] = {}
    for column in columns:
        for code, grant in column.grants.items():
            funders.setdefault(code, {})[grant.funder_label] = None
    granted = granted_by_code(subsidies) | dict.fromkeys(refused_codes(subsidies), 0)
    rows = [("Base de la part propre, HT", [_of_run(c, "own_share_base") for c in columns], False)]
    rows += [
        (" ou ".join(labels), [_grant(c, code, announced) for c in columns], False) for code, labels in funders.items()
    ]
    rows += [
        ("Somme des taux", [_rates(c) for c in columns], False),
        ("Total des subventions", [_of_run(c, "grants") for c in columns], True),
        ("Part propre HT, le solde", [_of_run(c, "own_share_ht") for c in columns], True),
        ("Part propre, en % de la base", [_own_rate(c) for c in columns], False),
        ("FCTVA", [_fctva(c) for c in columns], False),
        ("Coût net TTC", [_of_run(c, "net_cost") for c in columns], True),
    ]
    if granted:
        rows.append(("Part propre HT, avec ce qui est notifié", [_with_granted(c, granted) for c in columns], False))
    heads = [_head(column) for column in columns]
    named = [
        (label, [{"head": head["name"], **cell} for head, cell in zip(heads, cells, strict=True)], strong)
        for label, cells, strong in rows
    ]
    return {"heads": heads, "rows": named}


def _head(column: Hypothesis) -> dict[str, str]:
    scenario = column.scenario
    return {
        "name": scenario.name,
        "url": reverse("governance:scenario_detail", args=[scenario.pk]),
        "state": scenario.get_state_display(),
        "tone": SCENARIO_TONES[scenario.state],
    }


def _announced(columns: Sequence[Hypothesis]) -> dict[tuple[int, str], BudgetAnnounced]:
    runs = [column.run.pk for column in columns if column.run]
    rows = BudgetAnnounced.objects.filter(run__in=runs, key__startswith="grants.")
    return {(row.run_id, row.key.removeprefix("grants.")): row for row in rows}


def _cell(text: str, url: str = "", *notes: str, tone: str = "", badge: str = "") -> Cell:
    return {"text": text, "url": url, "notes": [note for note in notes if note], "tone": tone, "badge": badge}


def _run_url(column: Hypothesis, field: str = "") -> str:
    part = "cout-net" if field in ("fctva", "net_cost") else "financement"
    return f"{reverse('governance:scenario_detail', args=[column.scenario.pk])}#{part}"


def _of_run(column: Hypothesis, field: str) -> Cell:
    if column.run is None:
        return _cell("—")
    return _cell(display_euros(getattr(column.run, field)), _run_url(column, field))


def _fctva(column: Hypothesis) -> Cell:
    counted = column.scenario.fctva_rate is not None or (column.run is not None and column.run.fctva)
    return _of_run(column, "fctva") if counted else _cell("non compté" if column.run else "—")


def _grant(column: Hypothesis, code: str, announced: dict[tuple[int, str], BudgetAnnounced]) -> Cell:
    grant = column.grants.get(code)
    if grant is None or column.run is None:
        return _cell("—")
    line, printed = column.lines.get(code), announced.get((column.run.pk, code))
    doubt = UNVERIFIED if line is not None and UNVERIFIED in line.source else ""
    notes = [f"{grant.rule} ({grant.base_label})"]
    if printed is not None and printed.difference:
        sign = "+" if printed.difference > 0 else ""
        notes += [f"annoncé {display_euros(printed.announced)}", f"écart {sign}{display_euros(printed.difference)}"]
    return _cell(display_euros(grant.amount), _run_url(column), *notes, tone="warning", badge=doubt)


def _rates(column: Hypothesis) -> Cell:
    known = [line.rate for line in column.lines.values() if line.rate is not None]
    if not known:
        return _cell("—")
    partial = "" if len(known) == len(column.lines) else "sans les montants et les tranches"
    return _cell(rate(sum(known)), "", partial)


def _own_rate(column: Hypothesis) -> Cell:
    run = column.run
    return _own(run.own_share_ht, run.own_share_base, rate_only=True) if run else _cell("—")


def _own(own: int, base: int, *, rate_only: bool = False) -> Cell:
    share = rate(rules.share_of(own, base))
    text, note = (share, "") if rate_only else (display_euros(own), share)
    if not base:
        return _cell(text, "", note)
    if not rules.own_share_low(own, base):
        return _cell(text, "", note, tone="success", badge="20 % au moins")
    return _cell(text, "", note, tone="danger", badge="sous les 20 %")


def _with_granted(column: Hypothesis, granted: dict[str, int]) -> Cell:
    """What is notified in place of what was computed, funder by funder; nothing where it is refused."""
    if column.run is None:
        return _cell("—")
    amounts = [granted.get(code, grant.amount) for code, grant in column.grants.items()]
    return _own(column.run.own_share_base - sum(amounts), column.run.own_share_base)


def _real(row: Subsidy, columns: Sequence[Hypothesis]) -> dict[str, Any]:
    line = row.funding_line
    column = next((each for each in columns if line is not None and each.scenario.pk == line.scenario_id), None)
    expected = column.grants.get(line.code) if column and line else None
    return {
        "row": row,
        "tone": SUBSIDY_TONES[row.state],
        "expected": expected.amount if expected else None,
        "scenario": column.scenario if column else None,
    }


def _to_create(columns: Sequence[Hypothesis], subsidies: Sequence[Subsidy]) -> list[dict[str, str]]:
    """Grants expected that no request answers yet."""
    asked = {(row.funder_id, row.funding_line.code if row.funding_line else "") for row in subsidies}
    return [
        {
            "label": f"{line.funder} ({column.scenario})",
            "url": f"{reverse('governance:subsidy_create')}?funding_line={line.pk}",
        }
        for column in columns
        for line in column.lines.values()
        if (line.funder_id, line.code) not in asked
    ]


def _posting(row: FundingPosting, today: date) -> dict[str, Any]:
    done = row.posted_on is not None and row.online_on is not None
    badge = {"label": "fait", "tone": "success"} if done else deadline_badge(row.due_on, None, today)
    return {"row": row, **badge}


class OfFunding(OfPlan):
    permission = permissions.EDIT_MONEY
    home = "governance:plan_funding"


class FundingPostingEdit(OfFunding, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_postings), FundingPostingForm
    title = "Affichage du plan de financement"

    def save(self, form: forms.BaseForm, **kwargs: Any) -> FundingPosting:
        chosen = form.cleaned_data.get("scenario")
        run = queries.latest_run(chosen) if chosen else None
        if chosen is not None and run is None:
            raise DomainError(f"« {chosen} » n'est pas calculé.", field="scenario")
        return services.save_posting(run=run, **kwargs)


class FundingPostingDelete(OfFunding, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_postings), staticmethod(services.delete_posting)


class FundingCommand(Page, View):
    """Asks for a document, then goes back to the page of the plan's financing."""

    permission = permissions.REPORT
    http_method_names = ["post"]

    def start(self, row: Any) -> Job:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        self.require(row, permissions.VIEW_MONEY)
        plan = row.plan if isinstance(row, FundingPosting) else row.scenario.plan
        try:
            follow(request, self.start(row))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(f"{reverse('governance:plan_funding', args=[plan.pk])}#documents")


class FundingPlanMake(FundingCommand):
    queryset, authority_path = staticmethod(queries.visible_budget_runs), "scenario__plan__authority"

    def start(self, row: Any) -> Job:
        return tasks.start_funding_plan(run=row, act=self.request.POST.get("act", ""), by=self.request.user)


class FundingPostingMake(FundingCommand):
    queryset, authority_path = staticmethod(queries.visible_postings), "plan__authority"

    def start(self, row: Any) -> Job:
        return tasks.start_posting(posting=row, size=self.request.POST.get("size", "a4"), by=self.request.user)


class FundingPlanSheets(Page, View):
    """The annex as a workbook."""

    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_budget_runs)
    authority_path = "scenario__plan__authority"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = self.row()
        self.require(run)
        if run.state != RunState.DONE:
            raise DomainError("Le plan de financement présente un calcul terminé.")
        content = funding_plan_sheets(funding_plan(run, timezone.localdate()))
        name = f"plan-de-financement-{slugify(str(run.scenario))[:80]}.xlsx"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=EXPORTS["xlsx"][1], headers={"Content-Disposition": disposition})
