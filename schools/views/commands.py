"""A button that does one thing to a row, then comes back with a message."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page


class Command(Page, View):
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]
    done: ClassVar[str] = ""

    def perform(self, row: Any) -> Any:
        raise NotImplementedError

    def url_after(self, row: Any, made: Any) -> str:
        raise NotImplementedError

    def url_back(self, row: Any) -> str:
        """Where a refusal is told."""
        return self.url_after(row, row)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            made = self.perform(row)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.url_back(row))
        if self.done:
            messages.success(request, self.done)
        return HttpResponseRedirect(self.url_after(row, made))
