"""The check of an act over HTTP: nothing is read from the database nor stored."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deliberations.api.schemas import ACT_INPUT, ACT_OUTPUT, ERRORS, SCHEMAS, for_openapi
from deliberations.domain.verify import check, read_document, to_document

LARGEST_BODY = 64 * 1024 * 1024
MEDIA_TYPE = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"


class RefusedError(Exception):
    def __init__(self, status: int, *errors: str) -> None:
        self.status, self.errors = status, list(errors)


class VerifyView(APIView):
    """Open to any signed-in person. The body is read as bytes: the check itself tells every fault of a document."""

    permission_classes = (IsAuthenticated,)
    parser_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refused before the check of the CSRF token, which would read a form body."""
        if request.method == "POST" and request._request.user.is_authenticated:
            _check_headers(request._request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> HttpResponse:
        if isinstance(exc, RefusedError):
            return json_answer({"errors": exc.errors}, exc.status)
        return super().handle_exception(exc)

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


class SchemaView(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str) -> Response:
        if name not in SCHEMAS:
            raise Http404
        return Response(SCHEMAS[name])


def _check_headers(request: HttpRequest) -> None:
    if request.content_type != MEDIA_TYPE:
        raise RefusedError(
            400, f"$: type de contenu « {(request.content_type or '')[:80]} » inattendu, {MEDIA_TYPE} attendu"
        )
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise RefusedError(400, "$: longueur du document illisible")
    if int(length[:12]) > LARGEST_BODY:
        raise _too_large()


def _too_large() -> RefusedError:
    return RefusedError(413, f"$: le document dépasse {LARGEST_BODY // 1024 // 1024} Mo")


def body_of(request: HttpRequest) -> bytes:
    """From the stream, so that the limit is ours."""
    try:
        raw = request.read(LARGEST_BODY + 1)
    except (UnreadablePostError, RawPostDataException, OSError):
        raise RefusedError(400, "$: le document est incomplet") from None
    if len(raw) > LARGEST_BODY:
        raise _too_large()
    return bytes(raw)


def json_answer(document: Any, status: int) -> HttpResponse:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return HttpResponse(text.encode(), status=status, content_type=JSON_UTF8)
