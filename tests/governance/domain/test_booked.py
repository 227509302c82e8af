"""What is booked on an authorisation is never, on any day, beyond what was voted by then."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.authorisations import Commitment, Payment, Version, state_at
from governance.domain.booked import COMMITMENTS, Overrun, first_overrun, refusal, standing

FIRST = Version(date(2016, 6, 30), 1, 290_000, {2016: 90_000, 2017: 200_000})
RAISED = Version(date(2017, 6, 29), 2, 300_000, {2016: 90_000, 2017: 210_000})
CARRIED = Version(date(2017, 3, 2), 2, 290_000, {2016: 40_000, 2017: 250_000})
LOWERED = Version(date(2017, 3, 2), 2, 100_000, {2016: 90_000, 2017: 10_000})


def on(month: int, day: int, year: int = 2016) -> date:
    return date(year, month, day)


def told(votes, moves, more, dated_on=None):
    before = standing(votes, moves)
    after = before.moved(more)
    found = first_overrun(before, after)
    return refusal(found, after, dated_on).replace("\u202f", " ") if found else ""


@pytest.mark.parametrize(
    "day, accepted",
    [(on(6, 29), False), (on(6, 30), True), (on(7, 1), True), (on(1, 1), False)],
)
@pytest.mark.parametrize("place, cents", [(COMMITMENTS, 1), (COMMITMENTS, -1), (2016, 1), (2016, -1)])
def test_nothing_is_booked_before_the_first_vote(day, accepted, place, cents):
    said = told([FIRST], {}, {(place, day): cents}, day)
    assert (said == "") is accepted
    if not accepted:
        assert said == (
            f"La date du {day:%d/%m/%Y} précède le premier vote de l'autorisation, du 30/06/2016 : "
            "rien ne s'y engage ni ne s'y paie avant (CGCT, L2311-3)."
        )


def test_nothing_is_booked_without_any_vote():
    said = "aucun vote n'a ouvert l'autorisation : rien ne s'y engage ni ne s'y paie (CGCT, L2311-3)."
    day = on(10, 1)
    assert told([], {}, {(COMMITMENTS, day): 1}, day) == f"À la date du 01/10/2016, {said}"
    assert told([], {}, {(2016, day): -1}) == f"Le 01/10/2016, {said}"


@pytest.mark.parametrize(
    "place, day, cents, said",
    [
        (COMMITMENTS, on(10, 1), 290_000, ""),
        (
            COMMITMENTS,
            on(10, 1),
            300_000,
            "À la date du 01/10/2016, les engagements feraient 3 000,00 € : la version 1, votée le 30/06/2016, autorise "
            "2 900,00 € (CGCT, L2311-3). Le vote suivant est du 29/06/2017.",
        ),
        (COMMITMENTS, on(6, 28, 2017), 290_001, "la version 1, votée le 30/06/2016, autorise 2 900,00 €"),
        (COMMITMENTS, on(6, 29, 2017), 300_000, ""),
        (COMMITMENTS, on(6, 29, 2017), 300_001, "la version 2, votée le 29/06/2017, autorise 3 000,00 € (CGCT, L2311-3)."),
        (2017, on(5, 1, 2017), 200_000, ""),
        (
            2017,
            on(5, 1, 2017),
            205_000,
            "À la date du 01/05/2017, les paiements de 2017 feraient 2 050,00 € : la version 1, votée le 30/06/2016, ouvre pour "
            "2017 2 000,00 € (CGCT, L2311-3). Le vote suivant est du 29/06/2017.",
        ),
        (2017, on(7, 1, 2017), 205_000, ""),
        (2019, on(7, 1, 2017), 1, "ouvre pour 2019 0,00 €"),
    ],
)  # fmt: skip
def test_what_is_booked_stays_within_what_was_voted_by_then(place, day, cents, said):
    found = told([RAISED, FIRST], {}, {(place, day): cents}, day)
    assert (said in found) if said else not found


def test_credits_carried_over_are_paid_from_their_vote_on():
    assert "ouvre pour 2017 2 000,00 €" in told([FIRST, CARRIED], {}, {(2017, on(2, 1, 2017)): 250_000}, on(2, 1, 2017))
    assert not told([FIRST, CARRIED], {}, {(2017, on(3, 2, 2017)): 250_000}, on(3, 2, 2017))


def test_a_payment_found_late_does_not_spend_again_what_was_carried_over():
    """Dated before the carry-over it had its credits; from the carry-over on it would be beyond those that are left."""
    day = on(12, 20)
    said = told([FIRST, CARRIED], {}, {(2016, day): 50_000}, day)
    assert said == (
        "À la date du 20/12/2016, les paiements de 2016 feraient 500,00 € le 02/03/2017 : la version 2, votée le 02/03/2017, "
        "ouvre pour 2016 400,00 € (CGCT, L2311-3)."
    )
    assert not told([FIRST, CARRIED], {}, {(2016, day): 40_000}, day)


def test_what_is_given_back_later_makes_no_room_before():
    moves = {(COMMITMENTS, on(7, 1)): 290_000, (COMMITMENTS, on(11, 1)): -50_000}
    assert "les engagements feraient 2 900,01 €" in told([FIRST], moves, {(COMMITMENTS, on(10, 1)): 1}, on(10, 1))
    assert not told([FIRST], moves, {(COMMITMENTS, on(11, 1)): 50_000}, on(11, 1))


def test_what_was_given_back_is_not_taken_away_nor_put_later():
    moves = {(COMMITMENTS, on(7, 1)): 290_000, (COMMITMENTS, on(9, 1)): -50_000, (COMMITMENTS, on(10, 1)): 50_000}
    assert told([FIRST], moves, {(COMMITMENTS, on(9, 1)): 50_000}) == (
        "Les engagements feraient 3 400,00 € le 01/10/2016 : la version 1, votée le 30/06/2016, autorise 2 900,00 € "
        "(CGCT, L2311-3)."
    )
    later = {(COMMITMENTS, on(9, 1)): 50_000, (COMMITMENTS, on(12, 1)): -50_000}
    assert "À la date du 01/12/2016, les engagements feraient 3 400,00 € le 01/10/2016" in told(
        [FIRST], moves, later, on(12, 1)
    )


def test_a_revision_is_held_by_what_was_booked_from_its_day_on():
    moves = {(COMMITMENTS, on(7, 1)): 150_000, (COMMITMENTS, on(5, 1, 2017)): -60_000}
    before = standing([FIRST], moves)
    after = before.voted(LOWERED)
    found = first_overrun(before, after)
    assert found == Overrun(COMMITMENTS, on(3, 2, 2017), 150_000, LOWERED)
    assert refusal(found, after, verb="font").startswith("Les engagements font 1")
    then = Version(on(5, 1, 2017), 2, LOWERED.amount, LOWERED.credits)
    assert first_overrun(before, before.voted(then)) is None


def test_what_was_wrong_already_may_stay_and_be_put_right():
    """Rows from before the rule: they block nothing else, and every step towards the rule is taken."""
    early = on(1, 15)
    moves = {(COMMITMENTS, early): 80_000}
    assert not told([FIRST], moves, {(COMMITMENTS, on(7, 1)): 210_000}, on(7, 1))
    assert not told([FIRST], moves, {(COMMITMENTS, early): -30_000})
    assert not told([FIRST], moves, {(COMMITMENTS, early): -80_000, (COMMITMENTS, on(7, 1)): 80_000}, on(7, 1))
    assert told([FIRST], moves, {(COMMITMENTS, early): 1}, early)


def test_of_two_votes_of_one_day_the_last_holds():
    same = Version(FIRST.voted_on, 2, 10, {2016: 10})
    assert "la version 2" in told([same, FIRST], {}, {(COMMITMENTS, FIRST.voted_on): 11}, FIRST.voted_on)


days = st.dates(date(2016, 1, 1), date(2017, 12, 31))
places = st.sampled_from([COMMITMENTS, 2016, 2017])
pieces = st.dictionaries(st.tuples(places, days), st.integers(-60, 120), min_size=1, max_size=3)
votes = st.lists(st.tuples(days, st.integers(0, 100), st.integers(0, 100)), max_size=4)


def versions_of(drawn):
    return [
        Version(day, number, first + second, {2016: first, 2017: second})
        for number, (day, first, second) in enumerate(sorted(drawn), 1)
    ]


def state_on(day, versions, moves):
    """By the function that the pages show a past state with."""
    return state_at(
        day,
        versions,
        [Commitment(on_day, cents) for (place, on_day), cents in moves.items() if place == COMMITMENTS],
        [Payment(on_day, place, cents) for (place, on_day), cents in moves.items() if place != COMMITMENTS],
    )


def booked_beyond(state, place):
    """What the page would show beyond what was voted; before any vote, anything at all."""
    credit = state.credit_of(place)
    booked, limit = (state.committed, state.amount) if place == COMMITMENTS else (credit.paid, credit.credit)
    return abs(booked) if state.number is None else max(0, booked - limit)


@given(votes, st.lists(pieces, max_size=12))
def test_no_past_state_is_ever_beyond_its_votes(drawn, many):
    """Whatever is asked in whatever order: what the rule lets through, no day of any past state shows beyond what was voted."""
    versions, moves = versions_of(drawn), {}
    now = standing(versions, moves)
    for asked in many:
        after = now.moved(asked)
        if first_overrun(now, after) is None:
            now = after
            moves = {key: moves.get(key, 0) + asked.get(key, 0) for key in {*moves, *asked}}
    for day in {day for _, day in moves} | {version.voted_on for version in versions}:
        state = state_on(day, versions, moves)
        assert [booked_beyond(state, place) for place in (COMMITMENTS, 2016, 2017)] == [0, 0, 0]


@given(votes, pieces, pieces)
def test_a_refusal_is_always_for_a_day_that_would_be_worse(drawn, stored, asked):
    """Nothing is refused for nothing, whatever the rows there already; and what is let through makes no day worse."""
    versions = versions_of(drawn)
    before = standing(versions, stored)
    after = before.moved(asked)
    both = {key: stored.get(key, 0) + asked.get(key, 0) for key in {*stored, *asked}}

    def worse(day, place):
        was, now = state_on(day, versions, stored), state_on(day, versions, both)
        return booked_beyond(now, place) > booked_beyond(was, place)

    found = first_overrun(before, after)
    if found is not None:
        assert worse(found.day, found.place)
        assert f"{found.day:%d/%m/%Y}" in refusal(found, after)
        if versions:
            assert any(f"{version.voted_on:%d/%m/%Y}" in refusal(found, after) for version in versions)
    checked = sorted({day for _, day in both} | {version.voted_on for version in versions})
    assert [day for day in checked if any(worse(day, place) for place in (COMMITMENTS, 2016, 2017))][:1] == (
        [found.day] if found else []
    )


@given(votes, pieces, st.tuples(days, st.integers(0, 100), st.integers(0, 100)))
def test_a_vote_lowers_nothing_under_what_was_booked_from_its_day_on(drawn, stored, vote):
    versions = versions_of(drawn)
    day, first, second = vote
    new = Version(max([day, *(each.voted_on for each in versions)]), 9, first + second, {2016: first, 2017: second})
    before = standing(versions, stored)
    if first_overrun(standing(versions, {}), before) is not None:
        return
    refused = first_overrun(before, before.voted(new)) is not None
    seen = [each for each in (*(day for _, day in stored), new.voted_on) if each >= new.voted_on]
    beyond = any(
        booked_beyond(state_on(each, [*versions, new], stored), place)
        for each in seen
        for place in (COMMITMENTS, 2016, 2017)
    )
    assert refused == beyond
