"""The budget calculator over HTTP."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from governance.api.schemas import BUDGET_INPUT, BUDGET_OUTPUT, ERRORS
from governance.domain.simulate import compute, read_document, to_document
from plan_numerique.web.calculators.http import (
    MEDIA_TYPE,
    CalculatorView,
    RefusedError,
    body_of,
    for_openapi,
    json_answer,
)


class SimulateView(CalculatorView):
    @extend_schema(
        operation_id="budget_simulate",
        summary="Calculer le budget d'un plan",
        description=(
            "Rien n'est enregistré. Document de 64 Mo au plus, en UTF-8. Toutes les fautes d'un document sont données "
            "à la fois. Les JSON Schema complets sont à `/api/v1/budget/schemas/budget-input.json` et "
            "`/api/v1/budget/schemas/budget-output.json`."
        ),
        request={MEDIA_TYPE: for_openapi(BUDGET_INPUT)},
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(BUDGET_OUTPUT), description="Le budget calculé."),
            (400, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est refusé."),
            (413, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est trop gros."),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        budget, problems = read_document(body_of(request._request))
        if budget is None:
            raise RefusedError(400, *map(str, problems))
        return json_answer(to_document(compute(budget)), 200)
