import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from plan_numerique.imports import mapping, services
from plan_numerique.imports.importer import Importer, Outcome, ReadRow
from plan_numerique.imports.models import ImportSession
from plan_numerique.tabular.writing import write_csv

DATA = Path(__file__).with_name("data")
Table = Sequence[dict[str, Any]]


@pytest.fixture
def read() -> Callable[[Importer, Table], list[ReadRow]]:
    """Rows as the engine reads them, by the headers that it recognises."""

    def rows(importer: Importer, table: Table) -> list[ReadRow]:
        columns = {column.name: column for column in importer.columns}
        places = mapping.propose(importer, list(table[0]))
        found = []
        for line, cells in enumerate(table, start=2):
            values = {name: columns[name].read(cells[header]) for name, header in places.items()}
            found.append(ReadRow(line, {name: value for name, value in values.items() if value not in (None, "")}))
        return found

    return rows


@pytest.fixture
def settle(read: Any) -> Callable[..., list[Outcome]]:
    def outcomes(importer: Importer, authority: Any, table: Table, **options: str) -> list[Outcome]:
        return importer.start(authority=authority, options=options, by=None).settle(read(importer, table))

    return outcomes


@pytest.fixture
def check() -> Callable[..., ImportSession]:
    def checked(importer: Importer, authority: Any, table: Table | bytes, **options: str) -> ImportSession:
        content = (
            table if isinstance(table, bytes) else write_csv(list(table[0]), [list(row.values()) for row in table])
        )
        session = services.open_session(
            authority=authority, importer=importer, filename="fichier.csv", content=content, options=options, by=None
        )
        return services.check_session(session=session, importer=importer, by=None)

    return checked


@pytest.fixture
def bring(check: Any) -> Callable[..., ImportSession]:
    """Checked, then written whole."""

    def applied(importer: Importer, authority: Any, table: Table | bytes, **options: str) -> ImportSession:
        session = check(importer, authority, table, **options)
        assert session.problems == []
        return services.apply_session(session=session, importer=importer, by=None)

    return applied


@pytest.fixture
def published() -> Callable[[str], bytes]:
    """A national file as published (data/README.md)."""
    return lambda name: gzip.decompress(next(DATA.glob(f"*{name}*")).read_bytes())
