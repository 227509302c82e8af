"""Besoin et existant: the need of schools under a rule set, in a constant number of queries."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from equipment.domain import lifecycle
from equipment.domain.need import Need, cost_of, needs_of, packs_of, rules_of, total_by_item
from equipment.models import AllocationRule, Device, ItemType, RuleSet
from equipment.queries.documents import rule_set_content
from plan_numerique.shared import money
from schools.domain.table import SchoolTable, table_of_schools
from schools.models import School, SchoolClass
from schools.queries import schools_of_year


@dataclass(frozen=True)
class NeedItem:
    """An item of the rule set, at the price of the set (None: no price that day)."""

    code: str
    label: str
    price_ht: int | None
    hypothesis: bool


@dataclass(frozen=True)
class ItemNeed:
    """An item over one school or many. `cost_ht` of what is missing, None where it has no price."""

    item: NeedItem
    must: int
    has: int
    lacks: int

    @property
    def cost_ht(self) -> int | None:
        return None if self.item.price_ht is None else self.lacks * self.item.price_ht


@dataclass(frozen=True)
class SchoolNeeds:
    """`unpriced`: missing units that have no price and are not in `cost_ht`."""

    school: School
    needs: tuple[ItemNeed, ...]
    must: int
    has: int
    lacks: int
    cost_ht: int
    unpriced: int
    hypothesis: bool


@dataclass(frozen=True)
class Exceeded:
    """More volunteers than a rule allows in a school."""

    school: School
    rule: AllocationRule | None
    rule_code: str
    limit: int | None
    volunteers: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class NeedReport:
    items: dict[str, NeedItem]
    schools: list[SchoolNeeds]
    plan: tuple[ItemNeed, ...]
    exceeded: tuple[Exceeded, ...]


def years_with_classes(schools: QuerySet[School]) -> list[int]:
    """School years with classes in these schools, latest first."""
    years = SchoolClass.objects.filter(school__in=schools.order_by().values("pk"))
    return list(years.order_by("-school_year").values_list("school_year", flat=True).distinct())


def need_report(*, schools: QuerySet[School], rule_set: RuleSet, school_year: int) -> NeedReport:
    """Need of the schools of the rule set's authority among those given, which are already those the user may see.

    Six queries where the set is locked, nine where it is not (one more to quote a rule exceeded), however many schools, rules and items."""
    content = rule_set_content(rule_set)
    items = _items(content)
    seen = {school.uai: school for school in schools.filter(authority=rule_set.authority_id).order_by("name", "pk")}
    active = {school.id: school for school in schools_of_year(rule_set.authority, school_year)}
    by_uai = {uai: school for uai, school in seen.items() if uai in active}
    table = table_of_schools(active[uai] for uai in by_uai)
    in_place = _in_place(rule_set, by_uai.values(), items)
    found = needs_of(table, rules_of(content), packs_of(content), list(items), in_place)
    prices = {code: item.price_ht for code, item in items.items()}
    return NeedReport(
        items=items,
        schools=[_of_school(by_uai[uai], needs, items, prices) for uai, needs in found.by_school.items()],
        plan=tuple(_item_need(need, items) for need in found.of_plan),
        exceeded=_exceeded(found.members_over, rule_set, content, table, by_uai),
    )


def _items(content: dict[str, Any]) -> dict[str, NeedItem]:
    hypotheses = set(content["hypotheses"])
    return {
        item["id"]: NeedItem(
            item["id"],
            item["label"],
            None if item["unit_price_ht"] is None else money.parse_cents(item["unit_price_ht"]),
            item["id"] in hypotheses,
        )
        for item in content["items"]
    }


def _item_need(need: Need, items: dict[str, NeedItem]) -> ItemNeed:
    return ItemNeed(items[need.item], need.must, need.has, need.lacks)


def _of_school(
    school: School, needs: Sequence[Need], items: dict[str, NeedItem], prices: dict[str, int | None]
) -> SchoolNeeds:
    cost, unpriced = cost_of(needs, prices)
    return SchoolNeeds(
        school=school,
        needs=tuple(_item_need(need, items) for need in needs),
        must=sum(need.must for need in needs),
        has=sum(need.has for need in needs),
        lacks=sum(need.lacks for need in needs),
        cost_ht=cost,
        unpriced=unpriced,
        hypothesis=any(need.lacks and items[need.item].hypothesis for need in needs),
    )


def _exceeded(
    members_over: Sequence[Any],
    rule_set: RuleSet,
    content: dict[str, Any],
    table: SchoolTable,
    by_uai: dict[str, School],
) -> tuple[Exceeded, ...]:
    if not members_over:
        return ()
    rules = {rule.code: rule for rule in rule_set.rules.all()}
    return tuple(
        Exceeded(
            school=by_uai[table.id[over.school]],
            rule=rules.get(content["rules"][over.rule]["id"]),
            rule_code=content["rules"][over.rule]["id"],
            limit=content["rules"][over.rule]["max_members"],
            volunteers=over.volunteers,
            left_out=over.left_out,
        )
        for over in members_over
    )


def _in_place(rule_set: RuleSet, schools: Iterable[School], items: dict[str, NeedItem]) -> Counter[tuple[str, str]]:
    """Devices that count in the endowment, by (UAI, item code); `""` for those of no school, in stock included."""
    uais = {school.pk: school.uai for school in schools}
    codes = dict(
        ItemType.objects.filter(authority=rule_set.authority_id, code__in=list(items)).values_list("pk", "code")
    )
    counts = (
        Device.objects.filter(authority=rule_set.authority_id)
        .order_by()
        .values_list("school_id", "item_type_id")
        .annotate(
            placed=Count("pk", filter=Q(state__in=lifecycle.IN_PLACE)),
            stored=Count("pk", filter=Q(state=lifecycle.STOCK)),
        )
    )
    found: Counter[tuple[str, str]] = Counter()
    for school, item, placed, stored in counts:
        if item in codes and school is None:
            found["", codes[item]] += placed + stored
        elif item in codes and school in uais:
            found[uais[school], codes[item]] += placed
    return found


def selected_needs(
    report: NeedReport, *, item: str = "", only_lacks: bool = False, words: Sequence[str] = ()
) -> list[SchoolNeeds]:
    """Schools of a report whose name or UAI has every word; with `item` their figures are of that item alone."""
    rows = report.schools
    if words:
        rows = [row for row in rows if all(word in f"{row.school.name} {row.school.uai}".casefold() for word in words)]
    if item in report.items:
        prices = {code: each.price_ht for code, each in report.items.items()}
        narrowed = ((row.school, [Need(item, n.must, n.has) for n in row.needs if n.item.code == item]) for row in rows)
        rows = [_of_school(school, needs, report.items, prices) for school, needs in narrowed if needs]
    return [row for row in rows if row.lacks] if only_lacks else rows


def totals_of(rows: Sequence[SchoolNeeds]) -> tuple[ItemNeed, ...]:
    """Each item over these schools, in the order of its code."""
    totals = total_by_item([Need(need.item.code, need.must, need.has) for row in rows for need in row.needs])
    items = {need.item.code: need.item for row in rows for need in row.needs}
    return tuple(ItemNeed(items[code], *totals[code]) for code in sorted(totals))
