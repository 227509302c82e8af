"""Two to four scenarios side by side. The address says which, the first being the reference; each figure opens its list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views import View
from django.views.generic import TemplateView

from governance import permissions, queries, reports, tasks
from governance.enums import DocumentKind, ScenarioState
from governance.models import BudgetGrant, BudgetRun, Plan, PlanDocument, Scenario
from governance.queries import FEWEST, MOST, NOT_ONE_AUTHORITY, ScenariosCompared
from governance.reports import Figure, letter
from governance.tables import SCENARIO_TONES
from governance.views.results import lines_url
from plan_numerique.documents.charts import Look
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import integer, rate
from plan_numerique.web.views.base import Page
from plan_numerique.web.views.list import EXPORTS

TOO_MANY = f"De {FEWEST} à {MOST} scénarios : en décocher."
TOO_FEW = "Cocher un deuxième scénario : le premier coché est la référence."
NOT_COMPUTED = "n'est pas calculé : ses chiffres manquent à la comparaison."
CHANGED = "a changé depuis son dernier calcul : les chiffres affichés sont ceux de ce calcul."
STRONG = ("ttc", "own_share_ht", "net_cost")


def compare_url(scenarios: Iterable[int], **more: str) -> str:
    query = urlencode([*(("s", pk) for pk in scenarios), *more.items()])
    return f"{reverse('governance:scenario_compare')}?{query}"


def asked_scenarios(user: Any, values: Sequence[str]) -> list[Scenario]:
    """In the order asked, each once; one unknown or unseen is a 404."""
    keys = [asked_key(value) for value in values]
    found = None if None in keys else queries.scenarios_asked(user, keys)
    if found is None:
        raise Http404
    return found


def refusal(scenarios: Sequence[Scenario]) -> str:
    """Why these cannot be compared, empty where they can."""
    if len(scenarios) < FEWEST:
        return TOO_FEW if scenarios else ""
    if len(scenarios) > MOST:
        return TOO_MANY
    return "" if queries.of_one_authority(scenarios) else NOT_ONE_AUTHORITY


class ComparePage(Page, TemplateView):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    crumbs = (("Scénarios", "/scenarios/"),)
    title = "Comparer des scénarios"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.scenarios = asked_scenarios(request.user, request.GET.getlist("s"))
        computed = [row for row in self.scenarios if row.run_id]  # type: ignore[attr-defined]
        if refusal(self.scenarios) or len(self.scenarios) < FEWEST:
            return self.render_to_response(self.choice())
        if len(computed) < FEWEST:
            return self.render_to_response(self.waiting())
        try:
            compared = queries.runs_compared([row.run_id for row in computed])  # type: ignore[attr-defined]
        except DomainError as error:
            return self.render_to_response(self.waiting(error.message))
        kind = request.GET.get("format")
        if kind in EXPORTS:
            return _download(compared, kind)
        return self.render_to_response(self.compared(compared))

    def get_template_names(self) -> list[str]:
        return [self.template]

    def choice(self) -> dict[str, Any]:
        self.template = "governance/comparison_choice.html"
        rows = self.rows().exclude(state=ScenarioState.ARCHIVED)
        checked = [row.pk for row in self.scenarios]
        return self.get_context_data(plans=choices(rows, checked), refusal=refusal(self.scenarios))

    def waiting(self, problem: str = "") -> dict[str, Any]:
        self.template = "governance/comparison.html"
        return self.get_context_data(
            order=_order(self.scenarios), to_compute=self.to_compute(), problem=problem, compared=None, **self.notices()
        )

    def notices(self) -> dict[str, Any]:
        return {
            "notice": self.notice_of(self.scenarios[0]),
            "simulation": next((row.simulation_notice for row in self.scenarios if row.simulation_notice), ""),
        }

    def to_compute(self) -> list[dict[str, Any]]:
        """Those whose figures are missing, or no longer those of their data."""
        changed = queries.changed_since_run(self.scenarios)
        return [
            {
                "name": row.name,
                "why": CHANGED if row.run_id else NOT_COMPUTED,  # type: ignore[attr-defined]
                "url": reverse("governance:scenario_detail", args=[row.pk]),
                "compute_url": reverse("governance:scenario_compute", args=[row.pk])
                if self.may(permissions.COMPUTE, row)
                else "",
            }
            for row in self.scenarios
            if not row.run_id or row.pk in changed  # type: ignore[attr-defined]
        ]

    def compared(self, compared: ScenariosCompared) -> dict[str, Any]:
        self.template = "governance/comparison.html"
        runs = [each.run for each in compared.runs]
        ids = [row.pk for row in self.scenarios]
        sees_documents = self.may(permissions.VIEW_MONEY, self.scenarios[0])
        return self.get_context_data(
            compared=compared,
            order=_order(self.scenarios),
            to_compute=self.to_compute(),
            jobs=followed(self.request, queries.comparison_jobs([r.pk for r in runs])),
            document=self.document(runs),
            documents_url=reverse("governance:plan_documents", args=[self.scenarios[0].plan_id])
            if sees_documents
            else "",
            export_urls=[
                {"label": label, "url": compare_url(ids, format=kind)} for kind, (label, _) in EXPORTS.items()
            ],
            may_report=self.may(permissions.REPORT, self.scenarios[0]),
            ids=ids,
            **_shown(compared),
            **self.notices(),
        )

    def document(self, runs: Sequence[BudgetRun]) -> PlanDocument | None:
        """The latest PDF of these very runs, in this order."""
        return (
            queries.visible_plan_documents(self.request.user)
            .filter(kind=DocumentKind.COMPARISON, job__dedupe_key=queries.comparison_key([run.pk for run in runs]))
            .order_by("-pk")
            .first()
        )


def _shown(compared: ScenariosCompared) -> dict[str, Any]:
    """Tables and charts, each figure with its address."""
    runs = [each.run for each in compared.runs]
    found, spent = reports.settings(compared), reports.years_with_spending(compared)
    look = Look.of(compared.reference.scenario.plan.authority.accent)
    return {
        "heads": _heads(compared),
        "groups": [
            {"label": group.label, "rows": [_row(figure, runs) for figure in group.figures]}
            for group in reports.groups(compared)
        ],
        "exercises": _exercises(compared, spent),
        "empty_years": [str(year) for year in compared.comparison.exercises if year not in spent],
        "has_schools": any(run.schools_entered for run in runs),
        "funding": _funding(compared),
        "charts": reports.comparison_charts(compared, look),
        "paying": reports.paying_chart(compared, look),
        "apart": [setting for setting in found if setting.differs],
        "alike": [(setting.label, setting.texts[0]) for setting in found if not setting.differs],
        "explained": reports.explained(compared),
    }


def _download(compared: ScenariosCompared, kind: str) -> HttpResponse:
    content = reports.comparison_csv(compared) if kind == "csv" else reports.comparison_workbook(compared)
    disposition = content_disposition_header(as_attachment=True, filename=f"comparaison-de-scenarios.{kind}")
    return HttpResponse(
        content, content_type=EXPORTS[kind][1], headers={"Content-Disposition": disposition or "attachment"}
    )


def choices(scenarios: Any, checked: Sequence[int] = ()) -> list[dict[str, Any]]:
    """Scenarios to tick, by plan: their figures are those of their latest run."""
    found: dict[Plan, list[dict[str, Any]]] = {}
    for row in scenarios.order_by("plan__name", "plan_id", "pk"):
        found.setdefault(row.plan, []).append(
            {
                "pk": row.pk,
                "name": row.name,
                "url": reverse("governance:scenario_detail", args=[row.pk]),
                "state": row.get_state_display(),
                "tone": SCENARIO_TONES[row.state],
                "ttc": display_euros(row.run_ttc) if row.run_id else "—",
                "own_share": display_euros(row.run_own_share) if row.run_id else "—",
                "checked": row.pk in checked,
            }
        )
    return [{"plan": plan, "rows": rows} for plan, rows in found.items()]


def _order(scenarios: Sequence[Scenario]) -> list[dict[str, Any]]:
    """Each scenario with the addresses that move it or leave it out."""
    ids = [row.pk for row in scenarios]
    found = []
    for rank, row in enumerate(scenarios):
        others = [pk for pk in ids if pk != row.pk]
        moved = [*ids[: rank - 1], ids[rank], ids[rank - 1], *ids[rank + 1 :]] if rank else ids
        found.append(
            {
                "letter": letter(rank),
                "name": row.name,
                "plan": row.plan.name,
                "url": reverse("governance:scenario_detail", args=[row.pk]),
                "state": row.get_state_display(),
                "tone": SCENARIO_TONES[row.state],
                "first_url": compare_url([row.pk, *others]) if rank else "",
                "up_url": compare_url(moved) if rank > 1 else "",
                "out_url": compare_url(others),
            }
        )
    return found


def _heads(compared: ScenariosCompared) -> list[dict[str, Any]]:
    sentences = reports.sentences(compared)
    return [
        {
            "letter": letter(rank),
            "name": each.scenario.name,
            "url": reverse("governance:scenario_detail", args=[each.scenario.pk]),
            "run": each.run,
            "run_url": reverse("governance:run_detail", args=[each.run.pk]),
            "sentence": sentences[rank],
        }
        for rank, each in enumerate(compared.runs)
    ]


def _row(figure: Figure, runs: Sequence[BudgetRun]) -> dict[str, Any]:
    opens = _opens(figure)
    cells = [
        {
            "text": reports.shown(figure.kind, value),
            "url": opens(run) if value else "",
            "gap": reports.shown_difference(figure.kind, gap),
        }
        for run, value, gap in zip(runs, figure.values, figure.differences, strict=True)
    ]
    return {"label": figure.label, "part": bool(figure.of), "strong": figure.key in STRONG, "cells": cells}


def _opens(figure: Figure) -> Callable[[BudgetRun], str]:
    """The list behind a figure of a run."""
    if figure.key in ("ht", "vat", "ttc"):
        return lines_url
    if figure.key == "qpv_share":
        return lambda run: schools_url(run, entered="true", qpv="true")
    if figure.key in ("schools", "classes", "pupils") or figure.key.startswith("ttc_per_"):
        return lambda run: schools_url(run, entered="true")
    if figure.key == "gini":
        return schools_url
    anchor = "cout-net" if figure.key in ("fctva", "net_cost") else "financement"
    return lambda run: f"{reverse('governance:run_detail', args=[run.pk])}#{anchor}"


def schools_url(run: BudgetRun, **filters: Any) -> str:
    url = reverse("governance:run_schools", args=[run.pk])
    return f"{url}?{urlencode(filters)}" if filters else url


def _exercises(compared: ScenariosCompared, spent: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"exercise": str(exercise), "rows": [_year(compared, place, rank) for place in range(len(compared.runs))]}
        for rank, exercise in enumerate(compared.comparison.exercises)
        if exercise in spent
    ]


def _year(compared: ScenariosCompared, place: int, rank: int) -> dict[str, Any]:
    run, year = compared.runs[place].run, compared.comparison.columns[place].years[rank]
    entered = schools_url(run, exercise_entered=year.exercise)
    lines = lines_url(run, exercise=year.exercise)
    counts = [_linked(integer(count), entered, count) for count in (year.schools, year.classes, year.pupils)]
    amounts = [_linked(display_euros(cents), lines, cents) for cents in (year.amount.ht, year.amount.ttc)]
    return {
        "letter": letter(place),
        "name": compared.runs[place].scenario.name,
        "counts": counts,
        "amounts": amounts,
        "cumulative": display_euros(year.cumulative.ttc),
    }


def _linked(text: str, url: str, value: int) -> dict[str, str]:
    return {"text": text, "url": url} if value else {"text": "—", "url": ""}


def _funding(compared: ScenariosCompared) -> dict[str, Any]:
    runs = [each.run for each in compared.runs]
    anchors = [f"{reverse('governance:run_detail', args=[run.pk])}#financement" for run in runs]
    return {
        "rows": [
            {"funder": funder, "cells": [_grant(grant, url) for grant, url in zip(grants, anchors, strict=True)]}
            for funder, grants in reports.funding_rows(compared)
        ],
        "totals": [_linked(display_euros(run.grants), url, run.grants) for run, url in zip(runs, anchors, strict=True)],
        "own": [
            {
                "text": display_euros(run.own_share_ht),
                "url": url,
                "note": f"{rate(run.own_share_rate)} de {display_euros(run.own_share_base)} HT"
                if run.own_share_rate is not None
                else "",
            }
            for run, url in zip(runs, anchors, strict=True)
        ],
    }


def _grant(grant: BudgetGrant | None, url: str) -> dict[str, str]:
    if grant is None:
        return {"text": "—", "url": "", "note": ""}
    note = f"{grant.rule} ; base {grant.base_label} : {display_euros(grant.base)}"
    return {"text": display_euros(grant.amount), "url": url, "note": note}


class CompareDocument(Page, View):
    """Asks for the PDF of the comparison, then back to it."""

    permission, queryset = permissions.REPORT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scenarios = asked_scenarios(request.user, request.POST.getlist("s"))
        for row in scenarios:
            self.require(row)
        try:
            follow(request, tasks.start_comparison(scenarios=scenarios, by=request.user))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(compare_url(row.pk for row in scenarios))
