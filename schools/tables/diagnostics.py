from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    RateColumn,
    SchoolYearColumn,
    YesNoColumn,
)
from schools.domain.works import cost
from schools.models import Diagnostic, DiagnosticCampaign, Work
from schools.queries import STAGES, stage_of

WORK_TONES = {"to_do": "warning", "done": "success", "dropped": "neutral"}


class DiagnosticCampaignTable(EntityTable):
    hidden = ("authority", "technical", "pedagogical")
    title = tables.Column(linkify=("schools:diagnosticcampaign_detail", {"pk": tables.A("pk")}))
    school_year = SchoolYearColumn()
    diagnostic_count = IntegerColumn(verbose_name="Diagnostics")
    signed_count = IntegerColumn(verbose_name="Validés")

    class Meta(EntityTable.Meta):
        model = DiagnosticCampaign
        fields = (
            "title", "authority", "school_year", "starts_on", "ends_on", "diagnostic_count", "signed_count", "technical",
            "pedagogical",
        )  # fmt: skip
        order_by = ("-school_year", "title")


class DiagnosticTable(EntityTable):
    hidden = ("uai", "family", "reason", "photo_count", "visit_on")
    school = tables.Column(linkify=("schools:diagnostic_detail", {"pk": tables.A("pk")}), order_by="school__name")
    uai = tables.Column(accessor="school__uai", verbose_name="UAI")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune", order_by="school__commune__name")
    campaign = tables.Column(order_by="campaign__title")
    stage = tables.Column(verbose_name="Avancement", empty_values=(), orderable=False)
    work_count = IntegerColumn(verbose_name="Travaux")
    photo_count = IntegerColumn(verbose_name="Photos")

    class Meta(EntityTable.Meta):
        model = Diagnostic
        fields = (
            "school", "uai", "commune", "campaign", "family", "trigger", "reason", "triggered_on", "visit_on", "stage",
            "work_count", "photo_count",
        )  # fmt: skip
        order_by = ("-triggered_on", "school")

    def render_stage(self, record: Diagnostic) -> str:
        label, tone = STAGES[stage_of(record)]
        return format_html('<span class="badge" data-tone="{}">{}</span>', tone, label)

    def value_stage(self, record: Diagnostic) -> str:
        return STAGES[stage_of(record)][0]


class WorkTable(EntityTable):
    hidden = ("uai", "nature", "vat_rate", "vat", "estimate", "done_on", "campaign")
    label = tables.Column(linkify=("schools:work_detail", {"pk": tables.A("pk")}))
    school = tables.Column(
        accessor="diagnostic__school",
        verbose_name="École",
        linkify=("schools:diagnostic_detail", {"pk": tables.A("diagnostic__pk")}),
        order_by="diagnostic__school__name",
    )
    uai = tables.Column(accessor="diagnostic__school__uai", verbose_name="UAI")
    commune = tables.Column(
        accessor="diagnostic__school__commune", verbose_name="Commune", order_by="diagnostic__school__commune__name"
    )
    campaign = tables.Column(
        accessor="diagnostic__campaign", verbose_name="Campagne", order_by="diagnostic__campaign__title"
    )
    payer = tables.Column(verbose_name="À la charge de")
    amount_ht = EurosColumn(verbose_name="Coût HT")
    vat_rate = RateColumn(verbose_name="TVA (taux)")
    vat = EurosColumn(verbose_name="TVA", empty_values=(), orderable=False)
    ttc = EurosColumn(verbose_name="Coût TTC", empty_values=(), orderable=False)
    estimate = YesNoColumn()
    due_on = DayColumn(verbose_name="Attendus le")
    state = BadgeColumn(tones=WORK_TONES)

    class Meta(EntityTable.Meta):
        model = Work
        fields = (
            "label", "school", "uai", "commune", "campaign", "nature", "payer", "amount_ht", "vat_rate", "vat", "ttc",
            "estimate", "due_on", "done_on", "state",
        )  # fmt: skip
        order_by = ("due_on", "label")

    def render_payer(self, record: Work) -> str:
        return record.payer_name or record.get_payer_display()

    def render_vat(self, record: Work) -> str:
        return self._euros(record, "vat")

    def value_vat(self, record: Work) -> Any:
        return self._plain(record, "vat")

    def render_ttc(self, record: Work) -> str:
        return self._euros(record, "ttc")

    def value_ttc(self, record: Work) -> Any:
        return self._plain(record, "ttc")

    def _euros(self, record: Work, part: str) -> str:
        found = cost(record.amount_ht, record.vat_rate)
        return "—" if found is None else EurosColumn().render(getattr(found, part))

    def _plain(self, record: Work, part: str) -> float | None:
        found = cost(record.amount_ht, record.vat_rate)
        return None if found is None else EurosColumn().value(value=getattr(found, part))
