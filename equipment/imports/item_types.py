"""The catalogue: articles, with the price of each from a day on."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from equipment import permissions
from equipment.enums import Category, Section
from equipment.models import ItemType, Price
from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import (
    read_cents,
    read_choice,
    read_count,
    read_decimal,
    read_text_of,
    read_yes_no,
    refuse,
    told_choices,
)
from plan_numerique.imports.importer import Change, Column, Importer, Option, Outcome, Problem, ReadRow
from plan_numerique.shared.errors import DomainError
from schools.imports.changes import told, update

PLAIN_COLUMNS = ("label", "category", "heading", "section", "account", "vat_rate", "life_years", "fctva")
FOR_NEW = {"label": "Intitulé", "category": "Catégorie", "heading": "Rubrique"}
CATEGORY_WORDS = {
    Category.COMPUTER: ("ordinateur fixe", "pc", "unite centrale"),
    Category.LAPTOP: ("portable", "pc portable"),
    Category.TABLET: ("tablettes",),
    Category.PROJECTOR: ("vpi", "vnp", "videoprojecteur interactif"),
    Category.DISPLAY: ("ecran", "tableau", "tni", "eni", "tbi"),
    Category.NETWORK: ("cablage", "wifi", "borne wifi"),
    Category.PRINTING: ("imprimante",),
    Category.FURNITURE: ("mobilier", "chariot", "armoire"),
    Category.ACCESSORY: ("peripherique",),
    Category.SERVICE: ("logiciel", "service", "licence"),
    Category.OTHER: ("divers",),
}
SECTION_WORDS = {Section.INVESTMENT: ("inv", "invest"), Section.OPERATING: ("fonct", "fct")}
_rate = read_decimal(4, 0, 100)


def read_code_text(value: Any) -> str:
    text = read_text_of(60)(value)
    if text and not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in text):
        refuse(value, "un code : lettres sans accent, chiffres, tirets.")
    return text


def read_rate(value: Any) -> int | None:
    """« 20 », « 5,5 %»: in ten-thousandths of a percent."""
    given = _rate(value.replace("%", " ") if isinstance(value, str) else value)
    return None if given is None else int(given * 10_000)


def days(user: Any = None, authority: Any = None) -> list[tuple[str, str]]:
    """Today, and the starts of calendar and school years around."""
    today = timezone.localdate()
    starts = [date(today.year + shift, month, 1) for shift in range(1, -6, -1) for month in (9, 1)]
    return [(day.isoformat(), f"{day:%d/%m/%Y}") for day in dict.fromkeys([date(today.year, 1, 1), today, *starts])]


class _ItemTypes:
    def __init__(self, authority: Authority, valid_from: date) -> None:
        self.authority, self.valid_from = authority, valid_from
        self.items: dict[str, ItemType] = {}
        self.prices: dict[int, list[Price]] = {}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        stored = ItemType.objects.filter(authority=self.authority, code__in=[row.values["code"] for row in rows])
        self.items = {row.code: row for row in stored}
        self.prices = {}
        for price in Price.objects.filter(item_type__in=stored, valid_from__lte=self.valid_from).order_by("valid_from"):
            self.prices.setdefault(price.item_type_id, []).append(price)
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        return []

    def _outcome(self, row: ReadRow) -> Outcome:
        held, values = self.items.get(row.values["code"]), told(row, *PLAIN_COLUMNS)
        if held is not None:
            return Outcome(row.line, [*update(held, values), *self._price(row, held)])
        lacking = [
            Problem(name, "cette valeur est obligatoire pour un nouvel article.")
            for name in FOR_NEW
            if name not in values
        ]
        if lacking:
            return Outcome(row.line, problems=lacking)
        item = ItemType(
            authority=self.authority, code=row.values["code"], source="Fichier de la collectivité", **values
        )
        return Outcome(row.line, [Change(item), *self._price(row, item)])

    def _price(self, row: ReadRow, item: ItemType) -> list[Change]:
        """The price in force on the day says it already, or is that of the day, or is followed by a new one."""
        values = told(row, "unit_price_ht", "hypothesis")
        held = self.prices.get(item.pk, [])[-1:] if item.pk else []
        if "unit_price_ht" not in values:
            return []
        if held and all(getattr(held[0], name) == value for name, value in values.items()):
            return []
        if held and held[0].valid_from == self.valid_from:
            return update(held[0], values)
        return [
            Change(Price(item_type=item, valid_from=self.valid_from, source="Fichier de la collectivité", **values))
        ]


class ItemTypeImporter(Importer):
    kind, label = "equipment.itemtypes", "Articles et prix"
    intro = "Une ligne par article, reconnu par son code. Le prix, s'il est donné, vaut à compter du jour choisi : les prix d'avant restent."
    source = "Catalogue ou bordereau de prix de la collectivité (modèle à remplir)."
    permission, subject = permissions.EDIT_CATALOGUE, ItemType
    models = (ItemType, Price)
    columns = (
        Column("code", "Code", read_code_text, ("code article", "reference", "ref"), required=True, accepted="lettres sans accent, chiffres, tirets", example="tablette"),
        Column("label", "Intitulé", read_text_of(160), ("libelle", "designation", "article", "nom"), example="Tablette 10 pouces"),
        Column("category", "Catégorie", read_choice(CATEGORY_WORDS, "une catégorie"), ("type", "famille"), accepted=told_choices(Category), example="Tablette"),
        Column("heading", "Rubrique", read_text_of(80), ("poste",), accepted="rubrique du budget", example="matériel"),
        Column("section", "Section", read_choice(SECTION_WORDS, "une section"), accepted=told_choices(Section), example="Investissement"),
        Column("account", "Compte M57", read_text_of(20), ("compte", "nature", "imputation"), example="21831"),
        Column("vat_rate", "Taux de TVA", read_rate, ("tva", "taux tva"), accepted="un taux de 0 à 100 %", example="20"),
        Column("life_years", "Durée de vie (années)", read_count(1, 50), ("duree de vie", "duree", "amortissement"), accepted="de 1 à 50 ans", example="5"),
        Column("fctva", "Ouvre droit au FCTVA", read_yes_no, ("fctva",), accepted="oui ou non", example="Oui"),
        Column("unit_price_ht", "Prix unitaire HT", read_cents, ("prix ht", "prix", "pu ht", "prix unitaire"), accepted="un montant en euros", example="312,00"),
        Column("hypothesis", "Prix supposé", read_yes_no, ("hypothese", "estimation"), accepted="oui ou non", example="Non", help="Sans marché ni devis : signalé partout où il sert."),
    )  # fmt: skip
    key = ("code",)
    options = (
        Option("valid_from", "Prix à compter du", days, lambda user, authority: days()[0][0], help="Pour tous les prix du fichier."),
    )  # fmt: skip
    list_url = "equipment:itemtype_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _ItemTypes:
        asked = str(options.get("valid_from") or days()[0][0])
        try:
            day = date.fromisoformat(asked)
        except ValueError:
            raise DomainError(f"« {asked[:40]} » n'est pas une date.", field="valid_from") from None
        return _ItemTypes(authority, day)
