from typing import Any

import django_tables2 as tables
from django.db.models import Sum
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from equipment.models import Device, ItemType, Pack, ParkCount, RuleSet
from plan_numerique.shared import money
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    SchoolYearColumn,
    YesNoColumn,
)
from plan_numerique.web.templatetags.web import integer

STATE_TONES = {
    "in_service": "success",
    "broken": "danger",
    "repair": "warning",
    "loaned": "info",
    "requalified": "info",
    "lost": "danger",
}
HYPOTHESIS = SafeString('<span class="badge" data-tone="warning">hypothèse</span>')


class PriceColumn(EurosColumn):
    """An amount that says when a price behind it is a hypothesis; `flag` names the attribute of the row that knows."""

    def __init__(self, *args: Any, flag: str, **kwargs: Any) -> None:
        self.flag = flag
        super().__init__(*args, **kwargs)

    def render(self, value: int, record: Any) -> str:
        amount = money.display_euros(value)
        return format_html("<span>{} {}</span>", HYPOTHESIS, amount) if getattr(record, self.flag) else amount


class ItemTypeTable(EntityTable):
    hidden = ("code", "section", "fctva", "life_years")
    label = tables.Column(linkify=("equipment:itemtype_detail", {"pk": tables.A("pk")}))
    price_ht = PriceColumn(flag="price_hypothesis", verbose_name="Prix HT du jour")
    price_from = DayColumn(verbose_name="Depuis le")
    price_hypothesis = YesNoColumn(verbose_name="Prix en hypothèse", visible=False)
    life_years = IntegerColumn(verbose_name="Durée de vie (ans)")
    fctva = YesNoColumn(verbose_name="FCTVA")

    class Meta(EntityTable.Meta):
        model = ItemType
        fields = (
            "label",
            "code",
            "category",
            "price_ht",
            "price_from",
            "heading",
            "section",
            "account",
            "life_years",
            "fctva",
        )
        sequence = (*fields, "price_hypothesis")
        order_by = "label"


class PackTable(EntityTable):
    label = tables.Column(linkify=("equipment:pack_detail", {"pk": tables.A("pk")}))
    item_count = IntegerColumn(verbose_name="Articles")
    total_ht = PriceColumn(flag="has_hypothesis", verbose_name="Total HT aux prix du jour")
    unpriced = IntegerColumn(verbose_name="Lignes sans prix")
    has_hypothesis = YesNoColumn(verbose_name="Prix en hypothèse", visible=False)

    class Meta(EntityTable.Meta):
        model = Pack
        fields = ("label", "code", "item_count", "total_ht", "unpriced", "source")
        sequence = (*fields, "has_hypothesis")
        order_by = "label"


class RuleSetTable(EntityTable):
    name = tables.Column(linkify=("equipment:ruleset_detail", {"pk": tables.A("pk")}))
    school_year = SchoolYearColumn()
    price_date = DayColumn()
    rule_count = IntegerColumn(verbose_name="Règles")
    locked_at = tables.Column(verbose_name="État", empty_values=())

    class Meta(EntityTable.Meta):
        model = RuleSet
        fields = ("name", "version", "school_year", "rule_count", "price_date", "locked_at", "source")
        order_by = ("name", "-version")

    def render_locked_at(self, record: RuleSet) -> SafeString:
        label, tone = ("Figé", "success") if record.locked_at else ("En préparation", "info")
        return format_html('<span class="badge" data-tone="{}">{}</span>', tone, label)

    def value_locked_at(self, record: RuleSet) -> str:
        return "Figé" if record.locked_at else "En préparation"


class DeviceTable(EntityTable):
    hidden = ("serial", "supplier", "warranty_until", "purchase_ht")
    inventory_number = tables.Column(linkify=("equipment:device_detail", {"pk": tables.A("pk")}))
    state = BadgeColumn(tones=STATE_TONES)
    acquired_on = DayColumn()
    purchase_ht = EurosColumn()
    warranty_until = DayColumn()

    class Meta(EntityTable.Meta):
        model = Device
        fields = (
            "inventory_number",
            "item_type",
            "state",
            "school",
            "place",
            "acquired_on",
            "serial",
            "supplier",
            "purchase_ht",
            "warranty_until",
        )
        order_by = "inventory_number"


class ParkCountTable(EntityTable):
    label = tables.Column(
        linkify=("equipment:parkcount_detail", {"pk": tables.A("pk")}), footer="Total", verbose_name="Intitulé"
    )
    quantity = IntegerColumn(footer=lambda table: integer(table.data.data.aggregate(total=Sum("quantity"))["total"]))
    approximate = YesNoColumn()

    class Meta(EntityTable.Meta):
        model = ParkCount
        fields = ("label", "category", "quantity", "approximate", "as_of", "source")
        order_by = "-quantity"


class NeedTable(EntityTable):
    """Rows are `queries.need.SchoolNeeds`."""

    school = tables.Column(
        accessor="school__name", verbose_name="École", linkify=lambda record, table: table.school_url(record)
    )
    must = IntegerColumn(verbose_name="Doit avoir")
    has = IntegerColumn(verbose_name="A")
    lacks = IntegerColumn(verbose_name="Manque")
    cost_ht = PriceColumn(flag="hypothesis", verbose_name="Coût HT de ce qui manque")
    needs = tables.Column(verbose_name="Ce qui manque", orderable=False)

    class Meta(EntityTable.Meta):
        order_by = "school"

    def __init__(self, *args: Any, school_url: Any = None, **kwargs: Any) -> None:
        self.school_url = school_url
        super().__init__(*args, **kwargs)

    def render_needs(self, value: Any) -> str:
        missing = [(integer(need.lacks), need.item.label) for need in value if need.lacks]
        return format_html_join(", ", "{} × {}", missing) or "Rien"
