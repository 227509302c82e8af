"""« Rédaction »: the text of an act with all that goes with it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import FormView

from deliberations import permissions, queries, services
from deliberations.domain.figures import FIGURES
from deliberations.enums import ActState, ClauseKind
from deliberations.filtersets.drafting import CommissionOpinionFilter
from deliberations.forms import ActClauseForm, CommissionOpinionForm, DraftForm, SummaryNoteForm
from deliberations.forms.drafting import VERBS
from deliberations.models import Act, ActClause
from deliberations.queries.circuit import circuit_of
from deliberations.tables.drafting import CommissionOpinionTable
from deliberations.views.base import ActPage
from deliberations.views.children import OfActDelete, OfActEdit
from deliberations.views.steps import ActStep
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import Action, EditPage, ListPage, Page

# The order of an act; a new passage goes after those of its kind, else where its kind comes.
ORDER = (
    (ClauseKind.TITLE, ClauseKind.PARAGRAPH, ClauseKind.ITEM),
    (ClauseKind.VISA,),
    (ClauseKind.CONSIDERANT,),
    (ClauseKind.PREAMBLE,),
    (ClauseKind.ARTICLE,),
)
RANKS = {kind: rank for rank, kinds in enumerate(ORDER) for kind in kinds}


class ActCompose(ActPage):
    """Every piece of the act, each with its own edit page."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)
    template_name = "deliberations/act_compose.html"

    def summary(self) -> list[tuple[str, Any]]:
        act = self.object
        last = act.versions.order_by("-number").first()
        return [
            ("Séance", act.sitting),
            ("Matière", f"{act.matter_code} {act.matter_label}".strip()),
            ("Plan", act.plan),
            ("Scénario", act.scenario),
            ("Dernière version gardée", f"n° {last.number}" if last else "aucune"),
        ]

    def actions(self) -> list[Action]:
        key = self.object.pk
        return [
            Action("Garder une version", reverse("deliberations:version_keep", args=[key]), "save", method="post"),
            Action(
                "En faire un modèle",
                reverse("deliberations:act_template", args=[key]),
                "copy",
                method="post",
                confirm=f"Ajouter le texte de « {self.object.title} » aux modèles de la collectivité ?",
            ),
            Action("Modifier l'acte", reverse("deliberations:act_edit", args=[key]), "pencil"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.object
        clauses = queries.shown_clauses(act)
        return super().get_context_data(
            clauses=clauses,
            additions=_additions(act, clauses),
            still_draft=act.state == ActState.DRAFT or act.sitting.past,
            circuit=circuit_of(act, self.request.user),
            moved=queries.moved_figures(act),
            annexes=act.annexes.select_related("document").defer("document__content").order_by("position"),
            opinions=act.opinions.order_by("held_on", "pk"),
            reporters=act.reporters.order_by("position"),
            sections=[_section(*piece) for piece in _pieces(act)],
            **kwargs,
        )


def _additions(act: Act, clauses: list[queries.ShownClause]) -> list[dict[str, str]]:
    address = reverse("deliberations:clause_create")
    found = []
    for kind, label in ClauseKind.choices:
        before = [clause.position for clause in clauses if RANKS[ClauseKind(clause.kind)] <= RANKS[ClauseKind(kind)]]
        place = max(before, default=0) + 1
        found.append({"label": str(label), "url": f"{address}?act={act.pk}&kind={kind}&position={place}"})
    return found


def _pieces(act: Act) -> list[tuple[str, str, str, Any]]:
    """What is written of the act beside its text, for the checks."""
    budget = getattr(act, "stated_budget", None)
    pieces: list[tuple[str, str, str, Any]] = [
        ("Identifiants", "identifier", f"?act={act.pk}", act.identifiers.order_by("kind", "pk")),
        ("Montants écrits", "statedamount", f"?act={act.pk}", act.stated_amounts.order_by("position")),
        ("Subventions écrites", "statedgrant", f"?act={act.pk}", act.stated_grants.order_by("position")),
        ("Coûts unitaires écrits", "statedproduct", f"?act={act.pk}", act.stated_products.order_by("position")),
        ("Budget écrit", "statedbudget", "" if budget else f"?act={act.pk}", [budget] if budget else []),
    ]
    if budget:
        lines = budget.lines.order_by("position")
        pieces.append(("Lignes du budget écrit", "statedbudgetline", f"?budget={budget.pk}", lines))
    return pieces


def _section(heading: str, name: str, query: str, rows: Any) -> dict[str, Any]:
    return {
        "heading": heading,
        "create_url": f"{reverse(f'deliberations:{name}_create')}{query}" if query else "",
        "rows": [
            {
                "row": row,
                "edit_url": reverse(f"deliberations:{name}_edit", args=[row.pk]),
                "delete_url": reverse(f"deliberations:{name}_delete", args=[row.pk]),
            }
            for row in rows
        ],
    }


class ActClauseEdit(OfActEdit):
    """A passage, with the figures of the plan beside it."""

    queryset, title = staticmethod(queries.visible_clauses), "Passage du texte"
    form_class, service = ActClauseForm, staticmethod(services.save_clause)
    template_name = "deliberations/clause_edit.html"

    def get_success_url(self) -> str:
        return f"{super().get_success_url()}#passage-{self.object.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        act = self.parent_row or (self.object.act if self.object else None)
        live = queries.live_figures(act) if act is not None else {}
        figures = [
            {
                "key": key,
                "label": figure.label,
                "value": "" if figure.block else live.get(key, ""),
                "block": figure.block,
            }
            for key, figure in FIGURES.items()
        ]
        return {"figures": figures, "computed": bool(live), "verbs": VERBS, **context}


class ActClauseDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_clauses), staticmethod(services.delete_clause)


class ClauseMove(ActStep):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_clauses)
    authority_path = "act__sitting__assembly__authority"

    def perform(self, row: ActClause) -> str:
        up = self.request.POST.get("sens") == "haut"
        if services.move_clause(clause=row, up=up, by=self.request.user):
            return f"« {row.get_kind_display()} » est déplacé d'un rang vers le {'haut' if up else 'bas'}."
        return f"« {row.get_kind_display()} » est déjà au {'début' if up else 'bout'} du texte."

    def back_url(self, row: ActClause) -> str:
        return f"{reverse('deliberations:act_compose', args=[row.act_id])}#passage-{row.pk}"


