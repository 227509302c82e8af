"""The wizard of a scenario: a step a page, saved at once, left and resumed; the effect of what is typed shown beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView

from governance import permissions, queries, services
from governance.enums import ScenarioState, Strategy
from governance.forms.strategy import StrategyForm
from governance.forms.wizard import AllocationForm, LimitsForm, PricesForm, TerritoryForm, WizardStartForm
from governance.forms.wizard_rows import FundersForm, ServicesForm
from governance.models import Scenario
from governance.queries import ScenarioData
from governance.queries.wizard import strategy_of
from governance.services.beside import conflict_of, data_at, step_version
from governance.services.steps import stamp
from governance.services.wizard import removed_names
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web import versions
from plan_numerique.web.templatetags.web import rate
from plan_numerique.web.views import EditPage
from plan_numerique.web.views.base import Page


@dataclass(frozen=True)
class Step:
    slug: str
    title: str
    intro: str
    form: Any
    template: str = "governance/wizard/_form.html"


SUMMARY = "recapitulatif"
STEPS = (
    Step("territoire", "Territoire", "Quelles écoles, et les classes de quelle année ?", TerritoryForm, "governance/wizard/_territory.html"),
    Step("dotation", "Dotation", "Ce que reçoit une école, une classe, un étage.", AllocationForm),
    Step("strategie", "Stratégie", "Qui entre d'abord, et quand.", StrategyForm, "governance/wizard/_strategy.html"),
    Step("plafond", "Plafond", "Les exercices, et ce que chacun ne dépasse pas.", LimitsForm, "governance/wizard/_limits.html"),
    Step("prix", "Prix", "Comment les prix évoluent, et quand ils se paient.", PricesForm),
    Step("services", "Services", "Ce qui revient chaque année : ENT, maintenance, connexion.", ServicesForm, "governance/wizard/_rows.html"),
    Step("financeurs", "Financeurs", "Qui aide, sur quelle dépense et à quel taux.", FundersForm, "governance/wizard/_rows.html"),
)  # fmt: skip


def said(data: ScenarioData) -> list[tuple[str, bool]]:
    """What each step holds, and whether it is done, read from the data."""
    scenario, count = data.scenario, len(data.places)
    year = f", {school_year_label(scenario.school_year)}" if scenario.school_year else ""
    schools = f"{counted(count, 'école')}{year}"
    services_count, funders_count = len(data.recurring), len(data.funding)
    return [
        (schools if count or data.stated else "à choisir", bool(count or data.stated)),
        (str(scenario.rule_set or "à choisir"), scenario.rule_set is not None),
        (Strategy(strategy_of(data)).label.split(",")[0] if data.phases else "à choisir", bool(data.phases)),
        (_cap_said(data), bool(data.caps) or scenario.yearly_cap_ttc is not None),
        (_prices_said(scenario), bool(scenario.price_revision_rate or scenario.renewals or scenario.payment_schedule)),
        (counted(services_count, "service") if services_count else "facultatif", bool(services_count)),
        (counted(funders_count, "financement") if funders_count else "facultatif", bool(funders_count)),
    ]  # fmt: skip


def _cap_said(data: ScenarioData) -> str:
    if data.caps:
        return "un plafond par exercice"
    cap = data.scenario.yearly_cap_ttc
    return "facultatif" if cap is None else f"{display_euros(cap)} par an"


def _prices_said(scenario: Scenario) -> str:
    parts = [f"révision {rate(scenario.price_revision_rate)}"] if scenario.price_revision_rate else []
    parts += ["renouvellements"] if scenario.renewals else []
    parts += ["paiement étalé"] if scenario.payment_schedule else []
    return ", ".join(parts) or "prix constants"


NEEDED = 3
"""The first steps, without which nothing is computed by school; the others are optional."""


def resume_url(scenario: Scenario, data: ScenarioData) -> str:
    """The first needed step that is not done, else the summary."""
    states = said(data)[:NEEDED]
    slug = next((step.slug for step, (_, done) in zip(STEPS, states, strict=False) if not done), SUMMARY)
    return step_url(scenario, slug)


def step_url(scenario: Scenario, slug: str) -> str:
    return reverse("governance:wizard_step", args=[scenario.pk, slug])


class WizardStart(EditPage):
    """Chooses the plan and the years, and makes the draft that the steps fill."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    template_name = "governance/wizard/start.html"
    form_class, service = WizardStartForm, staticmethod(services.save_scenario)
    title = "Nouveau scénario"
    crumbs = (("Scénarios", "/scenarios/"),)
    list_url = "governance:scenario_list"

    def get_success_url(self) -> str:
        return step_url(self.object, STEPS[0].slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "submit_label": "Commencer", "cancel_url": reverse(self.list_url)}


