"""Expenses: their list with its sums, the page of one and what follows it; the regimes of the FCTVA."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from governance import permissions, queries, services
from governance.enums import ExpenseStage
from governance.filtersets import ExpenseFilter, FctvaRegimeFilter
from governance.forms import ExpenseForm, FctvaRegimeForm
from governance.models import Expense, FctvaRegime
from governance.tables import LAGS, STAGE_TONES, ExpenseTable, FctvaRegimeTable
from governance.views.actions import history_action, import_actions
from governance.views.sections import Row, Rows, columns
from plan_numerique.shared.money import apply_rate, display_euros
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import day, rate, yes_no
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage

NEXT = {
    ExpenseStage.COMMITMENT: (ExpenseStage.INVOICE, "Facturer", "file-text"),
    ExpenseStage.INVOICE: (ExpenseStage.PAYMENT, "Payer", "banknote"),
}
KEPT = (
    "plan", "exercise", "supplier", "label", "heading", "section", "account", "fctva", "authorisation", "school", "device", "act",
)  # fmt: skip


class ExpenseList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_expenses)
    template_name = "governance/expense_list.html"
    filterset_class, table_class = ExpenseFilter, ExpenseTable
    title, search_placeholder = "Dépenses", "Pièce, objet, tiers, poste, compte"
    create = ("governance:expense_create", permissions.EDIT_MONEY, "Ajouter une dépense")
    empty_text = "Engagements, factures et paiements se saisissent un à un ou s'importent du logiciel de finances."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        totals = [
            {
                "stage": row.stage,
                "label": ExpenseStage(row.stage).label,
                "tone": STAGE_TONES[row.stage],
                "count": row.count,
                "amounts": (row.ht, row.vat, row.ttc),
            }
            for row in queries.stage_totals(self.object_list)
        ]
        return super().get_context_data(totals=totals, actions=import_actions(self.request.user), **kwargs)


class ExpenseDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_expenses)
    template_name = "governance/expense_detail.html"
    crumbs = (("Dépenses", "/depenses/"),)

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_stage_display(), "tone": STAGE_TONES[self.object.stage]}

    def summary(self) -> list[tuple[str, Any]]:
        expense: Expense = self.object
        pairs = [
            ("Plan", _linked("plan_execution", expense.plan_id, expense.plan)),
            ("Exercice", str(expense.exercise)),
            ("Date", day(expense.dated_on)),
            ("Tiers", expense.supplier),
            ("Poste", expense.heading),
            ("Section", expense.get_section_display()),
            ("Compte", expense.account),
            ("Ouvre droit au FCTVA", yes_no(expense.fctva)),
            ("Autorisation de programme", expense.authorisation or ""),
            ("École", expense.school or ""),
            ("Appareil", expense.device or ""),
            ("Délibération", expense.act),
            ("Import", self._import()),
            ("Source", expense.source),
        ]
        return [(label, value) for label, value in pairs if value]

    def _import(self) -> str:
        """The file that wrote it, for those who may open it."""
        expense: Expense = self.object
        session = queries.import_of(expense) if self.may(permissions.EDIT_MONEY, expense) else None
        url = reverse("importing:import_detail", args=[session.pk]) if session else ""
        return format_html('<a href="{}">fichier d\'origine</a>', url) if url else ""

    def actions(self) -> list[Action]:
        expense: Expense = self.object
        if not self.may(permissions.EDIT_MONEY, expense):
            return history_action(self)
        found = []
        if expense.stage in NEXT:
            _, label, icon = NEXT[ExpenseStage(expense.stage)]
            url = f"{reverse('governance:expense_create')}?origin={expense.pk}"
            found.append(Action(label, url, icon, primary=True))
        return [
            *found,
            Action("Modifier", reverse("governance:expense_edit", args=[expense.pk]), "pencil"),
            Action("Supprimer", reverse("governance:expense_delete", args=[expense.pk]), "trash-2", danger=True),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        expense: Expense = self.object
        return super().get_context_data(
            expense=expense,
            warnings=queries.expense_warnings(expense),
            sections=[_chain(expense)],
            **kwargs,
        )


def _linked(name: str, pk: int | None, label: Any) -> str:
    return format_html('<a href="{}">{}</a>', reverse(f"governance:{name}", args=[pk]), label)


def _chain(expense: Expense) -> Rows:
    """What it comes from and what follows it."""
    pieces = [*([expense.origin] if expense.origin else []), *queries.followers(expense)]
    rows = [
        Row(
            (piece.piece, piece.get_stage_display(), day(piece.dated_on), piece.label, display_euros(piece.ttc)),
            reverse("governance:expense_detail", args=[piece.pk]),
        )
        for piece in pieces
    ]
    heads = columns("Pièce", "Étape", "Date", "Objet", "#TTC")
    return Rows("chaine", "De l'engagement au paiement", heads, rows, empty="Aucune autre pièce n'est liée à celle-ci.")


class ExpenseEdit(EditPage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_expenses)
    authority_path = "plan__authority"
    form_class, service = ExpenseForm, staticmethod(services.save_expense)
    template_name = "governance/expense_edit.html"
    title = "Dépense"
    crumbs = (("Dépenses", "/depenses/"),)
    detail_url, list_url = "governance:expense_detail", "governance:expense_list"
    origin: Expense | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = asked_key(request.GET.get("origin"))
        if request.user.is_authenticated and "pk" not in kwargs and given is not None:
            self.origin = get_object_or_404(queries.visible_expenses(request.user), pk=given)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """What follows a piece is the rest of it, dated today."""
        initial = super().get_initial()
        origin = self.origin
        if origin is None or origin.stage not in NEXT:
            return initial
        stage = NEXT[ExpenseStage(origin.stage)][0]
        ht, vat = queries.left_of(origin, stage)
        kept = {name: getattr(origin, name) for name in KEPT}
        told = {"origin": origin.pk, "stage": stage, "ht": ht, "vat": vat, "dated_on": timezone.localdate()}
        return {**kept, **told, "device": origin.device_id, **{k: v for k, v in initial.items() if k != "origin"}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        origin = self.origin or (self.object.origin if self.object else None)
        form = context["form"]
        return {
            **context,
            "origin": origin,
            "proposed": self.origin is not None and self.origin.stage in NEXT,
            "headings": queries.known_headings(form.authority_ids),
            "proposals": form.proposals(),
        }


class ExpenseDelete(DeletePage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_expenses)
    service, list_url = staticmethod(services.delete_expense), "governance:expense_list"
    crumbs = (("Dépenses", "/depenses/"),)


class FctvaRegimeList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_fctva_regimes)
    filterset_class, table_class = FctvaRegimeFilter, FctvaRegimeTable
    title, search_placeholder = "Régimes du FCTVA", ""
    create = ("governance:fctvaregime_create", permissions.EDIT_MONEY, "Ajouter un régime")
    intro = "Le FCTVA d'une dépense est versé l'année même, l'année suivante ou deux ans après (CGCT, L1615-6)."
    empty_text = "Sans régime, le FCTVA des dépenses réelles n'est pas calculé."


class FctvaRegimeDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_fctva_regimes)
    template_name = "governance/rows_detail.html"
    crumbs = (("Régimes du FCTVA", "/regimes-fctva/"),)

    def summary(self) -> list[tuple[str, Any]]:
        regime: FctvaRegime = self.object
        return [
            ("Collectivité", regime.authority),
            ("À partir de l'exercice", str(regime.from_exercise)),
            ("Versement", LAGS.get(regime.lag_years, "")),
            ("Taux", rate(regime.rate)),
            ("Source", regime.source),
        ]

    def actions(self) -> list[Action]:
        pk = self.object.pk
        if not self.may(permissions.EDIT_MONEY, self.object):
            return history_action(self)
        return [
            Action("Modifier", reverse("governance:fctvaregime_edit", args=[pk]), "pencil"),
            Action("Supprimer", reverse("governance:fctvaregime_delete", args=[pk]), "trash-2", danger=True),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        regime: FctvaRegime = self.object
        example = 100_000_00
        given = apply_rate(example, regime.rate)
        text = (
            f"Pour {display_euros(example)} TTC payés en {regime.from_exercise} et éligibles, "
            f"{display_euros(given)} sont attendus en {regime.from_exercise + regime.lag_years}."
        )
        return super().get_context_data(texts=[("Exemple", text)], sections=[], **kwargs)


class FctvaRegimeEdit(EditPage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_fctva_regimes)
    form_class, service = FctvaRegimeForm, staticmethod(services.save_owned)
    title = "Régime du FCTVA"
    crumbs = (("Régimes du FCTVA", "/regimes-fctva/"),)
    detail_url, list_url = "governance:fctvaregime_detail", "governance:fctvaregime_list"


class FctvaRegimeDelete(DeletePage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_fctva_regimes)
    service, list_url = staticmethod(services.delete_owned), "governance:fctvaregime_list"
