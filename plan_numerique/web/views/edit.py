from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import FormView, TemplateView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web import versions
from plan_numerique.web.forms import EntityForm, asked_key
from plan_numerique.web.views.base import Page, follow


class EditPage(Page, FormView):
    """Creates without `pk` in the URL, edits with one; one service call per POST.

    `service(*, instance, by, reason, m2m)` writes; `detail_url` names the page to go to (reversed with the row's pk).
    A row that somebody else changed since the form was shown is told beside what was typed, and nothing is written (web.versions)."""

    template_name = "components/edit.html"
    form_class: ClassVar[type[EntityForm]]
    service: ClassVar[Callable[..., Any]]
    detail_url: ClassVar[str] = ""
    list_url: ClassVar[str] = ""

    version: str = ""
    conflict: versions.Conflict | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = None
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        if "pk" in self.kwargs and self.object is None:
            pk = self.kwargs["pk"]
            if asked_key(pk) is None:
                raise Http404
            shown_from = self.request.POST.get(versions.FIELD, "")
            self.version = shown_from or versions.version_at(self.form_class._meta.model, pk, *self.version_parts(pk))
            self.object = self.row()
            self.require(self.object)
        kwargs = super().get_form_kwargs()
        return {**kwargs, "instance": self.object or self.new(), "user": self.request.user, "scope": self.request.scope}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except Http404:
            model, pk = self.form_class._meta.model, self.kwargs.get("pk")
            record = versions.deletion_of(model, pk)
            if record is None or not self._knew(record):
                raise
            told = versions.DeletedRowError(model(pk=pk))
            return render(request, "refused.html", {"message": told.message}, status=409)

    def _knew(self, record: Any) -> bool:
        """Whether this person could have edited the row that was deleted."""
        authority = getattr(record.audit_event, "authority", None)
        return authority is not None and self.permission.granted(self.request.user, authority)

    def new(self) -> Any:
        """A blank row; parents may be taken from the query string by `get_initial`."""
        return self.form_class._meta.model()

    def version_parts(self, pk: Any) -> tuple[QuerySet[Any], ...]:
        """Histories of the other rows that this form edits, as `(Headcount.history.filter(school_class_id=pk),)`."""
        return ()

    def get_initial(self) -> dict[str, Any]:
        names = self.form_class.base_fields
        return {key: value for key, value in self.request.GET.items() if key in names}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        instance = form.instance  # type: ignore[attr-defined]
        if not self.permission.granted(self.request.user, follow(instance, self.authority_path)):
            raise PermissionDenied
        try:
            self.object = self._save_unless_stale(form, instance)
        except versions.StaleRowError as stale:
            self.conflict = versions.beside_typed(stale.conflict, form)
            self.version = stale.conflict.version
            return self.form_invalid(form)
        except ValidationError as error:
            _add_errors(form, error)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, f"« {self.object} » est enregistré.")
        return HttpResponseRedirect(self.get_success_url())

    def _save_unless_stale(self, form: BaseForm, instance: Any) -> Any:
        many = {field.name for field in instance._meta.many_to_many}
        with transaction.atomic():
            if not instance._state.adding:
                versions.lock_version(instance, self.version, *self.version_parts(instance.pk))
            return self.save(
                form,
                instance=instance,
                by=self.request.user,
                reason=form.cleaned_data.get("reason", ""),
                m2m={name: value for name, value in form.cleaned_data.items() if name in many},
            )

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        """The one service call; overridden where the form holds more than the row's own fields."""
        return type(self).service(**kwargs)

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_success_url(self) -> str:
        return reverse(self.detail_url, kwargs={"pk": self.object.pk}) if self.detail_url else reverse(self.list_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        cancel = (
            self.get_success_url()
            if self.object and self.object.pk
            else reverse(self.list_url)
            if self.list_url
            else ""
        )
        label = "Enregistrer" if self.object and self.object.pk else "Créer"
        if self.conflict:
            context |= {"conflict": self.conflict, "submit_label": "Enregistrer ma version"}
        notice = self.notice_of(self.object) if self.object and self.object.pk else None
        return {"submit_label": label, "cancel_url": cancel, "notice": notice, "row_version": self.version, **context}


def _add_errors(form: BaseForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class DeletePage(Page, TemplateView):
    """Asks, then deletes through `service(*, instance, by, reason)`; what rests on the row is told."""

    template_name = "components/confirm.html"
    service: ClassVar[Callable[..., Any]]
    list_url: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row()
        self.require(row)
        return super().get_context_data(
            object=row,
            notice=self.notice_of(row),
            title=f"Supprimer « {row} »",
            cancel_url=self.request.headers.get("referer") or self.back_url(row),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        back = self.back_url(row)
        type(self).service(instance=row, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, f"« {row} » est supprimé.")
        return HttpResponseRedirect(back)

    def back_url(self, row: Any) -> str:
        """Where to go once it is deleted."""
        return reverse(self.list_url)
