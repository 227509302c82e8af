"""Rows of a parent shown on its page: a table, and what may be done with each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Column:
    label: str
    number: bool = False


@dataclass(frozen=True)
class Row:
    """`cells` follow the columns, texts or safe HTML; the first one is linked to `url` where given."""

    cells: Sequence[Any]
    url: str = ""
    edit_url: str = ""
    delete_url: str = ""


@dataclass(frozen=True)
class Rows:
    key: str
    heading: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    add_url: str = ""
    add_label: str = ""
    empty: str = "Rien pour le moment."
    note: str = ""
    more_url: str = ""
    more_label: str = ""

    @property
    def editable(self) -> bool:
        return any(row.edit_url or row.delete_url for row in self.rows)

    @property
    def table(self) -> list[tuple[Row, list[tuple[Column, Any]]]]:
        """Each row with its cells, each cell with its column."""
        return [(row, list(zip(self.columns, row.cells, strict=True))) for row in self.rows]


def columns(*labels: str) -> list[Column]:
    """« # » before a label says that the column holds numbers."""
    return [Column(label.removeprefix("#"), label.startswith("#")) for label in labels]


@dataclass(frozen=True)
class Editing:
    """The addresses that change the rows of a parent, or none where the reader may not."""

    allowed: bool
    parent: str
    pk: int

    def add(self, name: str, **more: Any) -> str:
        if not self.allowed:
            return ""
        query = "&".join(f"{key}={value}" for key, value in {self.parent: self.pk, **more}.items())
        return f"{reverse(f'governance:{name}_create')}?{query}"

    def row(self, name: str, pk: int, cells: Sequence[Any], url: str = "") -> Row:
        if not self.allowed:
            return Row(cells, url)
        edit, delete = (reverse(f"governance:{name}_{verb}", args=[pk]) for verb in ("edit", "delete"))
        return Row(cells, url, edit, delete)
