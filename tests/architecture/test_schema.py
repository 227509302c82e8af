"""The API says what it is: its OpenAPI document is made without a warning."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command


@pytest.fixture
def document(db: None, tmp_path: Path) -> Any:
    out = tmp_path / "schema.yml"
    call_command("spectacular", file=str(out), fail_on_warn=True, validate=True)
    return yaml.safe_load(out.read_text())


def test_the_schema_is_made_without_warning(document: Any) -> None:
    assert "/api/v1/budget/simulate/" in document["paths"]


def test_every_row_is_written_on_the_version_that_was_read(document: Any) -> None:
    """`ETag` of what is read and written, `If-Match` of what is changed."""
    asked, given = set(), set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            answers = [operation["responses"].get(code, {}) for code in ("200", "201")]
            headers = {name for answer in answers for name in answer.get("headers", {})}
            if method in ("put", "patch", "delete") and "If-Match" not in names:
                asked.add(f"{method} {path}")
            if method in ("put", "patch") and "ETag" not in headers:
                given.add(f"{method} {path}")
    assert (asked, given) == (set(), set())
    finish = document["paths"]["/api/v1/echeances-de-subvention/{id}/faite/"]["post"]
    assert "If-Match" in {parameter["name"] for parameter in finish["parameters"]}
    assert "ETag" in finish["responses"]["200"]["headers"]
