"""Rows that live on the page of their school: made with it preset, and back to it afterwards."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from plan_numerique.web.views import DeletePage, EditPage
from schools.models import School


class SchoolChildEdit(EditPage):
    authority_path = "school__authority"
    list_url = "schools:school_list"
    back: ClassVar[str] = "schools:school_detail"

    def get_success_url(self) -> str:
        return reverse(self.back, args=[self.object.school_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.request.GET.get("school", "")
        if self.object is None and chosen.isascii() and chosen.isdigit():
            context["cancel_url"] = reverse(self.back, args=[int(chosen)])
        return context

    def get_crumbs(self) -> list[tuple[str, str]]:
        crumbs = [("Écoles", reverse("schools:school_list"))]
        if self.object and self.object.pk:
            crumbs.append((str(self.object.school), reverse(self.back, args=[self.object.school_id])))
        return crumbs


class SchoolChildDelete(DeletePage):
    authority_path = "school__authority"
    list_url = "schools:school_list"
    back: ClassVar[str] = "schools:school_detail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "cancel_url": self._back(self.row().school)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        school = self.row().school
        super().post(request, *args, **kwargs)
        return HttpResponseRedirect(self._back(school))

    def _back(self, school: School) -> str:
        return reverse(self.back, args=[school.pk])
