import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

LARGEST_BODY = 64 * 1024 * 1024
MEDIA_TYPE = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"


class RefusedError(Exception):
    """Answered as `{"errors": [...]}`."""

    def __init__(self, status: int, *errors: str) -> None:
        self.status, self.errors = status, list(errors)


class CalculatorView(APIView):
    """Open to any signed-in person; nothing is read from the database nor stored. The body is read as bytes, so that the calculator
    itself tells every fault of a document."""

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


class SchemasView(APIView):
    """`schemas`: by name, given to `as_view`."""

    permission_classes = (IsAuthenticated,)
    schemas: dict[str, Any] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str) -> Response:
        if name not in self.schemas:
            raise Http404
        return Response(self.schemas[name])


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


def for_openapi(schema: Any) -> Any:
    """A JSON Schema in the words of OpenAPI 3.0, which has no null type and no pattern of keys."""
    if isinstance(schema, list):
        return [for_openapi(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: for_openapi(value) for name, value in schema.items() if name not in ("$schema", "patternProperties")}
    if isinstance(rest.get("type"), list):
        rest["type"], rest["nullable"] = rest["type"][0], True
    if "anyOf" in rest:
        rest["anyOf"] = [each for each in rest["anyOf"] if each.get("type") != "null"]
        rest["nullable"] = True
    if "patternProperties" in schema:
        rest["additionalProperties"] = for_openapi(next(iter(schema["patternProperties"].values())))
    return rest
