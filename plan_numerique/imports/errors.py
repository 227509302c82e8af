"""The file of errors: the user's own rows, in the user's own format, each with its line and what is wrong beside."""

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from plan_numerique.accounts.models import User
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.imports.checking import Line, Walk
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.mapping import LINE, TO_CORRECT, own_columns
from plan_numerique.imports.models import ImportSession
from plan_numerique.tabular.formats import write
from plan_numerique.tabular.reading import OpenTable
from plan_numerique.tabular.writing import Sheet

HELD = 2_000_000


class BadRows:
    """Lines in error, kept aside while the file is walked through: on disk beyond HELD bytes."""

    def __init__(self) -> None:
        self.count = 0
        self._stream = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115 -- closed on exit

    def __enter__(self) -> "BadRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def add(self, line: Line, walk: Walk) -> None:
        if not line.problems:
            return
        told = (walk.told(line, problem) for problem in line.problems)
        sentences = [
            f"{each['column']} : {each['message']}" if each["column"] else str(each["message"]) for each in told
        ]
        accepted = [
            f" (admis : {problem.accepted.rstrip('.')})" if problem.accepted else "" for problem in line.problems
        ]
        beside = "\n".join(f"{sentence}{more}" for sentence, more in zip(sentences, accepted, strict=True))
        pickle.dump((line.number, line.cells, beside), self._stream)
        self.count += 1

    def __iter__(self) -> Iterator[tuple[int, tuple[Any, ...], str]]:
        self._stream.seek(0)
        for _ in range(self.count):
            yield pickle.load(self._stream)


def write_errors(rows: BadRows, table: OpenTable) -> bytes:
    own = own_columns(table.header)
    places = [table.header.index(name) for name in own]
    lines = ([*(cells[place] for place in places), number, beside] for number, cells, beside in rows)
    return write(table.form, [Sheet(TO_CORRECT, [*own, LINE, TO_CORRECT], lines)])


def store_errors(
    *, session: ImportSession, importer: Importer, rows: BadRows, table: OpenTable, by: User | None
) -> StoredDocument | None:
    """In the caller's transaction."""
    if not rows.count:
        return None
    name = session.document.filename
    document: StoredDocument = documents.store(
        roles=importer.permission.roles,
        authority=session.authority,
        title=f"Lignes à corriger : {name}"[:200],
        kind="import_errors",
        filename=f"{Path(name).stem[:100]}-a-corriger.{table.form.kind}",
        media_type=table.form.media_type,
        content=write_errors(rows, table),
        by=by,
    )
    return document
