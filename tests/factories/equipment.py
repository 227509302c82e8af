from datetime import date

import factory

from equipment.models import AllocationRule, Device, ItemType, Movement, Pack, PackLine, ParkCount, Price, RuleSet
from tests.factories.accounts import AuthorityFactory


class ItemTypeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ItemType

    authority = factory.SubFactory(AuthorityFactory)
    code = factory.Sequence(lambda n: f"article-{n}")
    label = factory.Sequence(lambda n: f"Article synthétique {n}")
    category = "projector"
    heading = "matériel"


class PriceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Price

    item_type = factory.SubFactory(ItemTypeFactory)
    valid_from = date(2016, 1, 1)
    unit_price_ht = 65_000


class PackFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Pack

    authority = factory.SubFactory(AuthorityFactory)
    code = factory.Sequence(lambda n: f"pack-{n}")
    label = factory.Sequence(lambda n: f"Pack synthétique {n}")


class PackLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PackLine

    pack = factory.SubFactory(PackFactory)
    item_type = factory.SubFactory(ItemTypeFactory, authority=factory.SelfAttribute("..pack.authority"))
    quantity = 1


class RuleSetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RuleSet

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Règles synthétiques {n}")
    price_date = date(2018, 9, 1)


class AllocationRuleFactory(factory.django.DjangoModelFactory):
    """Gives a pack of its own, or `item_type=` instead."""

    class Meta:
        model = AllocationRule

    rule_set = factory.SubFactory(RuleSetFactory)
    position = factory.Sequence(lambda n: n % 9000)
    code = factory.Sequence(lambda n: f"regle-{n}")
    per = "class"
    item_type = None
    pack = factory.Maybe(
        "item_type",
        yes_declaration=None,
        no_declaration=factory.SubFactory(PackFactory, authority=factory.SelfAttribute("..rule_set.authority")),
    )


class DeviceFactory(factory.django.DjangoModelFactory):
    """Without its first movement, which `services.save_device` writes."""

    class Meta:
        model = Device

    authority = factory.SelfAttribute("item_type.authority")
    item_type = factory.SubFactory(ItemTypeFactory)
    inventory_number = factory.Sequence(lambda n: f"SYN-{n:05d}")
    state = "in_service"


class MovementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Movement

    device = factory.SubFactory(DeviceFactory)
    to_state = "in_service"
    reason = "Synthétique"


class ParkCountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ParkCount

    authority = factory.SubFactory(AuthorityFactory)
    label = factory.Sequence(lambda n: f"Compte synthétique {n}")
    category = "computer"
    quantity = 5000
    source = "Source synthétique"
