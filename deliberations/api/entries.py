"""The entries of a sitting over HTTP, and its state: the same body and the same answers as the page of the clerks."""

from io import BytesIO
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException, NotAuthenticated, PermissionDenied
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deliberations import permissions, queries, services
from deliberations.api.entry_schemas import ANSWER, ENTRIES, ENTRY_INPUT, KINDS, REFUSAL, STATE
from deliberations.domain.entry import LARGEST, article_of, read_entry
from deliberations.models import Sitting, SittingEntry
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.calculators.http import for_openapi
from plan_numerique.web.rest import StrictJSONParser

MEDIA_TYPE = "application/json"
AT_ONCE = 500
LONGEST_BODY = LARGEST * 6  # bytes: JSON may write a character \u00e9


class _TooLongError(APIException):
    status_code = 400


class EntryParser(StrictJSONParser):
    """Reads no more than an entry may be."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            raise _TooLongError(f"Saisie trop longue : {LARGEST} caractères au plus.")
        return super().parse(BytesIO(body), media_type, parser_context)


class SittingAddress(APIView):
    """404 where the sitting is not seen, 403 where it may not be conducted."""

    permission_classes = (IsAuthenticated,)
    parser_classes: tuple[type[JSONParser], ...] = (EntryParser,)

    def sitting(self) -> Sitting:
        row: Sitting = get_object_or_404(queries.visible_sittings(self.request.user), pk=self.kwargs["pk"])
        if not permissions.EDIT.granted(self.request.user, row.assembly.authority):
            raise PermissionDenied
        return row

    def handle_exception(self, exc: Exception) -> Response:
        """One shape for whatever is refused of an entry."""
        if isinstance(exc, DomainError):
            return _refused(exc.message, exc.field)
        if isinstance(exc, APIException) and not isinstance(exc, PermissionDenied | NotAuthenticated):
            answer = super().handle_exception(exc)
            return _refused(str(exc.detail), "") if answer.status_code == 400 else answer
        return super().handle_exception(exc)


def _refused(message: str, field: str) -> Response:
    return Response({"message": message, "field": field, "article": article_of(message)}, status=400)


class SittingStateView(SittingAddress):
    @extend_schema(
        operation_id="sitting_state",
        tags=["seances"],
        summary="État d'une séance en cours",
        description=(
            "Membres, présence et voix pour l'affaire à l'examen, ordre de passage, scrutin. `ETag` change avec chaque saisie et "
            "chaque modification d'un acte : rendu dans `If-None-Match`, il répond 304 tant que rien n'a changé."
        ),
        parameters=[
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200]),
        ],
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(STATE), description="L'état."),
            304: OpenApiResponse(description="Rien de nouveau."),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        sitting = self.sitting()
        tag = queries.state_tag(sitting)
        known = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
        if tag in known:
            return Response(status=304, headers={"ETag": tag})
        return Response(queries.sitting_state(sitting), headers={"ETag": tag, "Cache-Control": "no-cache"})


class SittingEntriesView(SittingAddress):
    @extend_schema(
        operation_id="sitting_entries",
        tags=["seances"],
        summary="Saisies d'une séance",
        description=f"Dans l'ordre où elles furent prises, {AT_ONCE} à la fois ; `more` : il en reste après la dernière donnée.",
        parameters=[OpenApiParameter("apres", int, description="Rang de la dernière saisie déjà lue.")],
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(ENTRIES), description="Les saisies qui suivent."),
            (400, MEDIA_TYPE): OpenApiResponse(for_openapi(REFUSAL), description="Le rang n'est pas un nombre."),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        sitting = self.sitting()
        after = _rank(request.query_params.get("apres") or "0")
        rows = list(queries.entries_after(sitting, after)[: AT_ONCE + 1])
        shown = [_entry(row) for row in rows[:AT_ONCE]]
        last = shown[-1]["sequence"] if shown else queries.sequence_of(sitting)
        return Response({"sequence": last, "more": len(rows) > AT_ONCE, "entries": shown})

    @extend_schema(
        operation_id="sitting_enter",
        tags=["seances"],
        summary="Saisir en séance",
        description=f"Une saisie est prise une fois, quel que soit le nombre d'envois de sa clé. Natures :\n\n{KINDS}",
        request={MEDIA_TYPE: for_openapi(ENTRY_INPUT)},
        responses={
            (201, MEDIA_TYPE): OpenApiResponse(for_openapi(ANSWER), description="Prise, avec l'état qui en résulte."),
            (200, MEDIA_TYPE): OpenApiResponse(for_openapi(ANSWER), description="Déjà prise : rien n'a changé."),
            (400, MEDIA_TYPE): OpenApiResponse(for_openapi(REFUSAL), description="Refusée, avec l'article en cause."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        sitting = self.sitting()
        asked = read_entry(request.data)
        entered = services.enter(
            sitting=sitting, key=asked.key, kind=asked.kind, payload=asked.payload, at=asked.at, by=request.user
        )
        answer = {
            "sequence": entered.entry.sequence,
            "repeated": entered.repeated,
            "state": queries.sitting_state(sitting),
        }
        return Response(answer, status=200 if entered.repeated else 201)


def _rank(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise DomainError(f"« apres » : le rang d'une saisie est attendu, non « {text[:40]} ».", field="apres")
    return int(text)


def _entry(row: SittingEntry) -> dict[str, Any]:
    return {
        "sequence": row.sequence,
        "key": str(row.key),
        "kind": row.kind,
        "label": row.get_kind_display(),
        "payload": row.payload,
        "at": row.at,
        "by": str(row.by) if row.by else "",
    }
