"""The proposal of a diagnosed school as a page, the API and the scenario read it: packs, items, what is reserved, what is left to buy."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from equipment.domain import lifecycle
from equipment.domain import proposal as core
from equipment.domain.catalogue import Pack as PackContent
from equipment.domain.catalogue import PackLine as ContentLine
from equipment.domain.need import packs_of, rules_of
from equipment.domain.rules import Rule
from equipment.domain.sentences import rule_sentence
from equipment.models import (
    AllocationRule,
    Device,
    ItemType,
    Pack,
    PackLine,
    Price,
    Proposal,
    ProposedPack,
    Reservation,
    RuleSet,
)
from equipment.queries.documents import rule_set_content
from equipment.queries.prices import prices_on
from equipment.queries.visible import visible_proposals
from plan_numerique.shared import money
from schools.domain import table
from schools.models import Diagnostic, Headcount, School, SchoolClass, Site
from schools.queries import levels_of, pupils_of


@dataclass(frozen=True)
class Priced:
    label: str
    price: int | None
    vat_rate: int
    hypothesis: bool


@dataclass(frozen=True)
class Ruled:
    """A rule of the set as the proposal quotes it; `group`: rules of one group exclude one another."""

    rule: Rule
    sentence: str
    quote: str
    group: str


@dataclass(frozen=True)
class Book:
    """A rule set read for proposals: its rules by code, its packs and items by code."""

    rule_set: RuleSet
    rules: Mapping[str, Ruled]
    packs: Mapping[str, PackContent]
    items: Mapping[str, Priced]

    @property
    def groups(self) -> dict[str, str]:
        return {code: ruled.group for code, ruled in self.rules.items() if ruled.group}


@dataclass(frozen=True)
class PackRow:
    """A pack proposed; `contents` are (quantity in one pack, label), `told` the rule that gives it (None: added by hand)."""

    row: ProposedPack
    value: core.Kept
    told: Ruled | None
    contents: tuple[tuple[int, str], ...]
    unit_ht: int | None

    @property
    def to_choose(self) -> bool:
        return bool(self.told and self.told.group)


@dataclass(frozen=True)
class Line:
    """An item of the school with its figures (`core.ItemLine`); `item_type` None where the catalogue no longer has it."""

    item_type: ItemType | None
    label: str
    hypothesis: bool
    figures: core.ItemLine

    @property
    def to_buy(self) -> int:
        return self.figures.to_buy


@dataclass(frozen=True)
class Sheet:
    """`stale`: why the quantities by the rules would now be others, empty where they would not."""

    proposal: Proposal
    book: Book
    packs: tuple[PackRow, ...]
    items: tuple[core.Given, ...]
    lines: tuple[Line, ...]
    cost: core.Cost
    refusals: tuple[core.Refusal, ...]
    stale: str

    @property
    def undecided(self) -> bool:
        return any(row.value.reason == core.TO_CHOOSE for row in self.packs)

    @property
    def hypothesis(self) -> bool:
        return any(line.to_buy and line.hypothesis for line in self.lines)


def book_of(rule_set: RuleSet) -> Book:
    content = rule_set_content(rule_set)
    hypotheses = set(content["hypotheses"])
    items = {
        item["id"]: Priced(
            item["label"],
            None if item["unit_price_ht"] is None else money.parse_cents(item["unit_price_ht"]),
            money.parse_rate(item["vat_rate"]),
            item["id"] in hypotheses,
        )
        for item in content["items"]
    }
    packs = packs_of(content)
    rows = {rule.code: rule for rule in AllocationRule.objects.filter(rule_set=rule_set)}
    rules = {}
    for rule in rules_of(content):
        target = packs[rule.pack].label if rule.pack is not None else items[rule.item or ""].label
        row = rows.get(rule.id)
        rules[rule.id] = Ruled(
            rule, rule_sentence(rule, target), row.quote if row else "", row.choice_group if row else ""
        )
    return Book(rule_set, rules, packs, items)


def diagnosed_schools(wanted: Iterable[tuple[Diagnostic, int]]) -> dict[int, table.School]:
    """The school of each diagnostic with its classes of a year, those it names as volunteers marked. By diagnostic id, five queries."""
    wanted = tuple(wanted)
    ids = [diagnostic.school_id for diagnostic, _ in wanted]
    years = {year for _, year in wanted}
    by_level = Prefetch("headcounts", queryset=Headcount.objects.order_by("pk"))
    rows = SchoolClass.objects.filter(school__in=ids, school_year__in=years).prefetch_related(by_level)
    classes: dict[tuple[int, int], list[SchoolClass]] = defaultdict(list)
    for row in rows.order_by("name", "pk"):
        classes[row.school_id, row.school_year].append(row)
    floors: dict[int, int] = dict(
        Site.objects.filter(school__in=ids)
        .order_by()
        .values("school")
        .annotate(n=Sum("floors"))
        .values_list("school", "n")
    )
    named = _volunteers([diagnostic.pk for diagnostic, _ in wanted])
    schools = School.objects.in_bulk(ids)
    return {
        diagnostic.pk: table.School(
            schools[diagnostic.school_id].uai,
            schools[diagnostic.school_id].kind,
            schools[diagnostic.school_id].sector,
            floors.get(diagnostic.school_id, 1),
            tuple(_class(row, named[diagnostic.pk]) for row in classes[diagnostic.school_id, year]),
        )
        for diagnostic, year in wanted
    }


def _volunteers(diagnostics: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    through = Diagnostic.volunteers.through.objects.filter(diagnostic__in=diagnostics)
    for diagnostic, school_class in through.values_list("diagnostic", "schoolclass"):
        found[diagnostic].add(school_class)
    return found


def _class(row: SchoolClass, volunteers: set[int]) -> table.SchoolClass:
    return table.SchoolClass(row.name, levels_of(row), row.kind, pupils_of(row), row.pk in volunteers)


def rules_for(diagnostic: Diagnostic) -> RuleSet | None:
    """Those of the proposal of the diagnostic, else the latest of the authority that has any rule."""
    chosen = Proposal.objects.filter(diagnostic=diagnostic).select_related("rule_set__authority").first()
    if chosen is not None:
        return chosen.rule_set
    rows = RuleSet.objects.filter(authority=diagnostic.school.authority_id, rules__isnull=False)
    return rows.select_related("authority").order_by("-pk").first()


def proposed_for(
    diagnostic: Diagnostic, book: Book, school_year: int, volunteers: Sequence[SchoolClass] | None = None
) -> core.Proposed:
    """What the rules propose as the school stands now, nothing stored; with other volunteers than those of the diagnostic, if given."""
    school = diagnosed_schools([(diagnostic, school_year)])[diagnostic.pk]
    if volunteers is not None:
        names = {each.name for each in volunteers}
        school = replace(school, classes=tuple(replace(each, volunteer=each.id in names) for each in school.classes))
    return core.propose(school, [ruled.rule for ruled in book.rules.values()])


def sheet_of(proposal: Proposal) -> Sheet:
    return sheets_of([proposal])[proposal.pk]


def sheets_of(proposals: Iterable[Proposal]) -> dict[int, Sheet]:
    """By proposal id. As many queries whatever the number of proposals of a rule set."""
    proposals = tuple(proposals)
    if not proposals:
        return {}
    books = {row.rule_set_id: row.rule_set for row in proposals}
    read = {key: book_of(rule_set) for key, rule_set in books.items()}
    packs = _packs(proposals)
    by_hand = _by_hand([each for row in proposals for each in _outside(packs[row.pk], read[row.rule_set_id])])
    prices = {key: prices_on(each.authority, each.price_date) for key, each in books.items()} if by_hand else {}
    schools = diagnosed_schools((row.diagnostic, row.school_year) for row in proposals)
    park = _Park.of(proposals)
    found = {}
    for row in proposals:
        book = _widened(read[row.rule_set_id], packs[row.pk], by_hand, prices.get(row.rule_set_id, {}))
        now = core.propose(schools[row.diagnostic_id], [ruled.rule for ruled in book.rules.values()])
        found[row.pk] = _sheet(row, book, packs[row.pk], now, park)
    return found


def _packs(proposals: Sequence[Proposal]) -> dict[int, list[ProposedPack]]:
    found: dict[int, list[ProposedPack]] = {row.pk: [] for row in proposals}
    rows = ProposedPack.objects.filter(proposal__in=list(found)).select_related("pack").order_by("pk")
    for row in rows:
        found[row.proposal_id].append(row)
    return found


def _outside(packs: Iterable[ProposedPack], book: Book) -> list[Pack]:
    """Packs of a proposal that its rule set does not hold."""
    return [row.pack for row in packs if row.pack.code not in book.packs]


def _by_hand(packs: Sequence[Pack]) -> dict[int, list[PackLine]]:
    """Lines of packs as the catalogue has them today, by pack id."""
    found: dict[int, list[PackLine]] = defaultdict(list)
    if packs:
        lines = PackLine.objects.filter(pack__in=packs).select_related("item_type")
        for line in lines.order_by("item_type__code"):
            found[line.pack_id].append(line)
    return found


def _widened(
    book: Book,
    packs: Sequence[ProposedPack],
    by_hand: Mapping[int, Sequence[PackLine]],
    prices: Mapping[int, Price],
) -> Book:
    """The book with the packs added by hand, at the prices of the day of the set."""
    outside = {pack.code: pack for pack in _outside(packs, book)}
    if not outside:
        return book
    contents, items = dict(book.packs), dict(book.items)
    for code, pack in outside.items():
        lines = by_hand.get(pack.pk, [])
        contents[code] = PackContent(
            code, tuple(ContentLine(line.item_type.code, line.quantity) for line in lines), pack.label
        )
        for line in lines:
            price = prices.get(line.item_type_id)
            items.setdefault(
                line.item_type.code,
                Priced(
                    line.item_type.label,
                    price.unit_price_ht if price else None,
                    line.item_type.vat_rate,
                    bool(price and price.hypothesis),
                ),
            )
    return Book(book.rule_set, book.rules, contents, items)


@dataclass(frozen=True)
class _Park:
    """What schools have and what is set aside for proposals; articles by (authority, code)."""

    in_place: Mapping[tuple[int, int], int]
    reserved: Mapping[tuple[int, int], int]
    types: Mapping[tuple[int, str], ItemType]

    @classmethod
    def of(cls, proposals: Sequence[Proposal]) -> "_Park":
        schools = {row.diagnostic.school_id for row in proposals}
        placed = Device.objects.filter(school__in=schools, state__in=lifecycle.IN_PLACE)
        counts = placed.order_by().values_list("school", "item_type").annotate(n=Count("pk"))
        in_place = Counter({(school, item): n for school, item, n in counts})
        for school, own, served in _stand_ins(schools):
            in_place[school, own] -= 1
            in_place[school, served] += 1
        held = Reservation.objects.filter(proposal__in=proposals, released_at=None)
        reserved = Counter(held.values_list("proposal", "item_type"))
        authorities = {row.rule_set.authority_id for row in proposals}
        types = ItemType.objects.filter(authority__in=authorities)
        return cls(
            in_place,
            reserved,
            {(each.authority_id, each.code): each for each in types},
        )


def _stand_ins(schools: Iterable[int]) -> list[tuple[int, int, int]]:
    """(school, own article, article it stands for) of each device installed there after it was set aside as another article."""
    rows = Reservation.objects.filter(
        release_reason=core.INSTALLED,
        device__school__in=schools,
        device__school=F("proposal__diagnostic__school"),
        device__state__in=lifecycle.IN_PLACE,
    ).order_by("released_at", "pk")
    last = {row.device_id: row for row in rows.select_related("device")}
    return [(row.device.school_id or 0, row.device.item_type_id, row.item_type_id) for row in last.values()]


def _sheet(proposal: Proposal, book: Book, packs: Sequence[ProposedPack], now: core.Proposed, park: _Park) -> Sheet:
    values = [value_of(row) for row in packs]
    given = tuple(each for each in now.given if each.item is not None)
    due = core.items_due(values, given, book.packs)
    lines = tuple(_line(proposal, book, code, due[code], park) for code in sorted(due) if due[code])
    return Sheet(
        proposal=proposal,
        book=book,
        packs=tuple(_pack_row(row, value, book) for row, value in zip(packs, values, strict=True)),
        items=given,
        lines=lines,
        cost=core.cost_of(line.figures for line in lines),
        refusals=now.refusals,
        stale=_stale(values, now),
    )


def value_of(row: ProposedPack) -> core.Kept:
    return core.Kept(row.rule_code, row.pack.code, row.by_rule, row.kept, row.reason)


def _stale(values: Sequence[core.Kept], now: core.Proposed) -> str:
    stored = {(each.rule, each.pack): each.by_rule for each in values if each.rule}
    fresh = {(each.rule, each.pack): each.quantity for each in now.given if each.pack is not None}
    if stored == fresh:
        return ""
    return "Les classes, les volontaires ou les règles ont changé depuis ce calcul : les quantités selon la règle ne sont plus les mêmes."


def _line(proposal: Proposal, book: Book, code: str, must: int, park: _Park) -> Line:
    item_type = park.types.get((proposal.rule_set.authority_id, code))
    key = item_type.pk if item_type else 0
    priced = book.items[code]
    figures = core.ItemLine(
        item=code,
        must=must,
        has=park.in_place.get((proposal.diagnostic.school_id, key), 0),
        reserved=park.reserved.get((proposal.pk, key), 0),
        unit_price=priced.price,
        vat_rate=priced.vat_rate,
    )
    return Line(item_type, priced.label, priced.hypothesis, figures)


def _pack_row(row: ProposedPack, value: core.Kept, book: Book) -> PackRow:
    lines = book.packs[value.pack].lines
    prices = [book.items[line.item].price for line in lines]
    known = [price for price in prices if price is not None]
    unit = (
        sum(line.quantity * price for line, price in zip(lines, known, strict=True))
        if len(known) == len(lines)
        else None
    )
    contents = tuple((line.quantity, book.items[line.item].label) for line in lines)
    return PackRow(row, value, book.rules.get(value.rule), contents, unit)


def listed_proposals(user: Any) -> QuerySet[Proposal]:
    """With `kept_total` packs, `adjusted_count` of them that are not as the rule gives, `reserved_count` devices set aside."""
    packs = ProposedPack.objects.filter(proposal=OuterRef("pk")).order_by().values("proposal")
    held = Reservation.objects.filter(proposal=OuterRef("pk"), released_at=None).order_by().values("proposal")
    return (
        visible_proposals(user)
        .select_related("diagnostic__campaign", "rule_set__authority")
        .annotate(
            kept_total=_number(packs.annotate(n=Sum("kept"))),
            adjusted_count=_number(packs.exclude(kept=F("by_rule")).annotate(n=Count("pk"))),
            reserved_count=_number(held.annotate(n=Count("pk"))),
        )
    )


def _number(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)
