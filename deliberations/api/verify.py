"""The check of an act over HTTP."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from deliberations.api.schemas import ACT_INPUT, ACT_OUTPUT, ERRORS
from deliberations.domain.verify import check, read_document, to_document
from plan_numerique.web.calculators.http import (
    MEDIA_TYPE,
    CalculatorView,
    RefusedError,
    body_of,
    for_openapi,
    json_answer,
)


class VerifyView(CalculatorView):
    @extend_schema(
        operation_id="acts_verify",
        summary="Vérifier un acte",
        description=(
            "Rien n'est enregistré. Document de 64 Mo au plus, en UTF-8. Toutes les fautes d'un document sont données "
            "à la fois. Les JSON Schema complets sont à `/api/v1/acts/schemas/act-input.json` et "
            "`/api/v1/acts/schemas/act-output.json`."
        ),
        request={MEDIA_TYPE: for_openapi(ACT_INPUT)},
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(ACT_OUTPUT), description="Ce que la vérification trouve."),
            (400, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est refusé."),
            (413, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est trop gros."),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        act, problems = read_document(body_of(request._request))
        if act is None:
            raise RefusedError(400, *map(str, problems))
        return json_answer(to_document(check(act)), 200)
