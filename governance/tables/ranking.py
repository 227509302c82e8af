from functools import cache
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join

from governance.queries import RankedRow
from plan_numerique.web.tables import EntityTable, IntegerColumn
from schools.domain.ranking import display_points
from schools.enums import ApplicationState, Stage, Verdict

OUTCOME_TONES = {
    ApplicationState.RETAINED: "success",
    ApplicationState.WAITING: "info",
    ApplicationState.REFUSED: "neutral",
}
STAGES = {Stage.IEN: "IEN", Stage.TICE: "TICE", Stage.COMMITTEE: "Comité"}
VERDICT_TONES = {Verdict.FAVOURABLE: "success", Verdict.RESERVED: "warning", Verdict.UNFAVOURABLE: "danger"}


class PointsColumn(tables.Column):
    """Points of one criterion, by its rank among the details."""

    attrs = {"td": {"class": "n"}, "th": {"class": "n"}}

    def render(self, value: int) -> str:
        return display_points(value)


class RankingTable(EntityTable):
    """Rows are `queries.RankedRow`. `context_of(row)` gives what a cell draws: the explained score, the commands."""

    position = tables.Column(verbose_name="Place")
    school = tables.Column(accessor="name", verbose_name="École", attrs={"td": {"class": "ranking-school"}})
    score = tables.Column(verbose_name="Score")
    opinions = tables.Column(verbose_name="Avis", orderable=False, empty_values=())
    outcome = tables.Column(verbose_name="Suite")
    by_score = IntegerColumn(verbose_name="Place au score")
    commune = tables.Column(verbose_name="Commune")
    actions = tables.Column(accessor="pk", verbose_name="Actions", orderable=False, empty_values=())

    hidden = ("by_score", "commune")

    class Meta(EntityTable.Meta):
        order_by = "position"

    def __init__(self, *args: Any, context_of: Any, **kwargs: Any) -> None:
        self.context_of = cache(context_of)
        super().__init__(*args, **kwargs)

    def render_position(self, record: RankedRow) -> str:
        if record.position == record.by_score:
            return str(record.position)
        return format_html('{} <small class="meta nowrap">au score {}</small>', record.position, record.by_score)

    def render_school(self, record: RankedRow) -> str:
        """With what was done against the score, or parted it from others."""
        url = self.context_of(record)["application_url"]
        name = format_html('<a href="{}">{}</a>', url, record.name) if url else record.name
        notes = [record.tie] if record.tie else []
        if record.reason:
            what = "Non retenue" if record.outcome == ApplicationState.REFUSED else "Écart"
            notes.append(f"{what} : {record.reason}")
        told = format_html_join("", '<span class="ranking-note">{}</span>', ((text,) for text in notes))
        return format_html(
            '<span>{}<br><small class="meta">{} {}</small>{}</span>', name, record.uai, record.commune, told
        )

    def render_score(self, record: RankedRow) -> str:
        return render_to_string("governance/_ranking_score.html", self.context_of(record))

    def render_opinions(self, record: RankedRow) -> str:
        badges = [
            (VERDICT_TONES[Verdict(each.verdict)], STAGES[Stage(each.stage)], each.get_verdict_display().lower())
            for each in record.opinions
        ]
        one = '<span class="badge" data-tone="{}">{} : {}</span>'
        return format_html('<span class="ranking-badges">{}</span>', format_html_join("", one, badges) or "—")

    def render_outcome(self, record: RankedRow) -> str:
        tone = OUTCOME_TONES[ApplicationState(record.outcome)]
        return format_html('<span class="badge" data-tone="{}">{}</span>', tone, record.outcome_label)

    def render_actions(self, record: RankedRow) -> str:
        return render_to_string("governance/_ranking_commands.html", self.context_of(record))


def ranking_columns(criteria: Any) -> list[tuple[str, PointsColumn]]:
    """One more column for each criterion, hidden until it is chosen."""
    return [
        (f"criterion_{rank}", PointsColumn(accessor=f"details__{rank}__points", verbose_name=each.label))
        for rank, each in enumerate(criteria)
    ]
