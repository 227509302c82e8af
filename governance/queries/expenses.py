"""Expenses: what rests on one, what to watch, the chart they are told in, the file they came by."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from governance.enums import ExpenseStage, RunState, Section
from governance.models import Account, Authorisation, BudgetLine, BudgetRun, Expense, Heading
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.money import display_euros


@dataclass(frozen=True)
class StageTotal:
    stage: str
    count: int
    ht: int
    vat: int
    ttc: int


def stage_totals(expenses: QuerySet[Expense]) -> list[StageTotal]:
    """Sums by stage: adding an invoice to its payment would count the same money twice."""
    rows = (
        expenses.order_by()
        .values("stage")
        .annotate(sum_ht=Sum("ht"), sum_vat=Sum("vat"), sum_ttc=Sum("ttc"), number=Count("pk"))
    )
    found = {row["stage"]: row for row in rows}
    return [
        StageTotal(stage, row["number"], row["sum_ht"], row["sum_vat"], row["sum_ttc"])
        for stage in ExpenseStage.values
        if (row := found.get(stage))
    ]


def chart_of(exercise: int) -> dict[str, Account]:
    """Accounts of the chart in force, by code."""
    valid = Q(valid_from__lte=exercise) & (Q(valid_to=None) | Q(valid_to__gte=exercise))
    return {account.code: account for account in Account.objects.filter(valid).order_by("valid_from")}


def headings_of(authority_ids: Any) -> list[Heading]:
    return list(Heading.objects.filter(authority__in=authority_ids).order_by("label", "code"))


def known_headings(authority_ids: Any) -> dict[str, str]:
    """Label by code of the headings in use: those that the authority names, those of its latest runs, those of its expenses."""
    used = Expense.objects.filter(authority__in=authority_ids).exclude(heading="").order_by()
    runs = BudgetRun.objects.filter(scenario__plan__authority__in=authority_ids, state=RunState.DONE).order_by()
    latest = runs.values("scenario").annotate(last=Max("pk")).values("last")
    lines = BudgetLine.objects.filter(run__in=latest).order_by()
    codes = {*lines.values_list("heading", flat=True).distinct(), *used.values_list("heading", flat=True).distinct()}
    return dict.fromkeys(sorted(codes), "") | {row.code: row.label for row in headings_of(authority_ids)}


def followers(expense: Expense) -> QuerySet[Expense]:
    return expense.followed_by.select_related("authority").order_by("dated_on", "pk")


def left_of(expense: Expense, stage: str) -> tuple[int, int]:
    """HT and VAT of the piece that its followers of a stage have not taken yet."""
    taken = expense.followed_by.filter(stage=stage).aggregate(ht=Sum("ht"), vat=Sum("vat"))
    return expense.ht - (taken["ht"] or 0), expense.vat - (taken["vat"] or 0)


def expense_warnings(expense: Expense) -> list[str]:
    """What the rules let pass and a reader should know, as French sentences."""
    return [*_account_warnings(expense), *_chain_warnings(expense), *_authorisation_warnings(expense)]


def _account_warnings(expense: Expense) -> list[str]:
    if not expense.account:
        return []
    chart = chart_of(expense.exercise)
    account = chart.get(expense.account)
    if not chart:
        return [f"Aucun plan de comptes n'est chargé pour {expense.exercise} : le compte n'est pas vérifié."]
    if account is None:
        return [f"Le compte {expense.account} n'est pas au plan de comptes de {expense.exercise}."]
    if account.revenue:
        return [f"Le compte {account.code} est un compte de recettes."]
    if account.section != expense.section:
        section = Section(account.section).label.lower()
        return [f"Le compte {account.code} est de la section de {section}, pas de celle de la pièce."]
    return []


def _chain_warnings(expense: Expense) -> list[str]:
    found = []
    origin = expense.origin
    for piece, stage in ((origin, expense.stage), (expense, ExpenseStage.INVOICE), (expense, ExpenseStage.PAYMENT)):
        if piece is None or piece.stage == stage:
            continue
        taken = piece.followed_by.filter(stage=stage).aggregate(ttc=Sum("ttc"))["ttc"] or 0
        if taken > max(piece.ttc, 0) and taken > piece.ttc:
            names = {ExpenseStage.INVOICE: "Les factures", ExpenseStage.PAYMENT: "Les paiements"}
            what = f"{ExpenseStage(piece.stage).label.lower()} {piece.piece}"
            found.append(
                f"{names[ExpenseStage(stage)]} de la pièce « {what} » font {display_euros(taken)}, "
                f"au-delà de ses {display_euros(piece.ttc)}."
            )
    return found


def _authorisation_warnings(expense: Expense) -> list[str]:
    authorisation: Authorisation | None = expense.authorisation
    if authorisation is None:
        return []
    found = []
    if authorisation.section != expense.section:
        found.append("La pièce et son autorisation de programme ne sont pas de la même section.")
    if expense.stage == ExpenseStage.PAYMENT and not (
        authorisation.first_exercise <= expense.exercise <= authorisation.last_exercise
    ):
        found.append(
            f"L'autorisation va de {authorisation.first_exercise} à {authorisation.last_exercise} : "
            f"{expense.exercise} n'en est pas."
        )
    return found


def import_of(expense: Expense) -> ImportSession | None:
    """The latest file that wrote it, unless it was undone."""
    events = Expense.history.filter(id=expense.pk).values("audit_event")
    return ImportSession.objects.filter(event__in=events, state=ImportState.APPLIED).order_by("-pk").first()
