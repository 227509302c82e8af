"""The schools as a list, on a map and by step: the same result, seen by the same people."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from schools import queries, services
from schools.domain.places import middles
from schools.enums import Step
from schools.models import School, SchoolStep
from tests.factories.accounts import DistrictFactory, MembershipFactory, UserFactory
from tests.factories.schools import CommuneFactory, SchoolAssignmentFactory, SchoolFactory

LIST, MAP, POINTS, BOARD = "/ecoles/", "/ecoles/carte/", "/ecoles/carte/points/", "/ecoles/etapes/"
PAGES = (LIST, MAP, BOARD)
DAY = date(2018, 1, 8)


def placed(authority: Any, *steps: str, **fields: Any) -> School:
    fields = {"commune__authority": authority, "latitude": Decimal("46.58"), "longitude": Decimal("0.34"), **fields}
    school: School = SchoolFactory(**fields)
    for step in steps:
        SchoolStep.objects.create(school=school, step=step, reached_on=DAY)
    return school


def names(client: Client, url: str) -> list[str]:
    return [row[1] for row in client.get(url).json()["schools"]]


# Who sees what


@pytest.mark.parametrize("url", [*PAGES, POINTS])
def test_each_view_opens_to_its_own_people_only(client_as: Any, authority: Any, other_authority: Any, url: str) -> None:
    placed(authority, name="École d'ici")
    placed(other_authority, name="École d'ailleurs")
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    for role in ("administrator", "education", "technician", "finance", "assembly", "elected", "academy"):
        page = client_as(role).get(url)
        assert page.status_code == 200, role
        text = json.dumps(page.json(), ensure_ascii=False) if url == POINTS else page.content.decode()
        assert ("ici" in text, "ailleurs" in text) == (True, False), role
    assert client_as("education").post(url).status_code in (403, 405)


@pytest.mark.parametrize("url", [*PAGES, POINTS])
def test_a_school_and_an_inspector_see_theirs(client_as: Any, authority: Any, url: str) -> None:
    district = DistrictFactory(department=authority.department)
    placed(authority, name="De la circonscription", district=district)
    own = placed(authority, name="De la direction")
    placed(authority, name="Ni de l'une ni de l'autre")
    director = MembershipFactory(role="school", authority=authority).user
    SchoolAssignmentFactory(school=own, user=director)
    school = Client()
    school.force_login(director, backend="django.contrib.auth.backends.ModelBackend")
    for client, seen in ((client_as("academy", district), "circonscription"), (school, "direction")):
        text = client.get(url).content.decode("unicode_escape" if url == POINTS else "utf-8")
        found = [
            word
            for word in ("circonscription", "direction", "l'une")
            if f"De la {word}" in text or f"de {word}" in text
        ]
        assert found == [seen]


@pytest.mark.parametrize("url", [*PAGES, POINTS])
def test_two_roles_in_two_towns_give_each_its_own(authority: Any, other_authority: Any, url: str) -> None:
    """School staff in one town and finance officer in another: one's schools there, all of them here."""
    user = UserFactory()
    MembershipFactory(user=user, role="school", authority=authority)
    MembershipFactory(user=user, role="finance", authority=other_authority)
    own = placed(authority, name="Mienne")
    placed(authority, name="Voisine")
    placed(other_authority, name="Lointaine")
    SchoolAssignmentFactory(school=own, user=user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(url).content.decode()
    assert [name in text for name in ("Mienne", "Voisine", "Lointaine")] == [True, False, True]


@pytest.mark.parametrize(("role", "offered"), [("education", True), ("elected", False)])
def test_the_import_of_coordinates_is_offered_to_those_who_may(
    client_as: Any, authority: Any, role: str, offered: bool
) -> None:
    placed(authority)
    SchoolFactory.create_batch(2, commune__authority=authority)
    page = client_as(role).get(MAP).content.decode()
    assert "2 écoles sans coordonnées" in page
    assert (f"{reverse('importing:import_create')}?kind=schools.geolocation" in page) is offered


# One result


def test_the_address_is_kept_from_view_to_view(client_as: Any, authority: Any) -> None:
    placed(authority, "candidate", name="École cherchée")
    client = client_as("education")
    query = "q=cherch%C3%A9e&step=candidate&sort=-name&columns=name"
    for url in PAGES:
        page = client.get(f"{url}?{query}&page=1").content.decode()
        for other in PAGES:
            assert f'href="{other}?{query.replace("&", "&amp;")}"' in page, (url, other)
        assert page.count('aria-current="page"') >= 1
    assert f'data-points="{POINTS}?{query.replace("&", "&amp;")}"' in client.get(f"{MAP}?{query}").content.decode()


def test_filters_select_the_same_schools_in_each_view(client_as: Any, authority: Any) -> None:
    placed(authority, "candidate", "retained", name="Alpha", sector="prive")
    placed(authority, "candidate", name="Beta")
    placed(authority, name="Gamma")
    client = client_as("education")
    for query, found in (
        ("", ["Alpha", "Beta", "Gamma"]),
        ("?step=candidate", ["Beta"]),
        ("?step=retained&step=none", ["Alpha", "Gamma"]),
        ("?sector=prive", ["Alpha"]),
        ("?q=amm", ["Gamma"]),
    ):
        assert names(client, POINTS + query) == found
        for url in PAGES:
            page = client.get(url + query).content.decode()
            assert [name for name in ("Alpha", "Beta", "Gamma") if f">{name}</a>" in page] == found, url + query
    assert client.get(f"/api/v1/ecoles/{'?step=candidate'}").json()["count"] == 1


@pytest.mark.parametrize("url", PAGES)
def test_a_bad_filter_is_told_and_shows_nothing(client_as: Any, authority: Any, url: str) -> None:
    placed(authority, name="Alpha")
    client = client_as("education")
    page = client.get(f"{url}?step=arrived").content.decode()
    assert "Étape" in page
    assert "arrived" in page
    assert ">Alpha</a>" not in page
    answer = client.get(f"{POINTS}?step=arrived")
    assert answer.status_code == 422
    assert "arrived" in answer.json()["errors"]["step"][0]


@pytest.mark.parametrize("url", PAGES)
def test_no_school_says_what_to_do_next(client_as: Any, authority: Any, url: str) -> None:
    client = client_as("education")
    assert "Ajouter une première école" in client.get(url).content.decode()
    assert "Aucun résultat" in client.get(f"{url}?q=rien").content.decode()
    assert client.get(POINTS).json()["schools"] == []


@pytest.mark.parametrize(("url", "expected"), [(MAP, None), (BOARD, None), (POINTS, None), (f"{MAP}?step=none", None)])
def test_each_view_asks_as_many_queries_for_three_schools_as_for_one(
    client_as: Any, authority: Any, url: str, expected: None
) -> None:
    client = client_as("education")

    def fill() -> None:
        placed(authority)
        placed(authority, "candidate")
        SchoolFactory(commune__authority=authority)

    fill()
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    fill()
    fill()
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(three) == len(one)


def test_the_points_are_read_in_one_query(authority: Any) -> None:
    placed(authority, "candidate", "equipped", name="Alpha", kind="")
    with CaptureQueriesContext(connection) as asked:
        points = queries.map_points(School.objects.all())
    assert len(asked) == 1
    (row,) = points["schools"]
    assert (row[1:4], points["steps"][row[4]][0], row[6]) == (["Alpha", 46.58, 0.34], "equipped", -1)
    assert points["communes"][row[5]][1:] == [46.58, 0.34, 1]


# Steps


def test_the_furthest_step_is_that_of_the_plan_not_of_the_calendar(client_as: Any, authority: Any) -> None:
    placed(authority, "equipped", "candidate", "diagnosed", name="Alpha")
    placed(authority, name="Beta")
    rows = {row.name: row.step for row in queries.with_step(School.objects.all())}
    assert rows == {"Alpha": "equipped", "Beta": None}
    csv = client_as("education").get(f"{LIST}?format=csv&columns=name,step&sort=-step").content.decode("utf-8-sig")
    assert csv.splitlines() == ["Nom;Étape", "Alpha;Équipée", "Beta;Pas encore dans le plan"]


def test_the_list_sorts_by_the_order_of_the_plan(client_as: Any, authority: Any) -> None:
    for step in ("evaluated", "candidate", "planned"):
        placed(authority, step, name=f"École {step}")
    csv = client_as("education").get(f"{LIST}?format=csv&columns=name,step&sort=step").content.decode("utf-8-sig")
    assert [line.split(";")[0] for line in csv.splitlines()[1:]] == [
        "École candidate",
        "École planned",
        "École evaluated",
    ]


@pytest.mark.parametrize("step", [code for code, _ in queries.STEPS])
def test_each_step_filters_the_schools_that_stand_there(authority: Any, step: str) -> None:
    codes = [each.value for each in Step]
    for last in range(len(codes) + 1):
        placed(authority, *codes[:last], name=codes[last - 1] if last else "none")
    assert list(queries.at_steps(School.objects.all(), [step]).values_list("name", flat=True)) == [step]
    assert queries.step_counts(School.objects.all())[step] == 1


def test_a_long_column_leads_to_the_list(client_as: Any, authority: Any) -> None:
    commune = CommuneFactory(authority=authority)
    for _ in range(32):
        placed(authority, "candidate", commune=commune)
    page = client_as("education").get(f"{BOARD}?sector=public").content.decode()
    assert page.count("École synthétique") == 30
    assert f'<a href="{LIST}?sector=public&amp;step=candidate">Voir les 32</a>' in page


def test_the_legend_counts_every_step_whatever_the_one_chosen(client_as: Any, authority: Any) -> None:
    placed(authority, "candidate")
    placed(authority, "equipped")
    placed(authority, "equipped", sector="prive")
    page = client_as("education").get(f"{MAP}?step=candidate&sector=public")
    assert {row["step"]: row["count"] for row in page.context["legend"] if row["count"]} == {
        "candidate": 1,
        "equipped": 1,
    }
    urls = {row["step"]: row["url"] for row in page.context["legend"]}
    assert urls["equipped"] == f"{MAP}?sector=public&step=equipped"
    assert urls["candidate"] == f"{MAP}?sector=public"


def test_many_schools_reach_a_step_in_few_queries(authority: Any, user_as: Any) -> None:
    by = user_as("education")
    commune = CommuneFactory(authority=authority)
    schools = SchoolFactory.create_batch(12, commune=commune)
    late = SchoolStep.objects.create(school=schools[0], step=Step.PLANNED, reached_on=date(2019, 1, 1))
    early = SchoolStep.objects.create(school=schools[1], step=Step.PLANNED, reached_on=date(2017, 1, 1))
    rows = list(School.objects.select_related("authority"))
    with CaptureQueriesContext(connection) as asked:
        services.reach_many(
            schools=rows, step=Step.PLANNED, on=DAY, cause="Programme", url="/plans/1/programme/", by=by
        )
    assert len(asked) < 18, "the savepoints and events of 12 rows, one of them moved"
    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.reached_on, late.url, early.reached_on) == (DAY, "/plans/1/programme/", date(2017, 1, 1))
    assert SchoolStep.objects.filter(step=Step.PLANNED).count() == 12
    assert SchoolStep.history.count() == 13  # type: ignore[attr-defined]
    services.reach_many(schools=[], step=Step.PLANNED, on=DAY, by=by)


