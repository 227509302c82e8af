"""A page that asks before it does one thing to a row, then one service call; and rights that hold for the very school of the row."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.generic import FormView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page
from plan_numerique.web.views.base import follow
from schools import queries


class OnSchool:
    """Mixin: a right is asked for the school of the row (`school_path`), not for its town: one may be an inspector in a district and a
    technician of a town beside."""

    school_path: ClassVar[str] = "school"
    permission: Any
    request: HttpRequest

    def may(self, permission: Any, row: Any) -> bool:
        return queries.granted_on(self.request.user, permission, follow(row, self.school_path))

    def require(self, row: Any, permission: Any = None) -> None:
        if not self.may(permission or self.permission, row):
            raise PermissionDenied


class AskPage(Page, FormView):
    """`perform` calls the service; its refusals are shown in the form, at 422."""

    template_name = "components/edit.html"
    submit_label: ClassVar[str] = "Enregistrer"
    done: ClassVar[str] = ""
    object: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.permission.anywhere(request.user):
            self.object = self.row()
            self.require(self.object)
        return super().dispatch(request, *args, **kwargs)

    def perform(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.perform(form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        except ValidationError as error:
            form.add_error(None, error.messages)
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, self.done)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "object": self.object,
                "submit_label": self.submit_label,
                "cancel_url": self.get_success_url(),
                "notice": self.notice_of(self.object),
                **kwargs,
            }
        )
