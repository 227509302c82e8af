"""Constraints, each with its sentence, and rows that would cross authorities."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment.models import RuleSet
from tests.factories import equipment as make
from tests.factories.schools import RoomFactory, SchoolFactory


def refusal(row: Any) -> str:
    """The sentences of the database's own constraints and, where there is none, those of the whole validation."""
    try:
        row.validate_constraints()
    except ValidationError as error:
        return " ".join(error.messages)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return " ".join(caught.value.messages)


def test_an_item_code_is_unique_in_the_authority_only(authority: Any) -> None:
    item = make.ItemTypeFactory(authority=authority, code="vp")
    assert "porte déjà ce code" in refusal(make.ItemTypeFactory.build(authority=authority, code="vp"))
    make.ItemTypeFactory(code=item.code)


def test_a_life_is_at_least_one_year(authority: Any) -> None:
    assert "au moins un an" in refusal(make.ItemTypeFactory.build(authority=authority, life_years=0))


def test_an_item_has_one_price_a_day(authority: Any) -> None:
    price = make.PriceFactory(item_type__authority=authority)
    assert "déjà un prix" in refusal(make.PriceFactory.build(item_type=price.item_type))


def test_a_pack_code_is_unique(authority: Any) -> None:
    make.PackFactory(authority=authority, code="classe")
    assert "porte déjà ce code" in refusal(make.PackFactory.build(authority=authority, code="classe"))


def test_a_pack_holds_an_item_once_and_of_its_authority(other_authority: Any) -> None:
    line = make.PackLineFactory()
    assert "contient déjà" in refusal(make.PackLineFactory.build(pack=line.pack, item_type=line.item_type))
    foreign = make.ItemTypeFactory(authority=other_authority)
    assert "deux collectivités" in refusal(make.PackLineFactory.build(pack=line.pack, item_type=foreign))


def test_a_version_of_a_rule_set_is_unique(authority: Any) -> None:
    make.RuleSetFactory(authority=authority, name="Règles")
    assert "existe déjà" in refusal(make.RuleSetFactory.build(authority=authority, name="Règles"))


def test_a_rule_set_is_locked_with_its_content(authority: Any) -> None:
    assert "figé garde son contenu" in refusal(make.RuleSetFactory.build(authority=authority, locked_at=timezone.now()))
    rule_set = make.RuleSetFactory(authority=authority)
    with transaction.atomic(), pytest.raises(IntegrityError):
        RuleSet.objects.filter(pk=rule_set.pk).update(snapshot={"items": []})


def test_a_rule_gives_a_pack_or_an_item(authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    rule.item_type = make.ItemTypeFactory(authority=authority)
    assert "l'un des deux et pas les deux" in refusal(rule)
    rule.pack = rule.item_type = None
    assert "l'un des deux et pas les deux" in refusal(rule)


def test_a_rule_code_is_unique_in_its_set(authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    again = make.AllocationRuleFactory.build(rule_set=rule.rule_set, pack=rule.pack, code=rule.code)
    assert "porte déjà ce code" in refusal(again)


def test_a_group_has_one_member_at_least(authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    rule.group_size = 0
    assert "une classe ou un élève au moins" in refusal(rule)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("levels", ["CP", "CP9"], "Valeur inconnue « CP9 »"),
        ("school_kinds", "maternelle", "Une liste de codes est attendue"),
        ("sectors", [None], "Valeur inconnue « None »"),
        ("class_kinds", [["ulis"]], "Valeur inconnue"),
    ],
)
def test_a_rule_lists_known_codes(authority: Any, field: str, value: Any, message: str) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    setattr(rule, field, value)
    assert message in refusal(rule)


def test_a_rule_gives_what_its_authority_has(authority: Any, other_authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    rule.pack = make.PackFactory(authority=other_authority)
    assert "deux collectivités" in refusal(rule)


def test_an_inventory_number_is_unique_in_the_authority(authority: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority)
    again = make.DeviceFactory.build(item_type=device.item_type, inventory_number=device.inventory_number)
    assert "autre appareil" in refusal(again)


def test_a_room_is_in_the_school(authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    device = make.DeviceFactory(item_type__authority=authority, school=school)
    device.room = RoomFactory(site__school=SchoolFactory(commune__authority=authority))
    assert "n'est pas dans l'école choisie" in refusal(device)
    device.school = None
    assert "Une salle se donne avec son école" in refusal(device)
    device.school, device.room = school, RoomFactory(site__school=school)
    device.full_clean()


def test_a_device_stays_in_its_authority(authority: Any, other_authority: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority)
    device.school = SchoolFactory(commune__authority=other_authority)
    assert "L'école est d'une autre collectivité" in refusal(device)
    device.school, device.item_type = None, make.ItemTypeFactory(authority=other_authority)
    assert "L'article est d'une autre collectivité" in refusal(device)


def test_a_warranty_ends_after_the_purchase(authority: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority, acquired_on=date(2018, 9, 1))
    device.warranty_until = date(2018, 8, 31)
    assert "ne finit pas avant l'achat" in refusal(device)


def test_a_park_count_is_noted_once_with_an_item_of_the_authority(authority: Any, other_authority: Any) -> None:
    count = make.ParkCountFactory(authority=authority)
    assert "déjà relevé" in refusal(make.ParkCountFactory.build(authority=authority, label=count.label))
    count.item_type = make.ItemTypeFactory(authority=other_authority)
    assert "autre collectivité" in refusal(count)
