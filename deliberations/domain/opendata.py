"""SCDL « Délibérations » 2.1.5: a row from an act, and every check of the schema made by ourselves (domain-rules 1.1).

The checks read the row as the file has it, so that they tell the same of a file written by another program."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from stdnum.fr import siret as siret_number

from deliberations.domain.actes import MATTERS, THEMES
from deliberations.domain.names import name_key

VOTES = ("VOTE_EFFECTIF", "VOTE_REEL", "VOTE_POUR", "VOTE_CONTRE", "VOTE_ABSTENTION")
COLUMNS = (
    "COLL_NOM", "COLL_SIRET", "DELIB_ID", "DELIB_DATE", "DELIB_MATIERE_CODE", "DELIB_MATIERE_NOM", "DELIB_OBJET", "BUDGET_ANNEE",
    "BUDGET_NOM", "PREF_ID", "PREF_DATE", *VOTES, "DELIB_URL",
)  # fmt: skip
REQUIRED = COLUMNS[:7]
LABELS = {
    "COLL_NOM": "Nom de la collectivité", "COLL_SIRET": "SIRET de la collectivité", "DELIB_ID": "Numéro de la délibération",
    "DELIB_DATE": "Date d'adoption", "DELIB_MATIERE_CODE": "Code de matière", "DELIB_MATIERE_NOM": "Nom de matière",
    "DELIB_OBJET": "Objet", "BUDGET_ANNEE": "Année du budget", "BUDGET_NOM": "Nom du budget",
    "PREF_ID": "Identifiant de la préfecture", "PREF_DATE": "Date de réception en préfecture",
    "VOTE_EFFECTIF": "Membres en exercice", "VOTE_REEL": "Votants", "VOTE_POUR": "Pour", "VOTE_CONTRE": "Contre",
    "VOTE_ABSTENTION": "Abstentions", "DELIB_URL": "Adresse du document",
}  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SIRET = re.compile(r"[0-9]{14}")
_MATTER = re.compile(r"[0-9]\.[0-9]{1,2}")
_BUDGET = re.compile(r"([0-9]{4})(?:/([0-9]{4}))?")
_COUNT = re.compile(r"[0-9]{1,9}")
_DEPARTMENT = r"(?:0[0-9][0-9AB]|9[0-9]{2})"
_PREFECTURE = re.compile(rf"(?:PREF{_DEPARTMENT}|SPREF{_DEPARTMENT}[0-9]|SGAR{_DEPARTMENT})")
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot go out as it is."""

    column: str
    value: str
    message: str

    @property
    def label(self) -> str:
        return LABELS[self.column]


@dataclass(frozen=True, slots=True)
class Opened:
    """What the file says of an act; a date or address that is not known stays empty."""

    authority: str
    siret: str
    number: str
    decided_on: date
    matter: str
    title: str
    budget_years: str = ""
    budget_name: str = ""
    prefecture: str = ""
    received_on: date | None = None
    votes: tuple[int, int, int, int, int] | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """The vote as recorded; None is a figure that nobody wrote. `unanimous`: said so, all the others having voted for."""

    in_office: int | None
    favour: int | None = None
    against: int | None = None
    abstain: int | None = None
    voices: int | None = None
    unanimous: bool = False


def votes_of(counted: Counted) -> tuple[int, int, int, int, int] | None:
    """In office, voting, for, against, abstaining; None as soon as one is unknown. Who takes no part in the vote is left out.

    Unanimity without figures, where the voices are known, is every voice for."""
    favour, against, abstain = counted.favour, counted.against, counted.abstain
    if (favour, against, abstain) == (None, None, None) and counted.unanimous and counted.voices:
        favour, against, abstain = counted.voices, 0, 0
    if counted.in_office is None or favour is None or against is None or abstain is None:
        return None
    return counted.in_office, favour + against + abstain, favour, against, abstain


def matter_name(code: str) -> str:
    """`theme/matter` in lower case, without comma nor parenthesis nor space beside a slash; empty where the code is unknown."""
    second = ".".join(code.split(".")[:2])
    if second not in MATTERS:
        return ""
    label = re.sub(r"\s*/\s*", "/", MATTERS[second])
    return re.sub(r"[,()]", "", f"{THEMES[second[0]]}/{label}").lower()


def row_of(act: Opened) -> dict[str, str]:
    code = ".".join(act.matter.split(".")[:2])
    votes = dict(zip(VOTES, map(str, act.votes), strict=True)) if act.votes else dict.fromkeys(VOTES, "")
    return {
        "COLL_NOM": " ".join(act.authority.split()),
        "COLL_SIRET": act.siret,
        "DELIB_ID": " ".join(act.number.split()),
        "DELIB_DATE": act.decided_on.isoformat(),
        "DELIB_MATIERE_CODE": code,
        "DELIB_MATIERE_NOM": matter_name(code),
        "DELIB_OBJET": " ".join(act.title.split()),
        "BUDGET_ANNEE": act.budget_years,
        "BUDGET_NOM": act.budget_name,
        "PREF_ID": act.prefecture,
        "PREF_DATE": act.received_on.isoformat() if act.received_on else "",
        **votes,
        "DELIB_URL": act.url,
    }


def check_row(row: Row) -> list[Fault]:
    """Every fault of a row, in the order of the columns."""
    found = [Fault(column, row.get(column, ""), message) for column, message in _faults(row)]
    return sorted(found, key=lambda fault: COLUMNS.index(fault.column))


