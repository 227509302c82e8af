"""Answering a convocation: by the link of the message, without a session, or from the pages of an elected member."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views import View
from django.views.generic import TemplateView

from deliberations import permissions
from deliberations.enums import Answer
from deliberations.forms.convocations import AnswerForm
from deliberations.models import Convocation, Invitation, Mandate, Sitting
from deliberations.queries import answering
from deliberations.reports.convocation_mail import CALENDAR_NAME, CALENDAR_TYPE, calendar_of
from deliberations.services import answers as services
from plan_numerique.accounts.models import User
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views.base import Page

# The address of the page is a secret: it is written in no Referer, kept by no cache, found by no search engine.
PRIVATE = {"Referrer-Policy": "strict-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
SAID = {
    Answer.PRESENT: "Votre présence est notée.",
    Answer.ABSENT: "Votre absence est notée, sans pouvoir donné.",
}


def answer_context(invitation: Invitation, form: AnswerForm | None = None) -> dict[str, Any]:
    """The sitting, its documents, the answer so far and the colleagues who may be given a proxy."""
    sitting, member = invitation.convocation.sitting, invitation.mandate
    answers = answering.answers_to(sitting)
    own = answers.of(member.pk)
    convocations, annexes = answering.called_documents(sitting)
    return {
        "invitation": invitation,
        "sitting": sitting,
        "member": member,
        "agenda": agenda_said(convocations, annexes),
        "convocations": convocations,
        "given": own.given if own and own.answer else None,
        "void": own.void if own else False,
        "said": SAID.get(own.answer, "") if own else "",
        "alternate": member.alternate_for_id is not None,
        "holders": answering.possible_holders(sitting, member, answers),
        "form": form,
        "open": answering.is_open(invitation, timezone.now()),
    }


def agenda_said(convocations: list[Convocation], annexes: list[Any]) -> list[dict[str, Any]]:
    """The items of every convocation, once each, with the annexes of their act."""
    items = {item["act"]: item for convocation in convocations for item in convocation.agenda}
    return [{**item, "annexes": [row for row in annexes if row.act_id == key]} for key, item in items.items()]


def answer_from(request: HttpRequest, invitation: Invitation, *, through: str, by: User | None) -> AnswerForm | None:
    """Records the answer that was posted; the form, with what was refused, where it was not."""
    members = Mandate.objects.filter(assembly=invitation.convocation.sitting.assembly_id)
    form = AnswerForm(request.POST, members=members)
    if form.is_valid():
        try:
            services.record_answer(invitation=invitation, through=through, by=by, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    return form if form.errors else None


def stored(document: Any) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=False, filename=document.filename) or "attachment"
    pdf = document.media_type == "application/pdf"
    if not pdf:
        disposition = content_disposition_header(as_attachment=True, filename=document.filename) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(documents.read(document), content_type=document.media_type, headers=headers)


def closed(request: HttpRequest, *, expired: bool) -> HttpResponse:
    return render(request, "deliberations/link_closed.html", {"expired": expired}, status=410 if expired else 404)


@method_decorator(login_not_required, name="dispatch")
class LinkPage(View):
    """A link opens for one person, until the opening of the sitting. An unknown one and a late one tell nothing of whom or of what."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    invitation: Invitation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = answering.invitation_of(kwargs["token"])
        if invitation is None:
            response = closed(request, expired=False)
        elif not answering.is_open(invitation, timezone.now()):
            response = closed(request, expired=True)
        else:
            self.invitation = invitation
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        for name, value in PRIVATE.items():
            response.headers[name] = value
        return response


class InvitationAnswer(LinkPage):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = answer_from(request, self.invitation, through=services.LINK, by=None)
        if form is not None:
            return self._page(request, token, form, status=422)
        return HttpResponseRedirect(request.path)

    def _page(
        self, request: HttpRequest, token: str, form: AnswerForm | None = None, status: int = 200
    ) -> HttpResponse:
        context = {**answer_context(self.invitation, form), "token": token}
        return render(request, "deliberations/invitation_answer.html", context, status=status)


class InvitationOpened(LinkPage):
    """Sent by the page once it is shown. A GET never writes, and robots that follow the links of a mail run no script."""

    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        services.mark_opened(invitation=self.invitation)
        return HttpResponse(status=204)


class InvitationDocument(LinkPage):
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: HttpRequest, token: str, pk: int) -> HttpResponse:
        document = answering.called_document(self.invitation.convocation.sitting, pk)
        return closed(request, expired=False) if document is None else stored(document)


class InvitationCalendar(LinkPage):
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return calendar(self.invitation.convocation.sitting)


def calendar(sitting: Sitting) -> HttpResponse:
    content = calendar_of(sitting, list(Convocation.objects.filter(sitting=sitting)))
    headers = {"Content-Disposition": f'attachment; filename="{CALENDAR_NAME}"'}
    return HttpResponse(content, content_type=f"{CALENDAR_TYPE}; charset=utf-8", headers=headers)


class MySittings(Page, TemplateView):
    """The sittings to which the mandates of this account are convened, those to come first."""

    permission, template_name, title = permissions.ANSWER, "deliberations/my_sittings.html", "Mes séances"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now = self.request.user, timezone.now()
        rows = list(answering.own_invitations(user).order_by("-convocation__sitting__held_on", "pk"))
        given = {
            row.convocation.sitting_id: row
            for row in answering.of_sitting(Invitation.objects.filter(mandate__contact__user=user.pk))
            .exclude(answer="")
            .order_by("answered_at")
        }
        shown = [
            {"row": row, "given": given.get(row.convocation.sitting_id), "open": answering.is_open(row, now)}
            for row in rows
        ]
        return super().get_context_data(
            coming=[item for item in reversed(shown) if item["open"]],
            over=[item for item in shown if not item["open"]],
            **kwargs,
        )


class MyAnswer(Page, View):
    permission = permissions.ANSWER
    queryset = staticmethod(answering.own_invitations)
    authority_path = "convocation__sitting__assembly__authority"
    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(request, self._own())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = self._own()
        form = answer_from(request, invitation, through=services.PAGE, by=request.user)  # type: ignore[arg-type]
        if form is not None:
            return self._page(request, invitation, form, status=422)
        return HttpResponseRedirect(request.path)

    def _own(self) -> Invitation:
        row: Invitation = get_object_or_404(type(self).queryset(self.request.user), pk=self.kwargs["pk"])
        self.require(row)
        return row

    def _page(
        self, request: HttpRequest, invitation: Invitation, form: AnswerForm | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            **answer_context(invitation, form),
            "token": "",
            "title": "Répondre à la convocation",
            "crumbs": [("Mes séances", reverse("deliberations:my_sittings"))],
            "notice": self.notice_of(invitation),
        }
        return render(request, "deliberations/my_answer.html", context, status=status)


class MyCalendar(MyAnswer):
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return calendar(self._own().convocation.sitting)


class MyDocument(MyAnswer):
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: HttpRequest, pk: int, document: int) -> HttpResponse:
        found = answering.called_document(self._own().convocation.sitting, document)
        if found is None:
            raise Http404
        return stored(found)
