"""« À renouveler »: the page, its figures against the lists they open, its exports and its API."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from equipment.models import ItemType
from governance import queries
from governance.models import BudgetRun, ProgrammePhase
from governance.queries import Choice, RenewalReport
from tests.factories import governance as make
from tests.factories.equipment import DeviceFactory, ItemTypeFactory, PriceFactory
from tests.factories.programme import finished_run, programme_of
from tests.factories.schools import SchoolFactory

TODAY = date(2024, 9, 2)
YEARS = range(2024, 2035)
ITEMS = [
    {"id": "tablette", "label": "Tablette", "unit_price_ht": "300.00", "vat_rate": "20", "heading": "materiel",
     "section": "investissement", "life_years": 5},
    {"id": "logiciel", "label": "Logiciel", "unit_price_ht": "10.00", "vat_rate": "20", "heading": "logiciels",
     "section": "investissement", "life_years": None},
]  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


def item(authority: Any, code: str, life: int | None, cents: int | None) -> ItemType:
    row: ItemType = ItemTypeFactory(authority=authority, code=code, label=code.capitalize(), life_years=life)
    if cents is not None:
        PriceFactory(item_type=row, unit_price_ht=cents)
    return row


def bought(kind: ItemType, year: int | None, count: int = 1, **more: Any) -> None:
    for _ in range(count):
        DeviceFactory(item_type=kind, acquired_on=year and date(year, 5, 4), **more)


@pytest.fixture
def park(authority: Any) -> SimpleNamespace:
    """Projectors of five years bought in 2016, 2019, 2021 and 2024, and what cannot be dated."""
    school = SchoolFactory(commune__authority=authority, name="École Herriot")
    projector = item(authority, "videoprojecteur", 5, 65_000)
    bought(projector, 2016, 2, school=school)
    bought(projector, 2019, school=school)
    bought(projector, 2021, 3)
    bought(projector, 2024, 4)
    bought(projector, 2016, state="disposed")
    bought(projector, 2016, state="stock")
    bought(projector, None, 6)
    cable = item(authority, "cable", None, 100)
    bought(cable, 2020, 7)
    screen = item(authority, "ecran", 8, None)
    bought(screen, 2020, 8)
    bought(screen, None, 1)
    return SimpleNamespace(school=school, projector=projector, plan=make.PlanFactory(authority=authority))


@pytest.fixture
def programme(park: SimpleNamespace) -> SimpleNamespace:
    """Ten tablets bought in 2023 for the school, twenty in 2025."""
    scenario = make.ScenarioFactory(plan=park.plan)
    run = finished_run(scenario)
    BudgetRun.objects.filter(pk=run.pk).update(input=json.dumps({"items": ITEMS}))
    for exercise, quantity, renewal, code in (
        (2023, 10, False, "tablette"), (2025, 20, False, "tablette"), (2028, 10, True, "tablette"), (2025, 3, False, "logiciel"),
    ):  # fmt: skip
        run.lines.create(
            exercise=exercise, kind="item", code=code, label=code, heading="materiel", section="investissement",
            quantity=quantity, unit_price_ht=30_000, ht=0, vat=0, ttc=0, renewal=renewal, school=park.school,
            school_code=park.school.uai,
        )  # fmt: skip
    version = programme_of(scenario)
    return SimpleNamespace(**vars(park), version=version, run=run)


def report(plan: Any, user: Any, **choice: str) -> RenewalReport:
    from equipment.queries import visible_devices

    return queries.renewal_report(plan, visible_devices(user), Choice(**choice), today=TODAY, years=YEARS)


def told(found: RenewalReport) -> list[tuple[Any, ...]]:
    return [(row.year, row.overdue, row.item, row.quantity, row.due, row.exercises) for row in found.rows]


def test_what_is_in_place_is_due_by_its_age(park: SimpleNamespace, user_as: Any) -> None:
    found = report(park.plan, user_as("education"))
    assert told(found) == [
        (2024, True, "videoprojecteur", 2, (2021,), ()),
        (2024, False, "videoprojecteur", 1, (2024,), ()),
        (2026, False, "videoprojecteur", 3, (2026,), ()),
        (2029, False, "videoprojecteur", 7, (2021, 2024, 2029), ()),
        (2031, False, "videoprojecteur", 3, (2026,), ()),
        (2034, False, "videoprojecteur", 7, (2021, 2024, 2029), ()),
    ]
    assert found.rows[0].ttc == 2 * 78_000
    assert queries.undated(found) == [
        ("cable", "Cable", "in_place", "sans durée de vie", 7),
        ("ecran", "Ecran", "in_place", "sans année d'acquisition", 1),
        ("ecran", "Ecran", "in_place", "sans prix", 8),
        ("videoprojecteur", "Videoprojecteur", "in_place", "sans année d'acquisition", 6),
    ]


def test_what_the_programme_buys_is_due_after_its_life(programme: SimpleNamespace, user_as: Any) -> None:
    found = report(programme.plan, user_as("education"), origin="planned")
    assert told(found) == [
        (2028, False, "tablette", 10, (), (2023,)),
        (2030, False, "tablette", 20, (), (2025,)),
        (2033, False, "tablette", 10, (), (2023,)),
    ]
    assert found.rows[0].ttc == 10 * 36_000
    assert queries.undated(found) == [("logiciel", "Logiciel", "planned", "sans durée de vie", 3)]
    item(programme.plan.authority, "tablette", 3, 25_000)
    assert report(programme.plan, user_as("education"), origin="planned").rows[0].unit_price_ht == 25_000


def test_what_a_done_phase_bought_is_read_in_the_park(programme: SimpleNamespace, user_as: Any) -> None:
    ProgrammePhase.objects.create(
        plan=programme.plan, exercise=2023, state="done", started_on=date(2023, 1, 1), done_on=date(2023, 9, 1)
    )
    found = report(programme.plan, user_as("education"), origin="planned")
    assert [row.exercises for row in found.rows] == [(2025,)]
    assert found.done == (2023,)


@pytest.mark.parametrize(
    "choice, quantities",
    [
        ({"item": "tablette"}, [10, 20, 10]),
        ({"item": "inconnu"}, []),
        ({"school": "herriot école", "origin": "in_place"}, [2, 1, 3, 3]),
        ({"school": "herriot", "item": "tablette"}, [10, 20, 10]),
        ({"school": "ailleurs"}, []),
    ],
)
def test_filters(programme: SimpleNamespace, user_as: Any, choice: Any, quantities: list[int]) -> None:
    assert [row.quantity for row in report(programme.plan, user_as("education"), **choice).rows] == quantities


def page_of(client: Any, query: str = "") -> str:
    response = client.get(f"/renouvellements/{query}")
    assert response.status_code == 200
    return html.unescape(response.content.decode()).replace("\u202f", " ")


def test_every_quantity_opens_the_list_behind_it(programme: SimpleNamespace, client_as: Any) -> None:
    client = client_as("education")
    for query in ("", "?school=herriot", "?origin=planned"):
        links = re.findall(r'<a href="(/(?:parc|calculs)[^"]*)">([\d ]+)</a>', page_of(client, query))
        assert len(links) >= 3
        for url, quantity in links:
            export = list(
                csv.reader(io.StringIO(client.get(f"{url}&format=csv").content.decode("utf-8-sig")), delimiter=";")
            )
            counted = (
                sum(int(row[export[0].index("Quantité")]) for row in export[1:])
                if url.startswith("/calculs")
                else len(export) - 1
            )
            assert counted == int(quantity), url


def test_totals_of_the_page_are_those_of_its_lines(programme: SimpleNamespace, client_as: Any, user_as: Any) -> None:
    found = report(programme.plan, user_as("education"))
    assert (
        found.forecast.total.ttc
        == sum(row.ttc for row in found.rows)
        == sum(line.amount.ttc for line in found.forecast.lines)
    )
    export = client_as("education").get("/renouvellements/?format=csv").content.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(export), delimiter=";")
    cents = sum(round(float(row[header.index("TTC")].replace(",", ".")) * 100) for row in rows)
    assert cents == found.forecast.total.ttc
    assert client_as("education").get("/renouvellements/?format=xlsx").content[:2] == b"PK"


def test_page_tells_what_it_counts(programme: SimpleNamespace, client_as: Any) -> None:
    page = page_of(client_as("elected"))
    for said in ("En retard", "1 560,00 €", "Ce qui ne peut pas être daté", "La date d'achat est inconnue.", "<svg"):
        assert said in page, said
    assert "Rien à renouveler" in page_of(client_as("elected"), "?item=inconnu")


def test_a_year_opens_its_detail(programme: SimpleNamespace, client_as: Any) -> None:
    client = client_as("education")
    page = page_of(client)
    for year in ("late", "2026", "2029"):
        assert f'href="?year={year}#detail"' in page, year
    detail = page_of(client, "?year=late")
    assert detail.count('<a href="/parc/?') == detail.count("en retard</span>") + 4
    export = client.get("/renouvellements/?year=2026&format=csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in export[1:]] == ["2026"]


def test_page_without_plan_or_programme(client_as: Any, authority: Any) -> None:
    assert "Aucun plan" in page_of(client_as("education"))
    make.PlanFactory(authority=authority)
    page = page_of(client_as("education"))
    assert "sans programme adopté" in page
    assert "Rien à renouveler d'ici là" in page


@pytest.mark.parametrize(
    "query",
    [
        "plan=x", "year=x", f"year={10**40}", f"plan={10**40}", "plan=%00", "until=x", f"until={10**30}", "origin=x", "item=%00", "school=%00",
        "school=" + "x" * 500, "page=x", "page=99", "format=pdf",
    ],
)  # fmt: skip
def test_nothing_asked_breaks_the_page(programme: SimpleNamespace, client_as: Any, query: str) -> None:
    assert client_as("education").get(f"/renouvellements/?{query}").status_code == 200


@pytest.mark.parametrize("due", ["2021", "2021, 2024", "x", "9" * 40, "%00", "2021x"])
def test_devices_are_found_by_the_year_their_life_ends(park: SimpleNamespace, client_as: Any, due: str) -> None:
    response = client_as("education").get(f"/parc/?due={due}&state=in_service&format=csv")
    assert response.status_code == 200
    expected = {"2021": 2, "2021, 2024": 3, "2021x": 2}.get(due, 0)
    assert len(response.content.decode().splitlines()) - 1 == expected


def test_who_reads_it(programme: SimpleNamespace, client_as: Any, other_authority: Any) -> None:
    url, api = "/renouvellements/", f"/api/v1/renouvellements/?plan={programme.plan.pk}"
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert Client().get(api).status_code == 403
    for role in ("partner", "school"):
        assert (client_as(role).get(url).status_code, client_as(role).get(api).status_code) == (403, 403)
    stranger = client_as("education", other_authority)
    assert stranger.get(api).status_code == 404
    assert "Herriot" not in page_of(stranger, f"?plan={programme.plan.pk}&format=html")
    assert "Aucun plan" in page_of(stranger, f"?plan={programme.plan.pk}")
    for role in ("elected", "academy", "finance", "technician"):
        assert (client_as(role).get(url).status_code, client_as(role).get(api).status_code) == (200, 200)


def test_api_gives_the_same_lines(programme: SimpleNamespace, client_as: Any, user_as: Any) -> None:
    found = report(programme.plan, user_as("education"))
    client, url = client_as("finance"), f"/api/v1/renouvellements/?plan={programme.plan.pk}"
    answer = client.get(url).json()
    assert len(answer["lines"]) == len(found.forecast.lines)
    assert answer["lines"][0] == {
        "year": 2024, "overdue": True, "school": programme.school.uai, "item": "videoprojecteur", "label": "Videoprojecteur",
        "origin": "in_place", "quantity": 2, "unit_price_ht": "650.00", "ht": "1300.00", "vat": "260.00", "ttc": "1560.00",
    }  # fmt: skip
    assert answer["overdue_ttc"] == "1560.00"
    assert sum(row["quantity"] for row in answer["undated"]) == 25
    assert client.get(f"{url}&until=2026&origin=planned").json()["lines"] == []
    for bad in ("?plan=x", "", f"?plan={10**40}", "?plan=1&until=x", "?plan=1&origin=x", "?plan=1&item=%00"):
        assert client.get(f"/api/v1/renouvellements/{bad}").status_code == 400, bad


def test_page_costs_the_same_at_any_size(programme: SimpleNamespace, client_as: Any, authority: Any) -> None:
    client = client_as("education")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(client)
        return len(captured)

    cost()
    before = cost()
    for code in ("imprimante", "borne"):
        bought(item(authority, code, 4, 100), 2020, 3, school=SchoolFactory(commune__authority=authority))
    assert cost() == before


def test_plans_are_offered_in_their_order(client_as: Any, authority: Any) -> None:
    for name in ("Zoé", "Bleu", "Ambre", "Corail"):
        make.PlanFactory(authority=authority, name=name)
    offered = re.findall(
        r"<option value=\"\d+\"[^>]*>\s*(Zoé|Bleu|Ambre|Corail)",
        client_as("finance").get("/renouvellements/").content.decode(),
    )
    assert offered == ["Ambre", "Bleu", "Corail", "Zoé"]
