"""How the cells of an import are read, for `Column.read`. Each maker gives a reader: a typed value, None (a text: "") for an empty
cell, or ValueError with a French sentence that quotes the value and says what is accepted. `read_cents`, `read_date`, `read_year` and
`read_text` are those of `tabular.reading`.

    Column("pupils", "Effectif", read_count(0, 60), accepted="de 0 à 60", example="24")
    Column("level", "Niveau", read_choice(LEVEL_WORDS, "un niveau"), accepted=told_choices(LEVEL_WORDS), example="CE1")
    Column("commune", "Code commune", read_code(5, "un code commune", r"(?:\\d{2}|2[AB])\\d{3}"), example="86194")
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NoReturn

from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siret as siret_number

from plan_numerique.imports.importer import plain
from plan_numerique.tabular.cells import FORMULA, is_empty, is_formula, read_cents, read_date, read_text, read_year

__all__ = [
    "DAMAGED", "Reader", "read_cents", "read_choice", "read_code", "read_count", "read_date", "read_decimal", "read_email", "read_siret",
    "read_text", "read_text_of", "read_year", "read_yes_no", "refuse", "told_choices",
]  # fmt: skip

Reader = Callable[[Any], Any]

WHOLE = re.compile(r"([-+]?\d+)(?:[.,]0+)?", re.ASCII)
DECIMAL = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
SCIENTIFIC = re.compile(r"[-+]?\d+(?:[.,]\d+)?E[-+]?\d+", re.ASCII | re.IGNORECASE)
EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;.]+(?:\.[^@\s<>,;.]+)+")
DAMAGED = "mettre la colonne au format Texte dans le tableur et recopier les numéros depuis l'original."
YES = ("oui", "o", "vrai", "true", "yes", "y", "x", "1")
NO = ("non", "n", "faux", "false", "no", "0")
LONGEST = 40


def refuse(value: Any, accepted: str) -> NoReturn:
    """« value » n'est pas `accepted`"""
    if is_formula(value):
        raise ValueError(f"« {_told(value)} » {FORMULA}")
    raise ValueError(f"« {_told(value)} » n'est pas {accepted}")


def _told(value: Any) -> str:
    whole = isinstance(value, float) and math.isfinite(value) and value == int(value)
    return (f"{value:.0f}" if whole else str(value))[:LONGEST].replace("\x00", "\u2400")


def _digits(value: Any) -> str:
    """As written, without spaces of any kind; a number as it is shown."""
    return "".join(read_text(value, 200).split())


def read_count(lowest: int = 0, highest: int = 1_000_000) -> Reader:
    """Whole numbers: 24, « 1 200 », 24.0."""
    accepted = f"un nombre entier de {lowest} à {highest}.".replace("1000000", "1\u202f000\u202f000")

    def read(value: Any) -> int | None:
        if is_empty(value):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            refuse(value, accepted)
        if isinstance(value, str):
            found = WHOLE.fullmatch(_digits(value).replace("\u2212", "-"))
            if not found or len(found[1]) > 18:
                refuse(value, accepted)
            number = int(found[1])
        elif not math.isfinite(value) or value != int(value):
            refuse(value, accepted)
        else:
            number = int(value)
        return number if lowest <= number <= highest else refuse(value, accepted)

    return read


