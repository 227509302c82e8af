from datetime import date
from typing import Any

from django.forms import BaseForm
from django.urls import reverse

from deliberations import permissions, queries, services
from deliberations.domain.result import CheckResult
from deliberations.enums import ActState
from deliberations.filtersets import ActFilter
from deliberations.forms import (
    ActForm,
    ActIdentifierForm,
    BallotForm,
    ReporterForm,
    StatedAmountForm,
    StatedBudgetForm,
    StatedBudgetLineForm,
    StatedGrantForm,
    StatedProductForm,
)
from deliberations.models import Act
from deliberations.queries.register import verdict_of
from deliberations.tables import ActTable
from deliberations.views.adoption import adoption_action
from deliberations.views.base import ActPage
from deliberations.views.children import OfActDelete, OfActEdit
from deliberations.views.documents import document_actions, documents_of_act
from deliberations.views.strips import shown_findings, strip
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, DeletePage, EditPage, ListPage


class ActList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"
    filterset_class, table_class = ActFilter, ActTable
    title, search_placeholder = "Délibérations", "Numéro, intitulé, mots du texte"
    create = ("deliberations:act_draft", permissions.EDIT, "Nouvelle délibération")
    empty_text = "Une délibération se prépare depuis sa séance, avec son texte, son vote et ses dates."


class ActDetail(ActPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_acts)
    template_name = "deliberations/act_detail.html"

    def actions(self) -> list[Action]:
        key = self.object.pk
        history = self.history("deliberations:act_history")
        adoption = adoption_action(self.object, self.request.user)
        if not self.may(permissions.EDIT, self.object):
            return [*history, *adoption]
        return [
            *history,
            *adoption,
            *document_actions(self.object),
            Action("Modifier", reverse("deliberations:act_edit", args=[key]), "pencil"),
            Action("Vote", _vote_url(self.object), "vote", primary=self.object.state == ActState.DRAFT),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.object
        reading = queries.read_act(act)
        ballot = queries.visible_ballots(self.request.user).filter(act=act).first()
        told = ballot is not None or not hasattr(act, "ballot")  # a vote under way is the clerks'
        bar, total = _bar(reading.result) if told else ([], 0)
        return super().get_context_data(
            meta=[f"n° {act.number}" if act.number else act.get_kind_display(), str(act.sitting)],
            tiles=strip(queries.members_of(act.sitting, act), reading.result, past=act.sitting.past),
            result=reading.result,
            verdict=verdict_of(ballot, reading.result) if told else "",
            findings=shown_findings(reading.result) if told else [],
            compared=reading.compared,
            blocks=queries.text_of(act),
            ballot=ballot,
            choices=queries.choices_of(ballot) if ballot else [],
            bar=bar,
            bar_total=total,
            identifiers=act.identifiers.order_by("kind", "pk"),
            reporters=act.reporters.order_by("position"),
            secretaries=act.sitting.secretaries.order_by("position"),
            amounts=act.stated_amounts.order_by("position"),
            summary=[("Exécutoire", _executory(queries.executory_day(act))), *_dates(act)],
            plan_link=_plan_link(act, self.request.user),
            scenario_link=_scenario_link(act, self.request.user),
            moved=queries.moved_figures(act),
            opinions=act.opinions.order_by("held_on", "pk"),
            annexes=queries.visible_annexes(self.request.user).filter(act=act).order_by("position"),
            **documents_of_act(self.request, act),
            unsigned=self._unsigned(),
            **kwargs,
        )

    def _unsigned(self) -> str:
        """What the circuit of a draft lacks, for the staff."""
        act = self.object
        told = not act.sitting.past and self.may(permissions.VIEW_DRAFTS, act)
        return queries.unfinished_circuits([act]).get(act.pk, "") if told else ""


def _vote_url(act: Act) -> str:
    ballot = getattr(act, "ballot", None)
    if ballot is None:
        return f"{reverse('deliberations:ballot_create')}?act={act.pk}"
    return reverse("deliberations:ballot_edit", args=[ballot.pk])


def _bar(result: CheckResult) -> tuple[list[dict[str, Any]], int]:
    """Segments of the vote bar, in votes."""
    tally, segments, total = result.tally, [], 0
    for code, width in (("for", tally.in_favour), ("against", tally.against), ("abstain", tally.abstain)):
        if width:
            segments.append({"code": code, "x": total, "width": width})
            total += width
    return segments, total


def _dates(act: Act) -> list[tuple[str, Any]]:
    rows = (
        ("Convocation envoyée", act.sitting.convened_on),
        ("Séance", act.sitting.held_on),
        ("Transmise", act.transmitted_on),
        ("Reçue en préfecture", act.received_on),
        ("Affichée", act.posted_on),
        ("Publiée", act.published_on),
    )
    return [(label, day(date)) for label, date in rows]


def _executory(since: date | None) -> str:
    if since is None:
        return "Pas encore : il faut la réception en préfecture et la publication."
    return f"Le {since:%d/%m/%Y}"


def _plan_link(act: Act, user: Any) -> str:
    seen = act.plan_id and visible_plans(user).filter(pk=act.plan_id).exists()
    return reverse("governance:plan_detail", args=[act.plan_id]) if seen else ""


def _scenario_link(act: Act, user: Any) -> str:
    seen = act.scenario_id and visible_scenarios(user).filter(pk=act.scenario_id).exists()
    return reverse("governance:scenario_detail", args=[act.scenario_id]) if seen else ""


class ActEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"
    form_class, service, title = ActForm, staticmethod(services.save_act), "Délibération"
    detail_url, list_url = "deliberations:act_detail", "deliberations:act_list"


class ActDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"
    service, list_url = staticmethod(services.delete_act), "deliberations:act_list"


class BallotEdit(OfActEdit):
    queryset, title, home = staticmethod(queries.visible_ballots), "Vote", "deliberations:act_detail"
    form_class, service = BallotForm, staticmethod(services.record_vote)
    template_name = "deliberations/ballot.html"

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        return services.record_vote(
            act=kwargs["instance"].act,
            fields=form.ballot_fields(),  # type: ignore[attr-defined]
            votes=form.votes(),  # type: ignore[attr-defined]
            by=kwargs["by"],
            reason=kwargs["reason"],
        )


class BallotDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_ballots), staticmethod(services.delete_ballot)
    home = "deliberations:act_detail"


class ReporterEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_reporters), "Rapporteur"
    form_class, service = ReporterForm, staticmethod(services.save_of_act)


class ReporterDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_reporters), staticmethod(services.delete_of_act)


class ActIdentifierEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_identifiers), "Identifiant de l'acte"
    form_class, service = ActIdentifierForm, staticmethod(services.save_identifier)


class ActIdentifierDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_identifiers), staticmethod(services.delete_of_act)


class StatedAmountEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_stated_amounts), "Montant écrit"
    form_class, service = StatedAmountForm, staticmethod(services.save_of_act)


class StatedAmountDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_stated_amounts), staticmethod(services.delete_of_act)


class StatedBudgetEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_stated_budgets), "Budget écrit"
    form_class, service = StatedBudgetForm, staticmethod(services.save_of_act)


class StatedBudgetDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_stated_budgets), staticmethod(services.delete_of_act)


class OfBudget:
    parent, home_path = "budget", "budget__act"
    authority_path = "budget__act__sitting__assembly__authority"


class StatedBudgetLineEdit(OfBudget, OfActEdit):
    queryset, title = staticmethod(queries.visible_stated_budget_lines), "Ligne du budget écrit"
    form_class, service = StatedBudgetLineForm, staticmethod(services.save_budget_line)


class StatedBudgetLineDelete(OfBudget, OfActDelete):
    queryset, service = staticmethod(queries.visible_stated_budget_lines), staticmethod(services.delete_budget_line)


class StatedGrantEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_stated_grants), "Subvention écrite"
    form_class, service = StatedGrantForm, staticmethod(services.save_of_act)


class StatedGrantDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_stated_grants), staticmethod(services.delete_of_act)


class StatedProductEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_stated_products), "Coût unitaire écrit"
    form_class, service = StatedProductForm, staticmethod(services.save_of_act)


class StatedProductDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_stated_products), staticmethod(services.delete_of_act)
