"""Prices of a day, of items and of packs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from equipment.models import ItemType, Pack, PackLine, Price
from equipment.queries.visible import visible_item_types, visible_packs
from plan_numerique.accounts.models import Authority
from plan_numerique.shared import money


def price_on(item_type: ItemType, day: date) -> Price | None:
    return Price.objects.filter(item_type=item_type, valid_from__lte=day).order_by("-valid_from").first()


def prices_on(authority: Authority, day: date) -> dict[int, Price]:
    """The price in force that day of each item type of the authority that has one, by item type id."""
    prices = Price.objects.filter(item_type__authority=authority, valid_from__lte=day).order_by("valid_from")
    return {price.item_type_id: price for price in prices}


def _price_in_force(item_type: str, day: date) -> QuerySet[Price]:
    """Price of the outer row's item on that day, for a subquery."""
    return Price.objects.filter(item_type=OuterRef(item_type), valid_from__lte=day).order_by("-valid_from")[:1]


def priced_item_types(user: Any) -> QuerySet[ItemType]:
    """With `price_ht`, `price_from` and `price_hypothesis` of today, null without a price."""
    price = _price_in_force("pk", timezone.localdate())
    return visible_item_types(user).annotate(
        price_ht=Subquery(price.values("unit_price_ht")),
        price_from=Subquery(price.values("valid_from")),
        price_hypothesis=Subquery(price.values("hypothesis")),
    )


def priced_packs(user: Any) -> QuerySet[Pack]:
    """With `item_count`, `total_ht` of what has a price today, `unpriced` (lines without) and `has_hypothesis`."""
    day = timezone.localdate()
    price = _price_in_force("item_type", day)
    lines = PackLine.objects.filter(pack=OuterRef("pk")).annotate(unit_ht=Subquery(price.values("unit_price_ht")))
    total = lines.values("pack").annotate(total=Sum(F("quantity") * F("unit_ht"))).values("total")
    count = lines.values("pack").annotate(total=Sum("quantity")).values("total")
    unpriced = lines.filter(unit_ht=None).values("pack").annotate(total=Count("pk")).values("total")
    supposed = lines.annotate(supposed=Subquery(price.values("hypothesis"))).filter(supposed=True)
    return visible_packs(user).annotate(
        item_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        total_ht=Subquery(total),
        unpriced=Coalesce(Subquery(unpriced, output_field=IntegerField()), 0),
        has_hypothesis=Exists(supposed),
    )


@dataclass(frozen=True)
class PricedLine:
    """A line of a pack at the prices of one day; amounts are None without a price."""

    line: PackLine
    price: Price | None
    ht: int | None
    vat: int | None
    ttc: int | None


@dataclass(frozen=True)
class PricedPack:
    lines: list[PricedLine]
    ht: int
    vat: int
    ttc: int
    hypothesis: bool
    unpriced: int


def priced_pack(pack: Pack, day: date) -> PricedPack:
    prices = prices_on(pack.authority, day)
    lines = [
        _priced(line, prices.get(line.item_type_id)) for line in pack.lines.select_related("item_type").order_by("pk")
    ]
    return PricedPack(
        lines=lines,
        ht=sum(line.ht or 0 for line in lines),
        vat=sum(line.vat or 0 for line in lines),
        ttc=sum(line.ttc or 0 for line in lines),
        hypothesis=any(line.price is not None and line.price.hypothesis for line in lines),
        unpriced=sum(line.price is None for line in lines),
    )


def _priced(line: PackLine, price: Price | None) -> PricedLine:
    if price is None:
        return PricedLine(line, None, None, None, None)
    ht = line.quantity * price.unit_price_ht
    vat = money.apply_rate(ht, line.item_type.vat_rate)
    return PricedLine(line, price, ht, vat, ht + vat)
