"""School years and budget years: integers, the first year of `2018-2019` and the calendar year of an exercise."""

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
