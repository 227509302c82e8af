"""School years and budget years: integers, the first year of `2018-2019` and the calendar year of an exercise."""

import re
from datetime import date


def school_year_label(start: int) -> str:
    """`2018` is "2018-2019": the school year is named by the year of its rentrée."""
    return f"{start}-{start + 1}"


def school_year_of(day: date) -> int:
    """A school year runs from 1 September to 31 August (domain-rules 5.1)."""
    return day.year if day.month >= 9 else day.year - 1


def exercises_of(first_school_year: int, last_school_year: int) -> range:
    """Budget years (calendar) that school years touch: three school years fall on four exercises."""
    return range(first_school_year, last_school_year + 2)


MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_ISO_DAY = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?\b(?!-)", re.ASCII)


def french_dates(text: str) -> str:
    """Dates and months written by a machine in a text, as French writes them; "2017-2018" is left as it is."""
    return _ISO_DAY.sub(_in_french, text)


def _in_french(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    written = f"{MONTHS[int(month) - 1]} {year}"
    return f"{'1er' if day == '01' else int(day)} {written}" if day else written
