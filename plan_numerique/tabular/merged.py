"""Merged cells: every cell of the range holds the value that is shown."""

from collections.abc import Callable, Sequence
from typing import Any

from plan_numerique.tabular.sheets import letters

SHOWN = 3
Range = tuple[tuple[int, int], tuple[int, int]]
Row = tuple[Any, ...]


def below(ranges: Sequence[Range], head: int) -> list[Range]:
    """Those that the rows or the header (line `head`) hold; a title above is not read. Ranges count lines and columns from 0."""
    return sorted(found for found in ranges if found[0][0] + 1 >= head and found[0] != found[1])


def told(ranges: Sequence[Range]) -> str:
    names = [f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}" for (top, left), (bottom, right) in ranges]
    more = f" et {len(names) - SHOWN} de plus" if len(names) > SHOWN else ""
    return f"Cellules fusionnées ({', '.join(names[:SHOWN])}{more}) : la valeur affichée est prise pour chacune de leurs lignes et colonnes."


def filler(ranges: Sequence[Range], head: int, left: int) -> Callable[[int, Row], Row]:
    """Takes the lines in their order; `left`: column where the sheet starts. The header is filled along its line only."""
    waiting = list(reversed(ranges))
    active: list[tuple[Range, Any]] = []

    def fill(number: int, cells: Row) -> Row:
        nonlocal active
        active = [item for item in active if item[0][1][0] + 1 >= number]
        while waiting and waiting[-1][0][0] + 1 <= number:
            found = waiting.pop()
            place = found[0][1] - left
            if found[0][0] + 1 == number and 0 <= place < len(cells):
                active.append((found, cells[place]))
        if not active:
            return cells
        filled = list(cells)
        for (_, start), (_, end), value in ((*found, value) for found, value in active):
            for place in range(start - left, min(end - left + 1, len(filled))):
                filled[place] = value
        if number == head:
            active = []
        return tuple(filled)

    return fill
