from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.html import format_html

from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.tables import BadgeColumn, EntityTable, IntegerColumn, SchoolYearColumn, YesNoColumn
from plan_numerique.web.templatetags.web import french_dates
from schools.enums import SchoolStatus, Step
from schools.models import Commune, School, SchoolClass, Site, StatedCount
from schools.queries import NOT_YET_LABEL, levels_of, step_rank

COMPUTED, CARRIED = "Répartition calculée", "Effectifs reconduits"
STEP_TONES = {
    Step.CANDIDATE: "info",
    Step.RETAINED: "info",
    Step.DIAGNOSED: "info",
    Step.PLANNED: "warning",
    Step.EQUIPPED: "success",
    Step.TRAINED: "success",
    Step.EVALUATED: "success",
}


class StepColumn(BadgeColumn):
    """The furthest step of a school, in the order of the plan."""

    def render(self, value: str | None, record: School, bound_column: object) -> str:  # type: ignore[override]
        return super().render(Step(value).label, record, bound_column) if value else "—"

    def value(self, **kwargs: str | None) -> str:
        return Step(kwargs["value"]).label if kwargs["value"] else NOT_YET_LABEL

    def order(self, queryset: QuerySet[School], is_descending: bool) -> tuple[QuerySet[School], bool]:
        rank = step_rank()
        return queryset.order_by(rank.desc() if is_descending else rank.asc(), "name"), True


class SchoolTable(EntityTable):
    hidden = ("sector", "latest_year")
    name = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("pk")}))
    step = StepColumn(verbose_name="Étape", tones=STEP_TONES, empty_values=())
    education_priority = tables.Column(verbose_name="REP")
    priority_district = YesNoColumn(verbose_name="QPV")
    class_count = IntegerColumn(verbose_name="Classes")
    pupil_count = IntegerColumn(verbose_name="Élèves")
    latest_year = SchoolYearColumn(verbose_name="Effectifs de")

    def render_status(self, value: str, record: School) -> str:
        """What every school is does not ask for a badge."""
        if record.status == SchoolStatus.OPEN:
            return value
        return format_html('<span class="badge" data-tone="neutral">{}</span>', value)

    def render_education_priority(self, record: School) -> str:
        return record.education_priority or "—"

    def value_education_priority(self, record: School) -> str:
        return record.education_priority

    class Meta(EntityTable.Meta):
        model = School
        fields = (
            "name",
            "uai",
            "commune",
            "kind",
            "sector",
            "education_priority",
            "priority_district",
            "class_count",
            "pupil_count",
            "latest_year",
            "step",
            "status",
        )
        order_by = "name"


class SchoolClassTable(EntityTable):
    name = tables.Column(linkify=("schools:schoolclass_detail", {"pk": tables.A("pk")}))
    school = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("school__pk")}), order_by="school__name")
    school_year = SchoolYearColumn()
    levels = tables.Column(verbose_name="Niveaux", empty_values=(), orderable=False)
    pupil_count = IntegerColumn(verbose_name="Élèves")
    volunteer = YesNoColumn(verbose_name="Volontaire")
    estimated = tables.Column(verbose_name="Relevé")

    class Meta(EntityTable.Meta):
        model = SchoolClass
        fields = ("name", "school", "school_year", "kind", "levels", "pupil_count", "volunteer", "estimated")
        order_by = ("-school_year", "school", "name")

    def render_levels(self, record: SchoolClass) -> str:
        return " ".join(levels_of(record)) or "—"

    def render_school_year(self, value: int, record: Any) -> str:
        label = school_year_label(value)
        return format_html('{} <span class="badge" data-tone="info">Figée</span>', label) if record.frozen else label

    def value_school_year(self, value: int) -> str:
        return school_year_label(value)

    def render_estimated(self, record: Any) -> str:
        text = self.value_estimated(record)
        return format_html('<span class="badge" data-tone="warning">{}</span>', text) if record.estimated else text

    def value_estimated(self, record: Any) -> str:
        if not record.estimated:
            return "Par classe"
        return CARRIED if record.carried else COMPUTED


class SiteTable(EntityTable):
    name = tables.Column(linkify=("schools:site_detail", {"pk": tables.A("pk")}))
    school = tables.Column(linkify=("schools:school_sites", {"pk": tables.A("school__pk")}), order_by="school__name")
    floors = IntegerColumn(verbose_name="Niveaux")
    bandwidth = IntegerColumn(verbose_name="Débit (Mbit/s)")
    cabled = YesNoColumn(verbose_name="Câblage")
    secure_storage = YesNoColumn(verbose_name="Local sécurisé")
    room_count = IntegerColumn(verbose_name="Salles")

    class Meta(EntityTable.Meta):
        model = Site
        fields = ("name", "school", "floors", "room_count", "connection", "bandwidth", "cabled", "secure_storage")
        order_by = ("school", "name")


class CommuneTable(EntityTable):
    name = tables.Column(linkify=("schools:commune_detail", {"pk": tables.A("pk")}))
    population = IntegerColumn()
    school_count = IntegerColumn(verbose_name="Écoles")

    class Meta(EntityTable.Meta):
        model = Commune
        fields = ("name", "insee", "population", "school_count")
        order_by = "name"


class StatedCountTable(EntityTable):
    label = tables.Column(linkify=("schools:statedcount_detail", {"pk": tables.A("pk")}))
    value = IntegerColumn()
    approximate = YesNoColumn(verbose_name="Approché")
    computed = YesNoColumn(verbose_name="Calculé")

    class Meta(EntityTable.Meta):
        model = StatedCount
        fields = ("label", "value", "unit", "period", "approximate", "computed", "source", "quote")
        order_by = "label"

    def render_period(self, value: str) -> str:
        return french_dates(value)
