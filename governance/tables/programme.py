from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from governance.domain.renewals import ORIGIN_IN_PLACE, ORIGIN_PLANNED
from governance.enums import PhaseState, Verdict
from governance.models import EquippedSchool, ProgrammePhase, ProgrammeVersion
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    YearColumn,
    YesNoColumn,
)

PHASE_TONES: dict[str, str] = {PhaseState.PLANNED: "neutral", PhaseState.RUNNING: "info", PhaseState.DONE: "success"}
VERDICT_TONES: dict[str, str] = {Verdict.GO: "success", Verdict.NO_GO: "danger"}
ORIGINS = {ORIGIN_IN_PLACE: "Parc en place", ORIGIN_PLANNED: "Achats du programme"}


class ProgrammeVersionTable(EntityTable):
    plan = tables.Column(linkify=("governance:plan_programme", {"pk": tables.A("plan_id")}))
    number = tables.Column(
        linkify=("governance:programmeversion_detail", {"pk": tables.A("pk")}), verbose_name="Version"
    )
    in_force = YesNoColumn(verbose_name="En vigueur")
    scenario = tables.Column(linkify=("governance:scenario_detail", {"pk": tables.A("scenario_id")}))
    adopted_on = DayColumn()
    ttc = EurosColumn(accessor="run__ttc", verbose_name="TTC")
    schools = IntegerColumn(accessor="run__schools_entered", verbose_name="Écoles")

    class Meta(EntityTable.Meta):
        model = ProgrammeVersion
        fields = ("plan", "number", "in_force", "adopted_on", "scenario", "schools", "ttc", "reason")
        order_by = ("plan", "-number")

    def render_number(self, record: ProgrammeVersion) -> str:
        return str(record)

    def value_number(self, record: ProgrammeVersion) -> str:
        return str(record)


class ProgrammePhaseTable(EntityTable):
    exercise = YearColumn(linkify=("governance:programmephase_detail", {"pk": tables.A("pk")}))
    plan = tables.Column(linkify=("governance:plan_programme", {"pk": tables.A("plan_id")}))
    state = BadgeColumn(tones=PHASE_TONES)
    pilot = YesNoColumn()
    verdict = BadgeColumn(tones=VERDICT_TONES, default="—")
    started_on, done_on = DayColumn(), DayColumn()
    school_count = IntegerColumn(verbose_name="Écoles équipées")

    class Meta(EntityTable.Meta):
        model = ProgrammePhase
        fields = ("exercise", "label", "plan", "state", "pilot", "verdict", "started_on", "done_on", "school_count")
        order_by = ("plan", "exercise")


class EquippedSchoolTable(EntityTable):
    school = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("school_id")}))
    uai = tables.Column(accessor="school__uai", verbose_name="UAI")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune")
    phase = tables.Column(linkify=("governance:programmephase_detail", {"pk": tables.A("phase_id")}))
    plan = tables.Column(linkify=("governance:plan_programme", {"pk": tables.A("plan_id")}))
    equipped_on = DayColumn()
    classes, pupils = IntegerColumn(), IntegerColumn()
    hidden = ("note",)

    class Meta(EntityTable.Meta):
        model = EquippedSchool
        fields = ("school", "uai", "commune", "phase", "plan", "equipped_on", "classes", "pupils", "note")
        order_by = ("equipped_on", "school")


class RenewalTable(EntityTable):
    """Rows of `queries.RenewalRow`; `opens` gives the list behind a quantity."""

    caption = "Ce qui est à renouveler, par année et par article"
    year = YearColumn(verbose_name="Année")
    label = tables.Column(verbose_name="Article")
    origin = tables.Column(verbose_name="Origine")
    quantity = IntegerColumn(verbose_name="Quantité")
    unit_price_ht = EurosColumn(verbose_name="Prix unitaire HT")
    ht, vat, ttc = EurosColumn(verbose_name="HT"), EurosColumn(verbose_name="TVA"), EurosColumn(verbose_name="TTC")

    class Meta(EntityTable.Meta):
        sequence = ("year", "label", "origin", "quantity", "unit_price_ht", "ht", "vat", "ttc")
        orderable = False

    def __init__(self, *args: Any, opens: Any = None, **kwargs: Any) -> None:
        self.opens = opens
        super().__init__(*args, **kwargs)

    def render_year(self, value: int, record: Any) -> str:
        if not record.overdue:
            return str(value)
        return format_html('{} <span class="badge" data-tone="warning">en retard</span>', value)

    def render_origin(self, value: str) -> str:
        return ORIGINS[value]

    def render_quantity(self, value: int, record: Any) -> str:
        text = self.base_columns["quantity"].render(value)
        return format_html('<a href="{}">{}</a>', self.opens(record), text) if self.opens else text
