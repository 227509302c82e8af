"""The inventory and the catalogue by file. Every file here is made up."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from equipment import services as park
from equipment.imports import DeviceImporter, ItemTypeImporter
from equipment.models import Device, ItemType, Movement, Price, Reservation
from plan_numerique.imports import services
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from tests.factories.accounts import MembershipFactory
from tests.factories.equipment import DeviceFactory, ItemTypeFactory
from tests.factories.expenses import ExpenseFactory
from tests.factories.governance import PlanFactory
from tests.factories.imports import counts, sender, told
from tests.factories.proposals import ReservationFactory
from tests.factories.schools import RoomFactory, SchoolFactory

HEADER = "N° d'inventaire;N° de série;Article;État;École;Salle;Emplacement;Date d'acquisition;Prix d'achat HT;Fournisseur;Garantie jusqu'au;Note"
PLACES = HEADER.split(";")


def row(number: str, **values: str) -> str:
    """A line by the first letters of its columns: `École="…"`."""
    cells = dict.fromkeys(PLACES, "") | {"N° d'inventaire": number}
    for name, value in values.items():
        cells[next(place for place in PLACES if place.replace(" ", "_").startswith(name))] = value
    return ";".join(cells.values())


@pytest.fixture
def item(authority: Any) -> ItemType:
    return ItemTypeFactory(authority=authority, code="tablette", label="Tablette d'essai", category="tablet")


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune__authority=authority, name="École Synthétique A")


@pytest.fixture
def run(authority: Any, user_as: Any, item: ItemType) -> Any:
    return sender(DeviceImporter(), authority, user_as("technician"))


def undo(session: ImportSession) -> None:
    services.undo_session(session=session, importer=DeviceImporter(), by=session.by)


def trail(number: str) -> list[tuple[str, str, str, str]]:
    rows = Movement.objects.filter(device__inventory_number=number).order_by("pk")
    return list(rows.values_list("from_state", "to_state", "from_place", "to_place"))


def chained(number: str) -> bool:
    """Each movement starts where the one before ended, and the last ends where the device is."""
    moves = list(Movement.objects.filter(device__inventory_number=number).order_by("pk"))
    device = Device.objects.get(inventory_number=number)
    ends = [(move.to_state, move.to_school_id, move.to_place) for move in moves]
    starts = [(move.from_state, move.from_school_id, move.from_place) for move in moves[1:]]
    return ends[:-1] == starts and ends[-1] == (device.state, device.school_id, park.place_of(device))


def test_an_inventory_is_read_whole_and_again_changes_nothing(run: Any, item: ItemType, school: Any) -> None:
    room = RoomFactory(site__school=school, name="Salle 3")
    lines = [
        HEADER,
        row(
            "A1", N="A1", Article="TABLETTE", État="Installé", École=school.uai, Salle="salle 3", Emplacement="Chariot", Date="01/09/2025",
            Prix="412,50", Fournisseur="Fournisseur exemple", Garantie="31/08/2029", Note="Coque bleue",
        ),
        row("A2", Article="tablette d'essai", École="école synthétique a"),
        row("A3", Article="tablette", État="requalifié"),
        row("A4", Article="tablette"),
    ]  # fmt: skip
    checked = run(lines)
    assert (counts(checked), Device.objects.count()) == ((4, 0, 0, 0), 0)
    done = run(lines, apply=True)
    assert counts(done) == (4, 0, 0, 0)
    first = Device.objects.get(inventory_number="A1")
    assert (first.item_type, first.state, first.school, first.room, first.place) == (
        item, "in_service", school, room, "Chariot",
    )  # fmt: skip
    assert (first.purchase_ht, str(first.acquired_on), str(first.warranty_until)) == (
        41_250,
        "2025-09-01",
        "2029-08-31",
    )
    states = dict(Device.objects.values_list("inventory_number", "state"))
    assert states == {"A1": "in_service", "A2": "in_service", "A3": "requalified", "A4": "stock"}
    assert trail("A1") == [("", "in_service", "", "Salle 3, Chariot")]
    assert Movement.objects.count() == 4
    assert {move.by for move in Movement.objects.all()} == {done.by}
    assert counts(run(lines, apply=True)) == (0, 0, 4, 0)
    assert Movement.objects.count() == 4


def test_moves_leave_the_same_trace_as_by_hand_and_an_undo_its_opposite(run: Any, item: ItemType, school: Any) -> None:
    for number, state in (("A1", "stock"), ("A2", "in_service"), ("A3", "stock")):
        device = Device(authority=item.authority, item_type=item, inventory_number=number, state=state, place="Réserve")
        park.save_device(instance=device, by=None)
    done = run(
        [
            HEADER,
            row("A1", École=school.name, État="En service"),
            row("A2", Note="Rien que la note"),
            row("A3", Emplacement="Atelier"),
        ],
        apply=True,
    )
    assert counts(done) == (0, 3, 0, 0)
    assert done.remarks == ["2 appareils changent d'état ou de place : chacun garde la trace du mouvement."]
    assert trail("A1")[1:] == [("stock", "in_service", "Réserve", "")]
    assert trail("A3")[1:] == [("stock", "stock", "Réserve", "Atelier")]
    assert len(trail("A2")) == 1
    undo(done)
    assert trail("A1")[2:] == [("in_service", "stock", "", "Réserve")]
    assert Movement.objects.filter(device__inventory_number="A1").last().reason == "Import d'un fichier"
    assert all(chained(number) for number in ("A1", "A2", "A3"))
    assert Device.objects.get(inventory_number="A1").school is None
    assert Device.objects.get(inventory_number="A2").note == ""


def test_an_undo_takes_new_devices_back_with_their_entry_alone(run: Any, school: Any) -> None:
    first = run([HEADER, row("A1", Article="tablette"), row("A2", Article="tablette")], apply=True)
    second = run([HEADER, row("A1", École=school.uai)], apply=True)
    with pytest.raises(DomainError, match="Un import plus récent"):
        undo(first)
    undo(second)
    assert chained("A1")
    undo(first)
    assert (Device.objects.count(), Movement.objects.count()) == (0, 0)
    assert list(Device.history.order_by("history_id").values_list("history_type", flat=True)).count("-") == 2


def test_an_undo_says_what_was_done_on_new_devices_since(run: Any, authority: Any) -> None:
    done = run([HEADER, row("A1", Article="tablette"), row("A2", Article="tablette")], apply=True)
    device = Device.objects.get(inventory_number="A1")
    park.move_device(device=device, place="Atelier", reason="Contrôle", by=None)
    with pytest.raises(DomainError, match=r"ont changé depuis \(appareils\) : A1"):
        undo(done)
    park.move_device(device=device, place="", reason="Retour", by=None)
    with pytest.raises(DomainError, match="ont été déplacés depuis : A1"):
        undo(done)
    assert Movement.objects.count() == 4
    other = run([HEADER, row("A3", Article="tablette")], apply=True)
    ExpenseFactory(plan=PlanFactory(authority=authority), device=Device.objects.get(inventory_number="A3"), piece="F9")
    with pytest.raises(DomainError, match="reposent sur ce qui a été créé : F9"):
        undo(other)


def test_a_move_back_then_an_undo_keeps_the_trail_whole(run: Any, item: ItemType) -> None:
    device = Device(authority=item.authority, item_type=item, inventory_number="A1", state="stock", place="Réserve")
    park.save_device(instance=device, by=None)
    done = run([HEADER, row("A1", Emplacement="Atelier")], apply=True)
    park.move_device(device=device, place="Ailleurs", reason="Aller", by=None)
    park.move_device(device=device, place="Atelier", reason="Retour", by=None)
    undo(done)
    assert chained("A1")
    assert [place for *_, place in trail("A1")] == ["Réserve", "Atelier", "Ailleurs", "Atelier", "Réserve"]


@pytest.mark.parametrize(
    "values, column, words",
    [
        ({"Article": "inconnu"}, "Article", "tablette"),
        ({}, "Article", "tablette"),
        ({"Article": "tablette", "État": "cassé"}, "État", "En stock ; En service ; En panne"),
        ({"Article": "tablette", "État": "En panne"}, "État", "En stock ; En service ; Requalifié"),
        ({"Article": "tablette", "École": "0000000X"}, "École", "Hors des écoles"),
        ({"Article": "tablette", "Salle": "Salle 3"}, "Salle", "salle"),
        ({"Article": "tablette", "Date": "31/02/2025"}, "Date d'acquisition", "une date"),
        ({"Article": "tablette", "Prix": "-3"}, "Prix d'achat HT", "montant"),
        ({"Article": "tablette", "Date": "01/09/2025", "Garantie": "01/09/2024"}, "Garantie jusqu'au", "acquisition"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_is_accepted(run: Any, values: Any, column: str, words: str) -> None:
    session = run([HEADER, row("A1", **values)])
    assert told(session) == [(2, column)]
    assert words in session.problems[0]["accepted"]


def test_the_life_cycle_is_held(run: Any, item: ItemType) -> None:
    for number, state in (("A1", "disposed"), ("A2", "loaned"), ("A3", "disposed")):
        DeviceFactory(item_type=item, inventory_number=number, state=state)
    session = run([HEADER, row("A1", État="En stock"), row("A2", État="Réformé"), row("A3", Note="Vendu")], apply=True)
    assert told(session) == [(2, "État"), (3, "État")]
    assert "a quitté le parc" in session.problems[0]["message"]
    assert session.problems[1]["accepted"] == "En stock ; En service ; En panne ; Perdu"
    assert Device.objects.get(inventory_number="A3").note == "Vendu"


def test_a_serial_that_another_device_holds_is_told_with_its_place(run: Any, item: ItemType, school: Any) -> None:
    DeviceFactory(item_type=item, inventory_number="A1", serial="SN1", school=school, place="Chariot 2")
    lines = [
        HEADER,
        row("A2", Article="tablette").replace("A2;;", "A2;SN1;"),
        row("A3", Article="tablette").replace("A3;;", "A3;SN3;"),
        row("A4", Article="tablette").replace("A4;;", "A4;SN3;"),
        row("A1").replace("A1;;", "A1;SN1;"),
    ]
    session = run(lines)
    assert told(session) == [(2, "N° de série"), (4, "N° de série")]
    assert "« A1 » (École Synthétique A, Chariot 2)" in session.problems[0]["message"]
    assert "la ligne 3 porte déjà" in session.problems[1]["message"]


def test_rooms_are_of_the_school(run: Any, school: Any, authority: Any) -> None:
    for site in ("Nord", "Sud"):
        RoomFactory(site__school=school, site__name=site, name="Salle 1")
    RoomFactory(site__school=SchoolFactory(commune__authority=authority), name="Ailleurs")
    session = run(
        [
            HEADER,
            row("A1", Article="tablette", École=school.uai, Salle="Salle 1"),
            row("A2", Article="tablette", École=school.uai, Salle="Ailleurs"),
            row("A3", Article="tablette", École=school.uai, Salle="Sud / Salle 1"),
        ],
        apply=True,
    )
    assert told(session) == [(2, "Salle"), (3, "Salle")]
    assert {problem["accepted"] for problem in session.problems} == {"Nord / Salle 1 ; Sud / Salle 1"}
    assert Device.objects.get().room.site.name == "Sud"


def test_a_reserved_device_goes_to_its_school_only(run: Any, item: ItemType, school: Any) -> None:
    devices = [DeviceFactory(item_type=item, inventory_number=number, state="stock") for number in ("A1", "A2", "A3")]
    held = [ReservationFactory(device=device, item_type=item) for device in devices]
    own = held[0].proposal.diagnostic.school
    type(own).objects.filter(pk=own.pk).update(authority=item.authority)
    session = run(
        [
            HEADER,
            row("A1", État="En service", École=own.uai),
            row("A2", École=school.uai, État="En service"),
            row("A3", État="Réformé"),
        ],
        apply=True,
    )
    assert told(session) == [(3, "École"), (4, "État")]
    assert "est réservé pour" in session.problems[0]["message"]
    assert Reservation.objects.get(pk=held[0].pk).release_reason == "Installé à l'école"
    assert Reservation.objects.filter(released_at=None).count() == 2
    undo(session)
    assert Reservation.objects.filter(released_at=None).count() == 3
    assert Device.objects.get(inventory_number="A1").school is None


def test_schools_and_articles_of_another_authority_are_unknown(run: Any, other_authority: Any) -> None:
    ItemTypeFactory(authority=other_authority, code="ailleurs")
    theirs = SchoolFactory(commune__authority=other_authority)
    DeviceFactory(item_type__authority=other_authority, inventory_number="A1", serial="SN1")
    session = run(
        [
            HEADER,
            row("A1", Article="ailleurs"),
            row("A2", Article="tablette", École=theirs.uai),
            row("A3", Article="tablette").replace("A3;;", "A3;SN1;"),
        ],
        apply=True,
    )
    assert told(session) == [(2, "Article"), (3, "École")]
    assert "ailleurs" not in session.problems[0]["accepted"]
    assert counts(session) == (1, 0, 0, 2)


def test_any_number_of_devices_costs_as_many_queries(run: Any, school: Any) -> None:
    RoomFactory(site__school=school, name="Salle 1")

    def costs(size: int) -> list[int]:
        lines = [HEADER]
        for n in range(size):
            line = row(f"{size}-{n}", Article="tablette", École=school.uai, Salle="Salle 1")
            lines.append(line.replace(";;", f";SN{size}-{n};", 1))
        session, found = run(lines), []
        for step in (services.check_session, services.apply_session, services.undo_session):
            with CaptureQueriesContext(connection) as context:
                step(session=session, importer=DeviceImporter(), by=session.by)
            found.append(len(context))
        assert session.created == size
        return found

    few = costs(3)
    assert few == costs(30)
    assert all(many - less <= 25 for less, many in zip(few, costs(300), strict=True))  # parameters of one statement


@pytest.mark.parametrize("name, kind", [("device_list", "equipment.devices"), ("itemtype_list", "equipment.itemtypes")])
def test_the_lists_lead_to_their_import_and_show_its_rows(
    client_as: Any, run: Any, user_as: Any, authority: Any, other_authority: Any, name: str, kind: str
) -> None:
    create, address = f"{reverse('importing:import_create')}?kind={kind}", reverse(f"equipment:{name}")
    assert create in client_as("education").get(address).content.decode()
    assert create not in client_as("elected").get(address).content.decode()
    assert Client().get(create).status_code == 302
    assert client_as("elected").get(create).status_code == 404
    assert client_as("finance").get(create).status_code == 404
    session = run([HEADER, row("A1", Article="tablette")], apply=True)
    detail = reverse("importing:import_detail", args=[session.pk])
    assert client_as("education").get(detail).status_code == 200
    assert client_as("education", other_authority).get(detail).status_code == 404
    two = user_as("elected")
    MembershipFactory(role="technician", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(detail).status_code == 404
    DeviceFactory(item_type__authority=authority, inventory_number="Z9")
    shown = client_as("education").get(f"{reverse('equipment:device_list')}?imported={session.pk}").content.decode()
    assert "A1" in shown
    assert "Z9" not in shown


CATALOGUE = "Code;Intitulé;Catégorie;Rubrique;TVA;Prix unitaire HT;Durée de vie;FCTVA"


def test_articles_and_their_price_from_a_day(authority: Any, user_as: Any) -> None:
    run = sender(ItemTypeImporter(), authority, user_as("education"))
    lines = [
        CATALOGUE,
        "tab-1;Tablette d'essai;Tablette;matériel;20 %;312,00;5;oui",
        "vpi;Vidéo d'essai;VPI;matériel;5,5;900;;",
    ]
    done = run(lines, apply=True)
    assert counts(done) == (2, 0, 0, 0)
    item = ItemType.objects.get(code="tab-1")
    assert (item.category, item.vat_rate, item.life_years, item.fctva) == ("tablet", 200_000, 5, True)
    assert (ItemType.objects.get(code="vpi").vat_rate, Price.objects.get(item_type=item).unit_price_ht) == (
        55_000,
        31_200,
    )
    assert counts(run(lines, apply=True)) == (0, 0, 2, 0)
    before = Price.objects.get(item_type=item).valid_from
    Price.objects.filter(item_type=item).update(valid_from=before.replace(year=before.year - 1))
    higher = run([CATALOGUE, "tab-1;;;;;330;;"], apply=True)
    assert counts(higher) == (0, 1, 0, 0)
    assert list(Price.objects.filter(item_type=item).order_by("valid_from").values_list("unit_price_ht", flat=True)) == [
        31_200, 33_000,
    ]  # fmt: skip
    services.undo_session(session=higher, importer=ItemTypeImporter(), by=None)
    assert Price.objects.get(item_type=item).unit_price_ht == 31_200


def test_an_article_that_does_not_hold_is_told(authority: Any, user_as: Any) -> None:
    run = sender(ItemTypeImporter(), authority, user_as("education"))
    session = run([CATALOGUE, "é!;A;Tablette;m;20;1;;", "b;;Tablette;m;20;1;;", "c;C;Poisson;m;120;x;0;peut-être"])
    assert sorted(told(session)) == [
        (2, "Code"), (3, "Intitulé"), (4, "Catégorie"), (4, "Durée de vie"), (4, "FCTVA"), (4, "Prix unitaire HT"), (4, "TVA"),
    ]  # fmt: skip
    with pytest.raises(DomainError, match="n'est pas un choix possible"):
        run([CATALOGUE, "a;A;Tablette;m;20;1;;"], valid_from="2001-02-03")
