"""Applications: the list, the page of one as it was sent, and what a school sees of the campaigns that concern it."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views import View
from django.views.generic import TemplateView

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.documents import services as documents
from plan_numerique.web.templatetags.web import day, moment
from plan_numerique.web.views import Action, DetailPage, ListPage, Page
from schools import permissions, queries
from schools.domain import marks
from schools.enums import ApplicationState, Stage
from schools.filtersets import ApplicationFilter, DueFilter
from schools.forms import sections_of
from schools.models import Application, Attachment
from schools.tables import APPLICATION_TONES, VERDICT_TONES, ApplicationTable, DueTable
from schools.tasks import start_application_sheet
from schools.views.asking import OnSchool
from schools.views.commands import Command

CRUMBS = (("Candidatures", "/candidatures/"),)
OF_SCHOOL = "school__authority"


class ApplicationList(ListPage):
    permission, queryset = permissions.VIEW_APPLICATIONS, staticmethod(queries.applications_listed)
    authority_path = OF_SCHOOL
    filterset_class, table_class = ApplicationFilter, ApplicationTable
    title, search_placeholder = "Candidatures", "École, UAI, commune, projet"
    empty_text = "Aucune école n'a encore déposé de candidature."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, actions = self.request.user, []
        if queries.own_schools(user).exists():
            actions.append(
                Action("Notre candidature", reverse("schools:own_applications"), "file-pen-line", primary=True)
            )
        elif permissions.APPLY.anywhere(user):
            actions.append(Action("Candidater pour une école", reverse("schools:application_create"), "file-pen-line"))
        if permissions.OPINE.anywhere(user):
            actions.append(Action("Avis à donner", reverse("schools:opinion_due"), "message-square-quote"))
        return super().get_context_data(actions=actions, **kwargs)


class OpinionsDue(ListPage):
    """The pile of opinions that this user has to give, by date."""

    permission, queryset = permissions.OPINE, staticmethod(queries.opinions_due)
    authority_path = OF_SCHOOL
    filterset_class, table_class = DueFilter, DueTable
    title, search_placeholder = "Avis à donner", "École, UAI, commune, projet"
    crumbs = CRUMBS
    empty_text = "Tous les avis qui vous reviennent sont donnés."


class ApplicationPage(OnSchool, DetailPage):
    permission, queryset = permissions.VIEW_APPLICATIONS, staticmethod(queries.visible_applications)
    authority_path, crumbs = OF_SCHOOL, CRUMBS
    history_permission: ClassVar[Any] = permissions.APPLY
    object: Application

    def state(self) -> dict[str, str]:
        row = self.object
        return {"label": row.get_state_display(), "tone": APPLICATION_TONES[row.state]}


class ApplicationDetail(ApplicationPage):
    template_name = "schools/application_detail.html"

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        school = format_html('<a href="{}">{}</a>', reverse("schools:school_detail", args=[row.school_id]), row.school)
        campaign = format_html(
            '<a href="{}">{}</a>', reverse("schools:campaign_detail", args=[row.campaign_id]), row.campaign
        )
        sent = moment(row.submitted_at) if row.submitted_at else ""
        return [
            ("École", school),
            ("Commune", row.school.commune),
            ("Campagne", campaign),
            ("Clôture", day(row.campaign.closes_on)),
            ("Déposée le", sent),
            ("Déposée par", row.submitted_by or ""),
        ]

    def actions(self) -> list[Action]:
        row, user = self.object, self.request.user

        def url(name: str) -> str:
            return reverse(f"schools:application_{name}", args=[row.pk])

        actions = []
        is_open = queries.campaign_phase(row.campaign, timezone.localdate()) == queries.OPEN
        types, draft = self.may(permissions.APPLY, row), row.state == ApplicationState.DRAFT
        if types and is_open and draft:
            actions.append(Action("Continuer la saisie", url("draft"), "pencil", primary=True))
            if row.submitted_at is None:
                actions.append(Action("Supprimer le brouillon", url("delete"), "trash-2", danger=True, secondary=True))
        if types and is_open and row.state == ApplicationState.WITHDRAWN:
            actions.append(Action("Reprendre la candidature", url("reopen"), "undo-2", "post", primary=True))
        if queries.stages_of(user, row) and row.state == ApplicationState.SUBMITTED and not row.campaign.frozen_at:
            actions.append(
                Action(
                    "Donner un avis",
                    reverse("schools:opinion_give", args=[row.pk]),
                    "message-square-quote",
                    primary=True,
                )
            )
        if row.letter_id:
            actions.append(Action("Courrier de réponse", url("letter"), "mail"))
        if queries.sheet_of(row):
            actions.append(Action("Récapitulatif (PDF)", url("sheet"), "file-text"))
        elif row.submitted_at and not draft:
            actions.append(Action("Établir le PDF", url("sheet_make"), "file-text", "post"))
        if types and row.state == ApplicationState.SUBMITTED and queries.may_withdraw(user, row):
            actions.append(Action("Retirer", url("withdraw"), "undo-2", danger=True, secondary=True))
        if VIEW_HISTORY.granted(user, row.school.authority) and permissions.APPLY.granted(user, row.school.authority):
            actions.append(Action("Historique", url("history"), "history", secondary=True))
        return actions

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        content = queries.content_of(row)
        opinions = queries.visible_opinions(user).filter(application=row).order_by("given_at", "pk")
        given = queries.visible_marks(user).filter(application=row).order_by("criterion__position", "pk")
        return super().get_context_data(
            title=f"{row.school}",
            meta=[str(row.campaign), f"UAI {row.school.uai}"],
            sections=[
                *sections_of(content.own, content.own_values, prefix=queries.OWN),
                *sections_of(content.asked, content.values),
            ],
            attachments=list(row.attachments.select_related("document").defer("document__content").order_by("pk")),
            opinions=[_opinion(each, row) for each in opinions],
            marks=[(each, marks.shown(each.value), Stage(each.criterion.kind).label) for each in given],
            events=queries.course_of(row, user),
            withdrawn=row.state == ApplicationState.WITHDRAWN,
            **kwargs,
        )


def _opinion(opinion: Any, application: Application) -> dict[str, Any]:
    former = bool(application.submitted_at and opinion.given_at < application.submitted_at)
    return {"row": opinion, "tone": VERDICT_TONES[opinion.verdict], "former": former}


class OwnApplications(Page, TemplateView):
    """« Notre candidature »: the campaigns of one's own schools, and where each answer stands."""

    permission, template_name = permissions.APPLY, "schools/own_applications.html"
    title = "Notre candidature"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        schools = list(queries.own_schools(self.request.user))
        calls = queries.calls_of(schools, timezone.localdate())
        return super().get_context_data(
            calls=[_call(each) for each in calls], schools=schools, several=len(schools) > 1, **kwargs
        )


