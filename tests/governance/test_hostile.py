"""Every address of the app and of its API: what is sent makes no error of the server, what is read writes nothing, each role stays out
of what is not its own."""

import json
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from governance import urls
from governance.api import routes
from plan_numerique.web.rest import StrictJSONParser
from tests.factories.programme import programme_of
from tests.factories.projects import DepartureFactory, RankedPlaceFactory
from tests.factories.ranking import applied, closed_campaign
from tests.factories.subsidies import money_rows
from tests.governance.test_wizard import posted

ASKED = (
    "au", "s", "plan", "scenario", "school", "ecole", "item", "until", "page", "per_page", "sort", "columns", "q", "exercise", "subsidy",
    "funding_line", "preset", "phase", "origin", "kind", "section", "code", "state", "committee", "meeting", "convention", "authorisation",
    "format", "run", "from", "to", "dated_on_after", "scenarios",
)  # fmt: skip
BIG, NUL = "9" * 30, "\x00a"
TYPED = (BIG, NUL, "1e400", "0000-00-00", "-1", "x" * 3000)
JSONS = (
    "null", "[]", "{}", "[1]", '"\\u0000"', "1" * 31, "-1", "true", '""', '"0000-00-00"', '"9999-12-31"', "0.5", '"1e400"',
    '"' + "x" * 3000 + '"', '[{"exercise": -1}]',
)  # fmt: skip
NOT_JSON = (
    "1e400",
    '{"plan": 1e400}',
    '{"plan": NaN}',
    '{"plan": -Infinity}',
    '{"name": "\\ud800"}',
    "[" * 100_000,
    "1" * 5_000,
    "\xff",
    "",
)
FILES = (
    ("a\x00.csv", b"\x00"), ("../../etc/passwd", b"a;b\n"), ("x" * 400 + ".xlsx", b"PK\x03\x04zz"), (".", b"\xff\xfe"),
    ("a.pdf", b"%PDF-"), ("\u202e.csv", b"Exercice;Montant\n1e400;1e400\n"), ("vide.csv", b""),
)  # fmt: skip
STEPS = ("territoire", "rien")
ACTIONS = (
    "on", "reason", "verdict", "schools", "equipped_on", "school", "exercise", "seconds", "objective", "scenario", "act", "voted_on",
    "based_on", "amount", "amounts", "credits", "from_exercise",
)  # fmt: skip
MONEY = (
    "authorisation", "authorisationversion", "expense", "fctvaregime", "subsidy", "subsidystep", "subsidydeadline",
    "fundingposting", "heading", "account", "fundingpreset", "plandocument",
)  # fmt: skip
MONEY_OF_PLAN = {"plan_credits", "plan_credits_table", "plan_calendars", "plan_execution", "plan_funding", "plan_documents", "funding_plan",
                 "funding_plan_sheets"}  # fmt: skip
NATIONAL = {"account", "fundingpreset"}
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@pytest.fixture
def every(rows: SimpleNamespace, compute: Any) -> SimpleNamespace:
    """`world()` with a computed run, a programme and the rows of the grants."""
    run = compute(rows.scenario)
    version = programme_of(rows.scenario)
    phase = version.plan.programme_phases.get()
    campaign = closed_campaign(rows.plan.authority)
    application = applied(campaign, school__commune__authority=rows.plan.authority)
    DepartureFactory(application=application, campaign=campaign)
    RankedPlaceFactory(application=application)
    return SimpleNamespace(
        **vars(rows), **money_rows(rows.plan, run), run=run, programmeversion=version, programmephase=phase,
        equippedschool=phase.equipped_schools.get(), ranking=campaign, application=application,
    )  # fmt: skip


def row_of(every: SimpleNamespace, name: str) -> Any:
    kind = {"wizard": "scenario", "funding": "run"}.get(name.partition("_")[0], name.partition("_")[0])
    return getattr(every, kind)


def addresses(every: SimpleNamespace) -> Iterator[tuple[str, str]]:
    """Of each name of the app, with the row that it is of."""
    for name in sorted({pattern.name for pattern in urls.urlpatterns if pattern.name}):
        full = f"governance:{name}"
        try:
            yield name, reverse(full)
            continue
        except NoReverseMatch:
            key = row_of(every, name).pk
        if name in ("ranking_move", "ranking_answer"):
            yield name, reverse(full, args=[key, every.application.pk])
        elif name in ("wizard_step", "wizard_preview"):
            yield from ((name, reverse(full, args=[key, slug])) for slug in STEPS)
        else:
            yield name, reverse(full, args=[key])


def status(client: Client, verb: str, address: str, *args: Any, **more: Any) -> int:
    """Of a request whose writes are forgotten."""
    with transaction.atomic():
        code = getattr(client, verb)(address, *args, **more).status_code
        transaction.set_rollback(True)
    return int(code)


def code_of(client: Client, address: str) -> int:
    """Of its page, or of its command where it has no page."""
    code = status(client, "get", address)
    return status(client, "post", address) if code == 405 else code


@pytest.fixture
def client(client_as: Any) -> Client:
    made: Client = client_as("administrator")
    made.raise_request_exception = False
    return made


def fields_of(client: Client, address: str) -> dict[str, Any]:
    """What the page of a form sends, and the names of what it leaves out."""
    context = client.get(address).context
    form = context.get("form") if context else None
    if form is None or not hasattr(form, "fields"):
        return {}
    return dict.fromkeys((form.add_prefix(name) for name in form.fields), "") | posted(form)