class WizardPage(Page, TemplateView):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    http_method_names: ClassVar[list[str]] = ["get", "post", "head", "options"]

    @cached_property
    def scenario(self) -> Scenario:
        scenario: Scenario = self.row()
        self.require(scenario)
        return scenario

    @cached_property
    def draft(self) -> ScenarioData:
        services.require_open(self.scenario)
        return queries.scenario_data(self.scenario)

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.scenario.plan
        return [
            (plan.name, reverse("governance:plan_detail", args=[plan.pk])),
            (self.scenario.name, reverse("governance:scenario_detail", args=[self.scenario.pk])),
        ]

    def strip(self, current: str) -> list[dict[str, Any]]:
        rows = [
            {"label": step.title, "slug": step.slug, "detail": detail, "done": done}
            for step, (detail, done) in zip(STEPS, said(self.draft), strict=True)
        ]
        rows.append({"label": "Récapitulatif", "slug": SUMMARY, "detail": "tout, puis calculer", "done": False})
        return [{**row, "url": step_url(self.scenario, row["slug"]), "current": row["slug"] == current} for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "title": f"Assistant : {self.scenario}",
            "scenario": self.scenario,
            "simulation": self.scenario.simulation_notice,
            "notice": self.notice_of(self.scenario),
            "leave_url": reverse("governance:scenario_data", args=[self.scenario.pk]),
        }