# Without tiles and with


def test_a_map_asks_no_other_host_until_tiles_are_set(client_as: Any, authority: Any) -> None:
    placed(authority)
    page = client_as("education").get(MAP)
    assert 'data-tiles=""' in page.content.decode()
    assert "img-src 'self' data:;" in page.headers["Content-Security-Policy"] + ";"
    with override_settings(MAP_TILES_URL="https://tuiles.example/{z}/{x}/{y}.png", MAP_TILES_ATTRIBUTION="© <Exemple>"):
        page = client_as("education").get(MAP)
    assert (
        'data-tiles="https://tuiles.example/{z}/{x}/{y}.png" data-attribution="© &lt;Exemple&gt;"'
        in page.content.decode()
    )


@pytest.mark.parametrize("url", [LIST, BOARD, "/"])
def test_the_library_of_maps_is_loaded_by_the_map_alone(client_as: Any, authority: Any, url: str) -> None:
    placed(authority)
    assert "leaflet" not in client_as("education").get(url).content.decode()
    assert "leaflet" in client_as("education").get(MAP).content.decode()


# The core


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(-90, 90), st.floats(-180, 180))))
def test_a_middle_stands_among_its_points(points: list[tuple[int, float, float]]) -> None:
    found = middles(points)
    assert set(found) == {key for key, _, _ in points}
    assert sum(count for _, _, count in found.values()) == len(points)
    for key, (north, east, _) in found.items():
        mine = [(latitude, longitude) for other, latitude, longitude in points if other == key]
        for value, axis in ((north, 0), (east, 1)):
            values = [point[axis] for point in mine]
            assert min(values) - 1e-6 <= value <= max(values) + 1e-6
    assert middles(reversed(points)).keys() == found.keys()
