"""Which column of a file holds which field: proposed from the headers, remembered for the next file with the same header."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from plan_numerique.accounts.models import Authority
from plan_numerique.imports.importer import Column, Importer, plain
from plan_numerique.imports.models import ColumnMapping
from plan_numerique.shared.errors import DomainError

LINE, TO_CORRECT = "Ligne", "À corriger"
"""What the file of errors adds to the user's own columns, at the end."""
ADDED_LINE = re.compile(rf"{LINE}(?: \(\d+\))?")


def own_columns(header: Sequence[str]) -> tuple[str, ...]:
    """The user's, without those that a file of errors adds: once corrected, it is the same file."""
    if TO_CORRECT not in header:
        return tuple(header)
    place = header.index(TO_CORRECT)
    first = place - 1 if place and ADDED_LINE.fullmatch(header[place - 1]) else place
    return (*header[:first], *header[place + 1 :])


def header_digest(header: Sequence[str]) -> str:
    """Of the names of the columns in their order, whatever the case."""
    return hashlib.sha256("\x1f".join(name.casefold() for name in own_columns(header)).encode()).hexdigest()


def propose(importer: Importer, header: Sequence[str]) -> dict[str, str]:
    """Field → column, by the label and the usual headers: the best known name first, a column given once."""
    known = {plain(name): name for name in reversed(own_columns(header))}
    ranked = sorted(
        (rank, place, known[usual])
        for place, column in enumerate(importer.columns)
        for rank, usual in enumerate(map(plain, (column.label, *column.headers, column.name)))
        if usual in known
    )
    found: dict[str, str] = {}
    for _, place, name in ranked:
        field = importer.columns[place].name
        if field not in found and name not in found.values():
            found[field] = name
    return {column.name: found[column.name] for column in importer.columns if column.name in found}


def remembered(authority: Authority, importer: Importer, header: Sequence[str]) -> dict[str, str]:
    """What the last file with the same header was told; nothing for a new one."""
    row = ColumnMapping.objects.filter(
        authority=authority, kind=importer.kind, header_digest=header_digest(header)
    ).first()
    fields = {column.name for column in importer.columns}
    kept = row.columns if row else {}
    return {name: column for name, column in kept.items() if name in fields and column in header}


def missing(importer: Importer, columns: Mapping[str, str]) -> list[Column]:
    return [column for column in importer.columns if column.required and not columns.get(column.name)]


def refuse_missing(importer: Importer, columns: Mapping[str, str]) -> None:
    if lacking := missing(importer, columns):
        names = ", ".join(f"« {column.label} »" for column in lacking)
        what = "cette donnée est obligatoire" if len(lacking) == 1 else "ces données sont obligatoires"
        raise DomainError(f"Aucune colonne du fichier n'est indiquée pour {names} : {what}.", field="columns")


def checked_columns(importer: Importer, header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """DomainError where a field or a column is unknown, a column given twice, a required field without one."""
    fields = {column.name: column.label for column in importer.columns}
    told = {name: column for name, column in columns.items() if column}
    used = list(told.values())
    for name, column in told.items():
        if name not in fields:
            raise DomainError(f"« {name[:60]} » n'est pas une donnée de « {importer.label} ».", field="columns")
        if column not in header:
            raise DomainError(
                f"Le fichier n'a pas de colonne « {column[:60]} », indiquée pour « {fields[name]} ».", field="columns"
            )
        if used.count(column) > 1:
            raise DomainError(f"La colonne « {column} » est indiquée deux fois.", field="columns")
    refuse_missing(importer, told)
    return told


def recognised(importers: Iterable[Importer], header: Sequence[str]) -> Importer | None:
    """Whose very file this is, by the headers of its signature; the most telling signature where several are there."""
    known = {plain(name) for name in own_columns(header)}
    found = [each for each in importers if each.signature and {plain(name) for name in each.signature} <= known]
    return max(found, key=lambda each: len(each.signature), default=None)
