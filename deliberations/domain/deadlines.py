"""When a document of a sitting is due, and how late it is. Days are those of the calendar: a week is seven of them."""

from dataclasses import dataclass
from datetime import date, timedelta

SOON = 3


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_on` none: nothing is due; `done_on` none: not done yet."""

    due_on: date | None
    done_on: date | None = None

    def late_by(self, today: date) -> int:
        """Days past the deadline, when it was done or today; 0 in time."""
        if self.due_on is None:
            return 0
        return max(((self.done_on or today) - self.due_on).days, 0)

    def is_soon(self, today: date) -> bool:
        return (
            self.done_on is None
            and self.due_on is not None
            and self.due_on - timedelta(days=SOON) <= today <= self.due_on
        )


def due_after(day: date | None, days: int | None) -> date | None:
    """None while the day or the delay is unknown, and past the end of the calendar."""
    if day is None or days is None or days > (date.max - day).days:
        return None
    return day + timedelta(days=days)
