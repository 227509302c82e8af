"""Item types, packs, rules and park counts, as the sources describe them; a quantity they do not give is told in words."""

from datetime import date
from typing import Any

from equipment import services
from equipment.models import AllocationRule, ItemType, Pack, PackLine, ParkCount, Price, RuleSet
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader.files import cents, rate, read, text

CATEGORIES = {
    "affichage": "display",
    "ordinateur": "computer",
    "tablette": "tablet",
    "reseau": "network",
    "impression": "printing",
    "mobilier": "furniture",
    "accessoire": "accessory",
    "lot": "other",
    "service": "service",
}


def load_catalogue(authority: Authority, data: dict[str, Any]) -> RuleSet | None:
    equipment = data["equipment"]
    costed = _costed_items(data)
    items = {row["code"]: _item(authority, {**row, **costed.get(row["code"], {})}) for row in equipment["item_types"]}
    packs = {row["code"]: _pack(authority, row, items) for row in equipment["packs"]}
    for row in equipment["park_counts"]:
        _park_count(authority, row, items, equipment.get("park_as_of"))
    if not equipment["rules"]:
        return None
    rule_set = services.save_rule_set(
        instance=RuleSet(
            authority=authority,
            name=data["governance"]["plans"][0]["name"][:120],
            note=text(equipment.get("rules_note"), equipment.get("price_label"), *_notes(equipment["rules"])),
            source=equipment["rules"][0]["source"],
            price_date=date(2023, 1, 1)
            if data["authority"]["simulation"]
            else date(data["governance"]["plans"][0]["period"]["start"], 1, 1),
        ),
        by=None,
    )
    for position, row in enumerate(equipment["rules"], start=1):
        save_rule(rule_set, position, row["rule"], items, packs, quote=row["quote"], choice=row.get("choice_group", ""))
    return rule_set


def _notes(rules: list[dict[str, Any]]) -> list[str]:
    return [f"{row['label']} : {row['note']}" for row in rules if row.get("note")]


def _costed_items(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Heading and FCTVA of the items that a scenario costs, by code."""
    documents = [read(item["document"]) for plan in data["governance"]["plans"] for item in plan["scenarios"]]
    return {
        row["id"]: {"heading": row["heading"], "fctva": row.get("fctva", False)}
        for document in documents
        for row in document.get("items", [])
    }


def _item(authority: Authority, row: dict[str, Any]) -> ItemType:
    item = services.save_item_type(
        instance=ItemType(
            authority=authority,
            code=row["code"],
            label=row["label"][:160],
            category=CATEGORIES[row["category"]],
            heading=row.get("heading") or "matériel",
            section=row["section"],
            account=row["account"] or "",
            vat_rate=rate(row["vat_rate"]),
            life_years=row["life_years"],
            fctva=bool(row.get("fctva")),
            source=row["source"],
        ),
        by=None,
    )
    if row["unit_price_ht"] is not None:
        price = Price(
            item_type=item,
            valid_from=date.fromisoformat(row["valid_from"]),
            unit_price_ht=cents(row["unit_price_ht"]),
            hypothesis=bool(row.get("price_hypothesis")),
            source=text(row["price_source"], limit=250),
        )
        services.save_price(instance=price, by=None)
    return item


def _pack(authority: Authority, row: dict[str, Any], items: dict[str, ItemType]) -> Pack:
    unknown = [
        f"Sans quantité dans la source : {line.get('label') or line.get('item')}."
        for line in row["lines_without_quantity"]
    ]
    pack = services.save_pack(
        instance=Pack(
            authority=authority,
            code=row["code"],
            label=row["label"][:160],
            description=text(row.get("note"), f"« {row['quote']} »", *unknown),
            source=row["source"],
        ),
        by=None,
    )
    for line in row["lines"]:
        services.save_pack_line(
            instance=PackLine(pack=pack, item_type=items[line["item"]], quantity=line["quantity"]), by=None
        )
    return pack


def save_rule(
    rule_set: RuleSet,
    position: int,
    rule: dict[str, Any],
    items: dict[str, ItemType],
    packs: dict[str, Pack],
    quote: str,
    choice: str = "",
) -> None:
    filters = rule.get("filters", {})
    services.save_rule(
        instance=AllocationRule(
            rule_set=rule_set,
            position=position,
            code=rule["id"],
            pack=packs[rule["pack"]] if rule.get("pack") else None,
            item_type=items[rule["item"]] if rule.get("item") else None,
            per=rule["per"],
            quantity=rule.get("quantity", 1),
            group_size=rule.get("group_size", 1),
            max_per_school=rule.get("max_per_school"),
            max_members=rule.get("max_members"),
            school_kinds=filters.get("school_kinds", []),
            sectors=filters.get("sectors", []),
            levels=filters.get("levels", []),
            class_kinds=filters.get("class_kinds", []),
            quote=quote,
            choice_group=choice,
        ),
        by=None,
    )


def _park_count(authority: Authority, row: dict[str, Any], items: dict[str, ItemType], as_of: Any) -> None:
    item = items[row["item"]]
    services.save_park_count(
        instance=ParkCount(
            authority=authority,
            label=row["label"],
            category=item.category,
            item_type=item,
            quantity=row["count"],
            as_of=str(as_of or ""),
            note=row.get("note") or "",
            source=row["source"],
            quote=row["quote"],
        ),
        by=None,
    )


def rules_of_document(authority: Authority, name: str, document: dict[str, Any], source: str) -> RuleSet:
    """The rule set of a scenario whose rules are its own (a pilot), made from its interchange document."""
    day = date(document["exercises"][0], 1, 1)
    items = {}
    for row in document["items"]:
        items[row["id"]] = services.save_item_type(
            instance=ItemType(
                authority=authority,
                code=row["id"],
                label=row["label"],
                category="service",
                heading=row["heading"],
                section=row["section"],
                account=row.get("account", ""),
                vat_rate=rate(row["vat_rate"]),
                fctva=row.get("fctva", False),
                source=source,
            ),
            by=None,
        )
        price = Price(
            item_type=items[row["id"]], valid_from=day, unit_price_ht=cents(row["unit_price_ht"]), source=source
        )
        services.save_price(instance=price, by=None)
    rule_set = services.save_rule_set(
        instance=RuleSet(authority=authority, name=name[:120], source=source, price_date=day), by=None
    )
    for position, rule in enumerate(document["rules"], start=1):
        save_rule(rule_set, position, rule, items, {}, quote="")
    return rule_set
