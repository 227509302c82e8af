"""What a movement of a rentrée may say, by the pages and by the API; and what mergers and renamed classes leave."""

from datetime import date
from typing import Any

import pytest

from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.domain.roll_over import HeldClass, HeldSchool, Movement, roll_over
from schools.enums import RollOverMove, RollOverState
from schools.models import FormerUai, RollOver, RollOverLine, School, SchoolClass
from tests.factories.schools import FormerUaiFactory, SchoolClassFactory, synthetic_uai
from tests.schools.test_roll_over import YEAR, a_class, move, rentree, schools

__all__ = ["rentree", "schools"]

pytestmark = pytest.mark.django_db
LINES = "/api/v1/mouvements-de-rentree/"


@pytest.mark.parametrize(
    "levels", [5, 1.5, True, "CP", {"CP": 1}, None, [1], [["CP"]], [None], ["\x00"], ["CM3"], "x" * 500]
)
def test_the_api_refuses_levels_that_are_none(
    client_as: Any, rentree: RollOver, schools: list[School], levels: Any
) -> None:
    sent = {"roll_over": rentree.pk, "school": schools[0].pk, "move": "open_class", "name": "x", "levels": levels}
    told = client_as("education").post(LINES, sent, content_type="application/json")
    assert told.status_code == 400, told.content
    assert list(told.json()) == ["levels"]
    assert not RollOverLine.objects.exists()


def test_the_api_takes_levels_and_gives_them_back(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    sent = {
        "roll_over": rentree.pk,
        "school": schools[0].pk,
        "move": "open_class",
        "name": "x",
        "levels": ["CP", "CE1"],
    }
    made = client_as("education").post(LINES, sent, content_type="application/json")
    assert (made.status_code, made.json()["levels"]) == (201, ["CP", "CE1"])


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("open_class", {"name": "x", "school_class": True}),
        ("open_class", {"name": "x", "into": True}),
        ("close_school", {"school_class": True}),
        ("close_school", {"new_uai": synthetic_uai(4321)}),
        ("merge", {"into": True, "name": "x"}),
        ("close_class", {"school_class": True, "levels": ["CP"]}),
        ("new_uai", {"new_uai": synthetic_uai(4321), "kind": "ulis"}),
    ],
)
def test_a_movement_says_only_what_is_its_own(
    client_as: Any, rentree: RollOver, schools: list[School], kind: str, extra: dict[str, Any]
) -> None:
    keys = {"school_class": schools[0].classes.first().pk, "into": schools[1].pk}  # type: ignore[union-attr]
    values = {name: keys[name] if value is True else value for name, value in extra.items()}
    sent = {"roll_over": rentree.pk, "school": schools[0].pk, "move": kind, **values}
    told = client_as("education").post(LINES, sent, content_type="application/json")
    assert told.status_code == 400
    assert "ne dit pas" in str(told.json())
    assert not RollOverLine.objects.exists()


def test_an_opening_leaves_the_classes_that_are_there() -> None:
    """Even told with the key of one."""
    held = HeldClass(1, 1, "CP", "ordinaire", (("CP", 20),))
    opened = Movement(1, "open_class", 1, school_class=1, name="CE1", levels=("CE1",))
    found = roll_over([HeldSchool(1, "0860001A", "École")], [held], [opened])
    assert [(each.name, each.came_from) for each in found.classes] == [("CE1", None), ("CP", 1)]


def test_a_movement_stays_in_its_rentree(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    line = move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="CM2")
    services.apply_roll_over(roll_over=rentree, by=None)
    coming = services.prepare_roll_over(authority=rentree.authority, to_year=YEAR + 2, by=None)
    client = client_as("education")
    told = client.patch(f"{LINES}{line.pk}/", {"roll_over": coming.pk}, content_type="application/json")
    assert told.status_code == 400
    line.refresh_from_db()
    assert line.roll_over_id == rentree.pk
    with pytest.raises(DomainError):
        services.save_line(instance=RollOverLine(pk=line.pk, roll_over=coming, move="open_class", school=schools[0]), by=None)  # fmt: skip