def read_decimal(places: int, lowest: Any = None, highest: Any = None, *, rounded: bool = False) -> Reader:
    """A Decimal of `places` decimals, comma or dot. A number computed by a spreadsheet is rounded; one typed with more decimals is
    refused, unless `rounded` (coordinates)."""
    bounds = f" de {lowest} à {highest}" if lowest is not None and highest is not None else ""
    accepted = f"un nombre{bounds}, {places} décimales au plus : écrire par exemple 12,5."
    step = Decimal(1).scaleb(-places)

    def read(value: Any) -> Decimal | None:
        if is_empty(value):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            refuse(value, accepted)
        text = _digits(value).replace("\u2212", "-") if isinstance(value, str) else str(value)
        if isinstance(value, str) and (not DECIMAL.fullmatch(text) or len(text) > LONGEST):
            refuse(value, accepted)
        try:
            exact = Decimal(text.replace(",", "."))
            number = exact.quantize(step, ROUND_HALF_UP)
        except InvalidOperation:
            refuse(value, accepted)
        if not number.is_finite() or (isinstance(value, str) and number != exact and not rounded):
            refuse(value, accepted)
        outside = (lowest is not None and number < Decimal(str(lowest))) or (
            highest is not None and number > Decimal(str(highest))
        )
        return refuse(value, accepted) if outside else number

    return read


def read_choice(words: Mapping[Any, Sequence[str]], what: str) -> Reader:
    """The value of a choice written in one of its words (compared as `plain` writes them), its value or its label. `words`: members
    of an enum → other usual words; any other key is its own value. `what`: « un niveau », « une étape »."""
    found: dict[str, Any] = {}
    for choice, known in words.items():
        value = getattr(choice, "value", choice)
        for word in (*known, str(value), str(getattr(choice, "label", choice))):
            found.setdefault(plain(word), value)

    def read(value: Any) -> Any:
        text = plain(read_text(value, 200))
        if is_empty(value):
            return None
        return found[text] if text in found else refuse(value, f"{what}.")

    return read


def told_choices(words: Iterable[Any]) -> str:
    """« Maternelle ; Élémentaire », for `Column.accepted`."""
    return " ; ".join(str(getattr(choice, "label", choice)) for choice in words)


def read_text_of(length: int) -> Reader:
    """A text on one line, of `length` characters at most."""
    return lambda value: " ".join(read_text(value, length).split())


def read_yes_no(value: Any) -> bool | None:
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return value
    text = plain(read_text(value, 200))
    if text in YES or text in NO:
        return text in YES
    refuse(value, "oui ou non.")


def read_email(value: Any) -> str:
    """In lower case, as accounts are."""
    text = read_text(value, 254).lower()
    if text and not EMAIL.fullmatch(text):
        refuse(value, "une adresse e-mail : écrire par exemple prenom.nom@ville.fr.")
    return text


def read_code(length: int, what: str, pattern: str = r"\d+") -> Reader:
    """A code of `length` signs where zeros in front count (commune, postal code): one that a spreadsheet shortened or wrote as
    2,17E+13 is refused with the reason, never guessed."""

    def read(value: Any) -> str:
        text = _digits(value).upper()
        if not text:
            return ""
        if len(text) == length and re.fullmatch(pattern, text, re.ASCII):
            return text
        if SCIENTIFIC.fullmatch(text):
            raise ValueError(
                f"« {_told(value)} » : le tableur a arrondi ce numéro, ses derniers chiffres sont perdus ; {DAMAGED}"
            )
        if (
            text.isdecimal()
            and length - 3 <= len(text) < length
            and re.fullmatch(pattern, text.zfill(length), re.ASCII)
        ):
            raise ValueError(
                f"« {_told(value)} » a {len(text)} chiffres au lieu de {length} : le tableur a sans doute retiré le zéro du début ; {DAMAGED}"
            )
        refuse(value, f"{what} : {length} signes.")

    return read


_siret = read_code(14, "un SIRET")


def read_siret(value: Any) -> str:
    """Fourteen digits whose key is right (La Poste's own included)."""
    text: str = _siret(value)
    if not text:
        return ""
    try:
        return str(siret_number.validate(text))
    except NumberError:
        if text.endswith("00000"):
            raise ValueError(
                f"« {_told(value)} » : le tableur a arrondi ce numéro, ses derniers chiffres sont perdus ; {DAMAGED}"
            ) from None
        refuse(value, "un SIRET : sa clé de contrôle est fausse.")
