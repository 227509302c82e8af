from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from equipment import queries, services
from equipment.models import AllocationRule, Device, Movement, Pack, Price, RuleSet
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories import equipment as make
from tests.factories.schools import RoomFactory, SchoolFactory


@pytest.fixture
def lead(user_as: Any) -> Any:
    return user_as("education")


@pytest.fixture
def rule_set(authority: Any) -> RuleSet:
    """One pack of a priced projector and a supposed cart per class, and a kit for the plan."""
    line = make.PackLineFactory(pack__authority=authority, pack__code="classe", item_type__code="vp", quantity=2)
    cart = make.PackLineFactory(
        pack=line.pack, item_type__code="chariot", item_type__vat_rate=55_000, item_type__life_years=8
    )
    kit = make.ItemTypeFactory(authority=authority, code="malle", section="fonctionnement", account="6068")
    for item, cents, hypothesis in (
        (line.item_type, 65_000, False),
        (cart.item_type, 12_050, True),
        (kit, 100_000, False),
    ):
        make.PriceFactory(item_type=item, unit_price_ht=cents, hypothesis=hypothesis)
    rule_set = make.RuleSetFactory(authority=authority, name="Règles")
    make.AllocationRuleFactory(
        rule_set=rule_set, pack=line.pack, code="r1", position=1, levels=["CP"], quote="Chaque classe"
    )
    make.AllocationRuleFactory(
        rule_set=rule_set, item_type=kit, code="r2", position=2, per="plan", quantity=2, max_per_school=1
    )
    return rule_set


def test_price_of_a_day_is_the_last_that_began(authority: Any) -> None:
    item = make.ItemTypeFactory(authority=authority)
    for day, cents in ((date(2016, 1, 1), 100), (date(2018, 1, 1), 300), (date(2017, 1, 1), 200)):
        make.PriceFactory(item_type=item, valid_from=day, unit_price_ht=cents)
    other = make.PriceFactory()
    cents_on = {
        day: (price.unit_price_ht if (price := queries.price_on(item, day)) else None)
        for day in (date(2015, 12, 31), date(2017, 12, 31), date(2018, 1, 1))
    }
    assert list(cents_on.values()) == [None, 200, 300]
    found = queries.prices_on(authority, date(2017, 6, 1))
    assert {pk: price.unit_price_ht for pk, price in found.items()} == {item.pk: 200}
    assert other.item_type_id not in found


def test_document_is_in_the_vocabulary_of_the_calculator(rule_set: RuleSet) -> None:
    document = queries.rule_set_document(rule_set)
    assert set(document) == {"items", "packs", "rules"}
    cart = document["items"][0]
    assert cart == {
        "id": "chariot", "label": cart["label"], "unit_price_ht": "120.50", "vat_rate": "5.5", "heading": "matériel",
        "section": "investissement", "account": "", "life_years": 8, "fctva": False,
    }  # fmt: skip
    assert document["packs"] == [
        {
            "id": "classe",
            "label": document["packs"][0]["label"],
            "lines": [{"item": "chariot", "quantity": 1}, {"item": "vp", "quantity": 2}],
        }
    ]
    assert document["rules"] == [
        {
            "id": "r1", "pack": "classe", "per": "class", "quantity": 1, "group_size": 1, "max_per_school": None, "max_members": None,
            "filters": {"school_kinds": [], "sectors": [], "levels": ["CP"], "class_kinds": []},
        },
        {
            "id": "r2", "item": "malle", "per": "plan", "quantity": 2, "group_size": 1, "max_per_school": 1, "max_members": None,
            "filters": {"school_kinds": [], "sectors": [], "levels": [], "class_kinds": []},
        },
    ]  # fmt: skip
    assert queries.hypothetical_items(rule_set) == {"chariot"}


def test_document_is_refused_without_a_price(rule_set: RuleSet, lead: Any) -> None:
    Price.objects.filter(item_type__code="malle").delete()
    with pytest.raises(DomainError, match="ne peut pas être chiffré : sans prix au 01/09/2018, Article"):
        queries.rule_set_document(rule_set)
    with pytest.raises(DomainError, match="sans prix"):
        services.lock_rule_set(rule_set=rule_set, by=lead)
    rule_set.refresh_from_db()
    assert rule_set.locked_at is None
    assert not AuditEvent.objects.filter(verb="equipment.rule_set_locked").exists()


