"""The life of a grant: what may follow what, and sums that never pass what was granted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain import subsidies as rules
from governance.domain.subsidies import Life, Step, live, possible, refusal
from plan_numerique.shared.money import apply_rate

DAY = date(2018, 1, 10)
TODAY = date(2020, 1, 1)


def at(state: str, days: int = 0, amount: int | None = None, reference: str = "") -> Step:
    return Step(state, DAY + timedelta(days), amount, reference)


FILED = [at("envisaged"), at("filed", 1, 1_000)]
NOTIFIED = [*FILED, at("complete", 2), at("notified", 3, 1_000)]
PAID = [*NOTIFIED, at("advance", 4, 300, "T1")]


def why(steps: list[Step], step: Step, *, correction: bool = False) -> tuple[str, str]:
    found = refusal(steps, step, correction=correction, today=TODAY)
    return (found.field, found.message) if found else ("", "")


def test_a_whole_life_is_accepted_step_by_step() -> None:
    steps: list[Step] = []
    for step in [
        *PAID[:1], at("filed", 1, 1_000), at("complete", 2), at("notified", 3, 1_000), at("advance", 4, 300, "T1"),
        at("advance", 5, 500, "T2"), at("settled", 6, 200, "T3"),
    ]:  # fmt: skip
        if steps:
            assert why(steps, step) == ("", "")
        steps.append(step)
    life = live(steps)
    assert (life.state, life.requested, life.granted, life.received) == ("settled", 1_000, 1_000, 1_000)
    assert life.dates["advance"] == DAY + timedelta(5)


@pytest.mark.parametrize(
    "steps, step, field, said",
    [
        (FILED, at("advance", 3, 10, "T1"), "state", "avant la notification"),
        (FILED[:1], at("notified", 3, 10), "state", "ne suit pas"),
        (FILED[:1], at("refused", 3), "state", "ne suit pas"),
        (NOTIFIED, at("filed", 9, 10), "state", "ne suit pas"),
        ([*FILED, at("refused", 2)], at("notified", 3, 10), "state", "refusée"),
        ([*NOTIFIED, at("settled", 4, 900, "T1")], at("advance", 5, 10, "T2"), "state", "soldée"),
        (NOTIFIED, at("advance", 4, 1_001, "T1"), "amount", "ne dépassent pas"),
        (PAID, at("settled", 5, 701, "T2"), "amount", "ne dépassent pas"),
        (PAID, at("advance", 5, 10, "T1"), "reference", "déjà cette référence"),
        (NOTIFIED, at("advance", 5, 10), "reference", "a sa référence"),
        (NOTIFIED, at("advance", 5, None, "T1"), "amount", "a son montant"),
        (FILED, at("notified", 5), "amount", "a son montant"),
        (FILED, at("complete", 5, 10), "amount", "ne porte pas de montant"),
        (FILED, at("complete", 0), "on", "ne vient pas avant"),
        (FILED, Step("complete", TODAY + timedelta(1)), "on", "n'est pas à venir"),
    ],
)
def test_what_is_refused(steps: list[Step], step: Step, field: str, said: str) -> None:
    found = why(steps, step)
    assert found[0] == field
    assert said in found[1]


def test_a_correction_replaces_and_keeps_the_state() -> None:
    assert why(PAID, at("notified", 3, 900), correction=True) == ("", "")
    assert live([*PAID, at("notified", 3, 900)]).granted == 900
    assert live([*PAID, at("advance", 4, 100, "T1")]).received == 100
    assert live([*PAID, at("filed", 1, 700)]).state == "advance"
    settled = [*PAID, at("settled", 5, 700, "T2")]
    assert why(settled, at("settled", 5, 600, "T2"), correction=True) == ("", "")
    assert live([*settled, at("settled", 5, 600, "T2")]).received == 900


@pytest.mark.parametrize(
    "step, field",
    [
        (at("settled", 5, 10, "T9"), "state"),
        (at("advance", 5, 10, "T9"), "reference"),
        (at("notified", 5, 299), "amount"),
    ],
)
def test_a_correction_has_something_to_correct(step: Step, field: str) -> None:
    assert why(PAID, step, correction=True)[0] == field


@pytest.mark.parametrize(
    "step, said",
    [
        (at("complete", 0), "du 11/01/2018 : celle-ci ne vient pas avant"),
        (at("complete", 4), "du 13/01/2018 : celle-ci ne vient pas après"),
        (at("filed", 3, 1_000), "du 12/01/2018 : celle-ci ne vient pas après"),
        (at("notified", 5, 1_000), "du 14/01/2018 : celle-ci ne vient pas après"),
        (at("advance", 2, 300, "T1"), "du 13/01/2018 : celle-ci ne vient pas avant"),
        (at("complete", 1), ""),
        (at("complete", 3), ""),
        (at("filed", -30, 1_000), ""),
        (at("advance", 90, 300, "T1"), ""),
        (at("envisaged", 90), ""),
    ],
)
def test_a_corrected_day_keeps_the_order_of_the_steps(step: Step, said: str) -> None:
    field, message = why(PAID, step, correction=True)
    assert field == ("on" if said else "")
    assert said in message


def test_a_day_already_corrected_counts_as_corrected() -> None:
    moved = [*PAID, at("advance", 20, 300, "T1")]
    assert why(moved, at("notified", 10, 1_000), correction=True) == ("", "")
    refused = [*FILED, at("refused", 2)]
    assert why(refused, at("filed", 3, 1_000), correction=True)[0] == "on"


def test_the_day_of_the_idea_holds_nothing_back() -> None:
    assert why([at("envisaged", 90)], at("filed", 1, 1_000)) == ("", "")


def test_possible_states_are_the_next_then_those_to_correct() -> None:
    assert possible(live(FILED)) == ("complete", "notified", "refused", "envisaged", "filed")
    assert possible(live([*FILED, at("refused", 3)])) == ("envisaged", "filed", "refused")


steps_tried = st.lists(
    st.tuples(
        st.builds(
            Step,
            st.sampled_from(sorted(rules.NEXT)),
            st.dates(DAY, TODAY + timedelta(2)),
            st.none() | st.integers(0, 1_000),
            st.sampled_from(["", "T1", "T2", "T3"]),
        ),
        st.booleans(),
    ),
    max_size=25,
)


@given(steps_tried)
def test_whatever_is_tried_received_never_passes_granted(tried: list[tuple[Step, bool]]) -> None:
    kept = [at("envisaged")]
    for step, correction in tried:
        before = live(kept)
        if refusal(kept, step, correction=correction, today=TODAY):
            continue
        kept.append(step)
        after = live(kept)
        assert after.received <= (after.granted or 0)
        assert after.state in (before.state, *rules.NEXT[before.state])
        if before.state in rules.ENDED:
            assert correction
            assert after.state == before.state


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 1_000_000))
def test_the_definitive_amount_is_capped_by_the_forecast(real: int, forecast: int, rate: int) -> None:
    assert rules.definitive(rate, real, forecast) <= apply_rate(forecast, rate)


def test_metz_feder_is_four_cents_over_its_rate() -> None:
    assert rules.off_rate(27_352_664, 136_763_300, 200_000) == 4
    assert rules.off_rate(27_352_661, 136_763_300, 200_000) is None
    assert rules.off_rate(None, 136_763_300, 200_000) is None
    assert rules.off_rate(1, None, 200_000) is None


def test_work_before_the_file_is_complete_is_told() -> None:
    notified, filed = live(NOTIFIED), live(FILED)
    assert rules.works_too_early(DAY, notified, TODAY)
    assert not rules.works_too_early(DAY + timedelta(2), notified, TODAY)
    assert rules.works_too_early(TODAY, filed, TODAY)
    assert not rules.works_too_early(TODAY + timedelta(1), filed, TODAY)
    assert not rules.works_too_early(None, filed, TODAY)
    assert not rules.works_too_early(DAY, Life(state="refused"), TODAY)
    assert rules.works_too_early(DAY, live([*FILED, at("notified", 3, 10)]), TODAY)


def test_own_share_of_a_fifth() -> None:
    assert not rules.own_share_low(200_000, 1_000_000)
    assert rules.own_share_low(199_999, 1_000_000)
    assert not rules.own_share_low(0, 0)
    assert rules.share_of(45, 100) == 450_000
    assert rules.share_of(45, 0) is None


def test_deadlines_late_and_soon() -> None:
    month = TODAY + timedelta(30)
    assert rules.late(TODAY - timedelta(1), None, TODAY)
    assert not rules.late(TODAY - timedelta(1), TODAY, TODAY)
    assert rules.soon(TODAY, None, TODAY)
    assert rules.soon(month, None, TODAY)
    assert not rules.soon(month + timedelta(1), None, TODAY)
    assert not rules.soon(TODAY, TODAY, TODAY)
