from typing import Any, ClassVar

from rest_framework import serializers

from deliberations import permissions, queries
from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Ballot,
    LegalSetting,
    Mandate,
    PassageRange,
    Presence,
    Proxy,
    Reporter,
    Secretary,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
    Vote,
)
from deliberations.queries.deadlines import followed_laws
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.web.api import EntitySerializer

OF_SITTING = {
    "sitting": queries.editable_sittings,
    "mandate": queries.editable_mandates,
    "giver": queries.editable_mandates,
    "holder": queries.editable_mandates,
    "act": queries.editable_acts,
    "from_act": queries.editable_acts,
    "until_act": queries.editable_acts,
}


class LegalSettingSerializer(EntitySerializer):
    class Meta:
        model = LegalSetting
        fields = "__all__"


class AssemblySerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = Assembly
        fields = "__all__"


class MandateSerializer(EntitySerializer):
    scoped = {
        "assembly": queries.editable_assemblies,
        "alternate_for": queries.editable_mandates,
        "replaces": queries.editable_mandates,
    }

    class Meta:
        model = Mandate
        fields = "__all__"


class SittingSerializer(EntitySerializer):
    """What happens in session (state, opening, closing) is entered by the sitting's own entries."""

    scoped = {
        "assembly": queries.editable_assemblies,
        "chair": queries.editable_mandates,
        "first_sitting": queries.editable_sittings,
        "minutes_approved_in": queries.editable_sittings,
    }

    class Meta:
        model = Sitting
        fields = "__all__"
        read_only_fields = ("state", "opened_at", "closed_at", "sequence")

    def to_representation(self, instance: Sitting) -> dict[str, Any]:
        """Minutes that are not approved yet stay with those who read the drafts of a sitting."""
        shown: dict[str, Any] = super().to_representation(instance)
        request = self.context.get("request")
        if instance.minutes and not instance.minutes_approved_in_id:
            authority = instance.assembly.authority
            if request is None or not permissions.VIEW_CONVENED.granted(request.user, authority):
                shown["minutes"] = ""
        return shown


class PresenceSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Presence
        fields = "__all__"


def _edited(serializer: serializers.BaseSerializer[Any], authority: Any) -> bool:
    """By the one who reads."""
    request = serializer.context.get("request")
    return request is not None and permissions.EDIT.granted(request.user, authority)


class ProxySerializer(EntitySerializer):
    """`reason` is what a member wrote to those who convene: empty for the others."""

    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Proxy
        fields = "__all__"

    def to_representation(self, instance: Proxy) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        kept = _edited(self, instance.sitting.assembly.authority)
        return shown if kept else {**shown, "reason": ""}


class SecretarySerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Secretary
        fields = "__all__"


class AttendanceChangeSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = AttendanceChange
        fields = "__all__"


class PassageRangeSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = PassageRange
        fields = "__all__"


class ActSerializer(EntitySerializer):
    """`executory_on` is computed from the dates."""

    scoped = {
        "sitting": queries.editable_sittings,
        "signatory": queries.editable_mandates,
        "chair": queries.editable_mandates,
        "plan": visible_plans,
        "scenario": visible_scenarios,
    }
    executory_on = serializers.SerializerMethodField()

    class Meta:
        model = Act
        fields = "__all__"
        read_only_fields = ("added_in_sitting", "examined_at")

    def get_executory_on(self, act: Act) -> str | None:
        if "laws" not in self.context:  # read once for a whole list
            self.context["laws"] = followed_laws()
        day = queries.executory_day(act, self.context["laws"])
        return day.isoformat() if day else None


class ReporterSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Reporter
        fields = "__all__"


class ActClauseSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = ActClause
        fields = "__all__"
        validators: ClassVar[list[Any]] = []  # a new passage may ask for the place of another, which is pushed


class ActIdentifierSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = ActIdentifier
        fields = "__all__"


class VoteSerializer(EntitySerializer):
    scoped: ClassVar = {"mandate": queries.editable_mandates}

    class Meta:
        model = Vote
        fields = ("id", "ballot", "mandate", "choice", "with_proxy", "position")
        read_only_fields = ("ballot", "position")


class BallotSerializer(EntitySerializer):
    """The ballot with its names: `votes` replaces all of them, and is needed to write a vote by name whole."""

    scoped: ClassVar = OF_SITTING
    votes = VoteSerializer(many=True, required=False)

    class Meta:
        model = Ballot
        fields = "__all__"
        read_only_fields = ("proclaimed_at",)


class StatedAmountSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = StatedAmount
        fields = "__all__"


class StatedBudgetSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = StatedBudget
        fields = "__all__"


class StatedBudgetLineSerializer(EntitySerializer):
    scoped: ClassVar = {"budget": queries.editable_stated_budgets}

    class Meta:
        model = StatedBudgetLine
        fields = "__all__"


class StatedGrantSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = StatedGrant
        fields = "__all__"


class StatedProductSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = StatedProduct
        fields = "__all__"


def named_votes(rows: list[dict[str, Any]]) -> list[tuple[Mandate, str, bool]]:
    return [(row["mandate"], row["choice"], row.get("with_proxy", False)) for row in rows]
