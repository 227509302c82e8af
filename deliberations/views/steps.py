"""Actions on an act that are one button: a POST, a sentence, and back."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page


class ActStep(Page, View):
    """`perform` writes and returns the sentence to show; a refusal is shown instead."""

    authority_path = "sitting__assembly__authority"
    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        back = self.back_url(row)
        try:
            messages.success(request, self.perform(row))
        except (DomainError, ValidationError) as error:
            messages.error(request, error.message if isinstance(error, DomainError) else " ".join(error.messages))
        return HttpResponseRedirect(back)

    def perform(self, row: Any) -> str:
        raise NotImplementedError

    def back_url(self, row: Any) -> str:
        raise NotImplementedError
