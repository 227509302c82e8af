"""The calculator open to other programs: the command and the API, good and bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client
from rest_framework.test import APIClient

from governance.api.schemas import BUDGET_INPUT, BUDGET_OUTPUT, SCHEMAS
from plan_numerique.web.calculators import http
from plan_numerique.web.calculators.http import for_openapi

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "plan_numerique" / "demo" / "data" / "scenarios"
URL = "/api/v1/budget/simulate/"
GOOD = {
    "title": "École numérique",
    "exercises": [2016, 2017],
    "items": [{"id": "vp", "unit_price_ht": "650.00", "vat_rate": "20", "heading": "materiel", "section": "investissement", "account": "21831", "life_years": 5, "fctva": True}],
    "packs": [{"id": "classe", "lines": [{"item": "vp", "quantity": 1}]}],
    "schools": [{"id": "0861030C", "kind": "elementaire", "priority_rank": None, "classes": [{"id": "A", "levels": ["CP", "CE1"], "pupils": 24}]}],
    "rules": [{"id": "r1", "pack": "classe", "per": "class", "filters": {"levels": ["CP"]}}],
    "phases": [{"exercise": 2017, "all": True}],
    "yearly_cap_ttc": {"2017": "1000.00"},
    "funding": [{"id": "etat", "funder": "État", "tiers": [{"up_to": "200.00", "rate": "70"}, {"up_to": None, "rate": "50"}]}],
    "fctva": {"rate": "16.404"},
    "announced": [{"key": "totals.ttc", "amount": "780.00"}],
}  # fmt: skip
BAD_BODIES = {
    "empty": b"",
    "truncated": b'{"exercises": [2016',
    "not json": b"exercises=2016",
    "nan": b'{"exercises": [2016], "title": NaN}',
    "infinity": b'{"exercises": [-Infinity]}',
    "duplicate keys": b'{"exercises": [2016], "exercises": [2017]}',
    "latin-1": '{"title": "é", "exercises": [2016]}'.encode("latin-1"),
    "utf-16": json.dumps({"exercises": [2016]}).encode("utf-16"),
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "long number": b'{"exercises": [' + b"9" * 10_000 + b"]}",
    "list": b"[]",
    "null": b"null",
    "string": b'"exercises"',
    "bytes": bytes(range(256)),
    "lone surrogate": b'{"exercises": [2016], "title": "\\ud800"}',
    "unknown key": b'{"exercises": [2016], "colour": 1}',
    "wrong types": b'{"exercises": "2016", "items": {}, "renewals": 1, "fctva": []}',
    "dangling": b'{"exercises": [2016], "packs": [{"id": "p", "lines": [{"item": "x", "quantity": 1}]}]}',
    "rate over 100": b'{"exercises": [2016], "price_revision_rate": "100.5"}',
    "number for decimal": b'{"exercises": [2016], "yearly_cap_ttc": 1000}',
    "negative": b'{"exercises": [2016], "schools": [{"id": "a", "kind": "primaire", "floors": -1}]}',
}


def command(*arguments: str, given: bytes = b"", **environment: str) -> Any:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "simulate_budget", *arguments],
        input=given,
        capture_output=True,
        timeout=120,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "plan_numerique.settings.test", **environment},
        check=False,
    )


def test_command_prints_one_document_and_nothing_else() -> None:
    done = command(str(SCENARIOS / "metz_etat_17_5.json"), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1
    document = json.loads(done.stdout.decode())
    assert document["totals"] == {"ht": "1367633.00", "ttc": "1641159.60", "vat": "273526.60"}
    assert document["funding"]["own_share_ht"] == "615434.84"
    assert list(document) == sorted(document)
    jsonschema.validate(document, BUDGET_OUTPUT)


def test_command_reads_standard_input_and_says_every_problem() -> None:
    done = command("-", given='{"exercises": [2016], "é": 1, "renewals": "oui"}'.encode(), LC_ALL="C")
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().splitlines()
    assert lines == ["é: clé inconnue", "renewals: true ou false attendu"]


def test_command_with_several_files_gives_a_line_each(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{")
    good = str(SCENARIOS / "poitiers_ent_pilote.json")
    done = command(good, str(bad), str(tmp_path / "none.json"), good)
    assert (done.returncode, done.stderr) == (2, b"")
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [sorted(line) == ["errors"] for line in lines] == [False, True, True, False]
    assert lines[0]["totals"]["ttc"] == lines[3]["totals"]["ttc"] == "1800.00"


def test_command_without_file_is_refused() -> None:
    done = command()
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.fixture
def client(user_as: Any) -> APIClient:
    """With the CSRF check on, as a program that signs in would meet it."""
    made = APIClient(enforce_csrf_checks=False)
    made.force_login(user_as("elected"), backend="django.contrib.auth.backends.ModelBackend")
    return made


def post(client: Any, body: bytes, content_type: str = "application/json", **headers: Any) -> Any:
    return client.generic("POST", URL, body, content_type=content_type, **headers)


def test_api_answers_the_same_document_as_the_command(client: Any) -> None:
    raw = (SCENARIOS / "metz_etat_25.json").read_bytes()
    response = post(client, raw)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert response.content.decode() + "\n" == command(str(SCENARIOS / "metz_etat_25.json")).stdout.decode()
    assert response.json()["funding"]["own_share_ht"] == "512862.37"


def test_api_reads_no_row(client: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):  # the session and its user
        assert post(client, json.dumps(GOOD).encode()).status_code == 200


@pytest.mark.parametrize("name", BAD_BODIES)
def test_api_refuses_bad_bodies_with_their_problems(client: Any, name: str) -> None:
    response = post(client, BAD_BODIES[name])
    assert response.status_code == 400
    errors = response.json()["errors"]
    assert errors
    assert all(": " in error for error in errors)


@pytest.mark.parametrize("name", ["truncated", "nan", "duplicate keys", "latin-1", "deep", "bytes", "wrong types"])
def test_command_refuses_bad_bodies_with_the_same_problems(client: Any, name: str) -> None:
    done = command("-", given=BAD_BODIES[name])
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == post(client, BAD_BODIES[name]).json()["errors"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/xml", "é"],
)
def test_api_refuses_other_content_types(client: Any, content_type: str) -> None:
    response = post(client, b'{"exercises": [2016]}', content_type)
    assert response.status_code == 400
    assert "application/json" in response.json()["errors"][0]


def test_api_refuses_a_body_over_its_limit(client: Any, monkeypatch: Any) -> None:
    response = post(client, b"{}", CONTENT_LENGTH=str(http.LARGEST_BODY + 1))
    assert response.status_code == 413
    assert response.json() == {"errors": ["$: le document dépasse 64 Mo"]}
    monkeypatch.setattr(http, "LARGEST_BODY", 10)
    assert post(client, b'{"exercises": [2016]}', CONTENT_LENGTH="10").status_code == 400


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 400, "²"])
def test_api_refuses_an_unreadable_length(client: Any, length: str) -> None:
    assert post(client, b"{}", CONTENT_LENGTH=length).status_code in {400, 413}


def test_api_takes_fifty_megabytes(client: Any) -> None:
    body = b'{"exercises": [2016], "title": "' + b"x" * (50 * 1024 * 1024) + b'"}'
    assert post(client, body).status_code == 200


def test_api_refuses_the_anonymous_and_asks_for_the_token(db: Any, user_as: Any) -> None:
    assert post(Client(), b'{"exercises": [2016]}').status_code == 403
    assert post(Client(), b"x", "text/plain").status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user_as("finance"), backend="django.contrib.auth.backends.ModelBackend")
    assert post(strict, b'{"exercises": [2016]}').status_code == 403
    assert strict.get(URL).status_code == 405


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.json")), ids=lambda path: path.stem)
def test_schema_accepts_the_documents_of_the_demo(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_bytes()), BUDGET_INPUT)


def test_schemas_describe_what_goes_in_and_out(client: Any) -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, BUDGET_INPUT)
    jsonschema.validate(post(client, json.dumps(GOOD).encode()).json(), BUDGET_OUTPUT)
    for wrong in (
        {},
        {**GOOD, "x": 1},
        {**GOOD, "exercises": [16]},
        {**GOOD, "yearly_cap_ttc": 1},
        {**GOOD, "items": [None]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, BUDGET_INPUT)


def test_schemas_are_served_and_documented(client: Any) -> None:
    assert client.get("/api/v1/budget/schemas/budget-input.json").json() == BUDGET_INPUT
    assert client.get("/api/v1/budget/schemas/other.json").status_code == 404
    schema = client.get("/api/v1/schema/?format=json").json()
    operation = schema["paths"][URL]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["required"] == ["exercises"]
    assert {"200", "400", "413"} <= set(operation["responses"])


def test_openapi_words_have_no_null_type() -> None:
    assert '"null"' not in json.dumps(for_openapi(BUDGET_INPUT))
    assert for_openapi({"type": ["string", "null"]}) == {"type": "string", "nullable": True}
