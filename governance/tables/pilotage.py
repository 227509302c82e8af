import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from governance.enums import (
    ConventionState,
    GrantState,
    MeetingState,
    PlanState,
    RunState,
    ScenarioState,
    Severity,
)
from governance.models import (
    Action,
    BudgetLine,
    BudgetRun,
    BudgetSchool,
    Committee,
    Convention,
    Funder,
    Meeting,
    Partner,
    Plan,
    Scenario,
    ScenarioSchool,
)
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    RateColumn,
    SchoolYearColumn,
    YearColumn,
    YesNoColumn,
)

PLAN_TONES: dict[str, str] = {PlanState.PREPARED: "info", PlanState.RUNNING: "success", PlanState.DONE: "neutral"}
SCENARIO_TONES: dict[str, str] = {
    ScenarioState.DRAFT: "neutral",
    ScenarioState.COMPUTED: "info",
    ScenarioState.ADOPTED: "success",
    ScenarioState.ARCHIVED: "neutral",
}
RUN_TONES: dict[str, str] = {RunState.RUNNING: "info", RunState.DONE: "success", RunState.FAILED: "danger"}
GRANT_TONES: dict[str, str] = {GrantState.NOTIFIED: "success", GrantState.PAID: "success", GrantState.REQUESTED: "info"}
SEVERITY_TONES: dict[str, str] = {Severity.ERROR: "danger", Severity.WARNING: "warning", Severity.INFO: "info"}
CONVENTION_TONES: dict[str, str] = {
    ConventionState.DRAFT: "warning",
    ConventionState.AUTHORISED: "info",
    ConventionState.SIGNED: "success",
    ConventionState.ENDED: "neutral",
}
MEETING_TONES: dict[str, str] = {
    MeetingState.PLANNED: "info",
    MeetingState.OPENED: "warning",
    MeetingState.CLOSED: "neutral",
}


class PlanTable(EntityTable):
    name = tables.Column(linkify=("governance:plan_detail", {"pk": tables.A("pk")}))
    starts, ends = YearColumn(), YearColumn()
    state = BadgeColumn(tones=PLAN_TONES)
    scenario_count = IntegerColumn(verbose_name="Scénarios")

    class Meta(EntityTable.Meta):
        model = Plan
        fields = ("name", "authority", "starts", "ends", "state", "scenario_count")
        order_by = "name"


class ScenarioTable(EntityTable):
    name = tables.Column(linkify=("governance:scenario_detail", {"pk": tables.A("pk")}))
    plan = tables.Column(linkify=("governance:plan_detail", {"pk": tables.A("plan_id")}))
    state = BadgeColumn(tones=SCENARIO_TONES)
    first_exercise, last_exercise = YearColumn(), YearColumn()
    run_ttc = EurosColumn(verbose_name="TTC")
    run_ht = EurosColumn(verbose_name="HT")
    run_grants = EurosColumn(verbose_name="Subventions")
    run_own_share = EurosColumn(verbose_name="Part propre HT")
    run_net_cost = EurosColumn(verbose_name="Coût net")

    class Meta(EntityTable.Meta):
        model = Scenario
        fields = (
            "name", "plan", "nature", "state", "first_exercise", "last_exercise", "run_ttc", "run_ht", "run_grants",
            "run_own_share", "run_net_cost",
        )  # fmt: skip
        order_by = "name"


class PerimeterTable(EntityTable):
    school = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("school_id")}))
    uai = tables.Column(accessor="school__uai", verbose_name="UAI")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune")
    kind = tables.Column(accessor="school__kind", verbose_name="Type")
    priority_rank = IntegerColumn()
    scenario = tables.Column(linkify=("governance:scenario_data", {"pk": tables.A("scenario_id")}))

    class Meta(EntityTable.Meta):
        model = ScenarioSchool
        fields = ("school", "uai", "commune", "kind", "priority_rank", "scenario")
        order_by = ("priority_rank", "school")

    def render_kind(self, record: ScenarioSchool) -> str:
        return str(record.school.get_kind_display())


class FunderTable(EntityTable):
    name = tables.Column(linkify=("governance:funder_detail", {"pk": tables.A("pk")}))
    line_count = IntegerColumn(verbose_name="Financements attendus")

    class Meta(EntityTable.Meta):
        model = Funder
        fields = ("name", "kind", "frame", "authority", "line_count")
        order_by = "name"


