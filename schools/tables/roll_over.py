from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from plan_numerique.web.tables import BadgeColumn, EntityTable, IntegerColumn, MomentColumn, SchoolYearColumn
from schools.models import FrozenYear, RollOver, School

ROLL_OVER_TONES = {"prepared": "warning", "applied": "success"}


class RollOverTable(EntityTable):
    to_year = tables.Column(verbose_name="Rentrée", linkify=("schools:rollover_detail", {"pk": tables.A("pk")}))
    from_year = SchoolYearColumn(verbose_name="Depuis")
    line_count = IntegerColumn(verbose_name="Mouvements")
    state = BadgeColumn(tones=ROLL_OVER_TONES)
    applied_at = MomentColumn(verbose_name="Faite le")

    class Meta(EntityTable.Meta):
        model = RollOver
        fields = ("to_year", "authority", "from_year", "line_count", "state", "applied_at")
        order_by = ("-to_year",)

    def render_to_year(self, value: int) -> str:
        return f"Rentrée {value}"

    def value_to_year(self, value: int) -> int:
        return value


class FrozenYearTable(EntityTable):
    school_year = SchoolYearColumn(linkify=("schools:frozenyear_detail", {"pk": tables.A("pk")}))
    frozen_at = MomentColumn()

    class Meta(EntityTable.Meta):
        model = FrozenYear
        fields = ("school_year", "authority", "frozen_at", "by")
        order_by = ("-school_year",)


class DifferenceColumn(IntegerColumn):
    """After − before, with its sign; 0 is said in words for the eye that scans."""

    def render(self, value: int) -> str:
        if not value:
            return "="
        tone = "success" if value > 0 else "danger"
        return format_html(
            '<span class="badge" data-tone="{}">{}{}</span>', tone, "+" if value > 0 else "−", abs(value)
        )

    def value(self, **kwargs: int) -> int:
        return kwargs["value"]


class ComparedTable(EntityTable):
    """Two school years beside each other; the heads of the columns say which."""

    hidden: tuple[str, ...] = ("uai", "merged")
    name = tables.Column(linkify=("schools:school_classes", {"pk": tables.A("pk")}))
    classes_before = IntegerColumn(verbose_name="Classes avant")
    classes_after = IntegerColumn(verbose_name="Classes après")
    classes_more = DifferenceColumn(verbose_name="Écart, classes")
    pupils_before = IntegerColumn(verbose_name="Élèves avant")
    pupils_after = IntegerColumn(verbose_name="Élèves après")
    pupils_more = DifferenceColumn(verbose_name="Écart, élèves")
    merged = tables.Column(verbose_name="Fusion", empty_values=(), orderable=False)

    class Meta(EntityTable.Meta):
        model = School
        fields = (
            "name", "uai", "commune", "classes_before", "classes_after", "classes_more", "pupils_before", "pupils_after",
            "pupils_more", "merged",
        )  # fmt: skip
        order_by = ("commune", "name")

    def render_merged(self, record: Any) -> str:
        """The pupils of a school that another took in are counted there: neither lost nor gained."""
        if record.joined:
            return f"Rejoint « {record.joined} »"
        return "Accueille une autre école" if record.welcomes else ""


class MergedTable(ComparedTable):
    hidden = ("uai",)

    class Meta(ComparedTable.Meta):
        pass
