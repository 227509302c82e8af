from typing import Any, ClassVar

from rest_framework import serializers

from deliberations import queries
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
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.web.api import EntitySerializer

OF_SITTING = {
    "sitting": queries.editable_sittings,
    "mandate": queries.editable_mandates,
    "giver": queries.editable_mandates,
    "holder": queries.editable_mandates,
    "act": queries.editable_acts,
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
    scoped = {"assembly": queries.editable_assemblies}

    class Meta:
        model = Mandate
        fields = "__all__"


class SittingSerializer(EntitySerializer):
    scoped = {"assembly": queries.editable_assemblies, "chair": queries.editable_mandates}

    class Meta:
        model = Sitting
        fields = "__all__"


class PresenceSerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Presence
        fields = "__all__"


class ProxySerializer(EntitySerializer):
    scoped: ClassVar = OF_SITTING

    class Meta:
        model = Proxy
        fields = "__all__"


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
        "plan": visible_plans,
        "scenario": visible_scenarios,
    }
    executory_on = serializers.SerializerMethodField()

    class Meta:
        model = Act
        fields = "__all__"

    def get_executory_on(self, act: Act) -> str | None:
        day = queries.executory_day(act)
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
    """The ballot with its names: `votes` replaces all of them, and is needed on each write of a vote by name."""

    scoped: ClassVar = OF_SITTING
    votes = VoteSerializer(many=True, required=False)

    class Meta:
        model = Ballot
        fields = "__all__"


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
