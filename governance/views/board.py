"""The schools of a scenario on a board of its exercises, moved by hand or placed under the cap."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from governance import permissions, queries, services
from governance.forms.board import MoveForm
from governance.models import Scenario
from governance.queries import Board
from governance.views.scenarios import OPEN_STATES, ScenarioCommand, ScenarioPage
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.wording import counted


class ScenarioBoard(ScenarioPage):
    template_name, tab = "governance/scenario_board.html", "scenario_board"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        data = queries.scenario_data(scenario)
        board, problem = read_board(data)
        allowed = self.may(permissions.EDIT, scenario) and scenario.state in OPEN_STATES
        movable = bool(allowed and board and not board.frozen and data.places)
        asked = self.request.GET.get("ecole", "")
        return super().get_context_data(
            board=board,
            problem=problem,
            movable=movable,
            form=MoveForm(data=None, places=data.places, exercises=scenario.exercises, initial={"school": asked}) if movable else None,
            move_url=reverse("governance:scenario_move", args=[scenario.pk]),
            fill_url=reverse("governance:scenario_fill_board", args=[scenario.pk]),
            wizard_url=reverse("governance:wizard_step", args=[scenario.pk, "strategie"]) if allowed else "",
            **kwargs,
        )  # fmt: skip


def read_board(data: queries.ScenarioData) -> tuple[Board | None, str]:
    """The board, or why there is none."""
    try:
        return queries.board_of(data), ""
    except DomainError as error:
        return None, error.message


class BoardMove(ScenarioCommand):
    """One school, by the form of the page or by script, which gets back the heads of the columns and the cards that moved."""

    permission, back = permissions.EDIT, "scenario_board"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scenario: Scenario = self.row()
        self.require(scenario)
        form = MoveForm(
            data=request.POST,
            places=queries.scenario_data(scenario).places,
            exercises=scenario.exercises,
        )
        refusal, moved = "", []
        if form.is_valid():
            try:
                moved = [
                    place.school_id
                    for place in services.move_school(scenario=scenario, by=request.user, **form.asked())
                ]
            except DomainError as error:
                refusal = error.message
        else:
            refusal = " ".join(str(error) for errors in form.errors.values() for error in errors)
        board, problem = read_board(queries.scenario_data(scenario))
        told = refusal or problem or _told(board, moved)
        if request.headers.get("X-Board"):
            return self.fragment(board, moved, told, refused=bool(refusal or problem))
        (messages.error if refusal else messages.success)(request, told)
        return HttpResponseRedirect(f"{reverse('governance:scenario_board', args=[scenario.pk])}#deplacer")

    def fragment(self, board: Board | None, moved: list[int], told: str, *, refused: bool) -> HttpResponse:
        cards = [card for column in board.columns for card in column.cards if card.pk in moved] if board else []
        context = {"board": board, "cards": cards, "told": told, "refused": refused, "movable": True}
        return render(self.request, "governance/_board_moved.html", context)


def _told(board: Board | None, moved: list[int]) -> str:
    """« École A est placée en 2024. Reste 12 000,00 € sous le plafond. »"""
    card = board.card(moved[0]) if board and moved else None
    if board is None or card is None:
        return ""
    names = " et ".join(f"« {each.name} »" for column in board.columns for each in column.cards if each.pk in moved)
    is_placed = "sont placées" if len(moved) > 1 else "est placée"
    if card.exercise is None:
        return f"{names} {is_placed.replace('placée', 'retirée')} du plan."
    column = next(column for column in board.columns if column.exercise == card.exercise)
    left = "" if column.left is None else f" Reste {display_euros(column.left)} sous le plafond."
    return f"{names} {is_placed} en {card.exercise}.{left}"


class BoardFill(ScenarioCommand):
    permission: ClassVar[Any] = permissions.EDIT
    back = "scenario_board"

    def command(self, scenario: Scenario) -> None:
        filled = services.fill_board(scenario=scenario, by=self.request.user)
        left = f", {filled.left} sans place" if filled.left else ""
        messages.success(
            self.request, f"{counted(filled.placed, 'école placée')} dans l'ordre des rangs{left}. {filled.sentence}"
        )
