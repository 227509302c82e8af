"""The inventory, device by device."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from equipment import permissions, services
from equipment.domain import lifecycle
from equipment.enums import DeviceState
from equipment.models import Device, ItemType, Movement, Reservation
from equipment.queries import reservations_in_force, rooms_by_school
from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_cents, read_choice, read_date, read_text, read_text_of, told_choices
from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow, plain
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools.imports.changes import differing, told
from schools.models import Room, School

PLAIN_COLUMNS = ("serial", "state", "place", "acquired_on", "purchase_ht", "supplier", "warranty_until", "note")
STATE_WORDS = {
    DeviceState.STOCK: ("stock", "reserve", "neuf", "disponible"),
    DeviceState.IN_SERVICE: ("service", "installe", "en place", "utilise", "actif"),
    DeviceState.BROKEN: ("panne", "hors service", "hs"),
    DeviceState.REPAIR: ("reparation", "sav", "atelier", "maintenance"),
    DeviceState.LOANED: ("pret", "prete", "en pret"),
    DeviceState.REQUALIFIED: ("requalifie", "reconditionne"),
    DeviceState.DISPOSED: ("reforme", "rebut", "sorti", "mis au rebut"),
    DeviceState.LOST: ("perdu", "vole", "introuvable"),
}
NO_SCHOOL = ("hors des ecoles", "hors ecole", "sans ecole", "aucune", "aucune ecole")
OF_PLACE = {"state": "state", "school": "school"}
SHOWN = 8


def listed(names: Iterable[str]) -> str:
    some = sorted(names)
    return " ; ".join(some[:SHOWN]) + (" …" if len(some) > SHOWN else "")


def where(device: Device) -> str:
    """« École Mermoz, Salle 3 »"""
    return ", ".join(
        part for part in (str(device.school) if device.school else "hors des écoles", services.place_of(device)) if part
    )


class _Devices:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.items: dict[str, list[ItemType]] = {}
        for item in ItemType.objects.filter(authority=authority).order_by("code"):
            for word in {plain(item.code), plain(item.label)}:
                self.items.setdefault(word, []).append(item)
        self.schools: dict[str, list[School]] = {}
        for school in School.objects.filter(authority=authority).order_by("uai"):
            for word in {school.uai.casefold(), " ".join(school.name.casefold().split())}:
                self.schools.setdefault(word, []).append(school)
        self.serials: dict[str, Device] = {}
        self.lines: dict[str, int] = {}
        self.devices: dict[str, Device] = {}
        self.rooms: dict[int, list[Room]] = {}
        self.held: dict[int, Reservation] = {}
        self.moved = 0

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        numbers = [row.values["inventory_number"] for row in rows]
        serials = {row.values["serial"] for row in rows if "serial" in row.values} - self.lines.keys()
        stored = Device.objects.filter(authority=self.authority).select_related("item_type", "school", "room__site")
        self.devices = {row.inventory_number: row for row in stored.filter(inventory_number__in=numbers)}
        self.serials |= {row.serial: row for row in stored.filter(serial__in=serials).order_by("-pk")}
        self.held = reservations_in_force([row.pk for row in self.devices.values()])
        wanted = {school.pk for row in rows for school in self._schools(row)}
        wanted |= {row.school_id for row in self.devices.values() if row.school_id}
        self.rooms = rooms_by_school(wanted) if any("room" in row.values for row in rows) else {}
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        if not self.moved:
            return []
        what = "change d'état ou de place" if self.moved == 1 else "changent d'état ou de place"
        return [f"{counted(self.moved, 'appareil')} {what} : chacun garde la trace du mouvement."]

    def _schools(self, row: ReadRow) -> list[School]:
        return self.schools.get(row.values.get("school", "").casefold(), [])

    def _outcome(self, row: ReadRow) -> Outcome:
        former = self.devices.get(row.values["inventory_number"])
        device = (
            copy(former)
            if former
            else Device(authority=self.authority, inventory_number=row.values["inventory_number"])
        )
        problems = [
            *self._item(row, device, former),
            *self._serial(row, former),
            *self._school(row, device),
            *self._room(row, device),
        ]
        for name, value in differing(device, told(row, *PLAIN_COLUMNS)).items():
            setattr(device, name, value)
        if former is None and "state" not in row.values:
            device.state = lifecycle.IN_SERVICE if device.school else lifecycle.STOCK
        problems += _warranty(device)
        if problems:
            return Outcome(row.line, problems=problems)
        return self._placed(row, device, former)

    def _placed(self, row: ReadRow, device: Device, former: Device | None) -> Outcome:
        """What the life cycle and the reservations say of it."""
        try:
            services.refuse_placing(device, former)
            ended = services.settled(device, former, self.held)
        except DomainError as error:
            column = OF_PLACE.get(error.field, "")
            return Outcome(
                row.line, problems=[Problem(column, error.message, _may_be(former) if column == "state" else "")]
            )
        self.moved += former is not None and services.placed(device) != services.placed(former)
        return Outcome(row.line, [Change(device, former), *ended])

    def _item(self, row: ReadRow, device: Device, former: Device | None) -> list[Problem]:
        text = row.values.get("item_type", "")
        known = listed({item.code for items in self.items.values() for item in items})
        known = known or "aucun article n'est encore au catalogue : en ajouter d'abord"
        if not text:
            lacking = Problem("item_type", "cette valeur est obligatoire pour un appareil qui entre au parc.", known)
            return [] if former else [lacking]
        found = self.items.get(plain(text), [])
        if len(found) != 1:
            what = (
                "l'intitulé de plusieurs articles : donner le code."
                if found
                else "le code ni l'intitulé d'un article de la collectivité."
            )
            return [Problem("item_type", f"« {text} » {'est' if found else 'n’est'} {what}", known)]
        device.item_type = found[0]
        return []

    def _serial(self, row: ReadRow, former: Device | None) -> list[Problem]:
        serial = row.values.get("serial", "")
        if not serial or (former and former.serial == serial):
            return []
        first = self.lines.setdefault(serial, row.line)
        if first != row.line:
            return [Problem("serial", f"la ligne {first} porte déjà le n° de série « {serial} ».")]
        held = self.serials.get(serial)
        if held is None:
            return []
        return [Problem("serial", f"« {serial} » est déjà le n° de série de « {held} » ({where(held)}).")]

    def _school(self, row: ReadRow, device: Device) -> list[Problem]:
        text = row.values.get("school", "")
        if not text:
            return []
        found = self._schools(row)
        if not found and plain(text) not in NO_SCHOOL:
            return [Problem("school", f"« {text} » n'est l'UAI ni le nom d'aucune école de la collectivité.")]
        if len(found) > 1:
            uais = listed(school.uai for school in found)
            return [Problem("school", f"« {text} » est le nom de plusieurs écoles : donner l'UAI.", uais)]
        school = found[0] if found else None
        if (school.pk if school else None) != device.school_id:
            device.school, device.room, device.place = school, None, ""
        return []

    def _room(self, row: ReadRow, device: Device) -> list[Problem]:
        text = row.values.get("room", "")
        if not text:
            return []
        if device.school_id is None:
            return [Problem("room", "une salle se donne avec son école.")]
        rooms = self.rooms.get(device.school_id, [])
        found = [room for room in rooms if plain(text) in (plain(room.name), plain(f"{room.site.name} {room.name}"))]
        if len(found) == 1:
            device.room = found[0]
            return []
        known = listed(f"{room.site.name} / {room.name}" for room in rooms) or "aucune salle n'y est encore décrite"
        what = "plusieurs salles de cette école : donner « site / salle »." if found else "aucune salle de cette école."
        return [
            Problem("room", f"« {text} » est le nom de {what}" if found else f"« {text} » n'est le nom d'{what}", known)
        ]


def _warranty(device: Device) -> list[Problem]:
    if device.warranty_until and device.acquired_on and device.warranty_until < device.acquired_on:
        return [Problem("warranty_until", "la garantie ne finit pas avant l'achat.")]
    return []


def _may_be(former: Device | None) -> str:
    states = lifecycle.ENTRY_STATES if former is None else lifecycle.states_after(former.state)
    return told_choices(DeviceState(state) for state in states)


class DeviceImporter(Importer):
    kind, label = "equipment.devices", "Appareils du parc"
    intro = (
        "Une ligne par appareil, reconnu par son n° d'inventaire. Une cellule vide laisse ce qui est connu. Un changement d'état ou de"
        " place suit les mêmes règles qu'à la main et laisse le même mouvement ; un appareil réservé ne part que dans son école."
    )
    source = "Inventaire de la collectivité (modèle à remplir)."
    permission, subject = permissions.EDIT, Device
    models = (Device, Reservation)
    beside = (Movement,)
    columns = (
        Column(
            "inventory_number", "N° d'inventaire", read_text_of(40),
            ("inventaire", "numero d inventaire", "no inventaire", "n inventaire", "code inventaire", "etiquette", "immobilisation"),
            required=True, accepted="unique dans la collectivité", example="2026-0142",
        ),
        Column("serial", "N° de série", read_text_of(80), ("numero de serie", "serie", "serial", "sn", "n serie"), example="SN-48A1"),
        Column(
            "item_type", "Article", read_text_of(160), ("code article", "modele", "materiel", "designation", "type"),
            accepted="le code ou l'intitulé d'un article du catalogue", example="tablette",
            help="Obligatoire pour un appareil qui entre au parc.",
        ),
        Column(
            "state", "État", read_choice(STATE_WORDS, "un état"), ("statut", "situation", "etat du materiel"),
            accepted=told_choices(DeviceState), example="En service", help="À défaut, un nouvel appareil est en service dans une école, sinon en stock.",
        ),
        Column(
            "school", "École", read_text_of(160), ("uai", "rne", "code uai", "etablissement", "nom de l ecole", "site scolaire", "affectation"),
            accepted="l'UAI ou le nom exact d'une école de la collectivité ; « Hors des écoles »", example="0860467R",
        ),
        Column("room", "Salle", read_text_of(220), ("classe", "local", "piece"), accepted="une salle de l'école, au besoin « site / salle »"),
        Column("place", "Emplacement", read_text_of(120), ("lieu", "localisation", "rangement", "reserve"), example="Chariot 2"),
        Column(
            "acquired_on", "Date d'acquisition", read_date, ("acquis le", "date d achat", "achete le", "date achat", "mise en service"),
            accepted="une date : 31/12/2025", example="01/09/2025",
        ),
        Column(
            "purchase_ht", "Prix d'achat HT", read_cents, ("prix ht", "prix", "montant ht", "valeur", "prix d achat", "cout"),
            accepted="un montant en euros", example="412,50",
        ),
        Column("supplier", "Fournisseur", read_text_of(120), ("vendeur", "revendeur", "tiers"), example="Fournisseur exemple"),
        Column(
            "warranty_until", "Garantie jusqu'au", read_date, ("fin de garantie", "garantie", "date fin garantie"),
            accepted="une date, pas avant l'acquisition", example="31/08/2029",
        ),
        Column("note", "Note", lambda value: read_text(value, 2_000), ("commentaire", "remarque", "observation", "observations")),
    )  # fmt: skip
    key = ("inventory_number",)
    list_url = "equipment:device_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Devices:
        return _Devices(authority)

    def written(self, changes: Sequence[Change], *, by: User | None) -> None:
        services.follow_devices(changes, by=by)

    def refuse_undo(self, changes: Sequence[Change]) -> str:
        return services.moved_since(changes)
