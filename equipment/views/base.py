from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from plan_numerique.web.views import DeletePage, EditPage


class TitledEdit(EditPage):
    """`new_title` heads the page of a new row; an existing one is named."""

    new_title: ClassVar[str] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        editing = self.object is not None and self.object.pk
        return super().get_context_data(
            **{"title": f"Modifier « {self.object} »" if editing else self.new_title, **kwargs}
        )


class ChildEdit(TitledEdit):
    """A row that is reached from its parent's page, and goes back there; a new one is given its parent by the query string."""

    parent: ClassVar[str]
    parent_url: ClassVar[str]

    def get_success_url(self) -> str:
        return reverse(self.parent_url, args=[getattr(self.object, f"{self.parent}_id")])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.request.GET.get(self.parent, "")
        if not (self.object and self.object.pk) and wanted.isascii() and wanted.isdigit():
            kwargs.setdefault("cancel_url", reverse(self.parent_url, args=[int(wanted)]))
        return super().get_context_data(**kwargs)


class ChildDelete(DeletePage):
    parent: ClassVar[str]
    parent_url: ClassVar[str]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back = reverse(self.parent_url, args=[getattr(self.row(), f"{self.parent}_id")])
        super().post(request, *args, **kwargs)
        return HttpResponseRedirect(back)
