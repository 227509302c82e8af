"""The programme of a plan: the version in force, what is found beside what it forecasts, its amendments."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from governance import permissions, queries, reports
from governance.domain.programme import Changes
from governance.filtersets import ProgrammeVersionFilter
from governance.models import Plan, ProgrammeVersion
from governance.queries import Found, ProgrammeYear, VersionStep
from governance.tables import PHASE_TONES, ProgrammeVersionTable
from governance.views.actions import history_action, plan_crumbs, plan_tabs, plan_title
from governance.views.changes import changes_context, changes_said, signed
from governance.views.phases import equipped_url
from governance.views.results import lines_url
from plan_numerique.documents.charts import Look
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import day, integer
from plan_numerique.web.views import Action, DetailPage, ListPage

STAGES = (("committed", "commitment", "Engagé"), ("invoiced", "invoice", "Facturé"), ("paid", "payment", "Payé"))


class PlanProgramme(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_plans)
    template_name = "governance/programme.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return plan_crumbs(self.object)

    def tabs(self) -> list[Any]:
        return plan_tabs(self, self.object, "plan_programme")

    def actions(self) -> list[Action]:
        plan: Plan = self.object
        if self.version is None or not self.may(permissions.EDIT, plan):
            return []
        url = reverse("governance:plan_amend", args=[plan.pk])
        return [Action("Préparer un avenant", url, "file-pen", "post", primary=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        self.version = queries.current_version(plan)
        return super().get_context_data(
            title=plan_title(plan, "plan_programme"),
            plan=plan,
            version=self.version,
            scenarios_url=f"{reverse('governance:scenario_list')}?plan={plan.pk}",
            **(self.programme(self.version) if self.version else {}),
            **kwargs,
        )

    def programme(self, version: ProgrammeVersion) -> dict[str, Any]:
        plan: Plan = self.object
        money = self.may(permissions.VIEW_MONEY, plan)
        years = queries.programme_years(self.request.user, plan, version.run, with_money=money)
        look = Look.of(plan.authority.accent)
        return {
            "simulation": version.scenario.simulation_notice,
            "facts": version_facts(version),
            "tiles": _tiles(plan, version, years, money),
            "money": money,
            "stages": [label for _, _, label in STAGES],
            "years": [_year(plan, version, row) for row in years],
            "totals": _totals(plan, version, years, money),
            "charts": reports.programme_charts(years, look),
            "versions": [_step(step) for step in queries.version_steps(self.request.user, plan)],
        }


def version_facts(version: ProgrammeVersion) -> list[tuple[str, Any]]:
    scenario, run = version.scenario, version.run
    facts = [
        ("Version", version),
        ("Arrêté le", day(version.adopted_on)),
        ("Arrêté par", version.adopted_by),
        ("Scénario", _link("governance:scenario_detail", scenario.pk, scenario)),
        ("Calcul", _link("governance:run_detail", run.pk, f"n° {run.number}")),
        ("Motif", version.reason),
    ]
    if version.decision is not None:
        meeting = version.decision.item.meeting
        facts.append(("Décision", _link("governance:meeting_detail", meeting.pk, meeting)))
    return facts


def _link(name: str, pk: int, text: Any) -> Any:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)


def _tiles(plan: Plan, version: ProgrammeVersion, years: list[ProgrammeYear], money: bool) -> list[dict[str, Any]]:
    run = version.run
    equipped = sum(row.found.schools for row in years)
    done = sum(row.phase is not None and row.phase.state == "done" for row in years)
    phases = sum(row.phase is not None for row in years)
    tiles = [
        {
            "label": "Phases achevées",
            "figure": f"{integer(done)} sur {integer(phases)}",
            "url": f"{reverse('governance:programmephase_list')}?plan={plan.pk}",
        },
        {
            "label": "Écoles équipées",
            "figure": integer(equipped),
            "url": equipped_url(plan=plan.pk),
            "trend": f"{integer(run.schools_entered)} prévues",
        },
        {"label": "Programme TTC", "figure": display_euros(run.ttc), "url": lines_url(run)},
    ]
    if money:
        paid = sum(row.spent.paid for row in years if row.spent)
        url = _expenses(plan, stage="payment")
        tiles.append({"label": "Payé TTC", "figure": display_euros(paid), "url": url, "trend": _part(paid, run.ttc)})
    return tiles


def _part(amount: int, whole: int) -> str:
    return f"{amount * 100 // whole}\u202f% du programme" if whole and amount >= 0 else ""


def _expenses(plan: Plan, **filters: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"plan": plan.pk, **filters}.items())
    return f"{reverse('governance:expense_list')}?{query}"


def _cell(text: str, url: str = "", gap: str = "", tone: str = "") -> dict[str, str]:
    return {"text": text, "url": url, "gap": gap, "tone": tone}


def _year(plan: Plan, version: ProgrammeVersion, row: ProgrammeYear) -> dict[str, Any]:
    run, phase, forecast = version.run, row.phase, row.forecast
    schools = f"{reverse('governance:run_schools', args=[run.pk])}?exercise_entered={row.exercise}"
    same = row.entering == Found(forecast.schools, forecast.classes, forecast.pupils)
    equipped = equipped_url(phase=phase.pk) if phase else ""
    return {
        "exercise": str(row.exercise),
        "label": phase.label if phase else "",
        "url": reverse("governance:programmephase_detail", args=[phase.pk]) if phase else "",
        "state": phase.get_state_display() if phase else "Hors programme",
        "tone": PHASE_TONES[phase.state] if phase else "warning",
        "pilot": phase.pilot if phase else False,
        "verdict": phase.get_verdict_display() if phase and phase.pilot else "",
        "counts": [
            {
                "label": label,
                "forecast": _cell(integer(planned), schools if planned and (same or name == "schools") else ""),
                "found": _cell(integer(found), equipped if found else ""),
                "gap": _gap(found - planned),
            }
            for name, label, planned, found in _counts(row)
        ],
        "ht": _cell(display_euros(forecast.ht), lines_url(run, exercise=row.exercise) if forecast.ht else ""),
        "ttc": _cell(display_euros(forecast.ttc), lines_url(run, exercise=row.exercise) if forecast.ttc else ""),
        "spent": _spent(plan, row),
        "left": signed(row.spent.paid - forecast.ttc) if row.spent else "",
    }


def _counts(row: ProgrammeYear) -> list[tuple[str, str, int, int]]:
    forecast, found = row.forecast, row.found
    return [
        ("schools", "Écoles", forecast.schools, found.schools),
        ("classes", "Classes", forecast.classes, found.classes),
        ("pupils", "Élèves", forecast.pupils, found.pupils),
    ]


def _spent(plan: Plan, row: ProgrammeYear) -> list[dict[str, str]]:
    if row.spent is None:
        return []
    found = [(getattr(row.spent, name), stage) for name, stage, _ in STAGES]
    return [
        _cell(display_euros(cents), _expenses(plan, exercise=row.exercise, stage=stage) if cents else "")
        for cents, stage in found
    ]


def _gap(count: int) -> str:
    return f"{'+' if count > 0 else ''}{integer(count)}"


def _totals(plan: Plan, version: ProgrammeVersion, years: list[ProgrammeYear], money: bool) -> dict[str, Any]:
    run = version.run
    planned = [sum(values) for values in zip(*([c[2] for c in _counts(row)] for row in years), strict=True)]
    found = [sum(values) for values in zip(*([c[3] for c in _counts(row)] for row in years), strict=True)]
    entered = f"{reverse('governance:run_schools', args=[run.pk])}?entered=true"
    spent = [(sum(getattr(row.spent, name) for row in years if row.spent), stage) for name, stage, _ in STAGES]
    return {
        "counts": [
            {
                "forecast": _cell(integer(a), entered),
                "found": _cell(integer(b), equipped_url(plan=plan.pk) if b else ""),
                "gap": _gap(b - a),
            }
            for a, b in zip(planned, found, strict=True)
        ],
        "ht": _cell(display_euros(run.ht), lines_url(run)),
        "ttc": _cell(display_euros(run.ttc), lines_url(run)),
        "spent": [_cell(display_euros(cents), _expenses(plan, stage=stage) if cents else "") for cents, stage in spent]
        if money
        else [],
        "left": signed(spent[-1][0] - run.ttc) if money else "",
    }


def _step(step: VersionStep) -> dict[str, Any]:
    version = step.version
    return {
        "version": version,
        "url": reverse("governance:programmeversion_detail", args=[version.pk]),
        "said": changes_said(step.changes) if version.number > 1 else [],
    }


class VersionList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.listed_versions)
    authority_path = "plan__authority"
    filterset_class, table_class = ProgrammeVersionFilter, ProgrammeVersionTable
    title, search_placeholder = "Programmes", "Plan, scénario, motif"
    intro = "Un programme est le scénario adopté d'un plan ; chaque avenant en fait une nouvelle version."
    empty_text = "Aucun plan n'a encore de programme : calculer un scénario, puis « Arrêter ce programme »."


class VersionDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.listed_versions)
    authority_path = "plan__authority"
    template_name = "governance/version_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.object.plan
        return [
            (plan.name, reverse("governance:plan_detail", args=[plan.pk])),
            ("Programme", reverse("governance:plan_programme", args=[plan.pk])),
        ]

    def state(self) -> dict[str, str]:
        return (
            {"label": "En vigueur", "tone": "success"} if self.object.in_force else {"label": "Remplacée", "tone": ""}
        )

    def summary(self) -> list[tuple[str, Any]]:
        version: ProgrammeVersion = self.object
        run = version.run
        amounts = format_html('<a href="{}">{}</a>', lines_url(run), display_euros(run.ttc))
        return [*version_facts(version), ("Total TTC", amounts), ("Écoles", integer(run.schools_entered))]

    def actions(self) -> list[Action]:
        return history_action(self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version: ProgrammeVersion = self.object
        found = queries.changes_of_version(version) if version.number > 1 else Changes()
        return super().get_context_data(
            version=version, simulation=version.scenario.simulation_notice, **changes_context(found), **kwargs
        )
