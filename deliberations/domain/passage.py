"""The order in which a sitting takes its items, apart from their numbers. Items examined keep their places; those to come follow
them. Who came, left or gave a proxy « from an item on » stays at the same moment of the sitting whatever then moves."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """`examined`: the assembly has opened it. `waiting`: it may still be (neither examined, nor withdrawn, nor adjourned)."""

    act: int
    examined: bool = False
    waiting: bool = True


Order = Sequence[Item]


def next_of(order: Order) -> int | None:
    return next((item.act for item in order if item.waiting), None)


def _front(order: Order) -> int:
    """How many places go to the last item examined."""
    return max((rank for rank, item in enumerate(order, 1) if item.examined), default=0)


def opened(order: Order, act: int) -> tuple[int, ...]:
    """The item passes after the last one examined."""
    others = [item for item in order if item.act != act]
    place = _front(others)
    names = [item.act for item in others]
    return (*names[:place], act, *names[place:])


def moved(order: Order, act: int, before: int | None) -> tuple[int, ...]:
    """Both are to come; without `before`, the item passes last."""
    names = [item.act for item in order if item.act != act]
    place = len(names) if before is None else names.index(before)
    return (*names[:place], act, *names[place:])


def restored(order: Order, act: int) -> tuple[int, ...]:
    """Where it stood, if that is still to come; else next."""
    names = tuple(item.act for item in order)
    others = [item for item in order if item.act != act]
    return names if names.index(act) >= _front(others) else opened(order, act)


def anchored(before: Order, after: Order, anchor: int, *, but: int | None = None) -> int:
    """Which item of the new order holds what `anchor` held in the old one. `but`: the item that moved."""
    later = {item.act for item in after if item.examined}
    kept = [item.act for item in before if item.examined and item.act in later and item.act != but]
    if anchor in kept:
        return anchor
    names = [item.act for item in before]
    passed = sum(names.index(act) < names.index(anchor) for act in kept)
    if passed < len(kept):
        return kept[passed]
    last = max((rank for rank, item in enumerate(after, 1) if item.act in kept), default=0)
    return next((item.act for item in after[last:] if item.examined or item.waiting), anchor)
