"""What a diagnosed school is proposed: packs by the rules, what they bring against what is there, and what is left to buy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from equipment.domain import lifecycle
from equipment.domain.allocation import allocate
from equipment.domain.catalogue import Pack
from equipment.domain.entries import entries_of
from equipment.domain.rules import PER_PLAN, Rule
from plan_numerique.shared.money import apply_rate
from schools.domain.table import School, table_of_schools

TO_CHOOSE = "Au choix de l'école, à confirmer"
CHOSEN = "Choix de l'école"
INSTALLED = "Installé à l'école"
"""Why a reservation ended: the device stands in its school."""
_UNIT = "·"


@dataclass(frozen=True, slots=True)
class Given:
    """What one rule gives the school: so many packs, or so many of an item."""

    rule: str
    pack: str | None
    item: str | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """More volunteers than the rule allows in a school; `left_out` are the ids of the classes beyond it."""

    rule: str
    limit: int
    volunteers: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    given: tuple[Given, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A pack of a proposal; `rule` is empty where it was added by hand."""

    rule: str
    pack: str
    by_rule: int
    kept: int
    reason: str = ""

    @property
    def adjusted(self) -> bool:
        return self.kept != self.by_rule and self.reason not in (TO_CHOOSE, CHOSEN)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`at_stake`: former adjustments that the new quantities leave no ground for."""

    packs: tuple[Kept, ...]
    at_stake: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of the school. `unit_price` and the amounts are cents of what is to buy, None without a price."""

    item: str
    must: int
    has: int
    reserved: int
    unit_price: int | None
    vat_rate: int

    @property
    def lacks(self) -> int:
        return max(self.must - self.has, 0)

    @property
    def to_buy(self) -> int:
        return max(self.lacks - self.reserved, 0)

    @property
    def ht(self) -> int | None:
        return None if self.unit_price is None else self.to_buy * self.unit_price

    @property
    def vat(self) -> int | None:
        return None if self.ht is None else apply_rate(self.ht, self.vat_rate)

    @property
    def ttc(self) -> int | None:
        return None if self.ht is None or self.vat is None else self.ht + self.vat


@dataclass(frozen=True, slots=True)
class Cost:
    """`unpriced`: units to buy that have no price and are in no sum."""

    ht: int
    vat: int
    unpriced: int

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


def propose(school: School, rules: Sequence[Rule]) -> Proposed:
    """Every class of the school enters at once (interchange 1, rule 2); a rule for the whole plan proposes nothing to a school."""
    table = table_of_schools([school])
    entries = entries_of(table, np.arange(len(table.class_id)), table.class_school)
    given, refusals = [], []
    for rule in rules:
        if rule.per == PER_PLAN:
            continue
        found = allocate([replace(rule, pack=None, item=_UNIT)], {}, entries)
        quantity = int(found.by_item[_UNIT].sum())
        if quantity:
            given.append(Given(rule.id, rule.pack, rule.item, quantity))
        refusals += [
            Refusal(rule.id, rule.max_members or 0, over.volunteers, over.left_out) for over in found.members_over
        ]
    return Proposed(tuple(given), tuple(refusals))


def kept_at_first(given: Iterable[Given], groups: Mapping[str, str]) -> tuple[Kept, ...]:
    """Packs as the rules give them. Of rules that exclude one another (`groups`: their group by rule), the first is kept until the
    school has chosen."""
    packs: list[Kept] = []
    taken: set[str] = set()
    for each in given:
        if each.pack is None:
            continue
        group = groups.get(each.rule, "")
        if group and group in taken:
            packs.append(Kept(each.rule, each.pack, each.quantity, 0, TO_CHOOSE))
        else:
            packs.append(Kept(each.rule, each.pack, each.quantity, each.quantity))
        taken.add(group)
    return tuple(packs)


def recompute(former: Sequence[Kept], given: Iterable[Given], groups: Mapping[str, str]) -> Recomputed:
    """What was adjusted stays where its rule still gives as much, and what was added by hand stays."""
    known = {(each.rule, each.pack): each for each in former if each.rule}
    fresh = kept_at_first(given, groups)
    same = {key for each in fresh if (key := (each.rule, each.pack)) in known and known[key].by_rule == each.by_rule}
    open_groups = _open_groups(fresh, same, groups)
    packs = []
    for each in fresh:
        before = known[each.rule, each.pack] if (each.rule, each.pack) in same else None
        again = groups.get(each.rule) in open_groups and before is not None and not before.adjusted
        packs.append(each if before is None or again else before)
    left = {(each.rule, each.pack) for each in packs if known.get((each.rule, each.pack)) == each}
    at_stake = tuple(each for key, each in known.items() if each.adjusted and key not in left)
    return Recomputed((*packs, *(each for each in former if not each.rule)), at_stake)


def _open_groups(fresh: Sequence[Kept], same: set[tuple[str, str]], groups: Mapping[str, str]) -> set[str]:
    """Groups whose alternatives are no longer those of the choice made: some gives another quantity, or one is left alone."""
    stands: dict[str, list[bool]] = {}
    for each in fresh:
        if group := groups.get(each.rule, ""):
            stands.setdefault(group, []).append((each.rule, each.pack) in same)
    return {group for group, kept in stands.items() if not all(kept) or len(kept) == 1}


def choose(packs: Sequence[Kept], chosen: Kept, groups: Mapping[str, str]) -> tuple[Kept, ...]:
    """The packs once the school has chosen one among those of its group; the others of the group are kept at 0."""
    group = groups.get(chosen.rule, "")
    return tuple(
        replace(each, kept=each.by_rule, reason="")
        if (each.rule, each.pack) == (chosen.rule, chosen.pack)
        else replace(each, kept=0, reason=CHOSEN)
        if group and groups.get(each.rule) == group
        else each
        for each in packs
    )


def items_due(packs: Iterable[Kept], given: Iterable[Given], contents: Mapping[str, Pack]) -> dict[str, int]:
    """Items of the packs kept, and those that rules give outside any pack."""
    due: dict[str, int] = {}
    for each in packs:
        for line in contents[each.pack].lines if each.kept else ():
            due[line.item] = due.get(line.item, 0) + each.kept * line.quantity
    for one in given:
        if one.item is not None:
            due[one.item] = due.get(one.item, 0) + one.quantity
    return due


def cost_of(lines: Iterable[ItemLine]) -> Cost:
    lines = tuple(lines)
    return Cost(
        sum(line.ht or 0 for line in lines),
        sum(line.vat or 0 for line in lines),
        sum(line.to_buy for line in lines if line.unit_price is None),
    )


def may_serve(*, same_item: bool, computers: bool, state: str) -> bool:
    """A device serves its own article; a requalified computer, any other article that is a computer (`computers`: both are)."""
    return same_item or (computers and state == lifecycle.REQUALIFIED)
