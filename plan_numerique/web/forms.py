from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting

VisibleRows = Callable[[Any], QuerySet[Any]]


LONGEST_KEY = 18


def asked_key(value: Any) -> int | None:
    """Key of a row named by an address or a form; None for what no database holds."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else None


class Renderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class EntityForm(forms.ModelForm):
    """Form of one row. Each choice among rows names in `scoped` the query that says which ones this user may see: without it, none."""

    scoped: ClassVar[dict[str, VisibleRows]] = {}
    reason = forms.CharField(
        label="Motif de la modification",
        max_length=500,
        required=False,
        help_text="Facultatif ; gardé dans l'historique.",
    )

    def __init__(self, *args: Any, user: Any, scope: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.scope = user, scope
        if self.instance._state.adding:
            del self.fields["reason"]
            # What a blank row says nothing of, `setdefault` may fill: here and in the forms of the apps.
            self.initial = {name: value for name, value in self.initial.items() if value is not None}
        scope_form_fields(self, self.scoped, user)
        if "authority" in self.fields and scope.authority and self.instance._state.adding:
            self.initial.setdefault("authority", scope.authority.pk)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def scope_form_fields(form: forms.BaseForm, scoped: dict[str, VisibleRows], user: Any) -> None:
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField):
            if name not in scoped:
                raise ImproperlyConfigured(f"{type(form).__name__}.scoped does not say which « {name} » a user may see")
            field.queryset = scoped[name](user)
