from typing import ClassVar

from rest_framework import serializers

from equipment.domain import lifecycle
from equipment.models import (
    AllocationRule,
    Device,
    ItemType,
    Movement,
    Pack,
    PackLine,
    ParkCount,
    Price,
    Proposal,
    ProposedPack,
    Reservation,
    RuleSet,
)
from equipment.queries import (
    catalogue_authorities,
    editable_authorities,
    rule_set_content,
    visible_devices,
    visible_item_types,
    visible_packs,
    visible_proposals,
    visible_rule_sets,
)
from plan_numerique.web.api import EntitySerializer, MoneyField
from schools.models import Diagnostic, Room, School, SchoolClass
from schools.queries import classes_offered, visible_diagnostics, visible_rooms, visible_schools


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


class VolunteersSerializer(serializers.Serializer):
    """Classes of the school in the year of the campaign; an empty list: none."""

    volunteers = serializers.PrimaryKeyRelatedField(many=True, queryset=SchoolClass.objects.none())

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        diagnostic = self.context.get("diagnostic")
        if diagnostic:
            fields["volunteers"].child_relation.queryset = classes_offered(diagnostic)
        return fields


class ProposalSerializer(EntitySerializer):
    """Read; written by the action « calculer »."""

    class Meta:
        model = Proposal
        fields = "__all__"
        read_only_fields = ("diagnostic", "rule_set", "school_year", "computed_at")


class ComputeSerializer(serializers.Serializer):
    """`overwrite`: abandon the adjustments that the rules give no ground for any more."""

    diagnostic = serializers.PrimaryKeyRelatedField(queryset=Diagnostic.objects.none())
    rule_set = serializers.PrimaryKeyRelatedField(queryset=RuleSet.objects.none())
    school_year = serializers.IntegerField(min_value=1900, max_value=2200)
    overwrite = serializers.BooleanField(default=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request:
            fields["diagnostic"].queryset = visible_diagnostics(request.user)
            fields["rule_set"].queryset = visible_rule_sets(request.user)
        return fields


class LineSerializer(serializers.Serializer):
    """An article of the school. Amounts are of what is left to buy, null without a price."""

    item = serializers.CharField(source="figures.item")
    label = serializers.CharField()
    must = serializers.IntegerField(source="figures.must")
    has = serializers.IntegerField(source="figures.has")
    lacks = serializers.IntegerField(source="figures.lacks")
    reserved = serializers.IntegerField(source="figures.reserved")
    to_buy = serializers.IntegerField(source="figures.to_buy")
    unit_price_ht = MoneyField(source="figures.unit_price", allow_null=True)
    ht = MoneyField(source="figures.ht", allow_null=True)
    vat = MoneyField(source="figures.vat", allow_null=True)
    ttc = MoneyField(source="figures.ttc", allow_null=True)
    hypothesis = serializers.BooleanField()


class CostSerializer(serializers.Serializer):
    """`unpriced`: units to buy that have no price and are in no sum."""

    ht = MoneyField()
    vat = MoneyField()
    ttc = MoneyField()
    unpriced = serializers.IntegerField()


class SheetSerializer(serializers.Serializer):
    """What the school must have, has, lacks, is kept for it and is left to buy. `stale` says why the rules would now give otherwise."""

    lines = LineSerializer(many=True)
    cost = CostSerializer()
    undecided = serializers.BooleanField()
    stale = serializers.CharField()


class ProposedPackSerializer(EntitySerializer):
    """A new one is a pack added by hand; a stored one changes by `kept` and `reason` only."""

    scoped = {"proposal": visible_proposals, "pack": visible_packs}

    class Meta:
        model = ProposedPack
        fields = "__all__"
        read_only_fields = ("rule_code", "by_rule")
        validators: ClassVar[list[object]] = []

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        if self.instance is not None:
            for name in ("proposal", "pack"):
                fields[name].read_only = True
        return fields


class ReservationSerializer(EntitySerializer):
    """Made whole, then only released."""

    scoped = {"proposal": visible_proposals, "device": visible_devices, "item_type": visible_item_types}

    class Meta:
        model = Reservation
        fields = "__all__"
        read_only_fields = ("reserved_at", "by", "released_at", "release_reason")
        validators: ClassVar[list[object]] = []


class ReleaseSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=250)
