"""Rows that live on the page of another: reached from it with their parent in the query string, and back to it."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.urls import reverse

from plan_numerique.web.forms import asked_key
from plan_numerique.web.views.base import follow
from plan_numerique.web.views.edit import DeletePage, EditPage


class Child:
    """`parent` names the foreign key; `home` the page that shows the row, `home_path` leads there from the row (the parent's, unless
    told)."""

    parent: ClassVar[str]
    home: ClassVar[str]
    home_path: ClassVar[str] = ""

    def home_row(self, row: Any) -> Any:
        return follow(row, self.home_path or self.parent)

    def home_url(self, row: Any) -> str:
        return reverse(self.home, args=[self.home_row(row).pk])


class ChildEditPage(Child, EditPage):
    """A parent known from where one comes is told above the form, not asked; a new row is placed after those of its parent."""

    parent_row: Any = None

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        parent = asked_key(initial.get(self.parent))
        if parent is not None and "position" in self.form_class.base_fields and "pk" not in self.kwargs:
            rows = type(self).queryset(self.request.user).filter(**{self.parent: parent})
            initial.setdefault("position", (rows.aggregate(last=Max("position"))["last"] or 0) + 1)
        return initial

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        field, given = form.fields[self.parent], asked_key(form.initial.get(self.parent))
        self.parent_row = field.queryset.filter(pk=given).first() if given is not None else None
        if self.parent_row is not None:
            field.widget = forms.HiddenInput()
        return form

    def get_success_url(self) -> str:
        return self.home_url(self.object)

    def get_crumbs(self) -> list[tuple[str, str]]:
        row = self._of_parent()
        return [*super().get_crumbs(), *([(str(self.home_row(row)), self.home_url(row))] if row else [])]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        row = self._of_parent()
        if row is not None and self.object is None:
            context["cancel_url"] = self.home_url(row)
        return context

    def _of_parent(self) -> Any:
        return self.form_class._meta.model(**{self.parent: self.parent_row}) if self.parent_row else None


class ChildDeletePage(Child, DeletePage):
    def back_url(self, row: Any) -> str:
        return self.home_url(row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        row = context["object"]
        crumb = (str(self.home_row(row)), self.home_url(row))
        return {**context, "cancel_url": self.home_url(row), "crumbs": [*self.crumbs, crumb]}
