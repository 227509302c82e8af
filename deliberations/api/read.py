"""The reading of an act's text over HTTP."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from deliberations.api.schemas import ACT_INPUT, ERRORS
from deliberations.domain.reading.document import to_output
from deliberations.domain.reading.proposals import SURE, TO_CHECK
from deliberations.domain.reading.read import KEYS, read_text
from deliberations.forms.reading import LONGEST_TEXT
from governance.domain.document.parsing import parse
from governance.domain.document.readers import Key, Record, Report, Text
from plan_numerique.web.calculators.http import (
    MEDIA_TYPE,
    CalculatorView,
    RefusedError,
    body_of,
    for_openapi,
    json_answer,
)

_PHRASE = {
    "type": "object",
    "required": ["start", "end", "text"],
    "properties": {
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 0},
        "text": {"type": "string", "description": "Le texte reçu, de `start` à `end` (en caractères Unicode)."},
    },
}
_CANDIDATE = {
    "type": "object",
    "required": ["value", "confidence", "taken", "note", "phrases"],
    "properties": {
        "value": {"description": "Dans l'écriture du document d'acte : entier, texte, date, liste ou objet."},
        "confidence": {"type": "string", "enum": [SURE, TO_CHECK]},
        "taken": {"type": "boolean", "description": "Reprise dans `input` ; jamais quand deux valeurs diffèrent."},
        "note": {"type": "string", "description": "Ce qui est déduit, quand la valeur n'est pas écrite comme telle."},
        "phrases": {"type": "array", "items": _PHRASE},
    },
}
READ_INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "maxLength": LONGEST_TEXT}},
}
READ_OUTPUT: dict[str, Any] = {
    "type": "object",
    "required": ["proposals", "input", "problems"],
    "properties": {
        "proposals": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "label", "candidates"],
                "properties": {
                    "key": {"type": "string", "enum": list(KEYS)},
                    "label": {"type": "string"},
                    "candidates": {"type": "array", "items": _CANDIDATE},
                },
            },
        },
        "input": ACT_INPUT,
        "problems": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Ce qui manque à `input` pour être vérifié.",
        },
    },
}
_DOCUMENT = Record({"text": Key(Text(), required=True)})


class ReadView(CalculatorView):
    @extend_schema(
        operation_id="acts_read",
        summary="Lire le texte d'un acte",
        description=(
            "Rien n'est enregistré. Chaque valeur trouvée vient avec les phrases d'où elle est tirée ; `input` est le document à "
            "donner à `/api/v1/acts/verify/`. Ce que le texte ne dit pas n'est pas deviné ; deux valeurs différentes ne sont pas "
            f"départagées. Texte de {LONGEST_TEXT} caractères au plus."
        ),
        request={MEDIA_TYPE: for_openapi(READ_INPUT)},
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(READ_OUTPUT), description="Ce que le texte donne."),
            (400, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est refusé."),
            (413, MEDIA_TYPE): OpenApiResponse(for_openapi(ERRORS), description="Le document est trop gros."),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        return json_answer(to_output(read_text(_text(body_of(request._request)))), 200)


def _text(raw: bytes) -> str:
    data, problems = parse(raw)
    report = Report(list(problems))
    document = _DOCUMENT.read(data, "", report) if not problems else None
    if report.problems or document is None:
        raise RefusedError(400, *map(str, report.problems))
    text: str = document["text"]
    if len(text) > LONGEST_TEXT:
        raise RefusedError(413, f"text: {len(text)} caractères, {LONGEST_TEXT} au plus")
    return text
