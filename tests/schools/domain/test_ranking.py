"""The ranking as a pure function: total, exact, and deaf to the order of what it is given."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.domain.ranking import (
    ORDERS,
    Candidate,
    Criterion,
    Line,
    mark_of,
    outcomes,
    placed,
    point_of,
    ranking,
    strength,
    ten_thousandths,
)

TENTHS = st.integers(-200, 200).map(lambda n: Fraction(n, 10))
TIE_RULES = st.sampled_from(sorted(ORDERS))


@st.composite
def criteria(draw: st.DrawFn) -> list[Criterion]:
    found = []
    for rank in range(draw(st.integers(0, 4))):
        floor = draw(TENTHS)
        full = draw(TENTHS.filter(lambda value, floor=floor: value != floor))
        found.append(Criterion(rank, draw(st.integers(1, 100)), floor, full, draw(st.none() | TENTHS)))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Criterion], list[Candidate], dict[str, int]]:
    """Few different values, so that ties are common."""
    known = draw(criteria())
    few = st.none() | st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(3)])
    total = draw(st.integers(0, 7))
    candidates = [
        Candidate(
            f"{rank:07d}A",
            {criterion.id: draw(few) for criterion in known},
            draw(few),
            draw(st.none() | st.integers(0, 2)),
            draw(st.sampled_from(["", "2026-03-01", "2026-03-02"])),
        )
        for rank in range(total)
    ]
    places = draw(st.lists(st.integers(1, 12), unique=True, max_size=total))
    fixed = draw(st.permutations([each.id for each in candidates]))
    return known, candidates, dict(zip(fixed, places, strict=False))


@given(cases(), TIE_RULES, st.randoms(use_true_random=False))
def test_ranking_permuted_is_the_same(case: tuple, rule: str, random: object) -> None:
    known, candidates, departures = case
    first = ranking(known, candidates, departures, rule)
    for rows in (known, candidates, pairs := list(departures.items())):
        random.shuffle(rows)  # type: ignore[attr-defined]
    assert ranking(known, candidates, dict(pairs), rule) == first
    assert ranking(iter(known), iter(candidates), dict(pairs), rule) == first


@given(cases(), TIE_RULES)
def test_ranking_gives_each_place_once(case: tuple, rule: str) -> None:
    known, candidates, departures = case
    lines = ranking(known, candidates, departures, rule)
    every = list(range(1, len(candidates) + 1))
    assert [line.place for line in lines] == every
    assert sorted(line.by_score for line in lines) == every
    assert {line.candidate for line in lines} == {each.id for each in candidates}


@given(cases(), TIE_RULES)
def test_ranking_keeps_departures_and_the_order_of_the_others(case: tuple, rule: str) -> None:
    known, candidates, departures = case
    lines = ranking(known, candidates, departures, rule)
    for line in lines:
        asked = departures.get(line.candidate)
        assert line.fixed == (asked is not None)
        if asked is not None and asked <= len(lines):
            assert line.place == asked
    free = [line.by_score for line in lines if not line.fixed]
    assert free == sorted(free)
    scores = [line.score for line in sorted(lines, key=lambda line: line.by_score)]
    assert scores == sorted(scores, reverse=True)


@given(cases(), TIE_RULES)
def test_ranking_is_the_sum_of_its_points(case: tuple, rule: str) -> None:
    known, candidates, departures = case
    for line in ranking(known, candidates, departures, rule):
        assert line.score == sum(point.points for point in line.points)
        assert all(0 <= point.points <= point.weight for point in line.points)
        assert [point.criterion for point in line.points] == sorted(each.id for each in known)


@given(criteria(), st.data())
def test_better_value_never_lowers_a_score(known: list[Criterion], data: st.DataObject) -> None:
    if not known:
        return
    values = {criterion.id: data.draw(TENTHS) for criterion in known}
    moved = data.draw(st.sampled_from(known))
    step = abs(data.draw(TENTHS)) * (1 if moved.full > moved.floor else -1)
    better = {**values, moved.id: values[moved.id] + step}
    before, after = (ranking(known, [Candidate("a", held)], {}, "pupils")[0].score for held in (values, better))
    assert after >= before


@given(st.fractions())
def test_shown_score_is_within_half_a_unit(value: Fraction) -> None:
    assert abs(Fraction(ten_thousandths(value), 10_000) - value) <= Fraction(1, 20_000)


SCALE_10 = Criterion(1, 20, Fraction(0), Fraction(10))


def test_mark_is_straight_and_bounded() -> None:
    assert [mark_of(SCALE_10, Fraction(v)) for v in (-1, 0, 4, 10, 12)] == [0, 0, Fraction(2, 5), 1, 1]
    turned = Criterion(1, 20, Fraction(Decimal("120.5")), Fraction(Decimal("80.5")))
    assert [mark_of(turned, Fraction(Decimal(v))) for v in ("130", "100.5", "70")] == [0, Fraction(1, 2), 1]


def test_unknown_value_takes_the_default_and_says_so() -> None:
    bare, stated = point_of(SCALE_10, None), point_of(Criterion(1, 20, Fraction(0), Fraction(10), Fraction(5)), None)
    assert (bare.unknown, bare.used, bare.points) == (True, None, 0)
    assert (stated.unknown, stated.value, stated.used, stated.points) == (True, None, 5, 10)


def candidate(uai: str, ips: int | None = None, pupils: int | None = None, submitted: str = "") -> Candidate:
    return Candidate(uai, {1: Fraction(5)}, None if ips is None else Fraction(ips), pupils, submitted)


def ranked(rule: str, *found: Candidate) -> list[Line]:
    return list(ranking([SCALE_10], found, {}, rule))


def test_tie_goes_to_the_lowest_social_index_then_pupils_then_uai() -> None:
    rows = ranked(
        "social_index", candidate("E"), candidate("D", 90, 100), candidate("C", 90, 120), candidate("B", 90, 120),
        candidate("A", 110, 500),
    )  # fmt: skip
    assert [line.candidate for line in rows] == ["B", "C", "D", "A", "E"]
    assert [[tie.rule for tie in line.ties] for line in rows] == [
        ["uai"], ["uai", "pupils"], ["pupils", "social_index"], ["social_index", "social_index"], ["social_index"],
    ]  # fmt: skip
    assert {line.tied for line in rows} == {4}


def test_tie_goes_to_the_most_pupils() -> None:
    assert [line.candidate for line in ranked("pupils", candidate("A", 80, 10), candidate("B", 120, 11))] == ["B", "A"]


def test_tie_goes_to_the_first_submitted() -> None:
    rows = ranked("submitted", candidate("A", submitted="2026-03-02"), candidate("B", submitted="2026-03-01"))
    assert [line.candidate for line in rows] == ["B", "A"]
    assert rows[0].ties[0].other == "A"


def test_scores_that_only_look_equal_are_not_tied() -> None:
    """They differ by less than what is shown."""
    thin = [Criterion(1, 1, Fraction(0), Fraction(10**9))]
    rows = ranking(thin, [Candidate("A", {1: Fraction(1)}), Candidate("B", {1: Fraction(2)})], {}, "pupils")
    assert [(line.candidate, ten_thousandths(line.score), line.tied) for line in rows] == [("B", 0, 0), ("A", 0, 0)]


def test_place_beyond_the_last_is_the_last() -> None:
    assert placed("abcd", {"a": 99}) == {"a": 4, "b": 1, "c": 2, "d": 3}
    assert placed("abcd", {"a": 99, "b": 50, "c": 4}) == {"c": 4, "a": 3, "b": 2, "d": 1}


@pytest.mark.parametrize("departures", [{"a": 0}, {"a": 1, "b": 1}, {"z": 1}])
def test_departures_are_refused_when_they_cannot_be_kept(departures: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        placed("ab", departures)


def test_outcomes_pass_over_who_is_refused() -> None:
    assert outcomes("abcd", 2, "b") == {"a": "retained", "b": "refused", "c": "retained", "d": "waiting"}
    assert outcomes("ab", None, ()) == {"a": "retained", "b": "retained"}


@given(st.integers(0, 9), st.integers(0, 9), st.sets(st.integers(0, 8)))
def test_outcomes_never_retain_more_than_the_seats(total: int, seats: int, refused: set[int]) -> None:
    names = [str(rank) for rank in range(total)]
    found = outcomes(names, seats, {str(rank) for rank in refused})
    left = [name for name in names if int(name) not in refused]
    assert list(found) == names
    assert [name for name in names if found[name] == "retained"] == left[:seats]


def test_strength_is_said_of_what_is_known() -> None:
    assert [strength(Fraction(n, 6)) for n in range(7)] == ["weak", "weak", "weak", "", "strong", "strong", "strong"]
    assert strength(Fraction(0), unknown=True) == ""