class BudgetLineTable(EntityTable):
    hidden = ("section", "account", "payer", "vat", "renewal")
    label = tables.Column(verbose_name="Dépense", empty_values=())
    exercise = YearColumn()
    heading = tables.Column(accessor="heading_name", verbose_name="Poste")
    school = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("school_id")}), default="—")
    quantity = IntegerColumn()
    unit_price_ht, ht, vat, ttc = EurosColumn(), EurosColumn(), EurosColumn(), EurosColumn()
    renewal = YesNoColumn()

    class Meta(EntityTable.Meta):
        model = BudgetLine
        fields = (
            "label", "exercise", "school", "heading", "section", "account", "payer", "quantity", "unit_price_ht", "ht", "vat", "ttc",
            "renewal",
        )  # fmt: skip
        order_by = ("exercise", "label")

    def render_label(self, record: BudgetLine) -> str:
        return record.label or record.code


def _school_url(record: BudgetSchool) -> str | None:
    return reverse("schools:school_detail", args=[record.school_id]) if record.school_id else None


class BudgetSchoolTable(EntityTable):
    label = tables.Column(linkify=_school_url, verbose_name="École")
    exercise_entered = YearColumn()
    classes, pupils = IntegerColumn(), IntegerColumn()
    ht, vat, ttc = EurosColumn(), EurosColumn(), EurosColumn()

    class Meta(EntityTable.Meta):
        model = BudgetSchool
        fields = ("label", "code", "place", "exercise_entered", "classes", "pupils", "ht", "vat", "ttc", "reason")
        order_by = ("exercise_entered", "label")

    def render_label(self, value: str, record: BudgetSchool) -> str:
        return format_html("{} <small>(total annoncé)</small>", value) if record.stated else value

    def value_label(self, value: str) -> str:
        return value


class BudgetRunTable(EntityTable):
    number = tables.Column(linkify=("governance:run_detail", {"pk": tables.A("pk")}), verbose_name="Calcul")
    state = BadgeColumn(tones=RUN_TONES)
    ttc, ht, grants, own_share_ht = EurosColumn(), EurosColumn(), EurosColumn(), EurosColumn()
    own_share_rate = RateColumn()

    class Meta(EntityTable.Meta):
        model = BudgetRun
        fields = (
            "number",
            "scenario",
            "state",
            "started_at",
            "asked_by",
            "ttc",
            "ht",
            "grants",
            "own_share_ht",
            "own_share_rate",
        )
        order_by = "-number"

    def render_number(self, value: int) -> str:
        return f"n° {value}"


class PartnerTable(EntityTable):
    name = tables.Column(linkify=("governance:partner_detail", {"pk": tables.A("pk")}))
    convention_count = IntegerColumn(verbose_name="Conventions")

    class Meta(EntityTable.Meta):
        model = Partner
        fields = ("name", "kind", "authority", "convention_count")
        order_by = "name"


class ConventionTable(EntityTable):
    title = tables.Column(linkify=("governance:convention_detail", {"pk": tables.A("pk")}))
    partners = tables.ManyToManyColumn(transform=str)
    state = BadgeColumn(tones=CONVENTION_TONES)
    school_year = SchoolYearColumn()
    approved_on, signed_on, ends_on = DayColumn(), DayColumn(), DayColumn()

    class Meta(EntityTable.Meta):
        model = Convention
        fields = ("title", "partners", "state", "school_year", "approved_on", "signed_on", "ends_on")
        order_by = "title"


class CommitteeTable(EntityTable):
    name = tables.Column(linkify=("governance:committee_detail", {"pk": tables.A("pk")}))
    seat_count = IntegerColumn(verbose_name="Sièges")
    meeting_count = IntegerColumn(verbose_name="Réunions")

    class Meta(EntityTable.Meta):
        model = Committee
        fields = ("name", "kind", "authority", "frequency", "seat_count", "meeting_count")
        order_by = "name"


class MeetingTable(EntityTable):
    held_on = DayColumn(linkify=("governance:meeting_detail", {"pk": tables.A("pk")}))
    committee = tables.Column(linkify=("governance:committee_detail", {"pk": tables.A("committee_id")}))
    state = BadgeColumn(tones=MEETING_TONES)
    item_count = IntegerColumn(verbose_name="Points")

    class Meta(EntityTable.Meta):
        model = Meeting
        fields = ("held_on", "committee", "place", "state", "item_count")
        order_by = "-held_on"


class ActionTable(EntityTable):
    label = tables.Column(linkify=("governance:action_detail", {"pk": tables.A("pk")}))
    meeting = tables.Column(
        accessor="item__meeting",
        linkify=("governance:meeting_detail", {"pk": tables.A("item__meeting_id")}),
        verbose_name="Réunion",
    )
    due_on, done_on = DayColumn(), DayColumn()

    class Meta(EntityTable.Meta):
        model = Action
        fields = ("label", "owner", "due_on", "done_on", "meeting")
        order_by = ("done_on", "due_on")
