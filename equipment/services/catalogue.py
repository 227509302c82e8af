"""Articles, prices, packs and rule sets, and the counts that sources give of the park."""

from django.db.models import Max
from django.utils import timezone

from equipment.models import AllocationRule, ItemType, Pack, PackLine, ParkCount, Price, RuleSet
from equipment.queries import rule_set_content, rule_set_document
from equipment.services.checks import M2M, refuse_other_parent
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def save_item_type(*, instance: ItemType, by: User, reason: str = "", m2m: M2M = None) -> ItemType:
    refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_item_type(*, instance: ItemType, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_price(*, instance: Price, by: User, reason: str = "", m2m: M2M = None) -> Price:
    refuse_other_parent(instance, "item_type", "L'article d'un prix")
    return audit.save(instance=instance, by=by, authority=instance.item_type.authority, reason=reason)


def delete_price(*, instance: Price, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.item_type.authority, reason=reason)


def save_pack(*, instance: Pack, by: User, reason: str = "", m2m: M2M = None) -> Pack:
    refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_pack(*, instance: Pack, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_pack_line(*, instance: PackLine, by: User, reason: str = "", m2m: M2M = None) -> PackLine:
    refuse_other_parent(instance, "pack", "Le pack d'une ligne")
    return audit.save(instance=instance, by=by, authority=instance.pack.authority, reason=reason)


def delete_pack_line(*, instance: PackLine, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.pack.authority, reason=reason)


def _refuse_locked(rule_set_id: int | None) -> None:
    """Looked up in the database: the object at hand may date from before the lock."""
    if rule_set_id is None:
        return
    rule_set = RuleSet.objects.filter(pk=rule_set_id, locked_at__isnull=False).first()
    if rule_set is not None and rule_set.locked_at is not None:
        day = timezone.localdate(rule_set.locked_at)
        raise DomainError(
            f"« {rule_set} » est figé depuis le {day:%d/%m/%Y}, car un calcul l'utilise : créer une nouvelle version pour le modifier."
        )


def save_rule_set(*, instance: RuleSet, by: User, reason: str = "", m2m: M2M = None) -> RuleSet:
    _refuse_locked(instance.pk)
    refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_rule_set(*, instance: RuleSet, by: User, reason: str = "") -> None:
    _refuse_locked(instance.pk)
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_rule(*, instance: AllocationRule, by: User, reason: str = "", m2m: M2M = None) -> AllocationRule:
    _refuse_locked(instance.rule_set_id)
    refuse_other_parent(instance, "rule_set", "Le jeu d'une règle")
    return audit.save(instance=instance, by=by, authority=instance.rule_set.authority, reason=reason)


def delete_rule(*, instance: AllocationRule, by: User, reason: str = "") -> None:
    _refuse_locked(instance.rule_set_id)
    audit.delete(instance=instance, by=by, authority=instance.rule_set.authority, reason=reason)


def lock_rule_set(*, rule_set: RuleSet, by: User | None) -> RuleSet:
    """Freeze a rule set with its items, prices, packs and rules (see `RuleSet`); does nothing when it is already locked.

    DomainError when an item has no price on the day of the set."""
    with audit.action(
        "equipment.rule_set_locked", "Jeu de règles figé", by=by, authority=rule_set.authority, target=rule_set
    ):
        stored = RuleSet.objects.select_for_update(of=("self",)).select_related("authority").get(pk=rule_set.pk)
        if stored.locked_at is None:
            rule_set_document(stored)
            stored.snapshot = rule_set_content(stored)
            stored.locked_at, stored.locked_by = timezone.now(), by
            audit.save(instance=stored, by=by, authority=stored.authority)
    rule_set.refresh_from_db()
    return rule_set


def new_version(*, rule_set: RuleSet, by: User) -> RuleSet:
    """The next version of the set, open, with a copy of its rules as they are now."""
    with audit.action(
        "equipment.rule_set_new_version", "Nouvelle version", by=by, authority=rule_set.authority, target=rule_set
    ):
        versions = RuleSet.objects.filter(authority=rule_set.authority_id, name=rule_set.name)
        highest = versions.aggregate(highest=Max("version"))["highest"] or 0
        kept = ("authority", "name", "school_year", "note", "source", "price_date")
        copy = RuleSet(version=highest + 1, **{name: getattr(rule_set, name) for name in kept})
        audit.save(instance=copy, by=by, authority=copy.authority)
        for rule in rule_set.rules.order_by("position", "pk"):
            rule.pk, rule._state.adding, rule.rule_set = None, True, copy
            audit.save(instance=rule, by=by, authority=copy.authority)
    return copy


def save_park_count(*, instance: ParkCount, by: User, reason: str = "", m2m: M2M = None) -> ParkCount:
    refuse_other_parent(instance, "authority", "La collectivité")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_park_count(*, instance: ParkCount, by: User, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)
