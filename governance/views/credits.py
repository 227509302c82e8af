"""Authorisations and their credits: the list, one of them on any day, what the plan announces."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.forms import DateField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance import permissions, queries, services
from governance.enums import ExpenseStage, VersionKind
from governance.filtersets import AuthorisationFilter, AuthorisationVersionFilter
from governance.forms import AuthorisationForm
from governance.models import Authorisation
from governance.queries import AuthorisationStatement
from governance.reports.credits import credits_chart
from governance.tables import VERSION_TONES, AuthorisationTable, AuthorisationVersionTable
from governance.views.actions import history_action
from governance.views.parts import PlanPartDelete, PlanPartEdit
from governance.views.sections import Row, Rows, columns
from plan_numerique.documents.charts import Look
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.wording import counted
from plan_numerique.web.views import Action, DetailPage, ListPage

SHOWN_PIECES = 20
PIECES = {
    ExpenseStage.COMMITMENT: ("engagements", "Engagements", "Aucun engagement."),
    ExpenseStage.PAYMENT: ("paiements", "Paiements", "Aucun paiement."),
}
NOT_A_DAY = "Cette date n'est pas reconnue : l'état montré est celui d'aujourd'hui."


def asked_day(request: HttpRequest) -> tuple[date | None, str]:
    """The day of `?au=`, and what is wrong with it."""
    text = request.GET.get("au", "").strip()
    if not text:
        return None, ""
    try:
        return DateField().clean(text), ""
    except ValidationError:
        return None, NOT_A_DAY


class AuthorisationList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_authorisations)
    authority_path = "plan__authority"
    filterset_class, table_class = AuthorisationFilter, AuthorisationTable
    title, search_placeholder = "Autorisations et crédits", "Intitulé, code, plan"
    create = ("governance:authorisation_create", permissions.EDIT_MONEY, "Ajouter une autorisation")
    intro = "Autorisations de programme (AP) et leurs crédits de paiement (CP), telles que le conseil les a votées."
    empty_text = (
        "Une autorisation dit jusqu'où l'on peut engager ; ses crédits de paiement, ce qui se paie chaque année."
    )


class VersionList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_authorisation_versions)
    authority_path = "authorisation__plan__authority"
    filterset_class, table_class = AuthorisationVersionFilter, AuthorisationVersionTable
    title, search_placeholder = "Votes des autorisations", "Délibération, motif, autorisation"
    empty_text = "Chaque vote fait une version : ouverture, révision, report de crédits, clôture."


class AuthorisationDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_authorisations)
    authority_path = "plan__authority"
    template_name = "governance/authorisation_detail.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.object.plan
        return [
            ("Autorisations et crédits", reverse("governance:authorisation_list")),
            (plan.name, reverse("governance:plan_credits", args=[plan.pk])),
        ]

    def summary(self) -> list[tuple[str, Any]]:
        row: Authorisation = self.object
        return [
            ("Plan", row.plan),
            ("Code", row.code),
            ("Section", row.get_section_display()),
            ("Exercices", f"{row.first_exercise} à {row.last_exercise}"),
            ("Observation", row.note),
            ("Source", row.source),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Authorisation = self.object
        self.day, wrong = asked_day(self.request)
        today = timezone.localdate()
        self.statement = queries.statement_of(row, self.day, today)
        look = Look.of(row.plan.authority.accent)
        return super().get_context_data(
            day=self.day,
            day_wrong=wrong,
            today=today,
            tiles=_tiles(row, self.statement),
            statement=self.statement,
            totals=totals(self.statement),
            chart=credits_chart(self.statement, look),
            versions=[_version(entry) for entry in reversed(self.statement.versions)],
            exercises=_exercises(self.statement, self.day),
            commitments=_pieces(self.statement, ExpenseStage.COMMITMENT, self.day),
            payments=_pieces(self.statement, ExpenseStage.PAYMENT, self.day),
            calendars_url=reverse("governance:plan_calendars", args=[row.plan_id]),
            **kwargs,
        )

    def state(self) -> dict[str, str]:
        return state_of(self.statement)

    def actions(self) -> list[Action]:
        row: Authorisation = self.object
        if self.day or not self.may(permissions.EDIT_MONEY, row):
            return history_action(self)
        found = []
        if not self.statement.versions:
            found.append(self._vote("Ouvrir l'autorisation", "vote", "stamp", primary=True))
        elif not self.statement.closed:
            found += [
                self._vote("Réviser", "vote", "stamp", primary=True),
                self._vote("Reporter des crédits", "carry", "arrow-right"),
                self._vote("Clore", "close", "lock"),
            ]
        edit = reverse("governance:authorisation_edit", args=[row.pk])
        return [*found, Action("Modifier l'annonce", edit, "pencil"), *history_action(self)]

    def _vote(self, label: str, verb: str, icon: str, *, primary: bool = False) -> Action:
        return Action(label, reverse(f"governance:authorisation_{verb}", args=[self.object.pk]), icon, primary=primary)


def state_of(statement: AuthorisationStatement) -> dict[str, str]:
    if not statement.versions:
        return {"label": "Annoncée, non votée", "tone": "warning"}
    if statement.closed:
        return {"label": "Close", "tone": "neutral"}
    return {"label": f"Ouverte, version {statement.state.number}", "tone": "success"}


def totals(statement: AuthorisationStatement) -> dict[str, int]:
    """Of the table by exercise: each is the sum of its column."""
    rows = statement.exercises
    return {
        "credit": sum(row.credit for row in rows),
        "committed": sum(row.committed for row in rows),
        "paid": sum(row.paid for row in rows),
        "left": sum(row.left for row in rows),
        "unspent": sum(row.left for row in rows if row.ended),
        "available": sum(row.left for row in rows if not row.ended),
    }


def _tiles(row: Authorisation, statement: AuthorisationStatement) -> list[dict[str, Any]]:
    state, voted = statement.state, bool(statement.versions)
    gap = state.amount - row.amount
    said = f"écart avec l'annonce : {'+' if gap > 0 else ''}{display_euros(gap)}" if gap else "comme annoncé"
    return [
        {"label": "Annoncé", "figure": display_euros(row.amount), "trend": row.source and "par la source"},
        {
            "label": "Voté",
            "figure": display_euros(state.amount) if voted else "—",
            "trend": said if voted else "aucun vote",
            "tone": "warning" if voted and gap else "",
            "url": "#versions" if voted else "",
        },
        {
            "label": "Engagé",
            "figure": display_euros(state.committed),
            "trend": f"reste à engager : {display_euros(state.remaining_to_commit)}",
            "url": "#engagements",
        },
        {
            "label": "Payé",
            "figure": display_euros(state.paid),
            "trend": (
                f"reste à payer : {display_euros(state.remaining_to_pay)}"
                if state.remaining_to_pay >= 0
                else f"dont payé sans engagement noté ici : {display_euros(-state.remaining_to_pay)}"
            ),
            "url": "#paiements",
        },
    ]


def _version(entry: Any) -> dict[str, Any]:
    version = entry.version
    kind = VersionKind(version.kind)
    return {
        "version": version,
        "label": kind.label,
        "tone": VERSION_TONES[version.kind],
        "before": entry.before,
        "gap": version.amount - entry.before,
        "first": version.number == 1,
        "rows": [(str(year), before, after, after - before) for year, before, after in entry.credits],
        "credits_before": sum(before for _, before, _ in entry.credits),
        "credits_after": sum(after for _, _, after in entry.credits),
    }


def _exercises(statement: AuthorisationStatement, day: date | None) -> list[dict[str, Any]]:
    """Each with the address of its commitments and of its payments."""
    return [
        {
            "row": row,
            "committed_url": pieces_url(statement, ExpenseStage.COMMITMENT, day, row.exercise) if row.committed else "",
            "paid_url": pieces_url(statement, ExpenseStage.PAYMENT, day, row.exercise) if row.paid else "",
        }
        for row in statement.exercises
    ]


def pieces_url(statement: AuthorisationStatement, stage: str, day: date | None, exercise: int | None = None) -> str:
    asked: dict[str, Any] = {"authorisation": statement.authorisation.pk, "stage": stage}
    if exercise:
        asked["exercise"] = exercise
    if day:
        asked["dated_on_before"] = day.isoformat()
    return f"{reverse('governance:expense_list')}?{urlencode(asked)}"


def _pieces(statement: AuthorisationStatement, stage: ExpenseStage, day: date | None) -> Rows:
    """The latest pieces; the list behind has them all."""
    key, heading, empty = PIECES[stage]
    pieces = statement.commitments if stage == ExpenseStage.COMMITMENT else statement.payments
    rows = [
        Row(
            (
                piece.piece,
                f"{piece.dated_on:%d/%m/%Y}",
                str(piece.exercise),
                piece.label,
                piece.supplier or "—",
                display_euros(piece.ttc),
            ),
            reverse("governance:expense_detail", args=[piece.pk]),
        )
        for piece in reversed(pieces[-SHOWN_PIECES:])
    ]
    total = display_euros(sum(piece.ttc for piece in pieces))
    return Rows(
        key,
        heading,
        columns("Pièce", "Date", "Exercice", "Objet", "Tiers", "#TTC"),
        rows,
        empty=empty,
        note=f"Total : {total} TTC, {counted(len(pieces), 'pièce')}." if rows else "",
        more_url=pieces_url(statement, stage, day) if rows else "",
        more_label="Voir toutes les pièces, les filtrer, les exporter",
    )


class AuthorisationEdit(PlanPartEdit):
    """What the plan announces; what is voted changes by a vote only."""

    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_authorisations)
    form_class, service = AuthorisationForm, staticmethod(services.save_authorisation)
    title = "Autorisation : ce que le plan annonce"

    def get_success_url(self) -> str:
        return reverse("governance:authorisation_detail", args=[self.object.pk])


class AuthorisationDelete(PlanPartDelete):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_authorisations)
