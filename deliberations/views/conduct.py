"""The sitting in the room: the page of the clerks, its two JSON addresses, the screen that the room reads."""

import json
from typing import Any, ClassVar

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.views.generic import View

from deliberations import permissions, queries, services
from deliberations.domain.entry import LARGEST, article_of, read_entry
from deliberations.enums import ActKind, BallotMethod, BallotMode, SittingState
from deliberations.models import Sitting
from deliberations.views.base import SittingPage
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action
from plan_numerique.web.views.base import Page

PAST = (
    "Cette séance est reprise d'un acte ancien : elle se consigne par l'émargement et les votes de ses délibérations, "
    "sans être conduite ici."
)
CHOICES = (
    ("for", "Pour", "Pour"),
    ("against", "Contre", "Contre"),
    ("abstain", "Abstention", "Abstentions"),
    ("not_voting", "Ne participe pas", "Ne participent pas"),
    ("blank", "Blanc ou nul", "Blancs et nuls"),
)
TONES = {"adopted": "success", "noted": "success", "rejected": "danger"}
SCREEN_PART = "contenu"
BYTES_A_CHARACTER = 6  # as JSON may write it: \u00e9


class SittingConduct(SittingPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    template_name = "deliberations/conduct.html"

    def state(self) -> None:
        """The page says it, as it changes."""

    def actions(self) -> list[Action]:
        key = self.object.pk
        return [
            Action("Écran de la salle", reverse("deliberations:sitting_screen", args=[key]), "monitor"),
            Action("Émargement", reverse("deliberations:attendance", args=[key]), "clipboard-check"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sitting = self.object
        return super().get_context_data(
            title="Conduite de la séance",
            meta=[sitting.assembly.name, f"séance du {date_format(sitting.held_on, 'j F Y')}"],
            problem=PAST if sitting.past else "",
            conduct=None if sitting.past else self.conduct(sitting),
            paper_url=reverse("deliberations:attendance", args=[sitting.pk]),
            **kwargs,
        )

    def conduct(self, sitting: Sitting) -> dict[str, Any]:
        """What the page's scripts start from; `act` is the address of an act whose key is 0."""
        login = f"{reverse('account_login')}?{REDIRECT_FIELD_NAME}={self.request.path}"
        return {
            "state": queries.sitting_state(sitting),
            "user": self.request.user.pk,
            "urls": {
                "entry": reverse("deliberations:sitting_entry", args=[sitting.pk]),
                "state": reverse("deliberations:sitting_state", args=[sitting.pk]),
                "sitting": reverse("deliberations:sitting_detail", args=[sitting.pk]),
                "act": reverse("deliberations:act_detail", args=[0]),
                "login": login,
            },
        }


class SittingAddress(Page, View):
    """An address of the sitting for the page's scripts: 404 where it is not seen, 403 where it may not be conducted."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_sittings)
    authority_path = "assembly__authority"

    def sitting(self) -> Sitting:
        row: Sitting = self.row()
        self.require(row)
        return row


class SittingStateView(SittingAddress):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sitting = self.sitting()
        tag = queries.state_tag(sitting)
        known = get_conditional_response(request, etag=tag)
        if known is not None:
            return known
        return JsonResponse(queries.sitting_state(sitting), headers={"ETag": tag, "Cache-Control": "no-cache"})


class SittingEntryView(SittingAddress):
    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sitting = self.sitting()
        try:
            asked = read_entry(_body(request))
            entered = services.enter(
                sitting=sitting, key=asked.key, kind=asked.kind, payload=asked.payload, at=asked.at, by=request.user
            )
        except DomainError as error:
            told = {"message": error.message, "field": error.field, "article": article_of(error.message)}
            return JsonResponse(told, status=400)
        answer = {
            "sequence": entered.entry.sequence,
            "repeated": entered.repeated,
            "state": queries.sitting_state(sitting),
        }
        return JsonResponse(answer, status=200 if entered.repeated else 201)


def _body(request: HttpRequest) -> Any:
    if len(request.body) > LARGEST * BYTES_A_CHARACTER:
        raise DomainError(f"Saisie trop longue : {LARGEST} caractères au plus.", field="payload")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise DomainError("Une saisie est un objet JSON : {key, kind, payload, at}.") from None


class SittingScreen(SittingPage):
    """Names only the items that the reader may see, and no count before the result is proclaimed."""

    permission, queryset = permissions.VIEW, staticmethod(queries.visible_sittings)
    template_name = "deliberations/screen.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        tag = queries.state_tag(self.object)
        part = SCREEN_PART in request.GET
        known = get_conditional_response(request, etag=tag) if part else None
        if known is not None:
            return known
        state = queries.sitting_state(self.object)
        context = {"object": self.object, "strip": _strip(state), "item": self.item(state), "waiting": _waiting(state)}
        response = render(request, "deliberations/_screen.html" if part else self.template_name, context)
        if part:
            response.headers["ETag"] = tag
        return response

    def item(self, state: dict[str, Any]) -> dict[str, Any] | None:
        if state["state"] != SittingState.OPEN or state["current"] is None:
            return None
        if not queries.visible_acts(self.request.user).filter(pk=state["current"]).exists():
            return None
        item = next(each for each in state["items"] if each["id"] == state["current"])
        return {**item, "kind": ActKind(item["kind"]).label, "voting": _voting(state, item), **_result(state, item)}


def _strip(state: dict[str, Any]) -> list[dict[str, Any]]:
    strip = state["strip"]
    words, tone = ("atteint", "success") if strip["quorum_reached"] else ("non atteint", "danger")
    tiles = (
        ("en exercice", "en exercice", "in_office"),
        ("présent", "présents", "present"),
        ("représenté", "représentés", "represented"),
        ("voix", "voix", "voices"),
    )
    return [
        *(
            {"label": several if strip[name] > 1 else one, "figure": integer(strip[name]), "more": "", "tone": ""}
            for one, several, name in tiles
        ),
        {"label": "quorum", "figure": integer(strip["quorum_needed"]), "more": words, "tone": tone},
    ]


def _waiting(state: dict[str, Any]) -> str:
    if state["state"] == SittingState.CLOSED:
        return "La séance est levée."
    if state["state"] == SittingState.OPEN:
        opened = parse_datetime(state["opened_at"] or "")
        return f"Séance ouverte à {localtime(opened):%H h %M}" if opened else "Séance ouverte"
    return "La séance va s'ouvrir."


def _voting(state: dict[str, Any], item: dict[str, Any]) -> str:
    ballot = state["ballot"]
    if ballot is None or item["proclaimed"]:
        return ""
    if ballot["mode"] == BallotMode.NOTED:
        return "L'assemblée prend acte."
    return f"{BallotMethod(ballot['method']).label} en cours"


def _result(state: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """The words of the result with its counts, once proclaimed."""
    if not item["proclaimed"]:
        return {"verdict": "", "tone": "", "figures": [], "bar": [], "total": 0}
    label = item["label"]
    told = {"verdict": label[:1].upper() + label[1:], "tone": TONES.get(item["state"], "")}
    ballot = state["ballot"]
    if ballot is None or ballot["mode"] not in (BallotMode.BY_NAME, BallotMode.TOTALS):
        return {**told, "figures": [], "bar": [], "total": 0}
    figures = [
        (code, several if count > 1 else one, count)
        for code, one, several in CHOICES
        if (count := ballot["counts"][code]) or code != "blank"
    ]
    bar, total = [], 0
    for code, _, count in figures:
        bar.append({"code": code, "x": total, "width": count})
        total += count
    return {**told, "figures": figures, "bar": bar, "total": total or 1}