def test_a_uai_noted_before_the_merger_is_kept(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    """The education service wrote the former UAI by hand before the rentrée."""
    noted = FormerUaiFactory(school=schools[0], uai=schools[1].uai, until=date(2026, 8, 31), cause="Fusion")
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    answer = client_as("education").post(f"/rentrees/{rentree.pk}/faire/")
    assert answer.status_code == 302
    rentree.refresh_from_db()
    assert rentree.state == RollOverState.APPLIED
    assert list(FormerUai.objects.values_list("pk", "until")) == [(noted.pk, date(2026, 8, 31))]
    services.undo_roll_over(roll_over=rentree, by=None)
    assert FormerUai.objects.exists()


def test_a_school_does_not_take_back_its_own_former_uai_unknowingly(rentree: RollOver, schools: list[School]) -> None:
    former = FormerUaiFactory(school=schools[0], uai=synthetic_uai(4321))
    with pytest.raises(DomainError, match=f"{former.uai} est ou a été celui d'une école de la collectivité"):
        move(rentree, RollOverMove.NEW_UAI, schools[0], new_uai=former.uai)


def test_a_school_merges_and_the_host_takes_a_new_uai(rentree: RollOver, schools: list[School]) -> None:
    """The usual merger: a maternelle joins an élémentaire, which becomes a primaire under a new number."""
    former, uai = schools[0].uai, synthetic_uai(4321)
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    move(rentree, RollOverMove.NEW_UAI, schools[0], new_uai=uai)
    services.apply_roll_over(roll_over=rentree, by=None)
    assert set(FormerUai.objects.values_list("school", "uai")) == {
        (schools[0].pk, schools[1].uai),
        (schools[0].pk, former),
    }


def test_a_class_renamed_is_not_said_to_be_closed(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    move(rentree, RollOverMove.CHANGE_CLASS, schools[2], school_class=schools[2].classes.get(), name="CM1-CM2")
    services.apply_roll_over(roll_over=rentree, by=None)
    page = client_as("education").get(f"/rentrees/{rentree.pk}/").content.decode()
    row = page.partition('<th scope="row">CM1</th>')[2].partition("</tr>")[0]
    assert "CM1-CM2" in row
    assert "Fermée" not in page


def test_a_class_closed_in_a_school_that_merges_is_said_to_be(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    a_class(schools[1], "CE1", CE1=18)
    move(rentree, RollOverMove.CLOSE_CLASS, schools[1], school_class=schools[1].classes.get(name="CP"))
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    services.apply_roll_over(roll_over=rentree, by=None)
    page = client_as("education").get(f"/rentrees/{rentree.pk}/").content.decode()
    rows = {name: page.partition(f'id="ecole-{schools[1].pk}"')[2].partition(f">{name}</th>")[2].partition("</tr>")[0] for name in ("CP", "CE1")}  # fmt: skip
    assert "Fermée" in rows["CP"]
    assert "Passée à « Montmidi »" in rows["CE1"]


def test_classes_brought_meanwhile_are_told_and_not_doubled(
    client_as: Any, rentree: RollOver, schools: list[School], monkeypatch: Any
) -> None:
    """A file came between the reading and the writing: nothing half-written, and no page of the server's own."""
    drawn = queries.draw(rentree)
    SchoolClassFactory(school=schools[0], school_year=YEAR + 1, name="CP")
    monkeypatch.setattr(queries, "draw", lambda row: drawn)
    client = client_as("education")
    assert client.post(f"/rentrees/{rentree.pk}/faire/").status_code == 302
    assert SchoolClass.objects.filter(school_year=YEAR + 1).count() == 1


@pytest.mark.parametrize("year", [1900, 0, -1, 2200, 2201, 10**12, 10**30, "abc", None, [2026], {"a": 1}, True, 2026.5])
def test_the_api_refuses_a_year_that_is_none(client_as: Any, authority: Any, schools: list[School], year: Any) -> None:
    sent = {"authority": authority.pk, "to_year": year}
    told = client_as("education").post("/api/v1/rentrees/", sent, content_type="application/json")
    assert told.status_code == 400, told.content


@pytest.mark.parametrize("query", ["to_year=999999999999999999999", "to_year=abc", "state=x", "authority=x", "q=%00"])
@pytest.mark.parametrize("path", ["/api/v1/rentrees/", "/rentrees/", "/annees-figees/", LINES])
def test_odd_filters_are_no_error(client_as: Any, rentree: RollOver, path: str, query: str) -> None:
    assert client_as("education").get(f"{path}?{query}").status_code in (200, 400)


def test_the_history_of_a_rentree_tells_its_movements(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    line = move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="CM2 synthétique")
    services.delete_line(instance=line, by=None)
    page = client_as("education").get(f"/rentrees/{rentree.pk}/historique/").content.decode()
    assert "CM2 synthétique" in page
    assert "Mouvement de rentrée retiré" in page


def test_a_rentree_prepared_twice_at_once_is_told(client_as: Any, schools: list[School], monkeypatch: Any) -> None:
    """The twin comes between the check and the writing."""
    authority, checked, twins = schools[0].authority, RollOver.full_clean, []

    def and_meanwhile(self: RollOver, *args: Any, **kwargs: Any) -> None:
        checked(self, *args, **kwargs)
        if not twins:
            twins.append(RollOver.objects.create(authority=authority, from_year=YEAR, to_year=YEAR + 1))

    client = client_as("education")
    monkeypatch.setattr(RollOver, "full_clean", and_meanwhile)
    sent = {"authority": authority.pk, "to_year": YEAR + 1}
    told = client.post("/api/v1/rentrees/", sent, content_type="application/json")
    assert told.status_code == 400
    assert "Cette rentrée est déjà préparée." in str(told.json())
    assert RollOver.objects.count() == 0, "the twin of the test was in the same transaction"
