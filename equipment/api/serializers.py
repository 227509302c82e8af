from rest_framework import serializers

from equipment.domain import lifecycle
from equipment.models import AllocationRule, Device, ItemType, Movement, Pack, PackLine, ParkCount, Price, RuleSet
from equipment.queries import (
    catalogue_authorities,
    editable_authorities,
    rule_set_content,
    visible_item_types,
    visible_packs,
    visible_rule_sets,
)
from plan_numerique.web.api import EntitySerializer
from schools.models import Room, School
from schools.queries import visible_rooms, visible_schools


class ItemTypeSerializer(EntitySerializer):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = ItemType
        fields = "__all__"


class PriceSerializer(EntitySerializer):
    scoped = {"item_type": visible_item_types}

    class Meta:
        model = Price
        fields = "__all__"


class PackSerializer(EntitySerializer):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = Pack
        fields = "__all__"


class PackLineSerializer(EntitySerializer):
    scoped = {"pack": visible_packs, "item_type": visible_item_types}

    class Meta:
        model = PackLine
        fields = "__all__"


class RuleSetSerializer(EntitySerializer):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = RuleSet
        exclude = ("snapshot",)


class RuleSetDocumentSerializer(serializers.Serializer):
    """The rule set in the vocabulary of the budget calculator; `unit_price_ht` is null where an item has no price on its day."""

    items = serializers.ListField(child=serializers.DictField())
    packs = serializers.ListField(child=serializers.DictField())
    rules = serializers.ListField(child=serializers.DictField())
    hypotheses = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: RuleSet) -> dict[str, object]:
        return rule_set_content(instance)


class AllocationRuleSerializer(EntitySerializer):
    scoped = {"rule_set": visible_rule_sets, "pack": visible_packs, "item_type": visible_item_types}

    class Meta:
        model = AllocationRule
        fields = "__all__"


class DeviceSerializer(EntitySerializer):
    scoped = {
        "authority": editable_authorities,
        "item_type": visible_item_types,
        "school": visible_schools,
        "room": visible_rooms,
    }

    class Meta:
        model = Device
        fields = "__all__"


class MoveSerializer(serializers.Serializer):
    """What is not given stays; `"school": null` takes the device out of the schools."""

    state = serializers.ChoiceField(choices=lifecycle.STATES, required=False)
    school = serializers.PrimaryKeyRelatedField(queryset=School.objects.none(), required=False, allow_null=True)
    room = serializers.PrimaryKeyRelatedField(queryset=Room.objects.none(), required=False, allow_null=True)
    place = serializers.CharField(max_length=120, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=500)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request:
            fields["school"].queryset = visible_schools(request.user)
            fields["room"].queryset = visible_rooms(request.user)
        return fields


class MovementSerializer(EntitySerializer):
    class Meta:
        model = Movement
        fields = "__all__"
        read_only_fields = (
            "device", "at", "by", "from_state", "to_state", "from_school", "to_school", "from_place", "to_place", "reason",
        )  # fmt: skip


class ParkCountSerializer(EntitySerializer):
    scoped = {"authority": editable_authorities, "item_type": visible_item_types}

    class Meta:
        model = ParkCount
        fields = "__all__"
