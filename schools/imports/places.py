"""The communes of an authority and the IEN districts, as the rows of one file name them."""

import re
from collections.abc import Iterable

from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority, District
from plan_numerique.imports.importer import Change, plain
from schools.models import Commune

INSEE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
ARRONDISSEMENTS = {"751": "75056", "6938": "69123", "132": "13055"}
"""Paris, Lyon and Marseille: the directory gives the code of the arrondissement."""
DISTRICT_TITLE = re.compile(r"^(?:circonscription(?: d inspection)?(?: du 1er degre)?|ien) (?:(?:de la|de|du|d) )?")
SAINT = {"st": "saint", "ste": "sainte"}


def city_code(insee: str) -> str:
    """The commune that an arrondissement is part of, else the code itself."""
    found = (city for start, city in ARRONDISSEMENTS.items() if insee.startswith(start) and insee != city)
    return next(found, insee)


def place_name(text: str) -> str:
    return " ".join(SAINT.get(word, word) for word in plain(text).split())


def district_name(text: str) -> str:
    """« Circonscription d'inspection du 1er degré de Bruz » and « IEN Bruz » are « bruz »."""
    return DISTRICT_TITLE.sub("", plain(text))


class Communes:
    """Those that are stored, and the own commune of a commune, which a file may be the first to name."""

    def __init__(self, authority: Authority) -> None:
        self.by_insee = {row.insee: row for row in Commune.objects.filter(authority=authority).order_by("name")}
        self.by_name: dict[str, list[Commune]] = {}
        if authority.kind == AuthorityKind.COMMUNE and authority.insee and authority.insee not in self.by_insee:
            self.by_insee[authority.insee] = Commune(
                authority=authority, insee=authority.insee, name=authority.name, population=authority.population
            )
        for row in self.by_insee.values():
            self.by_name.setdefault(place_name(row.name), []).append(row)
        self.created: set[str] = set()

    def of_code(self, insee: str) -> Commune | None:
        return self.by_insee.get(insee) or self.by_insee.get(city_code(insee))

    def find(self, text: str) -> list[Commune]:
        """By INSEE code or by name; several of the same name are for the reader to tell apart."""
        code = "".join(text.split()).upper()
        if INSEE.fullmatch(code):
            found = self.of_code(code)
            return [found] if found else []
        return self.by_name.get(place_name(text), [])

    @property
    def only(self) -> Commune | None:
        return next(iter(self.by_insee.values())) if len(self.by_insee) == 1 else None

    def creation(self, commune: Commune) -> list[Change]:
        """The first row that is kept and names it writes it."""
        if not commune._state.adding or commune.insee in self.created:
            return []
        self.created.add(commune.insee)
        return [Change(commune)]

    def told(self, most: int = 12) -> str:
        listed = sorted(row.name for row in self.by_insee.values())
        return ", ".join(listed[:most]) + (f"… ({len(listed)} communes)" if len(listed) > most else "")


class Districts:
    """The districts of the départements that the rows name, those that the file adds included."""

    def __init__(self, departments: Iterable[str] = ()) -> None:
        self.known: dict[tuple[str, str], District] = {}
        self.loaded: set[str] = set()
        self.added: list[District] = []
        self.load(departments)

    def load(self, departments: Iterable[str]) -> None:
        """One query where one of them is new."""
        missing = set(departments) - self.loaded
        if missing:
            self.loaded |= missing
            for row in District.objects.filter(department__in=missing).order_by("-pk"):
                self.known[row.department, district_name(row.name)] = row

    def named(self, department: str, name: str, code: str = "") -> District:
        """Stored, added by an earlier row, or a new one that `creation` writes when its row is kept."""
        found = self.known.get((department, district_name(name)))
        return found or District(department=department, name=name, code=code)

    def creation(self, district: District) -> list[Change]:
        key = district.department, district_name(district.name)
        if key in self.known:
            return []
        self.known[key] = district
        self.added.append(district)
        return [Change(district)]

    def remarks(self) -> list[str]:
        if not self.added:
            return []
        names = ", ".join(row.name for row in self.added[:10]) + ("…" if len(self.added) > 10 else "")
        one = len(self.added) == 1
        return [f"{len(self.added)} circonscription{'' if one else 's'} ajoutée{'' if one else 's'} : {names}."]
