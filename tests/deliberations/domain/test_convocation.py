"""The delay of a convocation against a count of the days; the numbers of acts; what answers promise."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.answers import Promised, expected_of, holders_for, may_hold
from deliberations.domain.convocation import Meeting, Rule, delay_of, needs_notes
from deliberations.domain.numbering import FormatError, next_numbers, parse, read_rank, write_number

RULES = {
    "convocation_threshold": Rule(3500, "CGCT L2121-12"),
    "convocation_under": Rule(3, "CGCT L2121-11"),
    "convocation_from": Rule(5, "CGCT L2121-12"),
    "convocation_urgent": Rule(1, "CGCT L2121-11 et L2121-12"),
    "second_convocation": Rule(3, "CGCT L2121-17"),
    "alsace_moselle_under": Rule(3, "CGCT L2541-2"),
    "alsace_moselle_urgent": Rule(1, "CGCT L2541-2"),
    "alsace_moselle_second": Rule(0, "CGCT L2541-4"),
    "summary_note_from": Rule(3500, "CGCT L2121-12"),
}
HELD = date(2026, 12, 14)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def days_between(first: date, last: date) -> int:
    """One by one: neither the first nor the last."""
    count, day = 0, first + timedelta(days=1)
    while day < last:
        count, day = count + 1, day + timedelta(days=1)
    return count


@given(held=DAYS, before=st.integers(0, 40), population=st.integers(0, 200_000), urgent=st.booleans())
def test_clear_days_are_those_counted_one_by_one(held: date, before: int, population: int, urgent: bool) -> None:
    sent = held - timedelta(days=before)
    delay = delay_of(Meeting(held, sent, population, urgent=urgent), RULES)
    needed = 1 if urgent else 3 if population < 3500 else 5
    assert delay.required == needed
    assert delay.in_time == (days_between(sent, held) >= needed and before > 0)
    assert delay.latest is not None
    assert delay_of(Meeting(held, delay.latest, population, urgent=urgent), RULES).in_time
    assert not delay_of(Meeting(held, delay.latest + timedelta(days=1), population, urgent=urgent), RULES).in_time


@given(before=st.integers(0, 10), urgent=st.booleans())
def test_alsace_moselle_counts_whole_days_under_the_threshold(before: int, urgent: bool) -> None:
    meeting = Meeting(HELD, HELD - timedelta(days=before), 900, alsace_moselle=True, urgent=urgent)
    delay = delay_of(meeting, RULES)
    assert (delay.clear, delay.given, delay.article) == (False, before, "CGCT, article L2541-2")
    assert delay.in_time == (before >= (1 if urgent else 3))


@pytest.mark.parametrize(
    ("fields", "required", "clear", "cited"),
    [
        ({"population": 3499}, 3, True, "CGCT, article L2121-11"),
        ({"population": 3500}, 5, True, "CGCT, article L2121-12"),
        ({"population": None}, 5, True, "CGCT, article L2121-12"),
        ({"population": 120_000, "alsace_moselle": True}, 5, True, "CGCT, article L2121-12"),
        ({"population": 120_000, "urgent": True}, 1, True, "CGCT, articles L2121-11 et L2121-12"),
        ({"population": 9000, "first_held_on": date(2026, 12, 7)}, 3, True, "CGCT, article L2121-17"),
        ({"population": 9000, "first_held_on": date(2026, 12, 7), "urgent": True}, 3, True, "CGCT, article L2121-17"),
        (
            {"population": 900, "first_held_on": date(2026, 12, 7), "alsace_moselle": True},
            0,
            False,
            "CGCT, article L2541-4",
        ),
    ],
)
def test_rule_follows_population_urgency_and_regime(
    fields: dict[str, Any], required: int, clear: bool, cited: str
) -> None:
    delay = delay_of(Meeting(HELD, date(2026, 12, 8), **fields), RULES)
    assert (delay.required, delay.clear, delay.article) == (required, clear, cited)
    assert delay.in_time
    assert cited in delay.sentence


def test_second_convocation_leaves_after_the_first_meeting_and_three_clear_days_before_the_next() -> None:
    """A meeting on Monday without quorum, convened again at once: from Friday on (courrierdesmaires.fr, June 2016)."""
    monday = date(2026, 12, 7)
    for held, in_time in ((date(2026, 12, 10), False), (date(2026, 12, 11), True)):
        assert delay_of(Meeting(held, monday, 9000, first_held_on=monday), RULES).in_time is in_time
    early = delay_of(Meeting(date(2026, 12, 20), date(2026, 12, 1), 9000, first_held_on=monday), RULES)
    assert not early.in_time
    assert "après la réunion restée sans quorum, le 07/12/2026" in early.sentence


def test_unknown_law_is_told_and_nothing_is_in_time() -> None:
    for rules in ({}, {"convocation_from": RULES["convocation_from"]}):
        delay = delay_of(Meeting(HELD, date(2026, 1, 1), 9000), rules)
        assert (delay.required, delay.in_time) == (None, False)
        assert "table des règles de droit" in delay.sentence


def test_too_late_says_what_is_left() -> None:
    late = delay_of(Meeting(HELD, date(2026, 12, 11), 90_000), RULES)
    assert late.sentence == (
        "La convocation part 5 jours francs au moins avant la séance (CGCT, article L2121-12) ; "
        "envoyée le 11/12/2026, elle en laisse 2."
    )
    assert "n'en laisse aucun" in delay_of(Meeting(HELD, HELD, 90_000), RULES).sentence
    assert Rule(1, "RGPD").cited == "RGPD"


def test_notes_are_asked_from_the_threshold() -> None:
    assert needs_notes(3500, RULES)
    assert needs_notes(None, RULES)
    assert not needs_notes(3499, RULES)
    assert not needs_notes(9000, {})


FORMATS = st.sampled_from(
    ["{annee}-{rang:03}", "{rang}-{rang:02}", "{rang}", "{ordre}", "{annee}{mois}{jour}-{ordre:02}", "D{rang:04}/{annee}", "{rang}-{ordre}", "{annee}{rang:3}"]
)  # fmt: skip


@given(FORMATS, DAYS, st.integers(1, 9999), st.integers(1, 300))
def test_a_number_is_read_back(text: str, day: date, rank: int, order: int) -> None:
    number = write_number(text, day, rank, order)
    assert len(number) <= 40
    assert read_rank(text, number, day.year) == (rank if "{rang" in text else None)
    assert read_rank(text, number + "x", day.year) is None


@given(FORMATS, DAYS, st.sets(st.integers(1, 500), max_size=20), st.integers(0, 30))
def test_next_numbers_are_new_and_all_different(text: str, day: date, ranks: set[int], count: int) -> None:
    used = [write_number(text, day, rank, 500 + rank) for rank in ranks]
    numbers = next_numbers(text, day, [*used, "fait main"], range(1, count + 1))
    assert len(set(numbers)) == count
    assert not set(numbers) & set(used)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "{rang} ou {ordre}"),
        ("2026-", "{rang} ou {ordre}"),
        ("{annee}-{numero}", "« {numero} » n'est pas un repère"),
        ("{annee:02}-{rang}", "prennent une largeur"),
        ("{rang}{ordre}", "un signe qui ne soit pas un chiffre"),
        ("{rang}{annee}{ordre}", "un signe qui ne soit pas un chiffre"),
        ("{rang", "accolade"),
        ("{rang!r}", "accolade"),
        ("{rang.__class__}", "accolade"),
        ("{rang:999}", "accolade"),
        ("x" * 40 + "{rang}", "40 caractères"),
        ("{rang}\n", "caractère de contrôle"),
        ("{rang}\x00", "caractère de contrôle"),
    ],
)
def test_a_bad_format_is_told(text: str, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(text)
    assert words in str(caught.value)


@given(st.text(max_size=50))
def test_any_text_is_a_format_or_is_told(text: str) -> None:
    problem = ""
    try:
        parse(text)
    except FormatError as error:
        problem = str(error)
    assert problem or write_number(text, HELD, 1, 1) != write_number(text, HELD, 2, 2)


MEMBERS = st.integers(0, 12)


@given(MEMBERS, st.dictionaries(MEMBERS, MEMBERS, max_size=8), st.sets(MEMBERS, max_size=6), st.integers(0, 2))
def test_holders_obey_the_law(giver: int, proxies: dict[int, int], away: set[int], per_holder: int) -> None:
    found = holders_for(giver, range(13), proxies, away, per_holder)
    others = {key: holder for key, holder in proxies.items() if key != giver}
    for holder in range(13):
        allowed = (
            holder != giver
            and holder not in others
            and holder not in away
            and sum(1 for held in others.values() if held == holder) < per_holder
        )
        assert (holder in found) is allowed is may_hold(holder, giver, proxies, away, per_holder)


@given(
    st.dictionaries(MEMBERS, st.sampled_from(["", "present", "absent", "proxy"])),
    st.dictionaries(MEMBERS, MEMBERS, max_size=5),
    st.integers(0, 12),
)
def test_every_seat_is_counted_once(answers: dict[int, str], proxies: dict[int, int], size: int) -> None:
    expected = expected_of(Promised(tuple(range(size)), answers, proxies, {100: 0}))
    counted = [*expected.present, *expected.represented, *expected.absent, *expected.silent]
    assert sorted(counted) == list(range(size))
    assert expected.in_office == size
    assert expected.reached == (len(expected.present) * 2 > size)
    assert all(member in proxies for member in expected.represented)


def test_an_alternate_fills_the_seat_of_an_absent_titular_only() -> None:
    for said, present in (("absent", (1,)), ("present", (1,)), ("proxy", ())):
        expected = expected_of(Promised((1,), {1: said, 9: "present"}, {}, {9: 1}))
        assert expected.present == present
