"""The order of passage: what was examined never moves, and neither does who was there for it."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from deliberations.domain.attendance import Attendance, Move, Roll, attendance_at
from deliberations.domain.passage import Item, anchored, moved, next_of, opened, restored

MEMBERS = (1, 2, 3)


def waiting(*acts: int) -> list[Item]:
    return [Item(act) for act in acts]


def done(*acts: int) -> list[Item]:
    return [Item(act, examined=True, waiting=False) for act in acts]


def test_an_item_opened_out_of_order_takes_its_real_place() -> None:
    assert opened(waiting(1, 2, 3), 3) == (3, 1, 2)
    assert opened([*done(1), *waiting(2, 3, 4)], 4) == (1, 4, 2, 3)
    assert opened([*done(1, 2), *waiting(3)], 1) == (2, 1, 3)


def test_items_to_come_change_order() -> None:
    assert moved([*done(1), *waiting(2, 3, 4)], 4, 2) == (1, 4, 2, 3)
    assert moved([*done(1), *waiting(2, 3, 4)], 2, None) == (1, 3, 4, 2)


def test_an_item_restored_comes_next_if_its_turn_has_passed() -> None:
    aside = Item(2, waiting=False)
    assert restored([*done(1), aside, *done(3), *waiting(4)], 2) == (1, 3, 2, 4)
    assert restored([*done(1), *waiting(3), aside, *waiting(4)], 2) == (1, 3, 2, 4)


def test_next_is_the_first_that_waits() -> None:
    assert next_of([*done(1), Item(2, waiting=False), *waiting(3, 4)]) == 3
    assert next_of(done(1)) is None


def test_a_move_stays_at_its_moment() -> None:
    before, after = [*done(1), *waiting(2, 3)], [*done(1), *done(3), *waiting(2)]
    assert anchored(before, after, 2, but=3) == 3
    assert anchored(before, after, 1, but=3) == 1
    twice = [*done(1, 2, 3)]
    assert anchored(twice, done(2, 3, 1), 1, but=1) == 2
    assert anchored(waiting(1), [Item(1, waiting=False)], 1) == 1


@dataclass
class Sitting:
    """Items and moves as an unwise clerk enters them; `seen`: who sat at each item once it was voted."""

    order: list[Item]
    anchors: list[tuple[int, int, bool]] = field(default_factory=list)
    seen: dict[int, Attendance] = field(default_factory=dict)
    current: int | None = None
    aside: set[int] = field(default_factory=set)

    def at(self, act: int) -> Attendance:
        places = {item.act: rank for rank, item in enumerate(self.order, 1)}
        moves = sorted(
            (Move(member, places[anchor], here) for member, anchor, here in self.anchors), key=lambda m: m.place
        )
        return attendance_at(Roll(MEMBERS, dict.fromkeys(MEMBERS, "present"), tuple(moves)), places[act])

    def item(self, act: int) -> Item:
        return next(item for item in self.order if item.act == act)

    def reorder(self, acts: tuple[int, ...], act: int, **change: bool) -> None:
        before = self.order
        items = {item.act: item for item in before}
        items[act] = replace(items[act], **change)
        self.order = [items[each] for each in acts]
        but = act if change.get("examined") or acts != tuple(item.act for item in before) else None
        self.anchors = [
            (member, anchored(before, self.order, anchor, but=but), here) for member, anchor, here in self.anchors
        ]

    def move(self, member: int, here: bool) -> None:
        anchor = self.current if self.current is not None and self.current not in self.seen else next_of(self.order)
        if anchor is not None:
            self.anchors.append((member, anchor, here))

    def open(self, act: int) -> None:
        if act not in self.aside:
            if act not in self.seen:
                self.reorder(opened(self.order, act), act, examined=True, waiting=False)
            self.current = act

    def shift(self, act: int, before: int) -> None:
        if act != before and self.item(act).waiting and self.item(before).waiting:
            self.reorder(moved(self.order, act, before), act)

    def set_aside(self, act: int) -> None:
        if act not in self.seen:
            self.reorder(tuple(item.act for item in self.order), act, waiting=False)
            self.aside.add(act)
            self.current = None if self.current == act else self.current

    def restore(self, act: int) -> None:
        if act in self.aside:
            self.reorder(restored(self.order, act), act, waiting=True, examined=False)
            self.aside.discard(act)

    def vote(self) -> None:
        if self.current is not None:
            self.seen.setdefault(self.current, self.at(self.current))


def test_who_left_during_another_item_is_not_there_when_one_is_taken_up_again() -> None:
    sitting = Sitting(waiting(1, 2, 3))
    for name, *said in [("open", 2), ("vote",), ("open", 3), ("open", 2), ("move", 1, False), ("open", 3)]:
        getattr(sitting, name)(*said)
    assert 1 in sitting.at(2).present
    assert 1 not in sitting.at(3).present


acts = st.integers(1, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), acts),
        st.tuples(st.just("shift"), acts, acts),
        st.tuples(st.just("set_aside"), acts),
        st.tuples(st.just("restore"), acts),
        st.tuples(st.just("move"), st.sampled_from(MEMBERS), st.booleans()),
        st.tuples(st.just("vote")),
    ),
    max_size=30,
)


@settings(max_examples=600)
@given(STEPS)
def test_whatever_moves_later_who_sat_for_a_vote_stays(steps: list[tuple]) -> None:
    sitting = Sitting(waiting(1, 2, 3, 4, 5))
    for name, *said in steps:
        getattr(sitting, name)(*said)
        assert {act: sitting.at(act) for act in sitting.seen} == sitting.seen
        assert sorted(item.act for item in sitting.order) == [1, 2, 3, 4, 5]
        ranks = [rank for rank, item in enumerate(sitting.order) if item.examined]
        assert all(not item.waiting or not ranks or rank > max(ranks) for rank, item in enumerate(sitting.order))


@settings(max_examples=400)
@given(STEPS)
def test_a_move_holds_at_once_and_for_what_follows(steps: list[tuple]) -> None:
    sitting = Sitting(waiting(1, 2, 3, 4, 5))
    here = set(MEMBERS)
    for name, *said in steps:
        anchored_before = len(sitting.anchors)
        getattr(sitting, name)(*said)
        if name == "move" and len(sitting.anchors) > anchored_before:
            (here.add if said[1] else here.discard)(said[0])
        if sitting.current is not None and sitting.current not in sitting.seen:
            assert set(sitting.at(sitting.current).present) == here
