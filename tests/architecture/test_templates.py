"""Every template compiles and is used; no inline style or script, which the Content-Security-Policy would block."""

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
# Named by Django, allauth and axes, not by our code.
BY_CONVENTION = re.compile(r"^(403|404|429|500)\.html$|^(account|allauth|django|mfa)/")
RIGHT_OF = {"schools": ("equipment", "ent", "governance", "deliberations"), "equipment": ("ent", "governance", "deliberations"),
            "ent": ("governance", "deliberations"), "governance": ("deliberations",)}  # fmt: skip
ALLOWED = {"schools/_tabs.html", "schools/_diagnostic_tabs.html"}


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(name: str) -> None:
    engines["django"].get_template(name)


def test_every_template_is_used() -> None:
    folders = ("plan_numerique", "schools", "equipment", "ent", "governance", "deliberations", "templates")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    unused = [
        name for name in NAMES if not BY_CONVENTION.search(name) and f'"{name}"' not in text and f"'{name}'" not in text
    ]
    assert unused == []


@pytest.mark.parametrize("name", NAMES)
def test_template_has_nothing_inline(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=\s*[\"']", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", text)
    assert not re.search(r"<style(?![^>]*nonce=)", text) or name.startswith("reports/")


@pytest.mark.parametrize("name", [name for name in NAMES if name.split("/")[0] in RIGHT_OF and name not in ALLOWED])
def test_template_names_no_app_to_its_right(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for app in RIGHT_OF[name.split("/", maxsplit=1)[0]]:
        assert not re.search(rf"[\"']{app}[:/]", text), app
