"""Parts that every page shares."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from plan_numerique.web.templatetags.web import split_actions
from plan_numerique.web.views import Action


def labels(actions: Any) -> tuple[str, str]:
    split = split_actions(actions)
    return "".join(a.label for a in split["shown"]), "".join(a.label for a in split["more"])


@pytest.mark.parametrize(
    "actions, expected",
    [
        ([], ("", "")),
        ([Action("a", "/"), Action("b", "/", danger=True)], ("ab", "")),
        ([Action(label, "/") for label in "abcd"], ("abcd", "")),
        ([Action(label, "/") for label in "abcdef"], ("abcd", "ef")),
        ([Action("a", "/", secondary=True), Action("b", "/")], ("b", "a")),
        ([*(Action(label, "/") for label in "abcd"), Action("p", "/", primary=True)], ("abcp", "d")),
        ([Action("x", "/", danger=True), *(Action(label, "/") for label in "abcd")], ("abcd", "x")),
    ],
)
def test_four_actions_are_shown_and_the_others_wait(actions: list[Action], expected: tuple[str, str]) -> None:
    assert labels(actions) == expected


def test_actions_given_as_dictionaries_do_too() -> None:
    split = split_actions([{"label": "a", "url": "/", "secondary": True}, {"label": "b", "url": "/"}])
    assert [action["label"] for action in split["more"]] == ["a"]
    assert split_actions(None) == {"shown": [], "more": []}


def test_the_menu_of_actions_needs_no_script() -> None:
    actions = [Action("Arrêter", "/a/", "check", method="post", primary=True, confirm="Arrêter ?"),
               Action("Supprimer", "/s/", danger=True, secondary=True), Action("Archiver", "/r/", method="post", secondary=True)]  # fmt: skip
    html = render_to_string(
        "components/page_header.html", {"title": "T", "actions": actions}, RequestFactory().get("/")
    )
    head, menu = html.split('<details class="menu">')
    assert 'data-confirm="Arrêter ?"' in head
    assert "Supprimer" not in head
    assert 'class=" danger" href="/s/"' in menu
    assert '<form method="post" action="/r/"' in menu
    assert 'class="btn' not in menu.split("</summary>")[1]


def test_the_icon_that_browsers_ask_for_is_there(client: Any) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response.headers["Location"].endswith(".svg")
    assert "max-age=86400" in response.headers["Cache-Control"]
