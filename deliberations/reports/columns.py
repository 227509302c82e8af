"""The tables of a text, on paper: their columns of figures are set to the right."""

import re

from django.utils.safestring import SafeString

_TABLE = re.compile(r"<table>(?:(?!<table>).)*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[hd])((?: scope=\"\w+\")?)>(.*?)</\1>", re.DOTALL)
_FIGURE = re.compile(r"[-–+]?\s*\d[\d\s.,]*(?:€|%)?|[-–—]?")


def aligned(html: SafeString) -> SafeString:
    return SafeString(_TABLE.sub(_with_figures, html))  # clean already: nothing but a class is added


def _with_figures(table: re.Match[str]) -> str:
    rows = [[(cell[1], _words(cell[3])) for cell in _CELL.finditer(row[0])] for row in _ROW.finditer(table[0])]
    columns = {column for column in range(1, max(map(len, rows), default=0)) if _is_figures(rows, column)}

    def row(found: re.Match[str]) -> str:
        cells = iter(range(len(found[0])))

        def cell(part: re.Match[str]) -> str:
            style = ' class="figure-cell"' if next(cells) in columns else ""
            return f"<{part[1]}{part[2]}{style}>{part[3]}</{part[1]}>"

        return _CELL.sub(cell, found[0])

    return _ROW.sub(row, table[0])


def _is_figures(rows: list[list[tuple[str, str]]], column: int) -> bool:
    """The first column says what the others count."""
    texts = [row[column][1] for row in rows if column < len(row) and row[column][0] == "td"]
    return any(any(map(str.isdigit, text)) for text in texts) and all(map(_FIGURE.fullmatch, texts))


def _words(html: str) -> str:
    return re.sub(r"<[^>]*>|&nbsp;", " ", html).strip()
