from governance.models import Action, AgendaItem, Committee, Decision, Meeting, Seat
from governance.queries import (
    adoptable_scenarios,
    editable_authorities,
    editable_campaigns,
    editable_committees,
    editable_items,
    editable_meetings,
)
from plan_numerique.web.forms import EntityForm


class CommitteeForm(EntityForm):
    scoped = {"authority": editable_authorities}

    class Meta:
        model = Committee
        fields = (
            "authority",
            "name",
            "kind",
            "role",
            "frequency",
            "meetings_per_year_min",
            "meetings_per_year_max",
            "source",
            "quote",
        )


class SeatForm(EntityForm):
    scoped = {"committee": editable_committees}

    class Meta:
        model = Seat
        fields = ("committee", "position", "college", "holder_title", "person_name", "starts_on", "ends_on")


class MeetingForm(EntityForm):
    scoped = {"committee": editable_committees}

    class Meta:
        model = Meeting
        fields = ("committee", "held_on", "place", "notes")


class AgendaItemForm(EntityForm):
    scoped = {"meeting": editable_meetings}

    class Meta:
        model = AgendaItem
        fields = ("meeting", "position", "title", "discussion")


class DecisionForm(EntityForm):
    scoped = {"item": editable_items, "scenario": adoptable_scenarios, "campaign": editable_campaigns}

    class Meta:
        model = Decision
        fields = ("item", "text", "effect", "scenario", "campaign")


class ActionForm(EntityForm):
    scoped = {"item": editable_items}

    class Meta:
        model = Action
        fields = ("item", "label", "owner", "due_on", "done_on")
