"""The code of a matter, typed or picked among those of the classification."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class MatterInput(forms.TextInput):
    """A text field with a list of proposals, which works without script; `matters` are (code, label) in their order."""

    def __init__(self, attrs: Any = None, matters: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.matters = matters

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = format_html_join(
            "", '<option value="{}">{} {}</option>', ((code, code, label) for code, label in self.matters)
        )
        listed = f"matieres-{name}"
        field = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', field, listed, options)
