from typing import Any

import django_tables2 as tables

from ent.models import Offer, Provider, Subscription
from ent.queries import Costed
from plan_numerique.shared import money
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    RateColumn,
    SchoolYearColumn,
)
from plan_numerique.web.templatetags.web import integer


class ProviderTable(EntityTable):
    name = tables.Column(linkify=("ent:provider_detail", {"pk": tables.A("pk")}))
    offer_count = IntegerColumn(verbose_name="Offres")

    class Meta(EntityTable.Meta):
        model = Provider
        fields = ("name", "product", "website", "offer_count")
        order_by = "name"


class OfferTable(EntityTable):
    label = tables.Column(linkify=("ent:offer_detail", {"pk": tables.A("pk")}))
    unit_price_ht = EurosColumn(verbose_name="Prix HT par an")
    vat_rate = RateColumn(verbose_name="TVA")
    starts_on = DayColumn()
    ends_on = DayColumn()

    class Meta(EntityTable.Meta):
        model = Offer
        fields = ("label", "provider", "per", "unit_price_ht", "vat_rate", "starts_on", "ends_on")
        order_by = ("provider", "-starts_on")


class _CostColumn(tables.Column):
    """A figure of `table.costs`, which the page gives (ent.queries.subscription_costs): computed, so not sorted by the database."""

    attrs = {"td": {"class": "n"}, "th": {"class": "n"}}

    def __init__(self, figure: str, *, cents: bool, **kwargs: Any) -> None:
        self.figure, self.cents = figure, cents
        super().__init__(empty_values=(), orderable=False, **kwargs)

    def _figure(self, record: Subscription, table: Any) -> int | None:
        costed: Costed = table.costs[record.pk]
        value: int | None = getattr(costed, self.figure)
        return value

    def render(self, record: Subscription, table: Any) -> str:
        value = self._figure(record, table)
        if value is None:
            return "—"
        return money.display_euros(value) if self.cents else integer(value)

    def value(self, **kwargs: Any) -> Any:
        value = self._figure(kwargs["record"], kwargs["table"])
        return value / 100 if self.cents and value is not None else value


class SubscriptionTable(EntityTable):
    label = tables.Column(linkify=("ent:subscription_detail", {"pk": tables.A("pk")}))
    school_year = SchoolYearColumn()
    payer = BadgeColumn(tones={"commune": "info", "academie": "success"})
    school_count = IntegerColumn(verbose_name="Écoles")
    pupils = _CostColumn("pupils", cents=False, verbose_name="Élèves")
    ht = _CostColumn("ht", cents=True, verbose_name="HT")
    ttc = _CostColumn("ttc", cents=True, verbose_name="TTC")
    announced_ttc = EurosColumn(verbose_name="Annoncé TTC")

    class Meta(EntityTable.Meta):
        model = Subscription
        fields = ("label", "school_year", "payer", "state", "school_count", "pupils", "ht", "ttc", "announced_ttc")
        order_by = ("-school_year", "label")
