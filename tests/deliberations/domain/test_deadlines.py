"""Deadlines of the documents of a sitting, and the minutes in parts."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.deadlines import SOON, Deadline, due_after
from deliberations.domain.minutes import join_minutes, opens_part, split_minutes

DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=60)


@given(DAYS, st.integers(0, 400))
def test_a_delay_counts_every_day(start: date, days: int) -> None:
    due = due_after(start, days)
    assert due is not None
    assert (due - start).days == days


def test_an_unknown_day_or_delay_gives_no_deadline() -> None:
    assert due_after(None, 7) is None
    assert due_after(date(2026, 1, 1), None) is None
    assert Deadline(None).late_by(date(2026, 1, 1)) == 0
    assert not Deadline(None).is_soon(date(2026, 1, 1))


@given(DAYS, DAYS, st.none() | DAYS)
def test_late_soon_and_done_exclude_one_another(due: date, today: date, done: date | None) -> None:
    deadline = Deadline(due, done)
    assert not (deadline.late_by(today) and deadline.is_soon(today))
    assert deadline.is_soon(today) == (done is None and timedelta() <= due - today <= timedelta(days=SOON))
    assert deadline.late_by(today) == max(((done or today) - due).days, 0)


@given(TEXTS, st.dictionaries(st.integers(1, 10**15), TEXTS, max_size=5))
def test_minutes_joined_are_split_again(general: str, parts: dict[int, str]) -> None:
    if any(map(opens_part, (general, *parts.values()))):
        return
    again = split_minutes(join_minutes(general, parts))
    assert again == (general.strip(), {key: text.strip() for key, text in parts.items() if text.strip()})


@given(st.text(max_size=200))
def test_any_text_is_split(text: str) -> None:
    general, parts = split_minutes(text)
    assert split_minutes(join_minutes(general, parts)) == (general, parts)


def test_an_act_named_twice_has_both_texts() -> None:
    text = "Avant\r\n=== acte 7 ===\nPremier\n=== acte 8 ===\nAutre\n=== acte 7 ===\nSecond"
    assert split_minutes(text) == ("Avant", {7: "Premier\n\nSecond", 8: "Autre"})
    assert opens_part("a\n=== acte 3 ===")
    assert not opens_part("voir === acte 3 === ici")
