"""What has to be bought again: what the pure forecast is fed with, from the park and from the programme in force."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import ExtractYear

from equipment.domain.lifecycle import IN_PLACE
from equipment.models import Device, ItemType
from equipment.queries import prices_on
from governance.domain.renewals import (
    ORIGIN_IN_PLACE,
    ORIGIN_PLANNED,
    Forecast,
    InPlace,
    Planned,
    RenewalLine,
    forecast,
)
from governance.enums import LineKind, PhaseState
from governance.models import BudgetLine, BudgetRun, Plan, ProgrammePhase, ProgrammeVersion
from governance.queries.steering import current_version
from plan_numerique.shared.money import parse_cents, parse_rate
from schools.models import School

LATE = "late"


@dataclass(frozen=True, slots=True)
class Choice:
    """What of it is asked: empty texts ask for everything. `school`: words of a name, or an UAI, as the list of devices reads them.
    `year`: one of the forecast, or LATE for what is overdue."""

    school: str = ""
    item: str = ""
    origin: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """Lines of one year, item, origin and price, all schools together; amounts in cents. `due`: the years in which the lives of the
    devices in place end, `exercises`: those of the purchases, so that the figure can open its list."""

    year: int
    overdue: bool
    item: str
    label: str
    origin: str
    quantity: int
    unit_price_ht: int
    ht: int
    vat: int
    due: tuple[int, ...] = ()
    exercises: tuple[int, ...] = ()

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


@dataclass(frozen=True)
class RenewalReport:
    """`items`: (code, label) of all that the plan and the park hold, to choose among; `schools`: name by UAI; `item_ids`: by code;
    `rows` and `lines` are those of the year asked, where one is; `forecast` has them all.
    `done`: exercises achieved, whose purchases are read in the park; `renewed`: the programme itself counts renewals."""

    plan: Plan
    version: ProgrammeVersion | None
    forecast: Forecast
    rows: tuple[RenewalRow, ...]
    lines: tuple[RenewalLine, ...]
    items: tuple[tuple[str, str], ...]
    schools: dict[str, str]
    item_ids: dict[str, int]
    done: tuple[int, ...]
    renewed: bool


def renewal_report(
    plan: Plan, devices: QuerySet[Device], choice: Choice, *, today: date, years: Sequence[int]
) -> RenewalReport:
    """`devices`: those that the reader may see; those of the plan's authority in place are counted. Nine queries, whatever the size."""
    version = current_version(plan)
    types = {row.pk: row for row in ItemType.objects.filter(authority=plan.authority)}
    prices = {key: price.unit_price_ht for key, price in prices_on(plan.authority, today).items()}
    done = _done(plan)
    in_place = _in_place(devices.filter(authority=plan.authority), types, prices)
    planned = _planned(plan, version, done, types, prices)
    items = {row.item: row.label for row in planned} | {row.item: row.label for row in in_place}
    names = dict(School.objects.filter(authority=plan.authority).values_list("uai", "name"))
    kept_in_place = [row for row in in_place if _asked(row, choice, ORIGIN_IN_PLACE, names)]
    kept_planned = [row for row in planned if _asked(row, choice, ORIGIN_PLANNED, names)]
    found = forecast(kept_in_place, kept_planned, years)
    return RenewalReport(
        plan=plan,
        version=version,
        forecast=found,
        rows=tuple(row for row in _rows(found, kept_in_place, kept_planned) if _of_year(row, choice.year)),
        lines=tuple(line for line in found.lines if _of_year(line, choice.year)),
        items=tuple(sorted(items.items(), key=lambda pair: (pair[1], pair[0]))),
        schools=names,
        item_ids={row.code: row.pk for row in types.values()},
        done=tuple(sorted(done)),
        renewed=version is not None and version.scenario.renewals,
    )


def _done(plan: Plan) -> set[int]:
    return set(ProgrammePhase.objects.filter(plan=plan, state=PhaseState.DONE).values_list("exercise", flat=True))


def _in_place(devices: QuerySet[Device], types: dict[int, ItemType], prices: dict[int, int]) -> list[InPlace]:
    rows = (
        devices.filter(state__in=IN_PLACE)
        .order_by()
        .annotate(acquired_year=ExtractYear("acquired_on"))
        .values_list("item_type_id", "acquired_year", "school__uai")
        .annotate(n=Count("pk"))
        .order_by("item_type_id", "acquired_year", "school__uai")
    )
    found = []
    for type_id, year, uai, count in rows:
        item = types[type_id]
        found.append(
            InPlace(
                item=item.code,
                label=item.label,
                heading=item.heading,
                section=item.section,
                account=item.account,
                life_years=item.life_years,
                acquired_year=year,
                quantity=count,
                unit_price_ht=prices.get(type_id),
                vat_rate=item.vat_rate,
                school=uai,
            )
        )
    return found


