"""Entering one half of a diagnostic on site: a form that works without script, and the doors where what was typed comes in later."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views import View

from plan_numerique.documents.services import read
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import AskPage, Page
from schools import permissions, queries, services
from schools.forms import CaptionForm, PhotoForm, of_questions, sections_of, typed_in, typed_while_offline
from schools.forms.answers import PREFIX, as_control, shown_moment
from schools.models import Diagnostic, Photo
from schools.queries import HALVES
from schools.services.photos import TOO_LARGE
from schools.views.asking import OnSchool
from schools.views.children import OfPhoto
from schools.views.diagnostics import FILLS, OF_CAMPAIGN, SLUGS, AskOfDiagnostic, DiagnosticPage, slug_of

WANTED = "Réponse obligatoire pour terminer cette partie."
FINISH = "terminer"


class HalfPage:
    """Mixin: the half that the address names, and who fills it."""

    kwargs: dict[str, Any]
    object: Diagnostic

    @property
    def half(self) -> str:
        if self.kwargs["half"] not in SLUGS:
            raise Http404
        return SLUGS[self.kwargs["half"]]

    def lock(self, row: Diagnostic) -> str:
        return queries.lock_of(row, timezone.localdate(), [getattr(row.campaign, self.half)])


class Entry(HalfPage, DiagnosticPage):
    """Read by whoever sees the diagnostic; filled by the side of the half until it is finished."""

    template_name = "schools/diagnostic_entry.html"
    errors: ClassVar[dict[str, str]] = {}
    problem = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        half = queries.half_of(row, self.half)
        fills = self.may(FILLS[self.half], row)
        lock = self.lock(row)
        values = {**half.values, **kwargs.pop("typed", {})}
        given, asked = half.progress
        return super().get_context_data(
            half=half,
            half_slug=slug_of(self.half),
            current=self.half,
            sections=sections_of(half.questions, values, self.errors),
            given=given,
            asked=asked,
            lock=lock,
            fills=fills,
            problem=self.problem,
            read_only=bool(lock) or not fills,
            photos=queries.photos_of(row),
            may_photograph=fills and not queries.content_lock(row),
            may_enter_works=self.half == queries.TECHNICAL and fills,
            works=queries.works_of(row) if self.half == queries.TECHNICAL else [],
            rendered_at=timezone.now().isoformat(),
            user_key=self.request.user.pk,
            photo_form=PhotoForm(),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without script: everything typed at once, then « Terminer » where that button sent it."""
        self.object = self.get_object()
        row = self.object
        self.require(row, FILLS[self.half])
        questionnaire = getattr(row.campaign, self.half)
        typed = typed_in(request.POST, queries.questions_of(questionnaire))
        saved = services.save_answers(owner=row, typed=typed, by=request.user, questionnaire=questionnaire)
        wrong = {code: each.message for code, each in saved.items() if each.outcome != services.KEPT}
        if wrong:
            return self._told(
                wrong, {code: typed[code][0] for code in wrong if saved[code].outcome == services.REFUSED}
            )
        if FINISH not in request.POST:
            messages.success(request, "Les réponses sont enregistrées.")
            return HttpResponseRedirect(request.path)
        return self._finish()

    def _finish(self) -> HttpResponse:
        row = self.object
        try:
            services.finish_half(diagnostic=row, half=self.half, by=self.request.user)
        except DomainError as refused:
            self.problem = refused.message
            return self._told({each.code: WANTED for each in queries.half_of(row, self.half).missing})
        messages.success(self.request, f"La {HALVES[self.half].lower()} est terminée.")
        return HttpResponseRedirect(reverse("schools:diagnostic_detail", args=[row.pk]))

    def _told(self, errors: dict[str, str], typed: dict[str, Any] | None = None) -> HttpResponse:
        self.errors = errors
        return self.render_to_response(self.get_context_data(typed=typed or {}), status=422)


