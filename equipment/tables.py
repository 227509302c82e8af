from typing import Any

import django_tables2 as tables
from django.db.models import Sum
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from equipment.models import Device, ItemType, Pack, ParkCount, Proposal, Reservation, RuleSet
from equipment.queries import Sheet, sheets_of
from plan_numerique.shared import money
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    MomentColumn,
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


class ProposalTable(EntityTable):
    """`sheets` gives the figures of the rows shown, all at once (`queries.sheets_of`)."""

    hidden = ("rule_set", "school_year", "computed_at", "ht")
    school = tables.Column(
        accessor="diagnostic__school__name",
        verbose_name="École",
        linkify=("equipment:diagnostic_packs", {"pk": tables.A("diagnostic_id")}),
    )
    campaign = tables.Column(accessor="diagnostic__campaign__title", verbose_name="Campagne")
    state = tables.Column(accessor="diagnostic__state", verbose_name="Diagnostic")
    school_year = SchoolYearColumn()
    packs = IntegerColumn(accessor="kept_total", verbose_name="Packs retenus")
    adjusted = IntegerColumn(accessor="adjusted_count", verbose_name="Ajustés")
    reserved = IntegerColumn(accessor="reserved_count", verbose_name="Appareils réservés")
    to_buy = tables.Column(verbose_name="À acheter", empty_values=(), orderable=False, attrs=IntegerColumn.attrs)
    ht = tables.Column(verbose_name="Coût HT", empty_values=(), orderable=False, attrs=EurosColumn.attrs)
    ttc = tables.Column(verbose_name="Coût TTC", empty_values=(), orderable=False, attrs=EurosColumn.attrs)

    class Meta(EntityTable.Meta):
        model = Proposal
        fields = (
            "school",
            "campaign",
            "state",
            "rule_set",
            "school_year",
            "packs",
            "adjusted",
            "reserved",
            "computed_at",
        )
        sequence = (*fields[:-1], "to_buy", "ht", "ttc", "computed_at")
        order_by = "school"

    @cached_property
    def sheets(self) -> dict[int, Sheet]:
        page = getattr(self, "page", None)
        rows = page.object_list if page is not None else self.data.data
        return sheets_of(getattr(row, "record", row) for row in rows)

    def render_state(self, record: Proposal) -> str:
        return record.diagnostic.get_state_display()

    def render_to_buy(self, record: Proposal) -> str:
        return integer(self.value_to_buy(record))

    def value_to_buy(self, record: Proposal) -> int:
        return sum(line.to_buy for line in self.sheets[record.pk].lines)

    def render_ht(self, record: Proposal) -> str:
        return self._amount(record, self.sheets[record.pk].cost.ht)

    def value_ht(self, record: Proposal) -> float:
        return self.sheets[record.pk].cost.ht / 100

    def render_ttc(self, record: Proposal) -> str:
        return self._amount(record, self.sheets[record.pk].cost.ttc)

    def value_ttc(self, record: Proposal) -> float:
        return self.sheets[record.pk].cost.ttc / 100

    def _amount(self, record: Proposal, cents: int) -> str:
        unpriced = self.sheets[record.pk].cost.unpriced
        amount = money.display_euros(cents)
        if not unpriced:
            return amount
        return format_html('{} <span class="muted">et {} sans prix</span>', amount, integer(unpriced))


class ReservationTable(EntityTable):
    device = tables.Column(linkify=("equipment:device_detail", {"pk": tables.A("device_id")}), verbose_name="Appareil")
    school = tables.Column(
        accessor="proposal__diagnostic__school__name",
        verbose_name="Réservé pour",
        linkify=("equipment:diagnostic_packs", {"pk": tables.A("proposal__diagnostic_id")}),
    )
    item_type = tables.Column(verbose_name="Au titre de")
    state = tables.Column(accessor="device__state", verbose_name="État de l'appareil")
    reserved_at = MomentColumn(linkify=("equipment:reservation_detail", {"pk": tables.A("pk")}))

    class Meta(EntityTable.Meta):
        model = Reservation
        fields = ("device", "state", "item_type", "school", "reserved_at", "by", "released_at", "release_reason")
        order_by = "-reserved_at"

    def render_state(self, record: Reservation) -> str:
        return record.device.get_state_display()


class StockTable(EntityTable):
    """Rows of `queries.listed_stock`."""

    inventory_number = tables.Column(linkify=("equipment:device_detail", {"pk": tables.A("pk")}))
    state = BadgeColumn(tones=STATE_TONES)
    acquired_on = DayColumn()
    reserved_for = tables.Column(
        verbose_name="Réservé pour",
        default="libre",
        linkify=lambda record: (
            reverse("equipment:diagnostic_packs", args=[record.reserved_diagnostic])
            if record.reserved_diagnostic
            else None
        ),
    )

    class Meta(EntityTable.Meta):
        model = Device
        fields = ("inventory_number", "item_type", "state", "acquired_on", "place", "reserved_for")
        order_by = ("-state", "acquired_on")