def test_a_locked_set_no_longer_moves_with_prices_and_packs(
    rule_set: RuleSet, lead: Any, django_assert_num_queries: Any
) -> None:
    before = queries.rule_set_document(rule_set)
    services.lock_rule_set(rule_set=rule_set, by=lead)
    assert (rule_set.locked_by, rule_set.locked_at is not None) == (lead, True)
    Price.objects.update(unit_price_ht=1, hypothesis=False)
    Pack.objects.get().lines.all().delete()
    with django_assert_num_queries(0):
        assert queries.rule_set_document(rule_set) == before
        assert queries.hypothetical_items(rule_set) == {"chariot"}
    moment = rule_set.locked_at
    services.lock_rule_set(rule_set=rule_set, by=lead)
    assert rule_set.locked_at == moment


def test_a_locked_set_and_its_rules_refuse_every_change(rule_set: RuleSet, lead: Any) -> None:
    stale = RuleSet.objects.get(pk=rule_set.pk)
    services.lock_rule_set(rule_set=rule_set, by=lead)
    rule = rule_set.rules.first()
    new = make.AllocationRuleFactory.build(rule_set=rule_set, pack=rule.pack)
    stale.name = "Autre"
    for refused in (
        lambda: services.save_rule_set(instance=stale, by=lead),
        lambda: services.delete_rule_set(instance=stale, by=lead),
        lambda: services.save_rule(instance=rule, by=lead),
        lambda: services.save_rule(instance=new, by=lead),
        lambda: services.delete_rule(instance=rule, by=lead),
    ):
        with pytest.raises(DomainError, match=r"est figé depuis le .* créer une nouvelle version"):
            refused()
    assert RuleSet.objects.get().name == "Règles"
    assert AllocationRule.objects.count() == 2


def test_a_rule_does_not_leave_its_set(rule_set: RuleSet, lead: Any, authority: Any) -> None:
    rule = rule_set.rules.first()
    rule.rule_set = make.RuleSetFactory(authority=authority)
    with pytest.raises(DomainError, match="ne change pas") as caught:
        services.save_rule(instance=rule, by=lead)
    assert caught.value.field == "rule_set"


def test_a_rule_cannot_be_moved_out_of_a_locked_set(rule_set: RuleSet, lead: Any, authority: Any) -> None:
    services.lock_rule_set(rule_set=rule_set, by=lead)
    rule = rule_set.rules.first()
    rule.rule_set = make.RuleSetFactory(authority=authority)
    with pytest.raises(DomainError):
        services.save_rule(instance=rule, by=lead)
    assert rule_set.rules.count() == 2


def test_new_version_copies_the_rules_and_is_open(rule_set: RuleSet, lead: Any) -> None:
    services.lock_rule_set(rule_set=rule_set, by=lead)
    copy = services.new_version(rule_set=rule_set, by=lead)
    assert (copy.version, copy.locked_at, copy.snapshot) == (2, None, None)
    assert list(copy.rules.order_by("position").values_list("code", "levels")) == [("r1", ["CP"]), ("r2", [])]
    assert rule_set.rules.count() == 2
    assert services.new_version(rule_set=rule_set, by=lead).version == 3


@pytest.mark.parametrize(
    "factory, parent, service, field",
    [
        (make.ItemTypeFactory, "authority", services.save_item_type, "authority"),
        (make.PackFactory, "authority", services.save_pack, "authority"),
        (make.RuleSetFactory, "authority", services.save_rule_set, "authority"),
        (make.ParkCountFactory, "authority", services.save_park_count, "authority"),
        (make.PriceFactory, "item_type", services.save_price, "item_type"),
        (make.PackLineFactory, "pack", services.save_pack_line, "pack"),
    ],
)
def test_the_parent_of_a_row_never_changes(lead: Any, factory: Any, parent: str, service: Any, field: str) -> None:
    row, other = factory(), factory()
    setattr(row, parent, getattr(other, parent))
    with pytest.raises(DomainError, match="ne change pas") as caught:
        service(instance=row, by=lead)
    assert caught.value.field == field


def test_an_item_in_use_is_not_deleted(rule_set: RuleSet, lead: Any) -> None:
    with pytest.raises(DomainError, match="il est utilisé"):
        services.delete_item_type(instance=rule_set.rules.get(code="r2").item_type, by=lead)


