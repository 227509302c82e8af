import django_tables2 as tables
from django.utils.html import format_html

from governance.enums import PlaceMove, RunState
from governance.models import Optimisation, OptimisationPlace
from governance.tables.pilotage import RUN_TONES
from plan_numerique.web.tables import EntityTable, EurosColumn, IntegerColumn, YearColumn
from plan_numerique.web.templatetags.web import rate

MOVE_TONES: dict[str, str] = {
    PlaceMove.EARLIER: "success",
    PlaceMove.JOINS: "success",
    PlaceMove.LATER: "warning",
    PlaceMove.LEAVES: "danger",
    PlaceMove.SAME: "neutral",
}
GAP_TO_RATE = 100


def move_of(place: OptimisationPlace) -> PlaceMove:
    if place.exercise == place.ranked_exercise:
        return PlaceMove.SAME
    if place.ranked_exercise is None:
        return PlaceMove.JOINS
    if place.exercise is None:
        return PlaceMove.LEAVES
    return PlaceMove.EARLIER if place.exercise < place.ranked_exercise else PlaceMove.LATER


def optimisation_state(row: Optimisation) -> tuple[str, str]:
    """(label, tone). A search cancelled or interrupted left its row under way."""
    if row.state == RunState.RUNNING and (row.job is None or not row.job.is_active):
        return ("Arrêtée sans proposition", "neutral")
    return (row.get_state_display(), RUN_TONES[row.state])


class OptimisationTable(EntityTable):
    number = tables.Column(
        linkify=("governance:optimisation_detail", {"pk": tables.A("pk")}), verbose_name="Proposition"
    )
    scenario = tables.Column(linkify=("governance:scenario_detail", {"pk": tables.A("scenario_id")}))
    pupils, ranked_pupils, schools = IntegerColumn(), IntegerColumn(), IntegerColumn()
    gap = tables.Column(attrs={"td": {"class": "n"}, "th": {"class": "n"}})
    variant = tables.Column(linkify=("governance:scenario_board", {"pk": tables.A("variant_id")}), default="—")

    class Meta(EntityTable.Meta):
        model = Optimisation
        fields = (
            "number",
            "scenario",
            "objective",
            "state",
            "started_at",
            "pupils",
            "ranked_pupils",
            "schools",
            "gap",
            "variant",
        )
        order_by = ("-started_at",)

    def render_number(self, record: Optimisation) -> str:
        return f"n° {record.number}"

    def value_number(self, record: Optimisation) -> int:
        return int(record.number)

    def value_objective(self, record: Optimisation) -> str:
        """With its points, which the page of the search shows."""
        label = str(record.get_objective_display())
        return f"{label} ({record.points})" if record.counts_points else label

    def render_state(self, record: Optimisation) -> str:
        label, tone = optimisation_state(record)
        return format_html('<span class="badge" data-tone="{}">{}</span>', tone, label)

    def value_state(self, record: Optimisation) -> str:
        return optimisation_state(record)[0]

    def render_gap(self, record: Optimisation) -> str:
        return rate(record.gap * GAP_TO_RATE) if record.state == RunState.DONE else "—"

    def value_gap(self, record: Optimisation) -> float | None:
        return record.gap / GAP_TO_RATE if record.state == RunState.DONE else None


class OptimisationPlaceTable(EntityTable):
    """From the ranked order to the proposal."""

    hidden = ("weight",)
    school = tables.Column(linkify=("schools:school_detail", {"pk": tables.A("school_id")}))
    uai = tables.Column(accessor="school__uai", verbose_name="UAI")
    commune = tables.Column(accessor="school__commune", verbose_name="Commune")
    priority_rank = IntegerColumn(default="—")
    ranked_exercise = YearColumn(verbose_name="Ordre de priorité", default="hors du plan")
    exercise = YearColumn(verbose_name="Proposition", default="hors du plan")
    move = tables.Column(verbose_name="Changement", empty_values=(), orderable=False)
    pupils, weight = IntegerColumn(), IntegerColumn()
    ttc = EurosColumn(verbose_name="Coût TTC sur le plan")

    class Meta(EntityTable.Meta):
        model = OptimisationPlace
        fields = (
            "school", "uai", "commune", "priority_rank", "ranked_exercise", "exercise", "move", "pupils", "weight", "ttc",
        )  # fmt: skip
        order_by = ("priority_rank", "school")

    def render_move(self, record: OptimisationPlace) -> str:
        move = move_of(record)
        return format_html('<span class="badge" data-tone="{}">{}</span>', MOVE_TONES[move], move.label)

    def value_move(self, record: OptimisationPlace) -> str:
        return str(move_of(record).label)
