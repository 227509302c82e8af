from functools import cached_property
from typing import Any

import django_tables2 as tables

from deliberations.enums import ActState
from deliberations.models import Act, Assembly, LegalSetting, Mandate, Sitting
from deliberations.queries import executory_day
from deliberations.queries.deadlines import followed_laws
from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, IntegerColumn, YesNoColumn

STATE_TONES: dict[str, str] = {
    ActState.ADOPTED: "success",
    ActState.NOTED: "success",
    ActState.REJECTED: "danger",
    ActState.WITHDRAWN: "warning",
    ActState.ADJOURNED: "warning",
    ActState.DRAFT: "info",
}


class LegalSettingTable(EntityTable):
    code = tables.Column(verbose_name="Règle")
    value = IntegerColumn()
    article = tables.Column(attrs={"td": {"class": "whole"}})
    valid_from = DayColumn()
    valid_to = DayColumn()
    verified = YesNoColumn(verbose_name="Vérifiée")

    class Meta(EntityTable.Meta):
        model = LegalSetting
        fields = ("code", "value", "unit", "article", "valid_from", "valid_to", "verified", "source")
        order_by = "code"


class AssemblyTable(EntityTable):
    name = tables.Column(linkify=("deliberations:assembly_detail", {"pk": tables.A("pk")}))
    mandate_count = IntegerColumn(verbose_name="Mandats")
    sitting_count = IntegerColumn(verbose_name="Séances")

    class Meta(EntityTable.Meta):
        model = Assembly
        fields = ("name", "kind", "authority", "mandate_count", "sitting_count")
        order_by = "name"


class MandateTable(EntityTable):
    display_name = tables.Column(linkify=("deliberations:mandate_detail", {"pk": tables.A("pk")}))
    rank = IntegerColumn(verbose_name="Ordre du tableau")
    starts_on = DayColumn()
    ends_on = DayColumn()

    class Meta(EntityTable.Meta):
        model = Mandate
        fields = ("display_name", "function", "group", "rank", "assembly", "starts_on", "ends_on")
        order_by = ("assembly", "rank")


class SittingTable(EntityTable):
    held_on = DayColumn(linkify=("deliberations:sitting_detail", {"pk": tables.A("pk")}), verbose_name="Séance du")
    in_office = IntegerColumn(verbose_name="En exercice")
    present = IntegerColumn(verbose_name="Présents")
    represented = IntegerColumn(verbose_name="Représentés")
    act_count = IntegerColumn(verbose_name="Actes")
    past = YesNoColumn(verbose_name="Reprise")

    class Meta(EntityTable.Meta):
        model = Sitting
        fields = ("held_on", "assembly", "chair", "in_office", "present", "represented", "act_count", "past")
        order_by = "-held_on"


class ActTable(EntityTable):
    title = tables.Column(linkify=("deliberations:act_detail", {"pk": tables.A("pk")}), verbose_name="Délibération")
    number = tables.Column(verbose_name="Numéro", attrs={"td": {"class": "whole"}})
    held_on = DayColumn(accessor="sitting__held_on", verbose_name="Séance du")
    assembly = tables.Column(accessor="sitting__assembly", verbose_name="Assemblée")
    state = BadgeColumn(tones=STATE_TONES)
    matter_code = tables.Column(verbose_name="Matière")
    executory = DayColumn(empty_values=(), verbose_name="Exécutoire le", orderable=False)

    class Meta(EntityTable.Meta):
        model = Act
        fields = ("title", "number", "held_on", "assembly", "state", "matter_code", "executory")
        order_by = "-held_on"

    def render_executory(self, record: Act) -> Any:
        return DayColumn.render(self.columns["executory"].column, self.value_executory(record))

    def value_executory(self, record: Act) -> Any:
        return executory_day(record, self._laws)

    @cached_property
    def _laws(self) -> list[LegalSetting]:
        return followed_laws()
