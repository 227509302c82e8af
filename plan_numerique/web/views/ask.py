"""A page that asks before it does one thing to a row: what will follow, a date or a reason, then one service call."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.generic import FormView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views.base import Page


class AskPage(Page, FormView):
    """`perform` calls the service; its refusals are shown in the form, at 422."""

    template_name = "components/edit.html"
    submit_label: ClassVar[str] = "Enregistrer"
    done: ClassVar[str] = ""
    object: Any

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.open()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.open()
        return super().post(request, *args, **kwargs)

    def open(self) -> None:
        """Before anything is shown or done."""
        self.object = self.row()
        self.require(self.object)

    def perform(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError

    def get_success_url(self) -> str:
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