class CommissionOpinionList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_opinions)
    authority_path = "act__sitting__assembly__authority"
    filterset_class, table_class = CommissionOpinionFilter, CommissionOpinionTable
    title, search_placeholder = "Avis des commissions", "Commission, intitulé de l'acte"
    empty_text = "Un avis s'ajoute depuis la rédaction de son acte."


class CommissionOpinionEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_opinions), "Avis d'une commission"
    form_class, service = CommissionOpinionForm, staticmethod(services.save_of_act)


class CommissionOpinionDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_opinions), staticmethod(services.delete_of_act)


class SummaryNoteEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"
    form_class, service, title = SummaryNoteForm, staticmethod(services.save_act), "Note de synthèse"
    detail_url, list_url = "deliberations:act_compose", "deliberations:act_list"


class ActDraft(Page, FormView):
    """A new act for a sitting to come, from a model."""

    permission, form_class = permissions.EDIT, DraftForm
    template_name, title = "deliberations/act_draft.html", "Nouvelle délibération"
    crumbs = (("Délibérations", "/deliberations/"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "scope": self.request.scope}

    def get_initial(self) -> dict[str, Any]:
        given = {name: asked_key(self.request.GET.get(name)) for name in ("sitting", "template", "plan", "scenario")}
        return {name: key for name, key in given.items() if key is not None}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        if not permissions.EDIT.granted(self.request.user, data["sitting"].assembly.authority):
            raise PermissionDenied
        try:
            act = services.draft_act(**data, by=self.request.user)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        except ValidationError as error:
            for name, told in getattr(error, "error_dict", {None: [error]}).items():
                form.add_error(name if name in form.fields else None, told)
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, f"« {act.title} » est un projet : compléter son texte.")
        return HttpResponseRedirect(reverse("deliberations:act_compose", args=[act.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            submit_label="Rédiger le projet", cancel_url=reverse("deliberations:act_list"), **kwargs
        )
