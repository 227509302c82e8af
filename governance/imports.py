"""The accounting execution file: which column holds what, each line as the expense it tells, and what it comes to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from governance import permissions, queries, services
from governance.domain.expense_rows import ToldExpense, whole_amounts
from governance.enums import ExpenseStage, Section
from governance.models import Expense, Plan
from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_cents, read_choice, read_date, read_text_of, read_year, told_choices
from plan_numerique.imports.importer import Change, Column, Importer, Option, Outcome, Problem, ReadRow
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.tabular.reading import MAX_ROWS

STAGE_WORDS = {
    ExpenseStage.COMMITMENT: ("engagement", "engage", "bon de commande", "commande", "marche", "e", "eng"),
    ExpenseStage.INVOICE: ("facture", "facturation", "liquidation", "liquide", "service fait", "f"),
    ExpenseStage.PAYMENT: ("paiement", "paye", "mandat", "mandatement", "mandate", "ordonnancement", "p", "m"),
}
SECTION_WORDS = {
    Section.INVESTMENT: ("investissement", "invest", "inv", "i"),
    Section.OPERATION: ("fonctionnement", "fonct", "fct", "f", "exploitation"),
}
BLANK = object()
"""An empty cell of an amount: its column is told, which is not the same as no column at all."""


def _amount(value: Any) -> Any:
    cents = read_cents(value)
    return BLANK if cents is None else cents


def told_expense(row: ReadRow, fixed: Mapping[str, str]) -> ToldExpense | Problem:
    """A line with what the file does not say: what is fixed for every line, the exercise from the date, the missing amount."""
    values = dict(row.values)
    amounts = {name: values.pop(name, None) for name in ("ht", "vat", "ttc")}
    if "stage" not in values:
        if not fixed.get("stage"):
            return Problem("stage", "l'étape manque : indiquer sa colonne, ou l'étape de toutes les lignes.")
        values["stage"] = fixed["stage"]
    values.setdefault("exercise", int(fixed.get("exercise") or values["dated_on"].year))
    if "section" not in values and fixed.get("section"):
        values["section_fixed"] = fixed["section"]
    return _with_amounts(row.line, values, amounts)


def _with_amounts(line: int, values: dict[str, Any], amounts: Mapping[str, Any]) -> ToldExpense | Problem:
    if amounts["vat"] is None and amounts["ttc"] is None:
        what = "du montant TTC, ou celles du HT et de la TVA" if amounts["ht"] is None else "de la TVA ou du TTC"
        return Problem("ttc", f"le montant TTC ne se déduit pas : indiquer la colonne {what}.")
    try:
        values |= whole_amounts(*(None if cents is BLANK else cents for cents in amounts.values()))
    except ValueError as error:
        return Problem("ht" if amounts["ttc"] is None else "ttc", str(error))
    return ToldExpense(line, values)


class _Expenses:
    def __init__(self, plan: Plan, fixed: Mapping[str, str]) -> None:
        self.plan, self.fixed = plan, fixed
        self.unlinked = 0

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        outcomes = {row.line: Outcome(row.line) for row in rows}
        lines = []
        for row in rows:
            told = told_expense(row, self.fixed)
            if isinstance(told, Problem):
                outcomes[row.line].problems.append(told)
            else:
                lines.append(told)
        found = services.compare(plan=self.plan, rows=lines)
        self.unlinked += found.unlinked
        for line, outcome in outcomes.items():
            outcome.problems += found.problems.get(line, [])
            if line in found.told:
                outcome.changes.append(Change(*found.told[line]))
        return list(outcomes.values())

    def remarks(self) -> list[str]:
        if not self.unlinked:
            return []
        what = "d'origine non trouvée" if self.unlinked == 1 else "d'origine non trouvées"
        return [f"{counted(self.unlinked, 'pièce')} {what} : ces lignes s'importent sans leur lien."]


def _plans(user: User, authority: Authority) -> list[tuple[str, str]]:
    plans = queries.money_plans(user).filter(authority=authority).order_by("-pk")
    return [(str(plan.pk), str(plan)) for plan in plans]


def _latest_plan(user: User, authority: Authority) -> str:
    return next((pk for pk, _ in _plans(user, authority)), "")


def _exercises(user: User, authority: Authority) -> list[tuple[str, str]]:
    """From the coming one back to the first of the plans, twenty years at least."""
    now = timezone.localdate().year
    starts = Plan.objects.filter(authority=authority, starts__isnull=False).values_list("starts", flat=True)
    first = min([now - 20, *starts])
    return [(str(year), str(year)) for year in range(now + 1, first - 1, -1)]


class ExpenseImporter(Importer):
    kind, label = "governance.expenses", "Dépenses (exécution comptable)"
    intro = (
        "Une ligne par pièce : engagement, facture ou paiement. L'étape, l'exercice et le n° de pièce disent de quelle pièce il s'agit."
        " Le fichier est lu tel qu'il sort du logiciel de finances ; les engagements et les paiements restent dans les limites votées."
    )
    source = "Logiciel de gestion financière de la collectivité."
    permission, subject = permissions.EDIT_MONEY, Expense
    models = (Expense,)
    columns = (
        Column(
            "piece", "N° de pièce", read_text_of(60),
            ("n de piece", "n piece", "piece", "numero de piece", "numero piece", "n mandat", "numero mandat", "mandat", "n de mandat",
             "n liquidation", "n facture", "numero facture", "n bordereau mandat", "reference", "n ordre", "numero", "n"),
            required=True, accepted="unique dans son exercice, à chaque étape", example="1024",
        ),
        Column(
            "stage", "Étape", read_choice(STAGE_WORDS, "une étape"),
            ("etape", "stade", "type de piece", "type piece", "type d operation", "type", "statut"),
            accepted=told_choices(ExpenseStage), example="Paiement", help="À défaut de colonne, l'étape de toutes les lignes.",
        ),
        Column(
            "exercise", "Exercice", read_year,
            ("exercice", "exercice budgetaire", "exer", "annee", "annee budgetaire", "bgt annee", "millesime"),
            accepted="une année", example="2026", help="À défaut, celui de toutes les lignes, ou l'année de la date.",
        ),
        Column(
            "dated_on", "Date", read_date,
            ("date", "date de piece", "date piece", "date mandat", "date d emission", "date emission", "date comptable", "date d engagement",
             "date engagement", "date de paiement", "date paiement", "date facture", "date operation"),
            required=True, accepted="une date : 31/12/2025", example="12/03/2026",
        ),
        Column(
            "supplier", "Tiers", read_text_of(160),
            ("tiers", "nom du tiers", "nom tiers", "libelle tiers", "fournisseur", "creancier", "beneficiaire", "raison sociale"),
            example="Fournisseur exemple",
        ),
        Column(
            "label", "Objet", read_text_of(250),
            ("objet", "libelle", "libelle de la piece", "objet de la depense", "designation", "description", "intitule", "libelle ecriture"),
            example="Chariots de tablettes",
        ),
        Column(
            "account", "Compte", read_text_of(12),
            ("compte", "nature", "article", "imputation", "compte nature", "code nature", "nature comptable", "bgt nature", "n compte"),
            accepted="un compte par nature", example="21831",
        ),
        Column(
            "section", "Section", read_choice(SECTION_WORDS, "une section"), ("section", "bgt section", "sens section", "inv fonct"),
            accepted=told_choices(Section), example="Investissement", help="À défaut, selon le compte.",
        ),
        Column(
            "heading", "Poste", read_text_of(60), ("poste", "poste du plan", "rubrique", "code poste", "axe analytique", "analytique"),
            accepted="le code ou le libellé d'un poste du plan", example="materiel",
        ),
        Column("ht", "Montant HT", read_cents, ("ht", "montant ht", "total ht", "mt ht", "hors taxes", "montant hors taxes"), accepted="un montant : 1 234,50 ou -120", example="1000,00"),
        Column("vat", "TVA", _amount, ("tva", "montant tva", "mt tva", "total tva"), accepted="un montant : 1 234,50 ou -120", example="200,00"),
        Column(
            "ttc", "Montant TTC", _amount,
            ("ttc", "montant ttc", "total ttc", "mt ttc", "montant", "montant mandate", "montant paye", "montant engage", "montant brut",
             "net a payer", "montant net", "realise", "bgt mtreal"),
            accepted="un montant : 1 234,50 ou -120", example="1200,00", help="Le TTC seul, ou deux des trois montants.",
        ),
        Column(
            "authorisation", "Autorisation de programme", read_text_of(40),
            ("ap", "autorisation de programme", "code ap", "n ap", "autorisation", "operation"),
            accepted="le code d'une autorisation du plan",
        ),
        Column(
            "school", "École (UAI ou nom)", read_text_of(160), ("uai", "rne", "ecole", "etablissement", "code uai"),
            accepted="l'UAI ou le nom d'une école de la collectivité",
        ),
        Column(
            "origin", "Pièce d'origine", read_text_of(60),
            ("n engagement", "numero engagement", "engagement", "n d engagement", "numero d engagement", "piece d origine", "n de l engagement",
             "facture", "ref engagement"),
            accepted="le n° de l'engagement, ou de la facture",
        ),
        Column("act", "Délibération", read_text_of(160), ("deliberation", "n deliberation", "acte", "numero deliberation")),
    )  # fmt: skip
    options = (
        Option("plan", "Plan", _plans, _latest_plan),
        Option(
            "stage", "Étape de toutes les lignes", lambda user, authority: ExpenseStage.choices, required=False,
            help="Si le fichier n'a pas de colonne de l'étape.",
        ),
        Option("exercise", "Exercice de toutes les lignes", _exercises, required=False, help="Sans colonne de l'exercice ; vide : l'année de la date."),
        Option(
            "section", "Section de toutes les lignes", lambda user, authority: Section.choices, required=False,
            help="Sans colonne de la section ; vide : selon le compte.",
        ),
    )  # fmt: skip
    list_url = "governance:expense_list"
    rows_at_once = MAX_ROWS

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Expenses:
        asked = str(options.get("plan") or "")
        plans = Plan.objects.select_related("authority").filter(authority=authority)
        plan = plans.filter(pk=asked).first() if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
        if plan is None:
            raise DomainError("Ce plan n'est pas l'un de ceux de la collectivité.", field="plan")
        exercise = options.get("exercise") or "2000"
        if not (exercise.isascii() and exercise.isdigit() and 1900 <= int(exercise) <= 2200):
            raise DomainError(f"« {exercise[:40]} » n'est pas un exercice.", field="exercise")
        return _Expenses(plan, options)

    def wave(self, instance: Any) -> int:
        """What a piece comes from is written before it."""
        return ExpenseStage.values.index(instance.stage)

    def written(self, changes: Sequence[Change], *, by: User | None) -> None:
        services.follow_import(changes)


IMPORTERS: tuple[type[Importer], ...] = (ExpenseImporter,)
__all__ = ["IMPORTERS", "ExpenseImporter", "told_expense"]