def api_addresses(client: Client) -> Iterator[tuple[str, str, list[str]]]:
    """Verb, address and names of the fields of each writing address of the API, on a row that exists."""
    for prefix, view_set in routes:
        many = f"/api/v1/{prefix}/"
        one = f"{many}{client.get(many).json()['results'][0]['id']}/"
        names = [*view_set.serializer_class().fields, *ACTIONS]
        yield "post", many, names
        yield "put", one, names
        for extra in view_set.get_extra_actions():
            if "post" in extra.mapping:
                yield "post", f"{one}{extra.url_path}/", names


def read_addresses(client: Client) -> Iterator[str]:
    """Each list of the API, and what is read of a row or of several."""
    for prefix, view_set in routes:
        many = f"/api/v1/{prefix}/"
        one = f"{many}{client.get(many).json()['results'][0]['id']}/"
        yield many
        for extra in view_set.get_extra_actions():
            if "get" in extra.mapping:
                yield f"{one if extra.detail else many}{extra.url_path}/"


@pytest.mark.parametrize("shift", range(len(TYPED)))
def test_no_query_breaks_the_api_and_no_reading_writes(every: SimpleNamespace, client: Client, shift: int) -> None:
    asked = {name: TYPED[(rank + shift) % len(TYPED)] for rank, name in enumerate(ASKED)} | {"page": "1"}
    walked, broken = set(), []
    for address in read_addresses(client):
        walked.add(address)
        with CaptureQueriesContext(connection) as captured:
            code = status(client, "get", address, asked)
        wrote = [each["sql"] for each in captured if each["sql"].lstrip().upper().startswith(WRITING)]
        if code >= 500 or wrote:
            broken.append((address, code, wrote[:1]))
    assert broken == []
    assert "/api/v1/scenarios/comparison/" in walked


def test_no_query_breaks_a_page_and_no_reading_writes(every: SimpleNamespace, client: Client) -> None:
    asked = {name: TYPED[rank % 2] for rank, name in enumerate(ASKED)} | {"page": "-1", "per_page": "-1"}
    broken = []
    for name, address in addresses(every):
        with CaptureQueriesContext(connection) as captured:
            code = status(client, "get", address, asked)
        wrote = [each["sql"] for each in captured if each["sql"].lstrip().upper().startswith(WRITING)]
        if code >= 500 or wrote:
            broken.append((name, code, wrote[:1]))
    assert broken == []


def test_no_form_breaks_a_page(every: SimpleNamespace, client: Client) -> None:
    broken = []
    for name, address in addresses(every):
        names = [*fields_of(client, address), "ids", "action"]
        sent = {field: TYPED[rank % len(TYPED)] for rank, field in enumerate(names)}
        if status(client, "post", address, sent) >= 500:
            broken.append(name)
    assert broken == []


@pytest.mark.parametrize("name, content", FILES)
def test_no_file_breaks_a_page(every: SimpleNamespace, client: Client, name: str, content: bytes) -> None:
    step = {"subsidy": every.subsidy.pk, "state": "filed", "on": "2018-02-01", "amount": "10"}
    expenses = f"{reverse('importing:import_create')}?kind=governance.expenses"
    sent = {
        expenses: {"authority": every.plan.authority_id, "file": None},
        reverse("governance:subsidystep_create"): step | {"proof": None},
    }
    for address, data in sent.items():
        field = "file" if "file" in data else "proof"
        file = SimpleUploadedFile("x", content)
        file._name = name
        assert status(client, "post", address, data | {field: file}) < 500, address


@pytest.mark.parametrize("shift", [7])
def test_no_json_breaks_the_api(every: SimpleNamespace, client: Client, shift: int) -> None:
    """Each field takes another of the values."""
    broken = []
    for verb, address, names in api_addresses(client):
        pairs = (f'"{field}": {JSONS[(rank + shift) % len(JSONS)]}' for rank, field in enumerate(names))
        code = status(client, verb, address, "{" + ", ".join(pairs) + "}", content_type="application/json")
        if code >= 500:
            broken.append((verb, address))
    assert broken == []


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_json_is_refused_by_its_parser(rows: SimpleNamespace, client: Client, body: str) -> None:
    for address in ("phases/", f"scenarios/{rows.scenario.pk}/placer/"):
        answer = client.post(f"/api/v1/{address}", body.encode("latin-1"), content_type="application/json")
        assert answer.status_code == 400, address
        assert json.loads(answer.content)


def test_text_beyond_the_basic_plane_is_text() -> None:
    assert StrictJSONParser().parse(BytesIO(rb'{"name": "\ud83d\ude00"}')) == {"name": "\U0001f600"}


def test_every_address_stays_closed(
    every: SimpleNamespace, client: Client, client_as: Any, other_authority: Any
) -> None:
    anonymous, partner, stranger = Client(), client_as("partner"), client_as("administrator", other_authority)
    wrong = []
    for name, address in addresses(every):
        if not anonymous.post(address).headers.get("Location", "").startswith("/compte/login/"):
            wrong.append((name, "anonymous", 0))
        if (found := code_of(partner, address)) != 403:
            wrong.append((name, "partner", found))
        of_row = any(part.isdigit() for part in address.split("/"))
        if of_row and name.partition("_")[0] not in NATIONAL and (found := code_of(stranger, address)) != 404:
            wrong.append((name, "stranger", found))
    assert wrong == []


@pytest.mark.parametrize("role", ["academy", "school"])
def test_money_is_closed_to_the_academy_and_the_schools(every: SimpleNamespace, client_as: Any, role: str) -> None:
    outsider = client_as(role)
    money = [each for each in addresses(every) if each[0].partition("_")[0] in MONEY or each[0] in MONEY_OF_PLAN]
    assert len({name for name, _ in money}) >= 50
    assert [(name, code) for name, address in money if (code := code_of(outsider, address)) != 403] == []
