"""Rows that live on the page of their sitting or act: made with it preset, and back to it afterwards."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from deliberations import permissions
from plan_numerique.web.views import DeletePage, EditPage
from plan_numerique.web.views.base import follow


class ChildEdit(EditPage):
    """`parent_path` leads from the row to the row whose page shows it; `back` is that page."""

    permission = permissions.EDIT
    parent_path: ClassVar[str]
    back: ClassVar[str]

    def get_success_url(self) -> str:
        return reverse(self.back, args=[follow(self.object, self.parent_path).pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.request.GET.get(self.parent_path, "")
        if self.object is None and chosen.isascii() and chosen.isdigit():
            context["cancel_url"] = reverse(self.back, args=[int(chosen[:18])])
        return context

    def get_crumbs(self) -> list[tuple[str, str]]:
        crumbs = [(label, url) for label, url in self.crumbs]
        if self.object and self.object.pk:
            crumbs.append((str(follow(self.object, self.parent_path)), self.get_success_url()))
        return crumbs


class ChildDelete(DeletePage):
    permission = permissions.EDIT
    parent_path: ClassVar[str]
    back: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "cancel_url": self._back(follow(self.row(), self.parent_path))}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        parent = follow(self.row(), self.parent_path)
        super().post(request, *args, **kwargs)
        return HttpResponseRedirect(self._back(parent))

    def _back(self, parent: Any) -> str:
        return reverse(self.back, args=[parent.pk])


class _OfSitting:
    authority_path = "sitting__assembly__authority"
    parent_path, back = "sitting", "deliberations:sitting_detail"
    list_url = "deliberations:sitting_list"
    crumbs = (("Séances", "/seances/"),)


class _OfAct:
    authority_path = "act__sitting__assembly__authority"
    parent_path, back = "act", "deliberations:act_compose"
    list_url = "deliberations:act_list"
    crumbs = (("Délibérations", "/deliberations/"),)


class OfSittingEdit(_OfSitting, ChildEdit):
    pass


class OfSittingDelete(_OfSitting, ChildDelete):
    pass


class OfActEdit(_OfAct, ChildEdit):
    pass


class OfActDelete(_OfAct, ChildDelete):
    pass
