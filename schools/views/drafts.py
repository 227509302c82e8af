"""Typing an application: begun, saved as it is typed (with script) or by its button, files joined, checked, sent, withdrawn."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import FormView, TemplateView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import scope_form_fields
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import AskPage, DeletePage, Page
from schools import permissions, queries, services
from schools.domain import attachments as files
from schools.enums import ApplicationState
from schools.forms import (
    FileForm,
    Section,
    WithdrawForm,
    of_questions,
    sections_of,
    typed_in,
    typed_while_offline,
)
from schools.forms.answers import PREFIX, Typed, as_control
from schools.models import Application
from schools.services import KEPT, REFUSED, SUPERSEDED, Saved
from schools.tasks import start_application_sheet
from schools.views.applications import CRUMBS, OF_SCHOOL
from schools.views.asking import OnSchool
from schools.views.commands import Command


class StartForm(forms.Form):
    scoped = {"campaign": queries.open_campaigns, "school": queries.applying_schools}
    campaign = forms.ModelChoiceField(label="Campagne ouverte", queryset=None)
    school = forms.ModelChoiceField(label="École", queryset=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope_form_fields(self, self.scoped, user)


class ApplicationStart(Page, FormView):
    """The draft of a school in a campaign: begun, or the one that was."""

    permission, form_class, template_name = permissions.APPLY, StartForm, "components/edit.html"
    title, crumbs = "Candidater", CRUMBS

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {key: value for key, value in self.request.GET.items() if key in {"campaign", "school"}}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            row = services.start_application(**form.cleaned_data, by=self.request.user)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        name = "draft" if row.state == ApplicationState.DRAFT else "detail"
        return HttpResponseRedirect(reverse(f"schools:application_{name}", args=[row.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("schools:application_list")
        return super().get_context_data(submit_label="Commencer", cancel_url=back, row_version="", notice="", **kwargs)


class TypedPage(OnSchool, Page):
    permission, queryset = permissions.APPLY, staticmethod(queries.visible_applications)
    authority_path = OF_SCHOOL


class ApplicationDraft(TypedPage, TemplateView):
    """All in one page by sections; `?a-completer` points at what is missing."""

    template_name = "schools/application_draft.html"
    object: Application
    errors: dict[str, str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.errors = {}
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.row()
        self.require(self.object)
        locked = queries.lock_of(self.object, timezone.localdate())
        if locked:
            messages.warning(request, locked)
            return HttpResponseRedirect(reverse("schools:application_detail", args=[self.object.pk]))
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without script: what is right is saved, what is wrong is shown again beside its sentence."""
        self.object = row = self.row()
        self.require(row)
        content = queries.content_of(row)
        own, asked = typed_in(request.POST, content.own, queries.OWN), typed_in(request.POST, content.asked)
        try:
            saved = _save(row, own, asked, request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("schools:application_detail", args=[row.pk]))
        self.errors = {name: each.message for name, each in saved.items() if each.outcome != KEPT}
        if not self.errors:
            messages.success(request, "La candidature est enregistrée.")
            return HttpResponseRedirect(reverse("schools:application_draft", args=[row.pk]))
        self.object = self.row()
        typed = {**_raw(queries.OWN, own), **_raw(PREFIX, asked)}
        return self.render_to_response(self.get_context_data(typed=typed), status=422)

    def get_context_data(self, typed: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        row, content = self.object, queries.content_of(self.object)
        done, total = content.progress
        missing = content.missing if "a-completer" in self.request.GET else ()
        return super().get_context_data(
            title=f"Candidature : {row.school}",
            crumbs=[*CRUMBS, (str(row.school), reverse("schools:application_detail", args=[row.pk]))],
            notice=self.notice_of(row),
            application=row,
            sections=self._sections(content, typed or {}, {f"{prefix}{each.code}" for prefix, each in missing}),
            missing=[{"url": f"#{prefix}{each.code}", "label": each.text} for prefix, each in missing],
            errors=self._told(content),
            done=done,
            total=total,
            shown_at=timezone.now().isoformat(),
            closes=day(row.campaign.closes_on),
            attachments=_attachments(row),
            file_form=kwargs.pop("file_form", None) or FileForm(),
            most_files=files.MOST_FILES,
            accepted=files.ACCEPTED,
            **kwargs,
        )

    def _sections(self, content: queries.Content, typed: dict[str, Any], wanted: set[str]) -> list[Section]:
        sections = []
        for prefix, questions, values in (
            (queries.OWN, content.own, content.own_values),
            (PREFIX, content.asked, content.values),
        ):
            errors = {name.removeprefix(prefix): text for name, text in self.errors.items() if name.startswith(prefix)}
            shown = {**values, **{code: typed[f"{prefix}{code}"] for code in errors if f"{prefix}{code}" in typed}}
            codes = {name.removeprefix(prefix) for name in wanted if name.startswith(prefix)}
            sections += sections_of(questions, shown, errors, codes, prefix=prefix)
        return sections

    def _told(self, content: queries.Content) -> list[dict[str, str]]:
        return [{"url": f"#{name}", "label": text} for name, text in self.errors.items()]


def _save(row: Application, own: Typed, asked: Typed, by: Any) -> dict[str, Saved]:
    """By name of control."""
    fields, answers = services.save_draft(application=row, own=own, asked=asked, by=by)
    saved = {f"{queries.OWN}{code}": each for code, each in fields.items()}
    return {**saved, **{f"{PREFIX}{code}": each for code, each in answers.items()}}


def _raw(prefix: str, typed: Typed) -> dict[str, Any]:
    return {f"{prefix}{code}": each[0] for code, each in typed.items()}


def _told(name: str, saved: Saved | None) -> dict[str, Any]:
    """What the page is told of one thing it sent; `value`: what stands where its own is superseded."""
    if saved is None:
        return {"outcome": REFUSED, "message": f"« {name[:60]} » n'est pas attendu ici."}
    told = {"outcome": saved.outcome, "message": saved.message}
    return {**told, "value": as_control(saved.value)} if saved.outcome == SUPERSEDED else told


def _attachments(row: Application) -> list[Any]:
    return list(row.attachments.select_related("document").defer("document__content").order_by("pk"))


class ApplicationTyped(TypedPage, View):
    """The door of `static/js/draft.js`: what was typed, maybe long ago and offline; says what became of each."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            typed = typed_while_offline(request.body)
        except DomainError as error:
            return JsonResponse({"message": error.message}, status=422)
        own, asked = of_questions(typed, queries.OWN), of_questions(typed)
        try:
            saved = _save(row, own, asked, request.user)
        except DomainError as error:
            return JsonResponse({"message": error.message}, status=409)
        content = queries.content_of(self.row())
        done, total = content.progress
        return JsonResponse(
            {
                "results": {name: _told(name, saved.get(name)) for name in typed},
                "done": done,
                "total": total,
            }
        )


class AttachmentAdd(TypedPage, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        form = FileForm(request.POST, request.FILES)
        try:
            if not form.is_valid():
                raise DomainError(" ".join(text for texts in form.errors.values() for text in texts))
            sent = form.cleaned_data["file"]
            if sent.size > files.LARGEST_FILE:
                raise DomainError(f"« {files.shown_name(sent.name)} » pèse plus de 10 Mo : 10 Mo au plus par fichier.")
            services.attach_file(
                application=row,
                filename=sent.name,
                content=sent.read(),
                caption=form.cleaned_data["caption"],
                by=request.user,
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"« {files.shown_name(sent.name)} » est joint.")
        return HttpResponseRedirect(f"{reverse('schools:application_draft', args=[row.pk])}#fichiers")


class AttachmentDelete(TypedPage, View):
    queryset = staticmethod(queries.attachments_listed)
    authority_path, school_path = "application__school__authority", "application__school"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        application, name = row.application, str(row)
        try:
            services.delete_attachment(instance=row, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"« {name} » est supprimé.")
        return HttpResponseRedirect(f"{reverse('schools:application_draft', args=[application.pk])}#fichiers")


class ApplicationSubmit(TypedPage, TemplateView):
    """What is to be sent, read again; then sent. What is missing is told field by field."""

    template_name = "schools/application_submit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row()
        self.require(row)
        content = queries.content_of(row)
        draft = reverse("schools:application_draft", args=[row.pk])
        return super().get_context_data(
            title=f"Déposer la candidature : {row.school}",
            crumbs=[*CRUMBS, (str(row.school), reverse("schools:application_detail", args=[row.pk]))],
            notice=self.notice_of(row),
            application=row,
            draft_url=draft,
            locked=queries.lock_of(row, timezone.localdate()),
            missing=[
                {"url": f"{draft}?a-completer#{prefix}{each.code}", "label": each.text, "section": each.section}
                for prefix, each in content.missing
            ],
            sections=[
                *sections_of(content.own, content.own_values, prefix=queries.OWN),
                *sections_of(content.asked, content.values),
            ],
            attachments=_attachments(row),
            may_submit=queries.may_submit(self.request.user, row.school),
            closes=day(row.campaign.closes_on),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            sent = services.submit_application(application=row, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return self.render_to_response(self.get_context_data(), status=422)
        start_application_sheet(application=sent, by=request.user)
        messages.success(request, "La candidature est déposée. Elle peut être retirée et reprise jusqu'à la clôture.")
        return HttpResponseRedirect(reverse("schools:application_detail", args=[row.pk]))


class ApplicationWithdraw(OnSchool, AskPage):
    permission, queryset = permissions.APPLY, staticmethod(queries.visible_applications)
    authority_path, form_class = OF_SCHOOL, WithdrawForm
    title, crumbs, submit_label, done = "Retirer la candidature", CRUMBS, "Retirer", "La candidature est retirée."

    def perform(self, data: dict[str, Any]) -> Any:
        return services.withdraw_application(application=self.object, reason=data["reason"], by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("schools:application_detail", args=[self.object.pk])


class ApplicationDelete(OnSchool, DeletePage):
    permission, queryset = permissions.APPLY, staticmethod(queries.visible_applications)
    authority_path, crumbs = OF_SCHOOL, CRUMBS
    service, list_url = staticmethod(services.delete_application), "schools:application_list"


class ApplicationReopen(OnSchool, Command):
    permission, queryset = permissions.APPLY, staticmethod(queries.visible_applications)
    authority_path = OF_SCHOOL
    done = "La candidature est de nouveau un brouillon : la modifier, puis la déposer avant la clôture."

    def perform(self, row: Application) -> Application:
        return services.reopen_application(application=row, by=self.request.user)

    def url_after(self, row: Any, made: Any) -> str:
        return reverse("schools:application_draft", args=[row.pk])

    def url_back(self, row: Any) -> str:
        return reverse("schools:application_detail", args=[row.pk])