def to_csv(rows: Iterable[Row]) -> bytes:
    """Commas, UTF-8, one header line, quotes where they are needed: as the schema's own examples."""
    lines = [",".join(COLUMNS), *(",".join(_cell(row.get(column, "")) for column in COLUMNS) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode()


def _cell(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if any(char in text for char in ',"\r\n') else text


def _faults(row: Row) -> Iterator[tuple[str, str]]:
    for column in REQUIRED:
        if not row.get(column, "").strip():
            yield column, "Cette colonne est obligatoire."
    yield from _formats(row)
    yield from _budget(row)
    yield from _dates(row)
    yield from _votes(row)
    yield from _texts(row)


def is_siret(text: str) -> bool:
    return _SIRET.fullmatch(text) is not None and siret_number.is_valid(text)


def is_prefecture(text: str) -> bool:
    return _PREFECTURE.fullmatch(text) is not None


def _formats(row: Row) -> Iterator[tuple[str, str]]:
    siret, code, name = row.get("COLL_SIRET", ""), row.get("DELIB_MATIERE_CODE", ""), row.get("DELIB_MATIERE_NOM", "")
    if siret and not is_siret(siret):
        yield "COLL_SIRET", "Un SIRET a quatorze chiffres, clé de contrôle comprise."
    if code and (not _MATTER.fullmatch(code) or code not in MATTERS):
        yield "DELIB_MATIERE_CODE", "Ce code n'est pas un code de niveau 2 de la nomenclature ACTES : 8.1."
    if name:
        yield from (("DELIB_MATIERE_NOM", message) for message in _nomenclature(name, code))
    prefecture = row.get("PREF_ID", "")
    if prefecture and not is_prefecture(prefecture):
        yield "PREF_ID", "L'identifiant s'écrit PREF086, SPREF0861 ou SGAR086."
    url = row.get("DELIB_URL", "")
    if url and not _is_address(url):
        yield "DELIB_URL", "Cette adresse n'est pas une adresse de site."


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", text)


def _nomenclature(name: str, code: str) -> Iterator[str]:
    theme, slash, _ = name.partition("/")
    if not slash:
        yield "Le nom de matière s'écrit « thème/matière »."
    elif " /" in name or "/ " in name:
        yield "Pas d'espace avant ni après la barre oblique."
    elif name_key(theme) not in {name_key(label) for label in THEMES.values()}:
        yield f"« {theme} » n'est pas un thème de la nomenclature ACTES."
    elif code in MATTERS and name_key(name) != name_key(matter_name(code)):
        yield f"Le nom de la matière {code} est « {matter_name(code)} »."
    if re.search(r"[,()]", name) or name != name.lower():
        yield "Le nom de matière s'écrit en minuscules, sans virgule ni parenthèse."


def _budget(row: Row) -> Iterator[tuple[str, str]]:
    years, name = row.get("BUDGET_ANNEE", ""), row.get("BUDGET_NOM", "")
    if bool(years) != bool(name):
        yield "BUDGET_ANNEE", "L'année et le nom du budget sont tous deux remplis, ou tous deux vides."
    if not years:
        return
    found = _BUDGET.fullmatch(years)
    if found is None:
        yield "BUDGET_ANNEE", "Une année, 2018, ou un intervalle, 2018/2019."
    elif found[2] is not None and found[2] <= found[1]:
        yield "BUDGET_ANNEE", "La seconde année de l'intervalle suit la première."


def _dates(row: Row) -> Iterator[tuple[str, str]]:
    days: dict[str, date] = {}
    for column in ("DELIB_DATE", "PREF_DATE"):
        text = row.get(column, "")
        day = _day(text)
        if day is not None:
            days[column] = day
        elif text:
            yield column, "Une date s'écrit AAAA-MM-JJ."
    if len(days) == 2 and days["PREF_DATE"] < days["DELIB_DATE"]:
        yield "PREF_DATE", "La réception en préfecture précède l'adoption."


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _votes(row: Row) -> Iterator[tuple[str, str]]:
    given = {column: row.get(column, "") for column in VOTES}
    wrong = [column for column, text in given.items() if text and not _COUNT.fullmatch(text)]
    yield from ((column, "Un nombre entier est attendu.") for column in wrong)
    if any(given.values()) and not all(given.values()):
        missing = next(column for column, text in given.items() if not text)
        yield missing, "Les cinq chiffres du vote sont tous remplis, ou tous vides."
    elif all(given.values()) and not wrong:
        office, real, *cast = (int(given[column]) for column in VOTES)
        if real > office:
            yield "VOTE_REEL", f"{real} votants pour {office} membres en exercice."
        for column, number in zip(VOTES[2:], cast, strict=True):
            if number > real:
                yield column, f"{number} voix pour {real} votants."
        if sum(cast) != real:
            yield "VOTE_REEL", f"{real} votants, mais {sum(cast)} voix pour, contre et abstentions."


def _texts(row: Row) -> Iterator[tuple[str, str]]:
    for column in ("COLL_NOM", "DELIB_ID", "DELIB_OBJET", "BUDGET_NOM"):
        text = row.get(column, "")
        if text.startswith(FORMULA_STARTS):
            yield column, f"Ce texte commence par « {text[:1]} » : un tableur le lirait comme une formule."
        if "\x00" in text or len(text) > 2_000:
            yield column, "Ce texte ne peut pas être publié tel quel : 2 000 caractères au plus, sans caractère nul."