def _planned(
    plan: Plan, version: ProgrammeVersion | None, done: set[int], types: dict[int, ItemType], prices: dict[int, int]
) -> list[Planned]:
    """First purchases of the phases still to come, at the price of the day where the catalogue has one, else at that of the run."""
    if version is None:
        return []
    text = BudgetRun.objects.filter(pk=version.run_id).values_list("input", flat=True).get()
    known = {item["id"]: item for item in json.loads(text).get("items", ())}
    by_code = {row.code: row.pk for row in types.values()}
    rows = (
        BudgetLine.objects.filter(run=version.run_id, kind=LineKind.ITEM, renewal=False)
        .exclude(exercise__in=done)
        .order_by("code", "exercise", "school_code")
        .values_list("code", "exercise", "school_code")
        .annotate(n=Sum("quantity"))
    )
    return [
        _purchase(known[code], exercise, uai or None, count, prices.get(by_code.get(code, 0)))
        for code, exercise, uai, count in rows
        if code in known
    ]


def _purchase(item: dict[str, Any], exercise: int, uai: str | None, quantity: int, price: int | None) -> Planned:
    return Planned(
        item=item["id"],
        label=item.get("label") or item["id"],
        heading=item["heading"],
        section=item["section"],
        account=item.get("account") or "",
        life_years=item.get("life_years"),
        exercise=exercise,
        quantity=quantity,
        unit_price_ht=parse_cents(item["unit_price_ht"]) if price is None else price,
        vat_rate=parse_rate(item["vat_rate"]),
        school=uai,
    )


def _asked(row: InPlace | Planned, choice: Choice, origin: str, names: dict[str, str]) -> bool:
    if choice.origin not in ("", origin) or choice.item not in ("", row.item):
        return False
    uai, name = (row.school or "").casefold(), names.get(row.school or "", "").casefold()
    words = choice.school.casefold().split()[:8]
    return all(bool(row.school) and (word == uai or word in name) for word in words)


def _of_year(row: RenewalRow | RenewalLine, year: str) -> bool:
    return not year or (LATE if row.overdue else str(row.year)) == year


def _rows(found: Forecast, in_place: Iterable[InPlace], planned: Iterable[Planned]) -> list[RenewalRow]:
    sums: dict[tuple[Any, ...], list[RenewalLine]] = {}
    for line in found.lines:
        key = (line.year, not line.overdue, line.label, line.item, line.origin, line.unit_price_ht)
        sums.setdefault(key, []).append(line)
    lives = _lives(in_place, planned)
    return [_row(lines, lives, found.years[0]) for _, lines in sorted(sums.items())]


def _lives(in_place: Iterable[InPlace], planned: Iterable[Planned]) -> dict[tuple[str, str], set[tuple[int, int]]]:
    """(year bought, life) of what is counted, by item and origin."""
    found: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for origin, bought in (
        (ORIGIN_IN_PLACE, ((row, row.acquired_year) for row in in_place)),
        (ORIGIN_PLANNED, ((row, row.exercise) for row in planned)),
    ):
        for row, year in bought:
            if year is not None and row.life_years:
                found.setdefault((row.item, origin), set()).add((year, row.life_years))
    return found


def _row(lines: list[RenewalLine], lives: dict[tuple[str, str], set[tuple[int, int]]], first: int) -> RenewalRow:
    line = lines[0]
    bought = sorted(lives.get((line.item, line.origin), ()))
    amounts = [each.amount for each in lines]
    return RenewalRow(
        year=line.year,
        overdue=line.overdue,
        item=line.item,
        label=line.label,
        origin=line.origin,
        quantity=sum(each.quantity for each in lines),
        unit_price_ht=line.unit_price_ht,
        ht=sum(amount.ht for amount in amounts),
        vat=sum(amount.vat for amount in amounts),
        due=_ends(bought, line, first) if line.origin == ORIGIN_IN_PLACE else (),
        exercises=tuple(
            year
            for year, life in bought
            if line.origin == ORIGIN_PLANNED and line.year > year and not (line.year - year) % life
        ),
    )


def _ends(bought: Iterable[tuple[int, int]], line: RenewalLine, first: int) -> tuple[int, ...]:
    """The years in which the lives of those devices end first: some are bought again more than once."""
    found = set()
    for year, life in bought:
        end = year + life
        begin = max(end, first)
        late = end < first and line.year == first
        if line.year >= begin and not (line.year - begin) % life and late == line.overdue:
            found.add(end)
    return tuple(sorted(found))


def undated(report: RenewalReport) -> list[tuple[str, str, str, str, int]]:
    """What no year can be given to: (item, label, origin, reason, quantity), all schools together."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for each in report.forecast.apart:
        origin = ORIGIN_IN_PLACE if isinstance(each.row, InPlace) else ORIGIN_PLANNED
        key = (each.row.label, each.row.item, origin, each.reason)
        sums[key] = sums.get(key, 0) + each.row.quantity
    return [(item, label, origin, reason, n) for (label, item, origin, reason), n in sorted(sums.items())]


def plans_to_renew(plans: QuerySet[Plan]) -> list[Plan]:
    """Those that have a programme first."""
    return list(
        plans.alias(adopted=Exists(ProgrammeVersion.objects.filter(plan=OuterRef("pk")))).order_by(
            "-adopted", "authority__name", "name", "pk"
        )
    )
