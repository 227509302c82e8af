from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from governance.enums import SubsidyState
from governance.models import Account, FundingPreset, Heading, Subsidy
from plan_numerique.shared.money import display_euros, parse_cents, parse_rate
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    RateColumn,
    YearColumn,
    YesNoColumn,
)
from plan_numerique.web.templatetags.web import rate

SUBSIDY_TONES: dict[str, str] = {
    SubsidyState.ENVISAGED: "neutral",
    SubsidyState.FILED: "info",
    SubsidyState.COMPLETE: "info",
    SubsidyState.NOTIFIED: "success",
    SubsidyState.ADVANCE: "success",
    SubsidyState.SETTLED: "success",
    SubsidyState.REFUSED: "danger",
}


class SubsidyTable(EntityTable):
    hidden = ("reference", "rate", "eligible_base", "works_start")
    label = tables.Column(linkify=("governance:subsidy_detail", {"pk": tables.A("pk")}))
    plan = tables.Column(linkify=("governance:plan_detail", {"pk": tables.A("plan_id")}))
    funder = tables.Column(linkify=("governance:funder_detail", {"pk": tables.A("funder_id")}))
    state = BadgeColumn(tones=SUBSIDY_TONES)
    rate = RateColumn()
    eligible_base, requested, granted, received = EurosColumn(), EurosColumn(), EurosColumn(), EurosColumn()
    works_start = DayColumn()
    next_due = DayColumn(verbose_name="Prochaine échéance")

    class Meta(EntityTable.Meta):
        model = Subsidy
        fields = (
            "label", "funder", "plan", "reference", "state", "rate", "eligible_base", "requested", "granted", "received",
            "works_start", "next_due",
        )  # fmt: skip
        order_by = ("next_due", "label")


class VerifiedColumn(tables.Column):
    """Where a figure comes from; « à vérifier » where no source settles it."""

    def render(self, value: bool, record: Any) -> str:
        if value:
            return str(record.source)
        badge = format_html('<span class="badge" data-tone="warning">{}</span>', "à vérifier")
        return format_html("{} {}", badge, record.source) if record.source else badge

    def value(self, value: bool, record: Any) -> str:
        return str(record.source) if value else f"à vérifier {record.source}".strip()


class AccountTable(EntityTable):
    code = tables.Column(linkify=("governance:account_detail", {"pk": tables.A("pk")}))
    valid_from, valid_to = YearColumn(), YearColumn()
    revenue, fctva = YesNoColumn(), YesNoColumn()
    verified = VerifiedColumn(verbose_name="Source")
    hidden = ("valid_from", "valid_to")

    class Meta(EntityTable.Meta):
        model = Account
        fields = ("code", "label", "section", "revenue", "fctva", "valid_from", "valid_to", "verified")
        order_by = ("section", "code")


class FundingPresetTable(EntityTable):
    label = tables.Column(linkify=("governance:fundingpreset_detail", {"pk": tables.A("pk")}))
    rule = tables.Column(empty_values=(), orderable=False, verbose_name="Calcul")
    verified = VerifiedColumn(verbose_name="Source")

    class Meta(EntityTable.Meta):
        model = FundingPreset
        fields = ("label", "kind", "base", "rule", "verified")
        order_by = "label"

    def render_rule(self, record: FundingPreset) -> str:
        return preset_rule(record)


def preset_rule(preset: FundingPreset) -> str:
    """« 70 % jusqu'à 200 000,00 €, puis 50 % ; base d'au plus 3 500,00 € par classe »"""
    if preset.rate is not None:
        parts = [f"{rate(preset.rate)} de la base"]
    elif preset.tiers:
        parts = [", puis ".join(_tier(tier) for tier in preset.tiers)]
    else:
        parts = ["taux à renseigner"]
    if preset.base_cap_amount is not None:
        parts.append(f"base d'au plus {display_euros(preset.base_cap_amount)} {preset.get_base_cap_per_display()}")
    bounds = (("au moins", preset.minimum), ("au plus", preset.cap))
    return " ; ".join([*parts, *(f"{word} {display_euros(cents)}" for word, cents in bounds if cents is not None)])


def _tier(tier: dict[str, Any]) -> str:
    bound = "" if tier["up_to"] is None else f" jusqu'à {display_euros(parse_cents(tier['up_to']))}"
    return rate(parse_rate(tier["rate"])) + bound


class HeadingTable(EntityTable):
    label = tables.Column(linkify=("governance:heading_detail", {"pk": tables.A("pk")}))

    class Meta(EntityTable.Meta):
        model = Heading
        fields = ("label", "code", "section", "account", "authority", "source")
        order_by = "label"