class Answers(HalfPage, OnSchool, Page, View):
    """The door of the saving while typing, or much later: `{"clock", "typed": {name: {"value", "typed_at"}}}`; what became of each."""

    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.diagnostic_detail)
    authority_path = OF_CAMPAIGN

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row, FILLS[self.half])
        questionnaire = getattr(row.campaign, self.half)
        try:
            typed = of_questions(typed_while_offline(request.body))
            saved = services.save_answers(owner=row, typed=typed, by=request.user, questionnaire=questionnaire)
        except DomainError as refused:
            return JsonResponse({"message": refused.message}, status=409)
        values = queries.values_of(row, questionnaire)
        results = {f"{PREFIX}{code}": self._result(row, each, values.get(code)) for code, each in saved.items()}
        return JsonResponse({"results": results, "at": timezone.now().isoformat()})

    def _result(self, row: Diagnostic, saved: services.Saved, value: Any) -> dict[str, Any]:
        result = {"outcome": saved.outcome, "message": saved.message}
        if saved.outcome == services.SUPERSEDED:
            author = queries.author_of_answer(row, getattr(row.campaign, self.half), saved.code)
            of = f" de {author}" if author else ""
            told = f" : « {saved.shown} »" if saved.shown else " (sans réponse)"
            result |= {"message": f"Une réponse plus récente{of} a été gardée{told}.", "value": as_control(value)}
        return result


class PhotoAdd(AskOfDiagnostic):
    """One photo: by the form of this page, or by script, which asks for JSON."""

    form_class, title, submit_label, done = PhotoForm, "Ajouter une photo", "Ajouter", "La photo est ajoutée."

    def require(self, row: Any, permission: Any = None) -> None:
        if not any(self.may(each, row) for each in FILLS.values()):
            raise PermissionDenied

    @property
    def scripted(self) -> bool:
        return "application/json" in self.request.headers.get("Accept", "")

    def perform(self, data: dict[str, Any]) -> Any:
        file = data["photo"]
        if file.size > services.LARGEST_PHOTO:
            raise DomainError(TOO_LARGE, field="photo")
        taken = shown_moment(self.request.POST.get("taken_at"), self.request.POST.get("clock"))
        return services.add_photo(
            diagnostic=self.object, content=file.read(), caption=data["caption"], taken_at=taken, by=self.request.user
        )

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.scripted:
            return super().form_valid(form)
        try:
            photo = self.perform(form.cleaned_data)
        except DomainError as refused:
            return JsonResponse({"message": refused.message}, status=409)
        return JsonResponse({"id": photo.pk, **addresses_of(photo), "caption": str(photo.caption)}, status=201)

    def form_invalid(self, form: Any) -> HttpResponse:
        if not self.scripted:
            return super().form_invalid(form)
        told = " ".join(text for texts in form.errors.values() for text in texts)
        return JsonResponse({"message": told}, status=409)


def addresses_of(photo: Photo) -> dict[str, str]:
    return {
        name: reverse(f"schools:photo_{name}", args=[photo.pk]) for name in ("image", "thumbnail", "edit", "delete")
    }


class PhotoImage(Page, View):
    """The picture, for whoever sees the diagnostic; asked again each time, answered at once when it is the same."""

    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_photos)
    small = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        photo: Photo = self.row()
        tag = f'"{photo.document.sha256[:32]}{"-s" if self.small else ""}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified()
        content = services.thumbnail(photo) if self.small else read(photo.document)
        disposition = content_disposition_header(as_attachment=False, filename=photo.document.filename) or "inline"
        return HttpResponse(
            content,
            content_type="image/jpeg",
            headers={
                "Content-Disposition": disposition,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-cache",
                "ETag": tag,
            },
        )


class PhotoEdit(OnSchool, AskPage):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_photos)
    authority_path, school_path = "diagnostic__campaign__authority", "diagnostic__school"
    form_class, title, done = CaptionForm, "Légende de la photo", "La légende est enregistrée."
    object: Photo

    def require(self, row: Any, permission: Any = None) -> None:
        if not any(self.may(each, row) for each in FILLS.values()):
            raise PermissionDenied

    def get_initial(self) -> dict[str, Any]:
        return {"caption": self.object.caption}

    def perform(self, data: dict[str, Any]) -> Any:
        services.set_caption(photo=self.object, caption=data["caption"], by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("schools:diagnostic_detail", args=[self.object.diagnostic_id])


class PhotoDelete(OnSchool, OfPhoto):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_photos)
    school_path = "diagnostic__school"
    service = staticmethod(services.delete_photo)

    def require(self, row: Any, permission: Any = None) -> None:
        if not any(self.may(each, row) for each in FILLS.values()):
            raise PermissionDenied


class Worker(Page, View):
    """The small script that keeps the pages of entry for work without network; its address bounds what it may answer for."""

    permission = permissions.VIEW_DIAGNOSTICS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = finders.find("js/survey/worker.js")
        if not isinstance(path, str):
            raise Http404
        with open(path, "rb") as script:
            content = script.read()
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=headers)
