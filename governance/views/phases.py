"""The phases of a programme and the schools found equipped in each."""

from typing import Any, ClassVar

from django.urls import reverse

from governance import permissions, queries, services
from governance.enums import PhaseState, Verdict
from governance.filtersets import EquippedSchoolFilter, ProgrammePhaseFilter
from governance.forms import (
    EquippedSchoolForm,
    PhaseDayForm,
    ProgrammePhaseForm,
    RecordEquippedForm,
    VerdictForm,
)
from governance.models import ProgrammePhase, ProgrammeVersion
from governance.tables import PHASE_TONES, EquippedSchoolTable, ProgrammePhaseTable
from governance.views.actions import history_action
from governance.views.results import lines_url
from governance.views.sections import Editing, Row, Rows, columns
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import day, integer, yes_no
from plan_numerique.web.views import Action, AskPage, ChildDeletePage, ChildEditPage, DetailPage, EditPage, ListPage

EQUIPPED = "equippedschool"
SHOWN_SCHOOLS = 30


class PhaseList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.listed_phases)
    authority_path = "plan__authority"
    filterset_class, table_class = ProgrammePhaseFilter, ProgrammePhaseTable
    title, search_placeholder = "Phases des programmes", "Plan, intitulé, observation"
    empty_text = "Les phases naissent de l'adoption d'un scénario : une par exercice du programme."


class OfPhase:
    """What the pages of a phase share."""

    queryset = staticmethod(queries.listed_phases)
    authority_path = "plan__authority"
    object: Any

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.object.plan
        return [
            (plan.name, reverse("governance:plan_detail", args=[plan.pk])),
            ("Programme", reverse("governance:plan_programme", args=[plan.pk])),
        ]


class PhaseDetail(OfPhase, DetailPage):
    permission = permissions.VIEW
    template_name = "governance/phase_detail.html"

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": PHASE_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        phase: ProgrammePhase = self.object
        verdict = Verdict(phase.verdict).label if phase.pilot else "sans objet"
        if phase.verdict_on:
            verdict = f"{verdict}, le {phase.verdict_on:%d/%m/%Y}"
        return [
            ("Plan", phase.plan),
            ("Exercice", str(phase.exercise)),
            ("Commencée le", day(phase.started_on)),
            ("Achevée le", day(phase.done_on)),
            ("Cohorte pilote", yes_no(phase.pilot)),
            ("Suite du pilote", verdict),
        ]

    def actions(self) -> list[Action]:
        phase: ProgrammePhase = self.object
        if not self.may(permissions.STEER, phase):
            return history_action(self)
        found = []
        if phase.state == PhaseState.PLANNED:
            found.append(self._link("Commencer la phase", "start", "play", primary=not self.blocked))
        if phase.state == PhaseState.RUNNING:
            found.append(self._link("Noter des écoles équipées", "record", "list-checks", primary=True))
            found.append(self._link("Achever la phase", "finish", "check"))
        if phase.pilot and phase.started_on:
            found.append(self._link("Décider la suite du pilote", "verdict", "stamp"))
        return [*found, self._link("Modifier", "edit", "pencil"), *history_action(self)]

    def _link(self, label: str, verb: str, icon: str, *, primary: bool = False) -> Action:
        return Action(label, reverse(f"governance:programmephase_{verb}", args=[self.object.pk]), icon, primary=primary)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phase: ProgrammePhase = self.object
        self.blocked = services.start_refusal(phase) if phase.state == PhaseState.PLANNED else ""
        version = queries.current_version(phase.plan)
        return super().get_context_data(
            phase=phase,
            blocked=self.blocked,
            sections=[self._equipped(), *([self._missing(version), self._purchases(version)] if version else [])],
            **kwargs,
        )

    def _equipped(self) -> Rows:
        phase: ProgrammePhase = self.object
        open_for_me = phase.state == PhaseState.RUNNING and self.may(permissions.STEER, phase)
        editing = Editing(open_for_me, "phase", phase.pk)
        schools = queries.equipped_schools_of(phase)
        rows = [
            editing.row(
                EQUIPPED,
                row.pk,
                (row.school, row.school.commune, day(row.equipped_on), integer(row.classes), integer(row.pupils)),
                reverse("schools:school_detail", args=[row.school_id]),
            )
            for row in schools[:SHOWN_SCHOOLS]
        ]
        classes, pupils = sum(row.classes for row in schools), sum(row.pupils for row in schools)
        return Rows(
            "equipees",
            "Écoles équipées",
            columns("École", "Commune", "Équipée le", "#Classes", "#Élèves"),
            rows,
            editing.add(EQUIPPED),
            "Ajouter une école",
            "Aucune école notée équipée dans cette phase.",
            f"{counted(len(schools), 'école')}, {counted(classes, 'classe')}, {counted(pupils, 'élève')}.{_cut(schools)}"
            if rows
            else "",
            equipped_url(phase=phase.pk),
            "Voir la liste, l'exporter",
        )

    def _missing(self, version: ProgrammeVersion) -> Rows:
        phase: ProgrammePhase = self.object
        equipped = set(phase.plan.equipped_schools.values_list("school_id", flat=True))
        forecast = queries.forecast_schools(version.run, phase.exercise)
        missing = [row for row in forecast if row.school_id not in equipped]
        rows = [
            Row(
                (row.label, row.place, integer(row.classes), integer(row.pupils), display_euros(row.ttc)),
                reverse("schools:school_detail", args=[row.school_id]),
            )
            for row in missing[:SHOWN_SCHOOLS]
        ]
        return Rows(
            "a-equiper",
            "Écoles prévues, pas encore équipées",
            columns("École", "Commune", "#Classes", "#Élèves", "#Coût TTC sur le plan"),
            rows,
            empty="Aucune école prévue dans cette phase ne reste à équiper.",
            note=f"{counted(len(missing), 'école')}.{_cut(missing)}" if missing else "",
            more_url=f"{reverse('governance:run_schools', args=[version.run_id])}?exercise_entered={phase.exercise}",
            more_label="Voir toutes les écoles prévues",
        )

    def _purchases(self, version: ProgrammeVersion) -> Rows:
        phase: ProgrammePhase = self.object
        bought = queries.purchases(version.run, phase.exercise)
        filters = {"exercise": phase.exercise, "kind": "item"}
        rows = [
            Row(
                (row.label or row.code, integer(row.quantity), display_euros(row.ht), display_euros(row.ttc)),
                lines_url(version.run, **filters, code=row.code),
            )
            for row in bought
        ]
        return Rows(
            "a-commander",
            "Ce que l'exercice commande",
            columns("Article", "#Quantité", "#HT", "#TTC"),
            rows,
            empty="Le programme n'achète aucun article cet exercice.",
            note=f"Selon le {str(version).lower()}, {str(version.run).lower()}." if rows else "",
            more_url=lines_url(version.run, **filters),
            more_label="Voir les lignes, les exporter",
        )


