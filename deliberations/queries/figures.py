"""The figures of the plan that an act names, live or as they were when it was examined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from deliberations.domain.figures import FIGURES, Grant, PlanFigures, keys_in, texts_of
from deliberations.models import Act, ActClause, ActFigure
from deliberations.queries.rich import plain_of
from governance.domain.subsidies import share_of
from governance.enums import Section
from governance.models import AuthorisationYear, BudgetRun, Plan
from governance.queries import current_version, latest_run, run_result


def run_of(act: Act) -> BudgetRun | None:
    """The latest run of the act's scenario; without one, that of the programme of its plan."""
    if act.scenario is not None:
        return latest_run(act.scenario)
    version = current_version(act.plan) if act.plan is not None else None
    return version.run if version is not None else None


def plan_figures(run: BudgetRun) -> PlanFigures:
    result = run_result(run)
    return PlanFigures(
        plan=run.scenario.plan.name,
        scenario=run.scenario.name,
        ht=run.ht,
        vat=run.vat,
        ttc=run.ttc,
        grants_total=run.grants,
        own=run.own_share_ht,
        own_rate=run.own_share_rate,
        base=run.own_share_base,
        fctva=run.fctva,
        net=run.net_cost,
        schools=run.schools_entered,
        classes=run.classes_entered,
        pupils=run.pupils_entered,
        grants=[Grant(row.funder_label, row.amount, share_of(row.amount, run.own_share_base)) for row in result.grants],
        years=[(row.exercise, row.ht, row.ttc, row.schools) for row in result.exercises],
        credits=[(row.exercise, row.ttc) for row in result.credits],
        voted=_voted(run.scenario.plan),
    )


def _voted(plan: Plan) -> list[tuple[int, int, int]]:
    """By exercise, over the authorisations of investment that were voted."""
    rows = AuthorisationYear.objects.filter(
        authorisation__plan=plan, authorisation__section=Section.INVESTMENT, authorisation__voted__gt=0
    )
    return list(rows.values_list("exercise").annotate(Sum("credit"), Sum("paid")).order_by("exercise"))


def live_figures(act: Act) -> dict[str, str]:
    """Every figure as it stands now; none while nothing is computed."""
    run = run_of(act)
    return texts_of(plan_figures(run)) if run is not None else {}


def frozen_figures(act: Act) -> dict[str, str]:
    rows: Iterable[ActFigure] = act.figures.all()
    return {row.key: row.text for row in rows if row.text}


def figures_for(act: Act, texts: Iterable[str]) -> Mapping[str, str]:
    """What these texts name: frozen where it was frozen, else live. No query where they name nothing."""
    keys = {key for text in texts for key in keys_in(text)} & FIGURES.keys()
    if not keys:
        return {}
    frozen = frozen_figures(act)
    return frozen if keys <= frozen.keys() else {**live_figures(act), **frozen}


def lacking_figures(acts: Iterable[Act]) -> dict[int, list[str]]:
    """Labels of the figures that the texts name and nothing gives, by act. One query where they name none."""
    by_key = {act.pk: act for act in acts}
    rows = ActClause.objects.filter(act__in=by_key, text__contains="[[").order_by("act", "position")
    named: dict[int, list[str]] = {}
    for key, text in rows.values_list("act_id", "text"):
        named.setdefault(key, []).append(text)
    found = {}
    for key, texts in named.items():
        live = live_figures(by_key[key])
        wanted = dict.fromkeys(name for text in texts for name in keys_in(text) if name in FIGURES)
        found[key] = [FIGURES[name].label for name in wanted if not live.get(name)]
    return {key: labels for key, labels in found.items() if labels}


@dataclass(frozen=True)
class Moved:
    """A frozen figure that the plan no longer gives."""

    label: str
    frozen: str
    live: str


def moved_figures(act: Act) -> list[Moved]:
    frozen = frozen_figures(act)
    live = live_figures(act) if frozen else {}
    return [
        Moved(FIGURES[key].label, _words(key, text), _words(key, live[key]))
        for key, text in sorted(frozen.items())
        if key in FIGURES and live.get(key, text) != text
    ]


def _words(key: str, text: str) -> str:
    return plain_of(text) if FIGURES[key].block else text
