from typing import Any, ClassVar

from django.db.models import Field
from drf_spectacular.utils import extend_schema_field

from equipment.queries import visible_devices
from governance import permissions, queries, services
from governance.filtersets import ExpenseFilter, FctvaRegimeFilter
from governance.models import Expense, FctvaRegime
from plan_numerique.web.api import EntitySerializer, EntityViewSet, MoneyField
from plan_numerique.web.fields import SignedCentsField
from schools.queries import visible_schools


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$", "example": "-120.50"})
class SignedMoneyField(MoneyField):
    """Cents as a decimal string, negative for a credit note: `"-120.50"`."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "Un montant s'écrit comme une chaîne décimale, « -120.50 » : deux décimales au plus."
    }

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            self.fail("invalid")
        cents = super().to_internal_value(data.removeprefix("-"))
        return -cents if data.startswith("-") else cents


class ExpenseSerializer(EntitySerializer):
    serializer_field_mapping: ClassVar[dict[type["Field[Any, Any]"], Any]] = {
        **EntitySerializer.serializer_field_mapping,
        SignedCentsField: SignedMoneyField,
    }
    scoped = {
        "plan": queries.money_plans,
        "authorisation": queries.money_authorisations,
        "school": visible_schools,
        "device": visible_devices,
        "origin": queries.visible_expenses,
    }

    class Meta:
        model = Expense
        fields = "__all__"
        read_only_fields = ("authority", "ttc")


class FctvaRegimeSerializer(EntitySerializer):
    scoped = {"authority": queries.money_authorities}

    class Meta:
        model = FctvaRegime
        fields = "__all__"


class ExpenseViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_MONEY, permissions.EDIT_MONEY
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_expenses)
    serializer_class, filterset_class = ExpenseSerializer, ExpenseFilter
    save_service, delete_service = staticmethod(services.save_expense), staticmethod(services.delete_expense)


class FctvaRegimeViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_MONEY, permissions.EDIT_MONEY
    rows = staticmethod(queries.visible_fctva_regimes)
    serializer_class, filterset_class = FctvaRegimeSerializer, FctvaRegimeFilter
    save_service, delete_service = staticmethod(services.save_owned), staticmethod(services.delete_owned)
