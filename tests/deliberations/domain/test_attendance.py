"""Who sits, who speaks and what the voices come to, over thousands of sittings with arrivals, departures, proxies, withdrawals."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberations.domain.act import CHOICES, NOT_VOTING
from deliberations.domain.attendance import Attendance, Move, ProxySpan, Roll, attendance_at
from deliberations.domain.ballots import (
    Cast,
    Poll,
    contradiction,
    faults,
    heard,
    label_of,
    refuse_method,
    share,
    tally,
)
from deliberations.domain.moves import refuse_arrival, refuse_departure, refuse_proxy, refuse_withdrawal

LAST = 6
places = st.integers(0, LAST)


@st.composite
def rolls(draw: st.DrawFn) -> Roll:
    """Up to 15 members and 3 alternates; any moves, proxies and withdrawals, wise or not."""
    members = tuple(range(1, draw(st.integers(1, 15)) + 1))
    alternates = {100 + rank: draw(st.sampled_from((*members, 99))) for rank in range(draw(st.integers(0, 3)))}
    anyone = st.sampled_from((*members, *alternates))
    opening = draw(st.dictionaries(anyone, st.sampled_from(("present", "represented", "excused", "absent"))))
    moves = draw(st.lists(st.builds(Move, anyone, places, st.booleans()), max_size=8))
    spans = st.builds(ProxySpan, anyone, anyone, places, st.none() | places)
    return Roll(
        members=members,
        opening=opening,
        moves=tuple(sorted(moves, key=lambda move: move.place)),
        proxies=tuple(draw(st.lists(spans, max_size=6))),
        withdrawals=draw(st.dictionaries(places, st.sets(anyone, max_size=3), max_size=3)),
        alternates=alternates,
    )


@st.composite
def sittings(draw: st.DrawFn) -> tuple[Attendance, dict[int, Cast]]:
    """An item of a sitting and what was said of its vote, by whoever."""
    roll = draw(rolls())
    held = attendance_at(roll, draw(places))
    casts = st.builds(Cast, st.sampled_from(CHOICES), st.booleans())
    votes = draw(st.dictionaries(st.sampled_from((*roll.members, *roll.alternates, 999)), casts))
    return held, votes


@settings(max_examples=300)
@given(rolls(), places)
def test_each_seat_is_held_once(roll: Roll, place: int) -> None:
    held = attendance_at(roll, place)
    assert held.voices <= held.in_office == len(roll.members)
    stand_ins = [member for member in held.present if member in roll.alternates]
    seats = [roll.alternates.get(member, member) for member in held.present] + [
        *held.proxies,
        *held.excused,
        *held.absent,
    ]
    assert sorted(seats) == sorted(roll.members)
    assert len({roll.alternates[member] for member in stand_ins}) == len(stand_ins)
    assert set(held.withdrawn) <= set(held.present)
    assert set(held.silent) <= set(held.voters)


@settings(max_examples=300)
@given(rolls(), places)
def test_represented_members_never_count_in_the_quorum(roll: Roll, place: int) -> None:
    held, alone = attendance_at(roll, place), attendance_at(replace(roll, proxies=()), place)
    assert (held.counted, held.reached, held.present) == (alone.counted, alone.reached, alone.present)
    assert held.reached == (held.counted * 2 > held.in_office)


@settings(max_examples=300)
@given(rolls(), places)
def test_a_proxy_has_its_giver_away_and_its_holder_present(roll: Roll, place: int) -> None:
    held = attendance_at(roll, place)
    assert not set(held.proxies) & set(held.present)
    assert set(held.proxies.values()) <= set(held.present)
    assert len(held.voters) == len(set(held.voters))


@settings(max_examples=300)
@given(sittings(), st.sampled_from(("", *CHOICES)))
def test_the_tally_is_the_sum_of_the_names(sitting: tuple[Attendance, dict[int, Cast]], others: str) -> None:
    held, votes = sitting
    voices = heard(held, votes, others)
    assert voices.counts == {choice: Counter(voices.choices.values())[choice] for choice in CHOICES}
    assert sum(voices.counts.values()) + len(voices.missing) == held.voices <= held.in_office
    assert all(voices.choices[voter] == NOT_VOTING for voter in held.silent)
    assert not set(voices.strays) & set(held.voters)
    assert not (others and voices.missing)


@settings(max_examples=300)
@given(sittings(), st.data())
def test_votes_of_two_clerks_on_different_voices_make_one_ballot(
    sitting: tuple[Attendance, dict[int, Cast]], data: st.DataObject
) -> None:
    held, votes = sitting
    mine = data.draw(st.sets(st.sampled_from(sorted(votes)))) if votes else set()
    queues = [[each for each in votes.items() if (each[0] in mine) is first] for first in (True, False)]
    taken: dict[int, Cast] = {}
    while any(queues):
        queue = data.draw(st.sampled_from([each for each in queues if each]))
        taken.update([queue.pop(0)])
    assert heard(held, taken) == replace(heard(held, votes), strays=heard(held, taken).strays)
    assert set(heard(held, taken).strays) == set(heard(held, votes).strays)


@settings(max_examples=300)
@given(sittings(), st.sampled_from(CHOICES))
def test_a_vote_without_fault_is_not_contradicted_by_its_own_attendance(
    sitting: tuple[Attendance, dict[int, Cast]], others: str
) -> None:
    held, votes = sitting
    votes = {voter: cast for voter, cast in votes.items() if voter in held.voters and voter not in held.silent}
    voices = heard(held, votes, others)
    poll = Poll("by_name", voices.counts, chair_vote="for")
    names = dict.fromkeys((*held.present, *held.proxies), "X")
    codes = {finding.code for finding in faults(held, poll)}
    assert ("QUORUM_NOT_REACHED" in codes) == (not held.reached)
    assert not codes & {"VOTES_VS_VOICES", "SILENT_VOICES", "TIE_WITHOUT_CHAIR"}
    assert bool(contradiction(held, poll, votes, names)) == (not held.reached)


@given(st.integers(0, 200), st.integers(1, 10))
def test_a_share_is_the_least_number_that_is_one_part_or_more(present: int, part: int) -> None:
    needed = share(present, part)
    assert needed * part >= present
    assert not needed or (needed - 1) * part < present


NAMES = {1: "Mme A", 2: "M. B", 3: "Mme C", 4: "M. D", 5: "Mme E"}
OPENING = {1: "present", 2: "present", 3: "represented", 4: "absent", 5: "excused"}
HELD = attendance_at(Roll((1, 2, 3, 4, 5), OPENING, proxies=(ProxySpan(3, 1),)), 1)


@pytest.mark.parametrize(
    ("giver", "holder", "words"),
    [
        (4, 1, "Mme A porte déjà le pouvoir de Mme C : 1 pouvoir au plus par membre"),
        (4, 5, "Mme E ne siège pas : seul un membre présent porte un pouvoir"),
        (4, 3, "Mme C ne siège pas et a donné pouvoir à Mme A"),
        (2, 1, "M. B siège : seul un membre empêché d'assister à la séance donne pouvoir"),
        (4, 4, "M. D ne se donne pas pouvoir à lui-même"),
        (3, 2, "Mme C a déjà donné pouvoir à Mme A"),
        (4, 2, ""),
    ],
)
def test_proxies_are_refused_with_their_article(giver: int, holder: int, words: str) -> None:
    told = refuse_proxy(HELD, giver, holder, NAMES, given={3: 1}, most=1)
    assert told.startswith(words)
    assert bool(told) == ("L2121-20" in told)


def test_the_limit_of_proxies_is_that_of_the_day() -> None:
    assert refuse_proxy(HELD, 4, 1, NAMES, given={3: 1}, most=2) == ""
    assert "2 pouvoirs au plus" in refuse_proxy(HELD, 5, 1, NAMES, given={3: 1, 4: 1}, most=2)


def test_moves_follow_who_is_there() -> None:
    assert refuse_arrival(HELD, 4, NAMES) == refuse_departure(HELD, 1, NAMES) == refuse_withdrawal(HELD, 1, NAMES) == ""
    assert "déjà en séance" in refuse_arrival(HELD, 1, NAMES)
    assert "n'est pas en séance" in refuse_departure(HELD, 3, NAMES)
    assert "a donné pouvoir à Mme A" in refuse_withdrawal(HELD, 3, NAMES)
    assert "n'est pas en séance" in refuse_withdrawal(HELD, 4, NAMES)
    gone = replace(HELD, withdrawn=(1,))
    assert "est déjà noté" in refuse_withdrawal(gone, 1, NAMES)
    assert gone.silent == (1, 3)


@pytest.mark.parametrize(
    ("method", "asked", "part", "words"),
    [
        ("public", None, 4, "Dire combien de membres"),
        ("public", 11, 4, "il en faut 12"),
        ("public", 12, 4, ""),
        ("secret", 15, 3, "il en faut 16"),
        ("secret", 16, 3, ""),
        ("secret", None, 3, ""),
        ("secret", 47, 3, "46 sont présents"),
    ],
)
def test_special_ballots_are_obtained_by_a_part_of_those_present(
    method: str, asked: int | None, part: int, words: str
) -> None:
    held = attendance_at(Roll(tuple(range(1, 54)), dict.fromkeys(range(1, 47), "present")), 1)
    told = refuse_method(held, method, asked, part)
    assert words in told
    assert bool(told) == ("L2121-21" in told) == bool(words)


def counted(in_favour: int, against: int, abstain: int = 0, **more: str | bool) -> Poll:
    return Poll("totals", {"for": in_favour, "against": against, "abstain": abstain, "not_voting": 0}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("poll", "label"),
    [
        (counted(3, 0), "adoptée à l'unanimité"),
        (counted(2, 0, 1), "adoptée à l'unanimité des suffrages exprimés"),
        (counted(2, 1), "adoptée à la majorité"),
        (counted(1, 1, 1, chair_vote="for"), "adoptée à la majorité, voix prépondérante du président"),
        (counted(1, 1, 1, chair_vote="abstain"), "rejetée"),
        (counted(1, 1, 1, secret=True), "rejetée"),
        (counted(1, 1, 1), ""),
        (counted(1, 2), "rejetée"),
        (counted(0, 0, 3), "aucun suffrage exprimé"),
        (Poll("result_only", stated="majority"), "adoptée à la majorité"),
        (Poll("noted", stated="noted"), "pris acte"),
    ],
)
def test_the_words_of_the_proclamation(poll: Poll, label: str) -> None:
    assert label_of(poll, tally(HELD, poll)) == label


@pytest.mark.parametrize(
    ("poll", "code", "article"),
    [
        (counted(3, 1), "VOTES_VS_VOICES", "L2121-20"),
        (counted(1, 1, 1), "TIE_WITHOUT_CHAIR", "L2121-20"),
        (counted(0, 0, 3), "NO_VOTE_CAST", "L2121-20"),
        (counted(1, 2, stated="adopted"), "RESULT_MISMATCH", "L2121-20"),
        (Poll("result_only"), "NO_RESULT", None),
    ],
)
def test_what_forbids_a_proclamation(poll: Poll, code: str, article: str | None) -> None:
    told = {finding.code: finding.article for finding in faults(replace(HELD, in_office=3), poll)}
    assert told == {code: article}


def test_no_quorum_forbids_it_but_at_a_second_sitting() -> None:
    assert [each.code for each in faults(HELD, counted(3, 0))] == ["QUORUM_NOT_REACHED"]
    assert list(faults(HELD, counted(3, 0, second_convocation=True))) == []
    reached = replace(HELD, in_office=3)
    silent = replace(reached, withdrawn=(1,), in_office=1)
    assert [each.code for each in faults(silent, counted(3, 0))] == ["SILENT_VOICES"]


def test_what_contradicts_a_vote_already_proclaimed() -> None:
    held, names = replace(HELD, in_office=3), NAMES
    assert contradiction(held, counted(3, 0), {}, names) == ""
    assert "3 voix" in contradiction(held, counted(2, 0), {}, names)
    assert "M. D y a voté sans être présent" in contradiction(held, counted(3, 0), {4: Cast("for")}, names)
    gone = replace(held, withdrawn=(2,), in_office=1)
    assert "M. B y a voté" in contradiction(gone, counted(3, 0), {2: Cast("for")}, names)
    assert contradiction(held, Poll("result_only"), {}, names) == ""
    assert "quorum" in contradiction(HELD, counted(3, 0), {}, names)
