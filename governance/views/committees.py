from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views import View

from governance import permissions, queries, services
from governance.enums import DecisionEffect, MeetingState
from governance.filtersets import ActionFilter, CommitteeFilter, MeetingFilter
from governance.forms import CommitteeForm, MeetingForm
from governance.models import Action as ActionRow
from governance.models import AgendaItem, Committee, Meeting
from governance.tables import MEETING_TONES, ActionTable, CommitteeTable, MeetingTable
from governance.views.actions import history_action, listed
from governance.views.sections import Editing, Row, Rows, columns
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage
from plan_numerique.web.views.base import Page


class CommitteeList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_committees)
    filterset_class, table_class = CommitteeFilter, CommitteeTable
    title, search_placeholder = "Comités", "Nom, rôle"
    create = ("governance:committee_create", permissions.EDIT, "Ajouter un comité")


class CommitteeDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_committees)
    template_name = "governance/committee_detail.html"
    crumbs = (("Comités", "/comites/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row: Committee = self.object
        bounds = list(
            dict.fromkeys(str(n) for n in (row.meetings_per_year_min, row.meetings_per_year_max) if n is not None)
        )
        return [
            ("Collectivité", row.authority),
            ("Nature", row.get_kind_display()),
            ("Fréquence", row.frequency),
            ("Réunions par an", " à ".join(bounds)),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return history_action(self)
        committee = self.object
        plan_meeting = f"{reverse('governance:meeting_create')}?committee={committee.pk}"
        return [
            Action("Prévoir une réunion", plan_meeting, "calendar-plus", primary=True),
            Action("Modifier", reverse("governance:committee_edit", args=[committee.pk]), "pencil"),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        committee: Committee = self.object
        editing = Editing(self.may(permissions.EDIT, committee), "committee", committee.pk)
        meetings = queries.visible_meetings(self.request.user).filter(committee=committee).order_by("-held_on", "pk")
        return super().get_context_data(
            missions=listed(committee.role), sections=[_seats(committee, editing), _meetings(meetings)], **kwargs
        )


def _seats(committee: Committee, editing: Editing) -> Rows:
    rows = [
        editing.row(
            "seat",
            seat.pk,
            (seat.college, seat.holder_title or "—", seat.person_name or "—", day(seat.starts_on), day(seat.ends_on)),
        )
        for seat in committee.seats.order_by("position", "pk")
    ]
    heads = columns("Collège", "Qualité", "Nom", "Depuis le", "Jusqu'au")
    return Rows("sieges", "Sièges par collège", heads, rows, editing.add("seat"), "Ajouter un siège", "Aucun siège.")


def _meetings(meetings: Any) -> Rows:
    rows = [
        Row(
            (day(row.held_on), row.place or "—", row.get_state_display()),
            reverse("governance:meeting_detail", args=[row.pk]),
        )
        for row in meetings[:20]
    ]
    return Rows("reunions", "Réunions", columns("Date", "Lieu", "État"), rows, empty="Aucune réunion prévue.")


class CommitteeEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_committees)
    form_class, service = CommitteeForm, staticmethod(services.save_owned)
    title = "Comité"
    crumbs = (("Comités", "/comites/"),)
    detail_url, list_url = "governance:committee_detail", "governance:committee_list"


class CommitteeDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_committees)
    service, list_url = staticmethod(services.delete_owned), "governance:committee_list"


class MeetingList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_meetings)
    authority_path = "committee__authority"
    filterset_class, table_class = MeetingFilter, MeetingTable
    title, search_placeholder = "Réunions", "Comité, lieu"
    create = ("governance:meeting_create", permissions.EDIT, "Prévoir une réunion")


class MeetingDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_meetings)
    authority_path = "committee__authority"
    template_name = "governance/meeting_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        committee = self.object.committee
        return [
            ("Comités", reverse("governance:committee_list")),
            (committee.name, reverse("governance:committee_detail", args=[committee.pk])),
        ]

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": MEETING_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        row: Meeting = self.object
        return [("Comité", row.committee), ("Date", day(row.held_on)), ("Lieu", row.place)]

    def actions(self) -> list[Action]:
        row: Meeting = self.object
        if not self.may(permissions.EDIT, row) or row.state == MeetingState.CLOSED:
            return history_action(self)
        found = []
        if row.state == MeetingState.PLANNED:
            found.append(
                Action(
                    "Ouvrir la réunion", reverse("governance:meeting_open", args=[row.pk]), "play", "post", primary=True
                )
            )
        else:
            found.append(
                Action(
                    "Clore la réunion", reverse("governance:meeting_close", args=[row.pk]), "lock", "post", primary=True
                )
            )
        edit = Action("Modifier", reverse("governance:meeting_edit", args=[row.pk]), "pencil")
        return [*found, edit, *history_action(self)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting: Meeting = self.object
        open_for_me = meeting.state != MeetingState.CLOSED and self.may(permissions.EDIT, meeting)
        items = meeting.items.prefetch_related("decisions__scenario", "decisions__campaign", "actions").order_by(
            "position", "pk"
        )
        editing = Editing(open_for_me, "meeting", meeting.pk)
        return super().get_context_data(
            meeting=meeting,
            items=[_item(item, open_for_me) for item in items],
            add_item_url=editing.add("agendaitem"),
            **kwargs,
        )


def _item(item: AgendaItem, editable: bool) -> dict[str, Any]:
    editing = Editing(editable, "item", item.pk)
    decisions = [editing.row("decision", row.pk, (row.text, _effect(row))) for row in item.decisions.all()]
    actions = [
        editing.row(
            "action",
            row.pk,
            (row.label, row.owner, day(row.due_on), day(row.done_on)),
            reverse("governance:action_detail", args=[row.pk]),
        )
        for row in item.actions.all()
    ]
    return {
        "item": item,
        "edit_url": reverse("governance:agendaitem_edit", args=[item.pk]) if editable else "",
        "delete_url": reverse("governance:agendaitem_delete", args=[item.pk]) if editable else "",
        "sections": [
            Rows(
                f"decisions-{item.pk}",
                "Décisions",
                columns("Décision", "Effet"),
                decisions,
                editing.add("decision"),
                "Ajouter une décision",
                "Aucune décision.",
            ),
            Rows(
                f"actions-{item.pk}",
                "Actions",
                columns("Action", "Qui", "Échéance", "Faite le"),
                actions,
                editing.add("action"),
                "Ajouter une action",
                "Aucune action.",
            ),
        ],
    }


def _effect(row: Any) -> Any:
    if row.campaign is not None:
        url = reverse("governance:ranking", args=[row.campaign_id])
        label = "Arrête la liste : " if row.effect == DecisionEffect.FREEZES_RANKING else "Au sujet de "
        return format_html('{}<a href="{}">{}</a>', label, url, row.campaign)
    if row.scenario is None:
        return "—"
    url = reverse("governance:scenario_detail", args=[row.scenario_id])
    label = "Arrête le programme : " if row.effect != "none" else "Au sujet de "
    return format_html('{}<a href="{}">{}</a>', label, url, row.scenario)


class MeetingEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_meetings)
    authority_path = "committee__authority"
    form_class, service = MeetingForm, staticmethod(services.save_meeting)
    title = "Réunion"
    crumbs = (("Réunions", "/reunions/"),)
    detail_url, list_url = "governance:meeting_detail", "governance:meeting_list"


class MeetingDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_meetings)
    authority_path = "committee__authority"
    service, list_url = staticmethod(services.delete_meeting), "governance:meeting_list"


class MeetingCommand(Page, View):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_meetings)
    authority_path = "committee__authority"
    http_method_names = ["post"]
    done: ClassVar[str] = ""

    def command(self, meeting: Meeting) -> Any:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        meeting = self.row()
        self.require(meeting)
        try:
            self.command(meeting)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, self.done)
        return HttpResponseRedirect(reverse("governance:meeting_detail", args=[meeting.pk]))


class MeetingOpen(MeetingCommand):
    done = "La réunion est ouverte."

    def command(self, meeting: Meeting) -> Any:
        return services.open_meeting(meeting=meeting, by=self.request.user)


class MeetingClose(MeetingCommand):
    done = "La réunion est close : son relevé ne change plus."

    def command(self, meeting: Meeting) -> Any:
        return services.close_meeting(meeting=meeting, by=self.request.user)


class ActionList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_actions)
    authority_path = "item__meeting__committee__authority"
    filterset_class, table_class = ActionFilter, ActionTable
    title, search_placeholder = "Actions", "Action, qui, point"


class ActionDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_actions)
    authority_path = "item__meeting__committee__authority"
    crumbs = (("Actions", "/actions/"),)

    def state(self) -> dict[str, str]:
        row: ActionRow = self.object
        if row.done_on:
            return {"label": "Faite", "tone": "success"}
        late = row.due_on is not None and row.due_on < timezone.localdate()
        return {"label": "En retard", "tone": "danger"} if late else {"label": "À faire", "tone": "info"}

    def summary(self) -> list[tuple[str, Any]]:
        row: ActionRow = self.object
        meeting = row.item.meeting
        link = format_html('<a href="{}">{}</a>', reverse("governance:meeting_detail", args=[meeting.pk]), meeting)
        return [
            ("Réunion", link),
            ("Point", row.item),
            ("Qui", row.owner),
            ("Échéance", day(row.due_on)),
            ("Faite le", day(row.done_on)),
        ]

    def actions(self) -> list[Action]:
        row: ActionRow = self.object
        if not self.may(permissions.EDIT, row):
            return history_action(self)
        found = []
        if not row.done_on:
            found.append(
                Action("C'est fait", reverse("governance:action_done", args=[row.pk]), "check", "post", primary=True)
            )
        if row.item.meeting.state != MeetingState.CLOSED:
            found.append(Action("Modifier", reverse("governance:action_edit", args=[row.pk]), "pencil"))
        return [*found, *history_action(self)]


class ActionDone(Page, View):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_actions)
    authority_path = "item__meeting__committee__authority"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            services.finish_action(action_row=row, on=timezone.localdate(), by=request.user)
            messages.success(request, "L'action est faite.")
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("governance:action_detail", args=[row.pk]))
