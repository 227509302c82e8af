"""The watch on undefined variables sees what it says, and nothing of what Django lets a template ask."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Engine
from django.template.base import VariableNode

from tests import undefined

CONTEXT = {"row": SimpleNamespace(name="École", empty="", none=None, rows=[]), "none": None}


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Renders a text as one of our templates; gives what was found in it."""
    monkeypatch.setattr(undefined, "FOLDERS", [tmp_path / "ours"])
    engine = Engine(dirs=[tmp_path / "ours", tmp_path / "theirs"])
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "theirs/library.html").write_text("{{ missing }}", encoding="utf-8")
    (tmp_path / "ours/part.html").write_text("{{ shown }}", encoding="utf-8")

    def do(text: str) -> list[str]:
        (tmp_path / "ours/page.html").write_text(text, encoding="utf-8")
        engine.get_template("page.html").render(Context(CONTEXT))
        return undefined.take_found()

    return do


@pytest.mark.parametrize(
    "text, named",
    [
        ("{{ missing }}", "page.html: missing"),
        ("{{ row.missing }}", "page.html: row.missing"),
        ("{{ row.name.missing|upper }}", "page.html: row.name.missing|upper"),
        ('{{ missing|upper|default:"—" }}', 'page.html: missing|upper|default:"—"'),
        ('{{ missing|default_if_none:"—" }}', 'page.html: missing|default_if_none:"—"'),
        ("{% for one in missing %}{% empty %}none{% endfor %}", "page.html: missing"),
        ("{% with shown=row.missing %}{% endwith %}", "page.html: row.missing"),
        ('{% include "part.html" with shown=missing %}', "page.html: missing"),
        ('{% include "part.html" %}', "part.html: shown"),
        ("{% if row %}{{ missing }}{% endif %}", "page.html: missing"),
    ],
)
def test_an_undefined_variable_is_found_with_its_template(render: Any, text: str, named: str) -> None:
    assert render(text) == [named]
    assert undefined.take_found() == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ row.name }}{{ row.empty }}{{ row.none }}{{ none }}",
        "{% if missing %}{{ missing }}{% elif row.missing %}x{% endif %}",
        '{{ missing|default:"—" }}{{ row.missing|default:none }}',
        "{% for one in row.rows %}{{ forloop.counter }}{% endfor %}",
        '{% include "part.html" with shown=row.name %}',
        '{% include "library.html" %}',
    ],
)
def test_what_is_defined_optional_or_of_a_library_is_not(render: Any, text: str) -> None:
    assert render(text) == []


def test_a_test_that_meets_one_fails(render: Any, request: pytest.FixtureRequest) -> None:
    ours = str(Path(undefined.__file__).with_name("conftest.py"))
    hook = next(one for one in request.config.pluginmanager.get_plugins() if getattr(one, "__file__", "") == ours)
    call = hook.pytest_runtest_call()
    next(call)
    undefined.FOUND.append("page.html: missing")
    with pytest.raises(pytest.fail.Exception, match=r"page\.html: missing"):
        call.send(None)
    assert undefined.take_found() == []


def test_our_templates_are_watched() -> None:
    nodes = Engine.get_default().get_template("base.html").nodelist.get_nodes_by_type(VariableNode)
    assert any(isinstance(node.filter_expression, undefined.WatchedExpression) for node in nodes)