def test_a_device_enters_with_its_first_movement(authority: Any, lead: Any) -> None:
    item = make.ItemTypeFactory(authority=authority)
    device = services.save_device(
        instance=Device(authority=authority, item_type=item, inventory_number="A1", place="Réserve"), by=lead
    )
    movement = device.movements.get()
    assert (movement.from_state, movement.to_state, movement.to_place, movement.by) == ("", "stock", "Réserve", lead)
    with pytest.raises(DomainError, match="en stock, en service ou requalifié"):
        services.save_device(
            instance=Device(authority=authority, item_type=item, inventory_number="A2", state="broken"), by=lead
        )
    with pytest.raises(ValidationError):
        services.save_device(instance=Device(authority=authority, item_type=item, inventory_number="A1"), by=lead)
    assert (Device.objects.count(), Movement.objects.count()) == (1, 1)


def test_state_and_place_change_by_a_movement_only(authority: Any, lead: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority)
    device.serial = "S1"
    services.save_device(instance=device, by=lead)
    device.state = "stock"
    with pytest.raises(DomainError, match="par un mouvement"):
        services.save_device(instance=device, by=lead)
    assert Device.objects.get().state == "in_service"


def test_a_move_writes_both_ends_and_one_event(authority: Any, lead: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    room = RoomFactory(site__school=school, name="Salle 3")
    device = make.DeviceFactory(item_type__authority=authority, state="stock", place="Réserve")
    services.move_device(device=device, state="in_service", school=school, room=room, reason="Installation", by=lead)
    assert (device.state, device.school, device.room, device.place) == ("in_service", school, room, "")
    services.move_device(device=device, state="broken", reason="Lampe morte", by=lead)
    assert (device.school, device.room) == (school, room)
    services.move_device(device=device, state="stock", school=None, place="Atelier", reason="Retour", by=lead)
    moves = list(queries.movements_of(device))
    assert [
        (m.from_state, m.to_state, m.from_school, m.to_school, m.from_place, m.to_place) for m in reversed(moves)
    ] == [
        ("stock", "in_service", None, school, "Réserve", "Salle 3"),
        ("in_service", "broken", school, school, "Salle 3", "Salle 3"),
        ("broken", "stock", school, None, "Salle 3", "Atelier"),
    ]
    assert AuditEvent.objects.filter(verb="equipment.device_moved", reason="Lampe morte").count() == 1


@pytest.mark.parametrize(
    "start, changes, message",
    [
        ("in_service", {"state": "lost", "reason": " "}, "dit son motif"),
        ("in_service", {"state": "in_service"}, "ne change ni l'état ni l'emplacement"),
        ("in_service", {"state": "wet"}, "État inconnu"),
        ("loaned", {"state": "disposed"}, "Un appareil prêté ne passe pas à l'état « réformé » : seulement en stock"),
        ("disposed", {"place": "Cave"}, "a quitté le parc"),
        ("disposed", {"state": "stock"}, "a quitté le parc"),
        ("lost", {"place": "Cave"}, "Un appareil perdu"),
    ],
)
def test_a_move_is_refused(authority: Any, lead: Any, start: str, changes: dict[str, Any], message: str) -> None:
    device = make.DeviceFactory(item_type__authority=authority, state=start)
    with pytest.raises(DomainError, match=message):
        services.move_device(device=device, by=lead, **{"reason": "Essai", **changes})
    assert (Device.objects.get().state, Movement.objects.count()) == (start, 0)


def test_a_move_to_a_room_elsewhere_or_to_another_authority_is_refused(
    authority: Any, other_authority: Any, lead: Any
) -> None:
    school = SchoolFactory(commune__authority=authority)
    device = make.DeviceFactory(item_type__authority=authority, school=school)
    for target in ({"room": RoomFactory()}, {"school": SchoolFactory(commune__authority=other_authority)}):
        with pytest.raises(ValidationError):
            services.move_device(device=device, reason="Essai", by=lead, **target)
    assert Movement.objects.count() == 0


def test_moving_many_is_all_or_nothing(authority: Any, lead: Any) -> None:
    first, second = (
        make.DeviceFactory(item_type__authority=authority, state=state) for state in ("in_service", "loaned")
    )
    with pytest.raises(DomainError, match=f"{second.inventory_number} : Un appareil prêté"):
        services.move_devices(devices=[first, second], state="disposed", reason="Lot", by=lead)
    assert Movement.objects.count() == 0
    assert (
        services.move_devices(devices=[first, second], state="stock", reason="Retour", by=lead)
        == "2 appareils : en stock."
    )
    assert AuditEvent.objects.filter(verb="equipment.devices_moved").count() == 1
    with pytest.raises(DomainError, match="Aucun appareil"):
        services.move_devices(devices=[], state="stock", reason="Lot", by=lead)
