"""Scenarios side by side from another program: the figures of the page, from the same query, amounts in whole cents."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance import queries, reports
from governance.models import Scenario
from governance.queries import FEWEST, MOST, NOT_ONE_AUTHORITY, ScenariosCompared
from plan_numerique.web.forms import asked_key

ASKED = "scenarios"
ACCEPTED = f"de {FEWEST} à {MOST} scénarios de la même collectivité, « 12,15 », le premier étant la référence."
CENTS = "En centimes."
KINDS = "`euros` : en centimes ; `count` : un nombre ; `rate` : en dix-millièmes de pour cent."


def _cents(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=CENTS, **more)


class ComparedScenarioSerializer(serializers.Serializer):
    """Of one run; `changed`: the data of the scenario are no longer those of this run."""

    scenario = serializers.IntegerField()
    name = serializers.CharField()
    plan = serializers.IntegerField()
    run = serializers.IntegerField()
    run_number = serializers.IntegerField()
    input_digest = serializers.CharField()
    result_digest = serializers.CharField()
    changed = serializers.BooleanField()
    sentence = serializers.CharField()


class ComparedFigureSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.CharField(help_text=KINDS)
    of = serializers.CharField(help_text="Chiffre dont celui-ci est une part ; vide : aucun.")
    values = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    differences = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), help_text="À la référence ; null pour elle."
    )


class ComparedGroupSerializer(serializers.Serializer):
    label = serializers.CharField()
    figures = ComparedFigureSerializer(many=True)


class ComparedYearSerializer(serializers.Serializer):
    """An exercise of one scenario, and what is cumulated since its first."""

    schools = serializers.IntegerField()
    classes = serializers.IntegerField()
    pupils = serializers.IntegerField()
    ht = _cents(source="amount.ht")
    ttc = _cents(source="amount.ttc")
    cumulative_ttc = _cents(source="cumulative.ttc")
    cumulative_schools = serializers.IntegerField()
    cumulative_pupils = serializers.IntegerField()


class ComparedExerciseSerializer(serializers.Serializer):
    exercise = serializers.IntegerField()
    years = ComparedYearSerializer(many=True)


class ComparedGrantSerializer(serializers.Serializer):
    amount = _cents()
    base = _cents()
    base_label = serializers.CharField()
    rule = serializers.CharField()


class ComparedFunderSerializer(serializers.Serializer):
    funder = serializers.CharField()
    grants = serializers.ListField(child=ComparedGrantSerializer(allow_null=True))


class ComparedShareSerializer(serializers.Serializer):
    """What a scenario leaves to the authority, before tax."""

    grants = _cents()
    own_share_ht = _cents()
    own_share_rate = serializers.IntegerField(allow_null=True, help_text="En dix-millièmes de pour cent.")
    own_share_base = _cents()


class ComparedSettingSerializer(serializers.Serializer):
    label = serializers.CharField()
    texts = serializers.ListField(child=serializers.CharField())
    differs = serializers.BooleanField()


class ComparisonSerializer(serializers.Serializer):
    """Lists of values follow `scenarios`, whose first is the reference."""

    scenarios = ComparedScenarioSerializer(many=True)
    not_computed = serializers.ListField(
        child=serializers.IntegerField(), help_text="Scénarios demandés sans calcul terminé : leurs chiffres manquent."
    )
    simulation = serializers.CharField(help_text="Avertissement d'une simulation ; vide : aucun.")
    groups = ComparedGroupSerializer(many=True)
    exercises = ComparedExerciseSerializer(many=True)
    empty_exercises = serializers.ListField(child=serializers.IntegerField())
    funders = ComparedFunderSerializer(many=True)
    shares = ComparedShareSerializer(many=True)
    settings = ComparedSettingSerializer(many=True)
    explained = serializers.ListField(child=serializers.CharField())


class ComparisonAction:
    """For the view set of scenarios, which says who may read them."""

    @extend_schema(
        operation_id="scenarios_comparison",
        parameters=[
            OpenApiParameter(
                ASKED,
                {"type": "array", "items": {"type": "integer"}, "minItems": FEWEST, "maxItems": MOST},
                required=True,
                explode=False,
                description=f"Séparés par des virgules, {ACCEPTED}",
            )
        ],
        responses=ComparisonSerializer,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def comparison(self, request: Request) -> Response:
        """De deux à quatre scénarios côte à côte, sur leur dernier calcul terminé : les chiffres de la page « Comparer »."""
        asked = queries.scenarios_asked(request.user, _ids(request.query_params.get(ASKED, "")))
        if asked is None:
            raise Http404
        if not queries.of_one_authority(asked):
            raise _refused(NOT_ONE_AUTHORITY)
        return Response(ComparisonSerializer(_compared(asked)).data)


def _refused(message: str) -> ValidationError:
    return ValidationError({ASKED: [message]})


def _ids(text: str) -> list[int]:
    """Each once, as many as can be compared."""
    if not text.strip():
        raise _refused(f"Il manque les scénarios à comparer : {ACCEPTED}")
    found: dict[int, None] = {}
    for part in text.split(","):
        key = asked_key(part.strip())
        if key is None:
            raise _refused(f"« {part[:40]} » n'est pas le numéro d'un scénario : donner {ACCEPTED}")
        found[key] = None
    if not FEWEST <= len(found) <= MOST:
        raise _refused(f"{len(found)} scénario{'s' if len(found) > 1 else ''} : donner {ACCEPTED}")
    return list(found)


def _compared(asked: Sequence[Scenario]) -> dict[str, Any]:
    runs = {row.pk: row.run_id for row in asked}  # type: ignore[attr-defined]
    missing = [row for row in asked if not runs[row.pk]]
    if len(asked) - len(missing) < FEWEST:
        names = ", ".join(f"« {row} »" for row in missing)
        raise _refused(
            f"{names} : pas de calcul terminé ; une comparaison porte sur {FEWEST} budgets calculés au moins."
        )
    compared = queries.runs_compared([run for run in runs.values() if run])
    spent = reports.years_with_spending(compared)
    return {
        "scenarios": _scenarios(compared, queries.changed_since_run(asked)),
        "not_computed": [row.pk for row in missing],
        "simulation": next((row.simulation_notice for row in asked if row.simulation_notice), ""),
        "groups": reports.groups(compared),
        "exercises": _exercises(compared, spent),
        "empty_exercises": [year for year in compared.comparison.exercises if year not in spent],
        "funders": [{"funder": funder, "grants": grants} for funder, grants in reports.funding_rows(compared)],
        "shares": [each.run for each in compared.runs],
        "settings": reports.settings(compared),
        "explained": reports.explained(compared),
    }


def _scenarios(compared: ScenariosCompared, changed: set[int]) -> list[dict[str, Any]]:
    return [
        {
            "scenario": each.scenario.pk,
            "name": each.scenario.name,
            "plan": each.scenario.plan_id,
            "run": each.run.pk,
            "run_number": each.run.number,
            "input_digest": each.run.input_digest,
            "result_digest": each.run.result_digest,
            "changed": each.scenario.pk in changed,
            "sentence": sentence,
        }
        for each, sentence in zip(compared.runs, reports.sentences(compared), strict=True)
    ]


def _exercises(compared: ScenariosCompared, spent: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"exercise": exercise, "years": [column.years[rank] for column in compared.comparison.columns]}
        for rank, exercise in enumerate(compared.comparison.exercises)
        if exercise in spent
    ]
