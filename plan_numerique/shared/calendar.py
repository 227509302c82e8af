"""French holidays, working hours and clear days. No clock: every function is given its dates."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

ALSACE_MOSELLE = {"57": "57", "67": "6AE", "68": "6AE"}


@lru_cache(maxsize=256)
def public_holidays(year: int, department: str = "") -> frozenset[date]:
    """Legal holidays of the year; Alsace-Moselle has Good Friday and 26 December besides.

    `department` is on two or three characters ("57", "057", "974")."""
    code = department.removeprefix("0") if len(department) == 3 else department
    subdivision = ALSACE_MOSELLE.get(code)
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=year))


def clear_days(sent_on: date, held_on: date) -> int:
    """Jours francs: neither the day of sending nor the day of the meeting counts; no extension for week-ends (domain-rules 4.1)."""
    return (held_on - sent_on).days - 1


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Opening hours of a service, the same on each opened weekday (Monday is 0); `closures` are local days off or school holidays."""

    opens: time = time(8)
    closes: time = time(18)
    weekdays: Collection[int] = (0, 1, 2, 3, 4)
    department: str = ""
    closures: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("une journée ouvre avant de fermer")

    def is_open_on(self, day: date) -> bool:
        return (
            day.weekday() in self.weekdays
            and day not in self.closures
            and day not in public_holidays(day.year, self.department)
        )

    def after(self, start: datetime, working: timedelta, *, horizon_days: int = 3660) -> datetime:
        """The moment when `working` opened time has gone by since `start`; raises ValueError when the service never opens that long."""
        left, day = working, start.date()
        for _ in range(horizon_days):
            if self.is_open_on(day):
                begin = max(start, datetime.combine(day, self.opens, start.tzinfo))
                end = datetime.combine(day, self.closes, start.tzinfo)
                if begin < end:
                    if left <= end - begin:
                        return begin + left
                    left -= end - begin
            day += timedelta(days=1)
        raise ValueError("aucun horaire ouvert dans l'horizon donné")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Opened time between two moments, nothing when `end` is before `start`."""
        total, day = timedelta(), start.date()
        while day <= end.date():
            if self.is_open_on(day):
                begin = max(start, datetime.combine(day, self.opens, start.tzinfo))
                close = min(end, datetime.combine(day, self.closes, start.tzinfo))
                total += max(close - begin, timedelta())
            day += timedelta(days=1)
        return total
