"""A school that closed stays in the list, on the map and on the board, and each says that it did."""

from typing import Any

import pytest

from tests.schools.test_school_results import BOARD, LIST, MAP, POINTS, placed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", [MAP, BOARD])
def test_a_closed_school_is_said_to_be(client_as: Any, authority: Any, url: str) -> None:
    placed(authority, name="Alpha", status="closed")
    placed(authority, name="Beta")
    page = client_as("education").get(url).content.decode()
    told = {name: page.partition(f">{name}</a>")[2].partition("</li>")[0] for name in ("Alpha", "Beta")}
    assert (", fermée" in told["Alpha"], ", fermée" in told["Beta"]) == (True, False)


def test_a_closed_school_without_coordinates_is_said_to_be(client_as: Any, authority: Any) -> None:
    placed(authority, name="Alpha", status="closed", latitude=None, longitude=None)
    assert ", fermée" in client_as("education").get(MAP).content.decode()


def test_the_points_tell_the_closed_ones(client_as: Any, authority: Any) -> None:
    placed(authority, name="Alpha", status="closed")
    placed(authority, name="Beta")
    assert [row[7] for row in client_as("education").get(POINTS).json()["schools"]] == [1, 0]


def test_the_tile_counts_the_closed_ones_apart(client_as: Any, authority: Any) -> None:
    placed(authority)
    assert "trend" not in client_as("education").get(LIST).context["tiles"][0]
    placed(authority, status="closed")
    placed(authority, status="closed")
    tile = client_as("education").get(LIST).context["tiles"][0]
    assert (tile["figure"], tile["trend"]) == ("3", "dont 2 fermées")
