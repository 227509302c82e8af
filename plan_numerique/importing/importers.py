"""The files that can be imported, from every app; and who may import one."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import deliberations.imports
import equipment.imports
import governance.imports
import schools.imports
from plan_numerique.accounts.models import Authority
from plan_numerique.administration import imports as administration
from plan_numerique.imports.importer import Importer

IMPORTERS: tuple[Importer, ...] = tuple(
    kind()
    for kind in chain(
        schools.imports.IMPORTERS,
        equipment.imports.IMPORTERS,
        governance.imports.IMPORTERS,
        deliberations.imports.IMPORTERS,
        administration.IMPORTERS,
    )
)
"""In the order they are offered. Another app adds its own `imports.IMPORTERS` to the chain."""

GROUPS = {
    "schools": "Écoles",
    "equipment": "Équipement",
    "ent": "ENT",
    "governance": "Finances et pilotage",
    "deliberations": "Conseil",
    "administration": "Utilisateurs",
}


def offered(user: Any) -> Iterator[Importer]:
    """Those whose permission the user holds somewhere."""
    return (importer for importer in all_importers() if importer.permission.anywhere(user))


def all_importers() -> Sequence[Importer]:
    return IMPORTERS


def importer_of(kind: str) -> Importer | None:
    return next((importer for importer in all_importers() if importer.kind == kind), None)


def grouped(importers: Sequence[Importer]) -> list[tuple[str, list[Importer]]]:
    """By the app that reads them, as the start of their kind says."""
    found: dict[str, list[Importer]] = {}
    for importer in importers:
        start = importer.kind.partition(".")[0]
        found.setdefault(GROUPS.get(start, "Autres"), []).append(importer)
    return list(found.items())


class SomeImport:
    """Held by whoever may import some file: what opens the pages; the rows are each of their own importer's permission."""

    code, label = "importing.import", "Importer des fichiers"

    def anywhere(self, user: Any) -> bool:
        return any(True for _ in offered(user))

    def granted(self, user: Any, authority: Authority) -> bool:
        return any(importer.permission.granted(user, authority) for importer in all_importers())


IMPORT = SomeImport()