class WizardResume(WizardPage):
    """To the first step that is not done."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(resume_url(self.scenario, self.draft))


class WizardStep(WizardPage):
    template_name = "governance/wizard/step.html"

    @cached_property
    def scenario(self) -> Scenario:
        self.version = step_version(self.kwargs["pk"], self.step.form.part)  # before the data
        scenario: Scenario = super().scenario
        return scenario

    @cached_property
    def shown(self) -> ScenarioData | None:
        """The data that the form sent was shown from; None where somebody changed this step since and they are not known any more."""
        part = self.step.form.part
        if self.request.POST.get("seen", "") in ("", stamp(self.draft, part)):
            return self.draft
        return data_at(self.draft, part, self.request.POST.get(versions.FIELD, ""))

    @cached_property
    def rank(self) -> int:
        slugs = [step.slug for step in STEPS]
        if self.kwargs["step"] not in slugs:
            raise Http404
        return slugs.index(self.kwargs["step"])

    @property
    def step(self) -> Step:
        return STEPS[self.rank]

    def next_slug(self) -> str:
        return STEPS[self.rank + 1].slug if self.rank + 1 < len(STEPS) else SUMMARY

    def form(self, data: Any = None) -> Any:
        draft = self.draft if data is None else self.shown or self.draft
        return self.step.form(data, draft=draft, user=self.request.user, query=self.request.GET)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.form(), self.draft)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        after = applied(form)
        if after is None:
            return self.show(form, self.draft, status=422)
        try:
            services.save_step(after=after, part=form.part, seen=form.data.get("seen", ""), by=request.user)
        except services.StaleStepError:
            return self.beside(form, after)
        except DomainError as error:
            refuse(form, error)
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
        else:
            gone = removed_names(self.draft, after) if self.step.slug == STEPS[0].slug else []
            if gone:
                messages.warning(request, f"Ces classes ne sont plus dans le territoire : {', '.join(list(gone)[:6])}.")
            return HttpResponseRedirect(self.onward())
        return self.show(form, after, status=422)

    def beside(self, form: Any, typed: ScenarioData) -> HttpResponse:
        """Nothing is written: what the other wrote, beside what is typed, which the form keeps."""
        version = step_version(self.scenario.pk, form.part)
        now = queries.scenario_data(self.row())
        again = form.over(now)
        kept = applied(again)
        conflict = conflict_of(
            name=f"{self.scenario}, étape {self.step.title}",
            part=form.part,
            shown=(self.request.POST.get(versions.FIELD, ""), self.shown),
            stored=(version, now),
            typed=typed,
            kept=kept,
            left_out=form.left_out(again),
        )
        return self.show(again, kept or now, status=422, conflict=conflict, row_version=version)

    def onward(self) -> str:
        """The next step, unless a button asks to stay or to leave."""
        then = self.request.POST.get("then", "")
        if then == "leave":
            return reverse("governance:scenario_data", args=[self.scenario.pk])
        if then == "stay":
            school = self.request.POST.get("class_school", "")
            asked = f"?ecole={school}" if school.isascii() and school.isdigit() else ""
            return f"{step_url(self.scenario, self.step.slug)}{asked}#classes"
        return step_url(self.scenario, self.next_slug())

    def show(self, form: Any, data: ScenarioData, status: int = 200, **context: Any) -> HttpResponse:
        previous = STEPS[self.rank - 1].slug if self.rank else ""
        return self.render_to_response(
            self.get_context_data(
                form=form,
                step=self.step,
                steps=self.strip(self.step.slug),
                effect=queries.effect_of(data),
                preview_url=reverse("governance:wizard_preview", args=[self.scenario.pk, self.step.slug]),
                previous_url=step_url(self.scenario, previous) if previous else "",
                **{"row_version": self.request.POST.get(versions.FIELD, self.version), **context},
            ),
            status=status,
        )


def applied(form: Any) -> ScenarioData | None:
    """The data after a valid form; None, with the refusal on the form, where there is one."""
    if not form.is_valid():
        return None
    try:
        after: ScenarioData = form.applied()
    except DomainError as error:
        refuse(form, error)
        return None
    return after


def refuse(form: Any, error: DomainError) -> None:
    form.add_error(error.field if error.field in getattr(form, "fields", ()) else None, error.message)


class WizardPreview(WizardStep):
    """The effect of what is typed, computed from it; nothing is written."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        after = applied(self.form(request.POST))
        context = {"effect": queries.effect_of(after or self.draft), "incomplete": after is None}
        return render(request, "governance/wizard/_effect.html", context)


class WizardSummary(WizardPage):
    template_name = "governance/wizard/summary.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        states: Sequence[tuple[str, bool]] = said(self.draft)
        rows = [
            {"title": step.title, "detail": detail, "done": done, "url": step_url(self.scenario, step.slug)}
            for step, (detail, done) in zip(STEPS, states, strict=True)
        ]
        return self.render_to_response(
            self.get_context_data(
                rows=rows,
                missing=[row for row in rows[:NEEDED] if not row["done"]],
                steps=self.strip(SUMMARY),
                effect=queries.effect_of(self.draft),
                may_compute=self.may(permissions.COMPUTE, self.scenario),
                compute_url=reverse("governance:scenario_compute", args=[self.scenario.pk]),
                board_url=reverse("governance:scenario_board", args=[self.scenario.pk]),
            )
        )


def wizard_label(scenario: Scenario) -> str:
    return "Reprendre l'assistant" if scenario.state == ScenarioState.DRAFT else "Assistant"
