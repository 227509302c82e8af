"""A rule set in the vocabulary of interchange 1 (`items`, `packs`, `rules`), and its rules in French."""

from dataclasses import dataclass
from typing import Any

from equipment.domain.need import rules_of
from equipment.domain.sentences import rule_sentence
from equipment.models import AllocationRule, ItemType, PackLine, Price, RuleSet
from equipment.models.rules import LISTED
from equipment.queries.prices import prices_on
from equipment.queries.visible import rules_in_order
from plan_numerique.shared import money
from plan_numerique.shared.errors import DomainError

Content = dict[str, Any]


def rule_set_document(rule_set: RuleSet) -> Content:
    """`items`, `packs` and `rules` as interchange 1 writes them: frozen when the set is locked, else of the moment.

    DomainError when an item has no price on the day of the set, since the format asks for one and none is ever made up."""
    content = rule_set_content(rule_set)
    missing = [item["label"] for item in content["items"] if item["unit_price_ht"] is None]
    if missing:
        day = f"{rule_set.price_date:%d/%m/%Y}"
        raise DomainError(f"« {rule_set} » ne peut pas être chiffré : sans prix au {day}, {', '.join(missing)}.")
    return {key: content[key] for key in ("items", "packs", "rules")}


def hypothetical_items(rule_set: RuleSet) -> frozenset[str]:
    """Codes of the items whose price, in this rule set, is a hypothesis: every page and report must say so."""
    return frozenset(rule_set_content(rule_set)["hypotheses"])


def rule_set_content(rule_set: RuleSet) -> Content:
    """The document with `hypotheses`, and with `unit_price_ht` None where an item has no price: what need and pages read."""
    return rule_set.snapshot if rule_set.snapshot is not None else _live_content(rule_set)


def _live_content(rule_set: RuleSet) -> Content:
    rules = list(rules_in_order(rule_set))
    packs = {rule.pack_id: rule.pack for rule in rules if rule.pack}
    lines = list(PackLine.objects.filter(pack__in=packs).select_related("item_type").order_by("item_type__code"))
    items = {rule.item_type_id: rule.item_type for rule in rules if rule.item_type}
    items |= {line.item_type_id: line.item_type for line in lines}
    prices = prices_on(rule_set.authority, rule_set.price_date)
    ordered = sorted(items.values(), key=lambda item: item.code)
    return {
        "items": [_item(item, prices.get(item.pk)) for item in ordered],
        "packs": [
            {
                "id": pack.code,
                "label": pack.label,
                "lines": [_line(line) for line in lines if line.pack_id == pack.pk],
            }
            for pack in sorted(packs.values(), key=lambda pack: pack.code)
        ],
        "rules": [_rule(rule) for rule in rules],
        "hypotheses": [item.code for item in ordered if item.pk in prices and prices[item.pk].hypothesis],
    }


def _item(item: ItemType, price: Price | None) -> Content:
    return {
        "id": item.code,
        "label": item.label,
        "unit_price_ht": None if price is None else money.format_cents(price.unit_price_ht),
        "vat_rate": _rate_text(item.vat_rate),
        "heading": item.heading,
        "section": item.section,
        "account": item.account,
        "life_years": item.life_years,
        "fctva": item.fctva,
    }


def _line(line: PackLine) -> Content:
    return {"item": line.item_type.code, "quantity": line.quantity}


def _rule(rule: AllocationRule) -> Content:
    target = {"pack": rule.pack.code} if rule.pack else {"item": rule.item_type.code}  # type: ignore[union-attr]
    return {
        "id": rule.code,
        **target,
        "per": rule.per,
        "quantity": rule.quantity,
        "group_size": rule.group_size,
        "max_per_school": rule.max_per_school,
        "max_members": rule.max_members,
        "filters": {name: getattr(rule, name) for name in LISTED},
    }


def _rate_text(rate: int) -> str:
    """164 040 is `16.404`."""
    whole, rest = divmod(rate, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class WordedRule:
    rule: AllocationRule
    sentence: str


def worded_rules(rule_set: RuleSet) -> list[WordedRule]:
    """The rules of a set, in order, each as a sentence."""
    content = rule_set_content(rule_set)
    packs = {pack["id"]: pack["label"] for pack in content["packs"]}
    items = {item["id"]: item["label"] for item in content["items"]}
    sentences = {
        rule.id: rule_sentence(rule, packs[rule.pack] if rule.pack is not None else items[rule.item or ""])
        for rule in rules_of(content)
    }
    return [WordedRule(rule, sentences[rule.code]) for rule in rules_in_order(rule_set)]
