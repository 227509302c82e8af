"""Reading the accounting execution file: which column holds what, and each line as the expense it tells."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance.domain.expense_rows import ReadRow, RowProblem, whole_amounts
from governance.enums import ExpenseStage, Section
from governance.services import ADDED_COLUMNS
from plan_numerique.tabular.reading import Table, is_empty, read_cents, read_date, read_text, read_year

STAGE_WORDS = {
    ExpenseStage.COMMITMENT: ("engagement", "engage", "bon de commande", "commande", "marche", "e", "eng"),
    ExpenseStage.INVOICE: ("facture", "facturation", "liquidation", "liquide", "service fait", "f"),
    ExpenseStage.PAYMENT: ("paiement", "paye", "mandat", "mandatement", "mandate", "ordonnancement", "p", "m"),
}
SECTION_WORDS = {
    Section.INVESTMENT: ("investissement", "invest", "inv", "i"),
    Section.OPERATION: ("fonctionnement", "fonct", "fct", "f", "exploitation"),
}


def _plain(text: str) -> str:
    """Without case, accents nor signs: « N° de pièce » is « n de piece »."""
    letters = unicodedata.normalize("NFKD", text.replace("°", " ").replace("º", " ")).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


def _word_reader(words: Mapping[Any, Sequence[str]], what: str) -> Callable[[Any], str | None]:
    found = {
        _plain(word): choice.value for choice, known in words.items() for word in (*known, choice.value, choice.label)
    }

    def read(value: Any) -> str | None:
        text = _plain(read_text(value, 60))
        if text and text not in found:
            raise ValueError(f"« {str(value)[:40]} » n'est pas {what}.")
        return found.get(text)

    return read


def _text(length: int) -> Callable[[Any], str]:
    return lambda value: " ".join(read_text(value, length).split())


@dataclass(frozen=True)
class Column:
    """A field of an expense, the headers that usually hold it (as `_plain` writes them), how its cells are read."""

    name: str
    label: str
    headers: tuple[str, ...]
    read: Callable[[Any], Any]
    required: bool = False
    accepted: str = ""


COLUMNS = (
    Column(
        "piece", "N° de pièce",
        ("n de piece", "n piece", "piece", "numero de piece", "numero piece", "n mandat", "numero mandat", "mandat", "n de mandat",
         "n liquidation", "n facture", "numero facture", "n bordereau mandat", "reference", "n ordre", "numero", "n"),
        _text(60), required=True,
    ),
    Column("stage", "Étape", ("etape", "stade", "type de piece", "type piece", "type d operation", "type", "statut"),
           _word_reader(STAGE_WORDS, "une étape"), accepted="Engagement ; Facture ; Paiement"),
    Column("exercise", "Exercice", ("exercice", "exercice budgetaire", "exer", "annee", "annee budgetaire", "bgt annee", "millesime"), read_year),
    Column("dated_on", "Date", ("date", "date de piece", "date piece", "date mandat", "date d emission", "date emission", "date comptable",
           "date d engagement", "date engagement", "date de paiement", "date paiement", "date facture", "date operation"), read_date, required=True),
    Column("supplier", "Tiers", ("tiers", "nom du tiers", "nom tiers", "libelle tiers", "fournisseur", "creancier", "beneficiaire", "raison sociale"), _text(160)),
    Column("label", "Objet", ("objet", "libelle", "libelle de la piece", "objet de la depense", "designation", "description", "intitule", "libelle ecriture"), _text(250)),
    Column("account", "Compte", ("compte", "nature", "article", "imputation", "compte nature", "code nature", "nature comptable", "bgt nature", "n compte"), _text(12)),
    Column("section", "Section", ("section", "bgt section", "sens section", "inv fonct"), _word_reader(SECTION_WORDS, "une section"),
           accepted="Investissement ; Fonctionnement"),
    Column("heading", "Poste", ("poste", "poste du plan", "rubrique", "code poste", "axe analytique", "analytique"), _text(60)),
    Column("ht", "Montant HT", ("ht", "montant ht", "total ht", "mt ht", "hors taxes", "montant hors taxes"), read_cents),
    Column("vat", "TVA", ("tva", "montant tva", "mt tva", "total tva"), read_cents),
    Column("ttc", "Montant TTC", ("ttc", "montant ttc", "total ttc", "mt ttc", "montant", "montant mandate", "montant paye", "montant engage",
           "montant brut", "net a payer", "montant net", "realise", "bgt mtreal"), read_cents),
    Column("authorisation", "Autorisation de programme", ("ap", "autorisation de programme", "code ap", "n ap", "autorisation", "operation"), _text(40)),
    Column("school", "École (UAI ou nom)", ("uai", "rne", "ecole", "etablissement", "code uai"), _text(160)),
    Column("origin", "Pièce d'origine", ("n engagement", "numero engagement", "engagement", "n d engagement", "numero d engagement", "piece d origine",
           "n de l engagement", "facture", "ref engagement"), _text(60)),
    Column("act", "Délibération", ("deliberation", "n deliberation", "acte", "numero deliberation"), _text(160)),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}


def propose_columns(header: Sequence[str]) -> dict[str, str]:
    """Field → column, by the usual headers; the best known header first, a column given once."""
    plain = {_plain(name): name for name in reversed(header)}
    found: dict[str, str] = {}
    for column in COLUMNS:
        taken = set(found.values())
        name = next((plain[usual] for usual in column.headers if usual in plain and plain[usual] not in taken), None)
        if name is not None:
            found[column.name] = name
    if "piece" not in found and "origin" in found:
        found["piece"] = found.pop("origin")
    return found


def read_rows(
    table: Table,
    columns: Mapping[str, Any],
    *,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> tuple[list[ReadRow], list[RowProblem]]:
    """Lines that read whole, and what is wrong with the others. `columns`: field → column, and `stage_fixed`, `exercise_fixed`,
    `section_fixed` where one value is for every line."""
    places = {name: table.header.index(columns[name]) for name in BY_NAME if columns.get(name) in table.header}
    rows: list[ReadRow] = []
    problems: list[RowProblem] = []
    for done, (line, cells) in enumerate(table.rows):
        if done % 200 == 0:
            progress(done, len(table.rows), f"Ligne {line}")
        found = _read_line(line, {name: cells[place] for name, place in places.items()}, columns)
        if isinstance(found, ReadRow):
            rows.append(found)
        else:
            problems += found
    return rows, problems


def _read_line(line: int, cells: Mapping[str, Any], columns: Mapping[str, Any]) -> ReadRow | list[RowProblem]:
    values: dict[str, Any] = {}
    problems = []

    def refuse(name: str, value: Any, message: str) -> None:
        told = "" if is_empty(value) else str(value).replace("\x00", "\u2400")
        problems.append(
            RowProblem(line, str(columns.get(name) or BY_NAME[name].label), told, message, BY_NAME[name].accepted)
        )

    for name, cell in cells.items():
        try:
            value = BY_NAME[name].read(cell)
        except ValueError as error:
            refuse(name, cell, str(error))
            continue
        if value not in (None, ""):
            values[name] = value
        elif BY_NAME[name].required:
            refuse(name, cell, "cette valeur est obligatoire.")
    if problems:
        return problems
    _complete(values, columns)
    if "stage" not in values:
        refuse("stage", None, "l'étape manque.")
    try:
        values |= whole_amounts(values.pop("ht", None), values.pop("vat", None), values.pop("ttc", None))
    except ValueError as error:
        name = "ttc" if "ttc" in cells else "ht"
        refuse(name, cells.get(name), str(error))
    return problems or ReadRow(line, values)


def _complete(values: dict[str, Any], columns: Mapping[str, Any]) -> None:
    """What the file does not say: what is fixed for every line, and the exercise from the date."""
    if "stage" not in values and columns.get("stage_fixed"):
        values["stage"] = columns["stage_fixed"]
    if "exercise" not in values:
        values["exercise"] = columns.get("exercise_fixed") or values["dated_on"].year
    if "section" not in values and columns.get("section_fixed"):
        values["section_fixed"] = columns["section_fixed"]


def error_rows(table: Table, problems: Sequence[RowProblem]) -> tuple[list[str], list[list[Any]]]:
    """The user's own lines that are in error, each with its line number and what is wrong beside: header and rows."""
    told: dict[int, list[str]] = {}
    for problem in problems:
        accepted = f" (admis : {problem.accepted})" if problem.accepted else ""
        told.setdefault(problem.line, []).append(f"{problem.column} : {problem.message}{accepted}")
    rows = [
        [*(_kept(cell) for cell in cells), line, "\n".join(told[line])] for line, cells in table.rows if line in told
    ]
    return [*table.header, *ADDED_COLUMNS], rows


def _kept(cell: Any) -> Any:
    """A negative amount written as text comes back as a number: a text would get the apostrophe that no amount has."""
    if isinstance(cell, str) and cell.startswith(("-", "+")):
        try:
            return Decimal(read_cents(cell) or 0) / 100
        except ValueError:
            return cell
    return cell