def _call(call: queries.Call) -> dict[str, Any]:
    row, label = call.application, queries.PHASES[call.phase]
    state = (row.get_state_display(), APPLICATION_TONES[row.state]) if row else label
    return {"call": call, "label": state[0], "tone": state[1], "open": call.phase == queries.OPEN}


class ApplicationSheetMake(OnSchool, Command):
    permission, queryset = permissions.VIEW_APPLICATIONS, staticmethod(queries.visible_applications)
    authority_path = OF_SCHOOL
    done = "Le récapitulatif est en préparation : il sera dans cette page dans quelques instants."

    def perform(self, row: Application) -> Application:
        start_application_sheet(application=row, by=self.request.user)
        return row

    def url_after(self, row: Any, made: Any) -> str:
        return reverse("schools:application_detail", args=[row.pk])


class RowFile(OnSchool, Page, View):
    """A stored file that its row alone opens, always as a download."""

    permission: ClassVar[Any] = permissions.VIEW_APPLICATIONS
    http_method_names: ClassVar[list[str]] = ["get", "head"]  # type: ignore[misc]

    def document(self, row: Any) -> Any:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        document = self.document(row)
        if document is None:
            raise Http404
        headers = {
            "Content-Disposition": content_disposition_header(True, document.filename) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return HttpResponse(documents.read(document), content_type=document.media_type, headers=headers)


class ApplicationSheet(RowFile):
    queryset, authority_path = staticmethod(queries.visible_applications), OF_SCHOOL

    def document(self, row: Application) -> Any:
        return queries.sheet_of(row)


class AttachmentFile(RowFile):
    queryset = staticmethod(queries.attachments_listed)
    authority_path, school_path = "application__school__authority", "application__school"

    def document(self, row: Attachment) -> Any:
        return row.document
