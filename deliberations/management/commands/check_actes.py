"""The XML of the transmissions against the ministry's schema, which is not shipped with the product: its licence is not told."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from lxml import etree

from deliberations.domain.transmission import (
    Filed,
    Origin,
    clean_number,
    envelope_xml,
    message_xml,
    names_of,
)
from deliberations.models import Act
from deliberations.queries.filing import origin_of, profile_of

DAY = date(2024, 6, 12)
# What a profile does not tell yet is filled with these, to look at the shape only.
STAND_IN = Origin(
    "123456782", "086", "1", "31", "SYN", ("actes@example.org",), "Référente d’essai", "00", "r@example.org"
)
BUILT = (
    ("cinq niveaux et vingt annexes", "1.2.3.4.5", "CC", "Un titre", 20),
    ("intitulé long, guillemets et euros", "7.10", "DE", "« L’œuvre » – 3 € ; <a & b> \x00 " * 40, 0),
    ("intitulé d'un autre alphabet", "9.4", "AU", "中文 Łódź \U0001f3eb", 1),
)


class Command(BaseCommand):
    help = "Valide le XML des transmissions des actes de la base, et d'actes construits, avec le schéma du ministère."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--xsd", type=Path, required=True, help="chemin de actesv1_1.xsd")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["xsd"]
        if not path.is_file():
            self.stdout.write(f"Schéma ACTES absent ({path}) : XML des transmissions non validé.")
            return
        schema = etree.XMLSchema(etree.parse(path))
        wrong, number = [], 0
        for label, content in documents():
            number += 1
            if not schema.validate(etree.fromstring(content)):
                wrong.append(f"{label} : {schema.error_log.last_error}")
        if wrong:
            raise CommandError("XML refusé par le schéma ACTES :\n" + "\n".join(wrong))
        self.stdout.write(f"{number} fichiers XML valides ({path.name}).")


def documents() -> Iterator[tuple[str, bytes]]:
    """(label, XML): envelope and message of each act."""
    for act in Act.objects.select_related("sitting__assembly__authority").order_by("pk"):
        authority = act.sitting.assembly.authority
        profile = profile_of(authority)
        origin = _whole(origin_of(authority, profile)) if profile else STAND_IN
        number = act.number if 0 < len(clean_number(act.number)) <= 15 else "1"
        title, matter = act.stated_object or act.title, act.matter_code or "8.1"
        yield from _pair(
            str(act), origin, Filed(act.sitting.held_on, number, act.nature, matter, title, DAY, ("99_DE",))
        )
    for label, matter, nature, title, annexes in BUILT:
        types = ("99_DE",) * (1 + annexes)
        yield from _pair(label, STAND_IN, Filed(DAY, "2024-0012", nature, matter, title, DAY, types))


def _whole(origin: Origin) -> Origin:
    told = {name: getattr(origin, name) or getattr(STAND_IN, name) for name in Origin.__slots__}
    return Origin(**told)


def _pair(label: str, origin: Origin, filed: Filed) -> Iterator[tuple[str, bytes]]:
    names = names_of(origin, filed, DAY, 1)
    yield f"{label}, enveloppe", envelope_xml(origin, names)
    yield f"{label}, message", message_xml(filed, names)
