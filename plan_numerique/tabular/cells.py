"""What one cell of a French spreadsheet holds, read as the type that is asked. An empty cell is None (a text: ""); any other writing
raises ValueError with a French sentence that quotes the value and says what is accepted."""

import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn

from plan_numerique.tabular.writing import FORMULA_STARTS

MAX_CENTS = 10**14
AMOUNT = re.compile(r"(?P<sign>[-+]?) ?(?:(?P<whole>\d{1,3}(?: \d{3})+|\d+)(?:[.,](?P<cents>\d{1,2}))?|(?P<dotted>\d{1,3}(?:\.\d{3})+),(?P<rest>\d{1,2})) ?(?:€|EUR)?", re.ASCII)  # fmt: skip
FRENCH_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
HOUR = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", re.ASCII)
SCHOOL_YEAR = re.compile(r"(\d{4}) ?[-/–] ?(\d{4})", re.ASCII)
FORMULA = "est une formule : mettre son résultat à la place (collage spécial, valeurs)."
KEPT_TEXT = re.compile(r'="([^"]*)"')
ZERO_DAY = date(1899, 12, 30)
SERIAL_DAYS = range(20_000, 80_000)
"""Dates that spreadsheets keep as numbers, from 1954 to 2119: beyond, it is some other number."""
YEARS = range(1900, 2201)


def is_formula(value: Any) -> bool:
    """As a spreadsheet would take a cell of a CSV; `="00123"` only keeps a text as it is."""
    return isinstance(value, str) and value.lstrip().startswith("=") and not KEPT_TEXT.fullmatch(value.strip())


def _refuse(value: Any, accepted: str) -> NoReturn:
    told = str(value)[:40]
    if is_formula(value):
        raise ValueError(f"« {told} » {FORMULA}")
    raise ValueError(f"« {told} » n'est pas {accepted}")


def _clean(value: str) -> str:
    """Spaces of any kind as one plain space, none at the ends."""
    return " ".join(value.split())


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def read_cents(value: Any) -> int | None:
    """Cents of « 1 234,50 € », « 1234.5 » or of a number, which a spreadsheet may have computed: rounded half away from zero."""
    accepted = "un montant : écrire par exemple 1 234,50 ou 1234.5, deux décimales au plus."
    if is_empty(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        _refuse(value, accepted)
    if isinstance(value, str):
        found = AMOUNT.fullmatch(_clean(value).replace("\u2212", "-"))
        if not found:
            _refuse(value, accepted)
        whole = (found["whole"] or found["dotted"]).replace(" ", "").replace(".", "")
        decimals = found["cents"] or found["rest"] or ""
        cents = int(f"{whole[:20]}{decimals.ljust(2, '0')}") * (-1 if found["sign"] == "-" else 1)
    elif isinstance(value, float) and not math.isfinite(value):
        _refuse(value, accepted)
    else:
        if abs(value) > MAX_CENTS:
            _refuse(value, "un montant possible : de −1 000 milliards à 1 000 milliards d'euros.")
        cents = int((Decimal(str(value)) * 100).to_integral_value(ROUND_HALF_UP))
    if abs(cents) > MAX_CENTS:
        _refuse(value, "un montant possible : de −1 000 milliards à 1 000 milliards d'euros.")
    return cents


def read_date(value: Any) -> date | None:
    """Day of a date cell, of a spreadsheet's day number, of « 03/09/2018 » or « 2018-09-03 », with an hour or without."""
    accepted = "une date : écrire 03/09/2018 ou 2018-09-03."
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value if value.year in YEARS else _refuse(value, accepted)
    if isinstance(value, str):
        text = HOUR.sub("", _clean(value))
        if found := FRENCH_DAY.fullmatch(text):
            parts = int(found[3]), int(found[2]), int(found[1])
        elif found := ISO_DAY.fullmatch(text):
            parts = int(found[1]), int(found[2]), int(found[3])
        elif re.fullmatch(r"\d{5}", text, re.ASCII):
            return read_date(int(text))
        else:
            _refuse(value, accepted)
        try:
            day = date(*parts)
        except ValueError:
            _refuse(value, accepted)
        return day if day.year in YEARS else _refuse(value, accepted)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**6:
        days = int(value)
        if days in SERIAL_DAYS:
            return ZERO_DAY + timedelta(days=days)
    _refuse(value, accepted)


def read_year(value: Any) -> int | None:
    """First year of 2018, « 2018 », « 2018-2019 » or « 2018/2019 »."""
    accepted = "une année : écrire 2018 ou, pour une année scolaire, 2018-2019."
    if is_empty(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        _refuse(value, accepted)
    if isinstance(value, str):
        text = _clean(value)
        span = SCHOOL_YEAR.fullmatch(text)
        if span and int(span[2]) == int(span[1]) + 1:
            text = span[1]
        year = int(text) if re.fullmatch(r"\d{4}", text, re.ASCII) else 0
    else:
        year = int(value) if abs(value) < 10**6 and value == int(value) else 0
    return year if year in YEARS else _refuse(value, accepted)


def read_text(value: Any, max_length: int = 0) -> str:
    """Text without spaces around, a number as it is shown (21860194000010, not 2.186e13), a date as 03/09/2018; the apostrophe that
    our exports put before a formula is taken off, and the `="…"` that keeps the zeros of a code. Longer than `max_length` (0: no limit) is
    refused."""
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        text = "Oui" if value else "Non"
    elif isinstance(value, float):
        text = f"{value:.0f}" if math.isfinite(value) and value == int(value) else str(value).replace(".", ",")
    elif isinstance(value, datetime):
        text = value.strftime("%d/%m/%Y" if not (value.hour or value.minute) else "%d/%m/%Y %H:%M")
    elif isinstance(value, date):
        text = value.strftime("%d/%m/%Y")
    else:
        text = str(value).strip()
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    elif kept := KEPT_TEXT.fullmatch(text):
        text = kept[1].strip()
    if "\x00" in text:
        _refuse(text.replace("\x00", "\u2400"), "un texte : il contient un caractère nul.")
    if max_length and len(text) > max_length:
        _refuse(text, f"un texte admis : {max_length} caractères au plus, celui-ci en a {len(text)}.")
    return text