def _cut(rows: list[Any]) -> str:
    return f" Les {SHOWN_SCHOOLS} premières sont montrées ici." if len(rows) > SHOWN_SCHOOLS else ""


def equipped_url(**filters: int) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{reverse(f'governance:{EQUIPPED}_list')}?{query}"


class PhaseEdit(EditPage):
    permission, queryset = permissions.STEER, staticmethod(queries.listed_phases)
    authority_path = "plan__authority"
    form_class, service = ProgrammePhaseForm, staticmethod(services.save_phase)
    title = "Phase du programme"
    crumbs = (("Phases des programmes", "/phases-du-programme/"),)
    detail_url = "governance:programmephase_detail"


class PhaseAct(OfPhase, AskPage):
    permission = permissions.STEER
    verb: ClassVar[str] = ""

    def get_success_url(self) -> str:
        return reverse("governance:programmephase_detail", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=f"{self.verb} : {self.object}", **kwargs)


class PhaseStart(PhaseAct):
    form_class, verb = PhaseDayForm, "Commencer la phase"
    submit_label, done = "Commencer la phase", "La phase est commencée."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "label": "Commencée le"}

    def perform(self, data: dict[str, Any]) -> Any:
        return services.start_phase(phase=self.object, on=data["on"], by=self.request.user)


class PhaseFinish(PhaseAct):
    template_name = "governance/phase_finish.html"
    form_class, verb = PhaseDayForm, "Achever la phase"
    submit_label, done = "Achever la phase", "La phase est achevée : ce qu'elle a fait ne change plus."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "label": "Achevée le"}

    def perform(self, data: dict[str, Any]) -> Any:
        return services.finish_phase(phase=self.object, on=data["on"], by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        missing = queries.schools_to_equip(self.object).count()
        return super().get_context_data(missing=missing, **kwargs)


class PhaseVerdict(PhaseAct):
    form_class, verb = VerdictForm, "Décider la suite du pilote"
    submit_label, done = "Enregistrer la décision", "La suite du pilote est décidée."

    def perform(self, data: dict[str, Any]) -> Any:
        return services.decide_pilot(phase=self.object, by=self.request.user, **data)


class PhaseRecord(PhaseAct):
    template_name = "governance/phase_record.html"
    form_class, verb = RecordEquippedForm, "Noter des écoles équipées"
    submit_label, done = "Noter ces écoles équipées", "Les écoles sont notées équipées."

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {**kwargs, "schools": queries.schools_to_equip(self.object)}

    def perform(self, data: dict[str, Any]) -> Any:
        return services.record_equipped(phase=self.object, by=self.request.user, **data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = f"{reverse(f'governance:{EQUIPPED}_create')}?phase={self.object.pk}"
        return super().get_context_data(one_url=one, **kwargs)


class EquippedList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_equipped_schools)
    authority_path = "plan__authority"
    filterset_class, table_class = EquippedSchoolFilter, EquippedSchoolTable
    title, search_placeholder = "Écoles équipées", "Nom, UAI"
    empty_text = "Les écoles se notent équipées depuis la page de leur phase."


class OfEquipped:
    parent, home, authority_path = "phase", "governance:programmephase_detail", "phase__plan__authority"
    permission, queryset = permissions.STEER, staticmethod(queries.visible_equipped_schools)


class EquippedEdit(OfEquipped, ChildEditPage):
    form_class, title = EquippedSchoolForm, "École équipée"
    service = staticmethod(services.save_equipped_school)


class EquippedDelete(OfEquipped, ChildDeletePage):
    service = staticmethod(services.delete_equipped_school)
