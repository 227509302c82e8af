from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import FormView, TemplateView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import EntityForm
from plan_numerique.web.views.base import Page, follow


class EditPage(Page, FormView):
    """Creates without `pk` in the URL, edits with one; one service call per POST.

    `service(*, instance, by, reason, m2m)` writes; `detail_url` names the page to go to (reversed with the row's pk)."""

    template_name = "components/edit.html"
    form_class: ClassVar[type[EntityForm]]
    service: ClassVar[Callable[..., Any]]
    detail_url: ClassVar[str] = ""
    list_url: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = None
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        if "pk" in self.kwargs and self.object is None:
            self.object = self.row()
            self.require(self.object)
        kwargs = super().get_form_kwargs()
        return {**kwargs, "instance": self.object or self.new(), "user": self.request.user, "scope": self.request.scope}

    def new(self) -> Any:
        """A blank row; parents may be taken from the query string by `get_initial`."""
        return self.form_class._meta.model()

    def get_initial(self) -> dict[str, Any]:
        names = self.form_class.base_fields
        return {key: value for key, value in self.request.GET.items() if key in names}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        instance = form.instance  # type: ignore[attr-defined]
        if not self.permission.granted(self.request.user, follow(instance, self.authority_path)):
            raise PermissionDenied
        many = {field.name for field in instance._meta.many_to_many}
        try:
            self.object = self.save(
                form,
                instance=instance,
                by=self.request.user,
                reason=form.cleaned_data.get("reason", ""),
                m2m={name: value for name, value in form.cleaned_data.items() if name in many},
            )
        except ValidationError as error:
            _add_errors(form, error)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, f"« {self.object} » est enregistré.")
        return HttpResponseRedirect(self.get_success_url())

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
        notice = self.notice_of(self.object) if self.object and self.object.pk else ""
        return {"submit_label": label, "cancel_url": cancel, "notice": notice, **context}


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
            cancel_url=self.request.headers.get("referer", reverse(self.list_url)),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        type(self).service(instance=row, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, f"« {row} » est supprimé.")
        return HttpResponseRedirect(reverse(self.list_url))
