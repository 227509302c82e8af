"""A better order of entry under the caps: asked, followed, shown beside the ranked order, made a variant on request."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View

from governance import permissions, queries, reports, services, tasks
from governance.enums import Objective, PlaceMove, RunState, ScenarioState
from governance.filtersets import OptimisationFilter, OptimisationPlaceFilter
from governance.forms.optimisation import OptimisationForm
from governance.models import Optimisation, OptimisationPlace, Scenario
from governance.queries import Proposal
from governance.reports import signed
from governance.tables import OptimisationPlaceTable, OptimisationTable, optimisation_state
from governance.tables.optimisation import MOVE_TONES, move_of
from plan_numerique.documents.charts import Look
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, DetailPage, ListPage
from plan_numerique.web.views.base import Page

SHOWN_SCHOOLS = 12
SHOWN_PROPOSALS = 20
OUT = "hors du plan"
RESET = "points_reset"
KEPT_ORDER = (
    "Créer une variante avec cet ordre ? Un scénario brouillon est ajouté au plan. L'ordre de priorité, les plafonds et le "
    "scénario d'origine restent comme ils sont."
)


def scenario_crumbs(scenario: Scenario) -> list[tuple[str, str]]:
    return [
        (scenario.plan.name, reverse("governance:plan_detail", args=[scenario.plan_id])),
        (scenario.name, reverse("governance:scenario_detail", args=[scenario.pk])),
    ]


class ScenarioOptimisations(DetailPage):
    """The form that starts a search, and the proposals made."""

    permission, queryset = permissions.VIEW, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    template_name = "governance/scenario_optimisations.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return scenario_crumbs(self.object)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = scenario = self.row()
        self.require(scenario, permissions.COMPUTE)
        form = OptimisationForm(request.POST)
        if RESET in request.POST:
            return self.render_to_response(self.get_context_data(form=form.with_default_points(), reset=True))
        if form.is_valid():
            try:
                job = tasks.start_optimisation(scenario=scenario, by=request.user, **form.asked)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                follow(request, job)
                return HttpResponseRedirect(reverse("governance:scenario_optimisations", args=[scenario.pk]))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        found = queries.school_facts(queries.scenario_data(scenario))
        return super().get_context_data(
            **{
                "title": f"Optimiser « {scenario} »",
                "simulation": scenario.simulation_notice,
                "meanings": [(Objective(code).label, text) for code, text in reports.MEANINGS.items()],
                "criteria": queries.criteria(queries.facts_of(found)),
                "unknown_ips": sum(row["ips"] is None for row in found.values()),
                **self.searches(),
                **kwargs,
            }
        )

    def searches(self) -> dict[str, Any]:
        """What changes when a search ends: the form comes back, and the table says what was found."""
        scenario: Scenario = self.object
        job = queries.active_optimisation(scenario)
        rows = queries.optimisations_of(self.request.user, scenario)
        allowed = self.may(permissions.COMPUTE, scenario) and scenario.state != ScenarioState.ARCHIVED
        return {
            "jobs": followed(self.request, [job] if job else []),
            "form": OptimisationForm(points=queries.last_points(scenario)) if allowed and not job else None,
            "proposals": [_line(row) for row in rows.order_by("-number")[:SHOWN_PROPOSALS]],
            "list_url": f"{reverse('governance:optimisation_list')}?{urlencode({'scenario': scenario.pk})}",
        }


class ScenarioProposals(ScenarioOptimisations):
    """Asked once by the page, when the search that it follows ends (`jobs` tells it): never polled."""

    template_name = "governance/_proposals.html"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.row()
        found = self.searches()
        response = self.render_to_response({"object": self.object, **found, "said": _said(found["proposals"])})
        response["Cache-Control"] = "no-store"
        return response


def _said(proposals: list[dict[str, Any]]) -> str:
    """Of the latest, in a live region."""
    if not proposals:
        return ""
    last = proposals[0]
    gained = f", gain : {last['gained']}" if last["row"].state == RunState.DONE else ""
    return f"Propositions à jour. N° {last['row'].number} : {last['state']['label']}{gained}."


def _line(row: Optimisation) -> dict[str, Any]:
    done = row.state == RunState.DONE
    label, tone = optimisation_state(row)
    return {
        "row": row,
        "state": {"label": label, "tone": tone},
        "pupils": integer(row.pupils) if done else "—",
        "gained": reports.gain_text(row) if done else "—",
        "gap": reports.gap_text(row) if done else "—",
        "variant_url": reverse("governance:scenario_board", args=[row.variant_id]) if row.variant_id else "",
    }


class OptimisationList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.optimisations_of)
    authority_path = "scenario__plan__authority"
    filterset_class, table_class = OptimisationFilter, OptimisationTable
    title, search_placeholder = "Optimisations", "Scénario, plan"
    empty_text = "Une optimisation cherche un meilleur ordre d'entrée sous les plafonds d'un scénario."


class OptimisationDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.optimisations_of)
    authority_path = "scenario__plan__authority"
    template_name = "governance/optimisation_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        scenario = self.object.scenario
        page = reverse("governance:scenario_optimisations", args=[scenario.pk])
        return [*scenario_crumbs(scenario), ("Optimisations", page)]

    def state(self) -> dict[str, str]:
        label, tone = optimisation_state(self.object)
        return {"label": label, "tone": tone}

    def actions(self) -> list[Action]:
        row: Optimisation = self.object
        found = []
        if row.variant_id:
            found.append(
                Action("Ouvrir la variante", self._url("scenario_board", row.variant_id), "columns-3", primary=True)
            )
        elif row.state == RunState.DONE and self.may(permissions.EDIT, row):
            url = self._url("optimisation_variant", row.pk)
            found.append(Action("Créer la variante", url, "git-branch", "post", primary=True, confirm=KEPT_ORDER))
        return [*found, Action("Autre recherche", self._url("scenario_optimisations", row.scenario_id), "refresh-cw")]

    def _url(self, name: str, pk: int) -> str:
        return reverse(f"governance:{name}", args=[pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Optimisation = self.object
        active = [row.job] if row.job is not None and row.job.is_active else []
        return super().get_context_data(
            title=f"Optimisation n° {row.number} : {row.scenario}",
            simulation=row.scenario.simulation_notice,
            jobs=followed(self.request, active),
            stale=queries.changed_since(row) if row.state == RunState.DONE else "",
            **(self.shown(row) if row.state == RunState.DONE else {}),
            **kwargs,
        )

    def shown(self, row: Optimisation) -> dict[str, Any]:
        found = queries.proposal(self.request.user, row)
        url = self._url("optimisation_places", row.pk)
        return {
            "gain": reports.gain_sentence(row),
            "better": (row.reached, row.served) > (row.ranked_reached, row.ranked_served),
            "bound": reports.bound_sentence(row),
            "end": reports.end_sentence(row),
            "ranked": reports.ranked_sentence(fill_gaps=found.fill_gaps),
            "tiles": _tiles(row, found, url),
            "chart": reports.years_chart(found.years, Look.of(row.scenario.plan.authority.accent)),
            "years": [_year(year) for year in found.years],
            "totals": (
                display_euros(sum(year.ranked for year in found.years)),
                display_euros(sum(year.proposed for year in found.years)),
            ),
            "moved": [_place(place) for place in found.moved[:SHOWN_SCHOOLS]],
            "moved_count": found.moved.count(),
            "moved_url": f"{url}?moved=true",
            "left_out": [
                {**_place(place), "reason": found.reasons.get(place.school.uai, "")}
                for place in found.left_out[:SHOWN_SCHOOLS]
            ],
            "left_count": found.left_out.count(),
            "left_url": f"{url}?entered=false",
            "places_url": url,
            "equity": row.counts_points,
            "criteria": found.criteria if row.counts_points else [],
            "compare_url": f"{reverse('governance:scenario_compare')}?s={row.scenario_id}&s={row.variant_id}"
            if row.variant_id
            else "",
        }


def _tiles(row: Optimisation, found: Proposal, url: str) -> list[dict[str, Any]]:
    joins, leaves = (
        f"{url}?{urlencode([('move', move) for move in moves])}"
        for moves in ((PlaceMove.JOINS, PlaceMove.EARLIER), (PlaceMove.LEAVES, PlaceMove.LATER))
    )
    rows = found.moved.order_by()
    better = rows.filter(queries.MOVES[PlaceMove.JOINS] | queries.MOVES[PlaceMove.EARLIER]).count()
    tiles = [
        _tile("Élèves équipés", row.pupils, row.pupils - row.ranked_pupils, f"{url}?entered=true"),
        _tile("Écoles équipées", row.schools, row.schools - row.ranked_schools, f"{url}?entered=true"),
    ]
    if row.counts_points:
        tiles.append(_tile("Points d'équité", row.reached, row.reached - row.ranked_reached, url))
    return [
        *tiles,
        {"label": "Écoles qui entrent, ou plus tôt", "figure": integer(better), "url": joins},
        {"label": "Écoles qui sortent, ou plus tard", "figure": integer(rows.count() - better), "url": leaves},
    ]


def _tile(label: str, figure: int, gained: int, url: str) -> dict[str, Any]:
    trend = f"{signed(gained)} sur l'ordre de priorité" if gained else "comme dans l'ordre de priorité"
    tone = "success" if gained > 0 else "warning" if gained < 0 else ""
    return {"label": label, "figure": integer(figure), "trend": trend, "tone": tone, "url": url}


def _year(year: Any) -> dict[str, str]:
    def left(ttc: int) -> str:
        return "—" if year.cap is None else display_euros(year.cap - ttc)

    return {
        "exercise": str(year.exercise),
        "cap": "sans plafond" if year.cap is None else display_euros(year.cap),
        "ranked": display_euros(year.ranked),
        "ranked_left": left(year.ranked),
        "proposed": display_euros(year.proposed),
        "proposed_left": left(year.proposed),
    }


def _place(place: OptimisationPlace) -> dict[str, Any]:
    move = move_of(place)
    return {
        "name": place.school.name,
        "commune": place.school.commune.name,
        "url": reverse("schools:school_detail", args=[place.school_id]),
        "rank": integer(place.priority_rank),
        "ranked": str(place.ranked_exercise or OUT),
        "proposed": str(place.exercise or OUT),
        "move": move.label,
        "tone": MOVE_TONES[move],
        "pupils": integer(place.pupils),
        "weight": integer(place.weight),
        "ttc": display_euros(place.ttc),
    }


class OptimisationPlaces(ListPage):
    """The schools of one proposal, which is in the address."""

    permission, queryset = permissions.VIEW, staticmethod(queries.visible_optimisation_places)
    authority_path = ""
    template_name = "governance/run_list.html"
    filterset_class, table_class = OptimisationPlaceFilter, OptimisationPlaceTable
    title, search_placeholder = "Écoles de la proposition", "Nom, UAI, commune"

    def rows(self) -> Any:
        rows = queries.visible_optimisations(self.request.user)
        self.proposed: Optimisation = get_object_or_404(rows, pk=self.kwargs["pk"])
        return super().rows().filter(optimisation=self.proposed)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario = self.proposed.scenario
        points = f". Points d'équité : {self.proposed.points}" if self.proposed.counts_points else ""
        self.intro = f"{scenario}, {str(self.proposed).lower()}{points}"
        return super().get_context_data(
            simulation=scenario.simulation_notice, notice=scenario.plan.authority.notice, **kwargs
        )

    def get_crumbs(self) -> list[tuple[str, str]]:
        row = self.proposed
        page = reverse("governance:optimisation_detail", args=[row.pk])
        return [*scenario_crumbs(row.scenario), (str(row), page)]


class OptimisationVariant(Page, View):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_optimisations)
    authority_path = "scenario__plan__authority"
    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            made = services.create_variant(optimisation=row, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("governance:optimisation_detail", args=[row.pk]))
        messages.success(request, f"« {made.scenario} » est un brouillon : l'ordre de priorité n'a pas changé.")
        if made.moved:
            messages.warning(request, made.moved)
        return HttpResponseRedirect(reverse("governance:scenario_board", args=[made.scenario.pk]))
