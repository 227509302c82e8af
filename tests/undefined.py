"""A variable that nothing defines, in one of our templates, fails the test that renders it: Django prints nothing in its place.

Not looked at: what `{% if %}` asks (that is how a template says « optional »), what `|default` replaces at once, and the templates of
Django and of libraries, which are theirs. `{% for %}` is looked at. Found by name and template, all those of a test at once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.template import base, defaultfilters, defaulttags
from django.template.base import FilterExpression, VariableDoesNotExist

FOLDERS = [Path(__file__).resolve().parents[1] / "templates"]
FOUND: list[str] = []


class WatchedExpression(FilterExpression):
    __slots__ = ("iterated", "template")

    def __init__(self, token: str, parser: Any) -> None:
        super().__init__(token, parser)
        self.template, self.iterated = parser.origin.template_name, False

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        if ignore_failures and not self.iterated:
            return super().resolve(context, ignore_failures)
        try:
            value = self.var.resolve(context)
        except VariableDoesNotExist:
            FOUND.append(f"{self.template}: {self.token}")
            value = None if ignore_failures else ""
        rest: Any = SimpleNamespace(is_var=False, var=value, filters=self.filters)
        return FilterExpression.resolve(rest, context)


def _compile_filter(parser: Any, token: str) -> FilterExpression:
    expression = FilterExpression(token, parser)
    origin = Path(getattr(parser.origin, "name", None) or "")
    defaulted = expression.filters and expression.filters[0][0] is defaultfilters.default
    watched = expression.is_var and not defaulted and any(origin.is_relative_to(folder) for folder in FOLDERS)
    return WatchedExpression(token, parser) if watched else expression


_make_loop = defaulttags.ForNode.__init__


def _loop(node: Any, loopvars: Any, sequence: Any, *args: Any, **kwargs: Any) -> None:
    if isinstance(sequence, WatchedExpression):
        sequence.iterated = True
    _make_loop(node, loopvars, sequence, *args, **kwargs)


def watch() -> None:
    """Before any template is compiled."""
    base.Parser.compile_filter = _compile_filter  # type: ignore[method-assign]
    defaulttags.ForNode.__init__ = _loop  # type: ignore[method-assign]


def take_found() -> list[str]:
    """Those met since the last call, each once."""
    found = list(dict.fromkeys(FOUND))
    FOUND.clear()
    return found
