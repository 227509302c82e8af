from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, IntegerColumn, SchoolYearColumn
from schools.enums import Stage, Verdict
from schools.models import Application, Campaign, Questionnaire, School
from schools.queries import DUE, PHASES, campaign_phase

QUESTIONNAIRE_TONES = {"draft": "info", "in_use": "success", "retired": "neutral"}
APPLICATION_TONES = {
    "draft": "neutral",
    "submitted": "info",
    "withdrawn": "neutral",
    "retained": "success",
    "waiting": "warning",
    "refused": "danger",
}
VERDICT_TONES = {"favourable": "success", "reserved": "warning", "unfavourable": "danger"}
BADGE = '<span class="badge" data-tone="{}">{}</span>'


class QuestionnaireTable(EntityTable):
    hidden = ("code",)
    title = tables.Column(linkify=("schools:questionnaire_detail", {"pk": tables.A("pk")}))
    version = IntegerColumn()
    question_count = IntegerColumn(verbose_name="Questions")
    state = BadgeColumn(tones=QUESTIONNAIRE_TONES)

    class Meta(EntityTable.Meta):
        model = Questionnaire
        fields = ("title", "version", "kind", "question_count", "state", "code")
        order_by = ("title", "-version")


class CampaignTable(EntityTable):
    hidden = ("questionnaire",)
    title = tables.Column(linkify=("schools:campaign_detail", {"pk": tables.A("pk")}))
    phase = tables.Column(verbose_name="Où elle en est", empty_values=(), order_by=("state", "opens_on"))
    school_year = SchoolYearColumn()
    application_count = IntegerColumn(verbose_name="Candidatures")

    class Meta(EntityTable.Meta):
        model = Campaign
        fields = (
            "title",
            "phase",
            "school_year",
            "opens_on",
            "closes_on",
            "opinions_due_on",
            "application_count",
            "questionnaire",
        )
        order_by = "-closes_on"

    def render_phase(self, record: Campaign) -> str:
        label, tone = PHASES[campaign_phase(record, timezone.localdate())]
        return format_html(BADGE, tone, label)

    def value_phase(self, record: Campaign) -> str:
        return PHASES[campaign_phase(record, timezone.localdate())][0]


class VerdictColumn(tables.Column):
    """The verdict of a stage, among the opinions that the user sees."""

    def render(self, value: str) -> str:
        return format_html(BADGE, VERDICT_TONES[value], Verdict(value).label)

    def value(self, **kwargs: Any) -> Any:
        found = kwargs["value"]
        return Verdict(found).label if found in Verdict.values else None


class ApplicationTable(EntityTable):
    hidden = ("district", "project", "volunteers")
    school = tables.Column(linkify=("schools:application_detail", {"pk": tables.A("pk")}), order_by="school__name")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune")
    district = tables.Column(accessor="school__district", verbose_name="Circonscription")
    state = BadgeColumn(tones=APPLICATION_TONES)
    ien_verdict = VerdictColumn(verbose_name="Avis IEN")
    tice_verdict = VerdictColumn(verbose_name="Avis TICE")
    committee_verdict = VerdictColumn(verbose_name="Avis du comité")

    class Meta(EntityTable.Meta):
        model = Application
        fields = (
            "school",
            "commune",
            "district",
            "campaign",
            "project",
            "state",
            "volunteers",
            "submitted_at",
            "ien_verdict",
            "tice_verdict",
            "committee_verdict",
        )
        order_by = ("campaign", "school")


class DueTable(EntityTable):
    school = tables.Column(order_by="school__name")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune")
    stages = tables.Column(verbose_name="Avis à donner", empty_values=(), orderable=False)
    due_on = DayColumn(verbose_name="Pour le")

    class Meta(EntityTable.Meta):
        model = Application
        fields = ("school", "commune", "project", "campaign", "stages", "submitted_at", "due_on")
        order_by = ("due_on", "school")

    def render_school(self, record: Application) -> str:
        return format_html('<a href="{}">{}</a>', reverse("schools:opinion_give", args=[record.pk]), record.school)

    def value_school(self, record: Application) -> str:
        return str(record.school)

    def render_stages(self, record: Application) -> str:
        return ", ".join(stage.label for stage in Stage if getattr(record, DUE[stage]))

    def render_due_on(self, value: Any) -> str:
        late = value < timezone.localdate()
        day = f"{value:%d/%m/%Y}"
        return format_html('{} <span class="badge" data-tone="danger">en retard</span>', day) if late else day


class SilentTable(EntityTable):
    name = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("pk")}))

    class Meta(EntityTable.Meta):
        model = School
        fields = ("name", "uai", "commune", "district", "kind", "sector")
        order_by = "name"
