"""The programme of a plan: adopted version after version, conducted phase by phase. Each service holds the plan, so that two people
never write past each other."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from governance.domain.programme import Changes, rewritten
from governance.enums import PhaseState, Verdict
from governance.models import BudgetRun, Decision, EquippedSchool, Plan, ProgrammePhase, ProgrammeVersion, Scenario
from governance.queries import changes_by_adopting, current_version, forecast_schools
from governance.services.checks import require_same_authority, require_same_parent
from governance.services.reached import equip_schools, plan_schools, unequip_school
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from schools.models import School

HISTORY = "Ce qui est achevé ne se réécrit pas."
AMENDMENT_REASON = "Un avenant au programme dit son motif."
PILOT_RULE = "Les phases qui suivent une cohorte pilote attendent la décision « Généraliser »"
MOST_TOLD = 5


def hold_plan(plan: Plan) -> None:
    """Inside a transaction: what rests on the plan's programme waits for its end."""
    list(Plan.objects.select_for_update().filter(pk=plan.pk).values_list("pk"))


def add_version(
    *, scenario: Scenario, run: BudgetRun, by: User | None, reason: str = "", decision: Decision | None = None
) -> ProgrammeVersion:
    """The next version of the plan's programme, from a run of the scenario just adopted; its phases follow. Called inside the action
    that adopts, the plan held."""
    plan = scenario.plan
    number = (ProgrammeVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0) + 1
    if number > 1 and not reason.strip():
        raise DomainError(AMENDMENT_REASON, field="reason")
    if refusals := adoption_refusals(plan, changes_by_adopting(plan, run)):
        raise DomainError(" ".join(refusals))
    version: ProgrammeVersion = audit.save(
        instance=ProgrammeVersion(
            plan=plan,
            number=number,
            scenario=scenario,
            run=run,
            adopted_on=timezone.localdate(),
            adopted_by=by,
            reason=reason.strip(),
            decision=decision,
        ),
        by=by,
        authority=plan.authority,
    )
    _follow(plan, run, by)
    plan_schools(version=version, by=by)
    return version


def adoption_refusals(plan: Plan, found: Changes) -> list[str]:
    """Why a run may not become the programme: what it would rewrite of the phases already done."""
    done = set(ProgrammePhase.objects.filter(plan=plan, state=PhaseState.DONE).values_list("exercise", flat=True))
    schools, amounts = rewritten(found, done)
    told = [
        f"« {row.label} » : {_entry(row.before)} dans le programme, {_entry(row.after)} dans ce scénario"
        for row in schools[:MOST_TOLD]
    ]
    told += [
        f"exercice {row.year} : {display_euros(row.before.ttc)} TTC dans le programme, "
        f"{display_euros(row.after.ttc)} TTC dans ce scénario"
        for row in amounts[:MOST_TOLD]
    ]
    if not told:
        return []
    more = len(schools) + len(amounts) - len(told)
    others = f" ; et {more} autre{'s' * (more > 1)}" if more else ""
    years = ", ".join(str(year) for year in sorted(done))
    one = "L'exercice achevé" if len(done) == 1 else "Les exercices achevés"
    return [f"{HISTORY} {one} ({years}) changerai{'t' if len(done) == 1 else 'ent'} : {' ; '.join(told)}{others}."]


def _entry(year: int | None) -> str:
    return f"entrée en {year}" if year else "sans entrée"


def phases_to_add(plan: Plan, run: BudgetRun) -> list[int]:
    known = ProgrammePhase.objects.filter(plan=plan).values("exercise")
    return list(run.by_exercise.exclude(exercise__in=known).order_by("exercise").values_list("exercise", flat=True))


def phases_to_remove(plan: Plan, run: BudgetRun) -> list[ProgrammePhase]:
    """Those of exercises that the run no longer has, where nothing began."""
    return list(
        ProgrammePhase.objects.filter(plan=plan, state=PhaseState.PLANNED, equipped_schools=None)
        .exclude(exercise__in=run.by_exercise.values("exercise"))
        .order_by("exercise")
    )


def _follow(plan: Plan, run: BudgetRun, by: User | None) -> None:
    for phase in phases_to_remove(plan, run):
        audit.delete(instance=phase, by=by, authority=plan.authority)
    for year in phases_to_add(plan, run):
        audit.save(instance=ProgrammePhase(plan=plan, exercise=year), by=by, authority=plan.authority)


def _again(phase: ProgrammePhase) -> None:
    """The plan held: the state of the row in hand may be stale."""
    hold_plan(phase.plan)
    phase.refresh_from_db(fields=["state", "started_on", "done_on", "pilot", "verdict", "verdict_on", "verdict_reason"])


def save_phase(
    *, instance: ProgrammePhase, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> ProgrammePhase:
    """Its name, whether it is a pilot cohort, the observation: what is done and when goes by the other services."""
    if instance._state.adding:
        raise DomainError("Les phases du programme naissent de l'adoption d'un scénario.")
    require_same_parent(instance, "plan")
    with action(
        "governance.programmephase_updated",
        "Phase du programme modifiée",
        by=by,
        authority=instance.plan.authority,
        target=instance,
        reason=reason,
    ):
        hold_plan(instance.plan)
        stored = ProgrammePhase.objects.get(pk=instance.pk)
        for name in ("exercise", "state", "started_on", "done_on", "verdict", "verdict_on", "verdict_reason"):
            setattr(instance, name, getattr(stored, name))
        if stored.pilot != instance.pilot:
            _require_pilot_may_change(stored)
        return audit.save(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def _require_pilot_may_change(phase: ProgrammePhase) -> None:
    if phase.pilot and phase.state != PhaseState.PLANNED:
        raise DomainError("Une cohorte pilote commencée le reste : c'est sa suite qui se décide.", field="pilot")
    if not phase.pilot and phase.state == PhaseState.DONE:
        raise DomainError(f"« {phase} » est achevée. {HISTORY}", field="pilot")
    later = ProgrammePhase.objects.filter(plan=phase.plan_id, exercise__gt=phase.exercise)
    begun = later.exclude(state=PhaseState.PLANNED).order_by("exercise").first()
    if begun is not None:
        raise DomainError(
            f"Une cohorte pilote se désigne avant que les phases suivantes commencent : « {begun} » l'est déjà.",
            field="pilot",
        )


def start_phase(*, phase: ProgrammePhase, on: date, by: User | None) -> ProgrammePhase:
    with action("governance.phase_started", "Phase commencée", by=by, authority=phase.plan.authority, target=phase):
        _again(phase)
        if phase.state != PhaseState.PLANNED:
            raise DomainError(f"« {phase} » est déjà {phase.get_state_display().lower()}.")
        _require_past(on, "on")
        _require_go(phase)
        phase.state, phase.started_on = PhaseState.RUNNING, on
        return audit.save(instance=phase, by=by, authority=phase.plan.authority)


def start_refusal(phase: ProgrammePhase) -> str:
    """Why the phase may not start yet, for its page; empty where it may."""
    try:
        _require_go(phase)
    except DomainError as error:
        return error.message
    return ""


def _require_go(phase: ProgrammePhase) -> None:
    pilots = ProgrammePhase.objects.filter(plan=phase.plan_id, pilot=True, exercise__lt=phase.exercise)
    for pilot in pilots.order_by("exercise"):
        if pilot.verdict == Verdict.NONE:
            raise DomainError(f"{PILOT_RULE} : la suite de « {pilot} » n'est pas décidée.")
        if pilot.verdict == Verdict.NO_GO and not _amended_since(pilot):
            raise DomainError(
                f"{PILOT_RULE} : « {pilot} » a conclu « Ne pas généraliser » le {pilot.verdict_on:%d/%m/%Y}. "
                "Un avenant au programme dit ce qui vient à la place."
            )


def _amended_since(pilot: ProgrammePhase) -> bool:
    """Whether a version was adopted after the verdict was entered: dates of days do not tell two acts of one day apart."""
    entered = (
        pilot.history.filter(verdict=pilot.verdict, verdict_on=pilot.verdict_on, verdict_reason=pilot.verdict_reason)
        .order_by("history_id")
        .values_list("history_date", flat=True)
        .first()
    )
    adopted = ProgrammeVersion.history.filter(plan_id=pilot.plan_id, history_type="+")
    return entered is not None and adopted.filter(history_date__gt=entered).exists()


def finish_phase(*, phase: ProgrammePhase, on: date, by: User | None) -> ProgrammePhase:
    with action("governance.phase_done", "Phase achevée", by=by, authority=phase.plan.authority, target=phase):
        _again(phase)
        if phase.state != PhaseState.RUNNING or phase.started_on is None:
            raise DomainError(
                f"Seule une phase en cours s'achève : « {phase} » est {phase.get_state_display().lower()}."
            )
        _require_past(on, "on")
        if on < phase.started_on:
            raise DomainError(f"La phase a commencé le {phase.started_on:%d/%m/%Y} : elle s'achève après.", field="on")
        last = phase.equipped_schools.aggregate(last=Max("equipped_on"))["last"]
        if last and on < last:
            raise DomainError(f"Une école de la phase est équipée le {last:%d/%m/%Y}, après cette date.", field="on")
        phase.state, phase.done_on = PhaseState.DONE, on
        return audit.save(instance=phase, by=by, authority=phase.plan.authority)


def decide_pilot(*, phase: ProgrammePhase, verdict: str, on: date, reason: str, by: User | None) -> ProgrammePhase:
    """Go or no-go; it may be decided anew, the history keeps each."""
    label = Verdict(verdict).label if verdict in Verdict.values else ""
    with action(
        "governance.pilot_decided",
        f"Suite du pilote : {label}",
        by=by,
        authority=phase.plan.authority,
        target=phase,
        reason=reason,
    ):
        _again(phase)
        if verdict not in (Verdict.GO, Verdict.NO_GO):
            raise DomainError("La suite d'un pilote est « Généraliser » ou « Ne pas généraliser ».", field="verdict")
        if not phase.pilot:
            raise DomainError(f"« {phase} » n'est pas une cohorte pilote.")
        if phase.started_on is None:
            raise DomainError("La suite d'un pilote se décide une fois la cohorte commencée.")
        if not reason.strip():
            raise DomainError("La suite donnée à une cohorte pilote a sa date et son motif.", field="reason")
        _require_past(on, "on")
        if on < phase.started_on:
            raise DomainError(f"La cohorte a commencé le {phase.started_on:%d/%m/%Y}.", field="on")
        phase.verdict, phase.verdict_on, phase.verdict_reason = verdict, on, reason.strip()
        return audit.save(instance=phase, by=by, authority=phase.plan.authority, reason=reason)


def _require_past(on: date, field: str) -> None:
    if on > timezone.localdate():
        raise DomainError("Cette date est à venir : on note ici ce qui est fait.", field=field)


def save_equipped_school(
    *, instance: EquippedSchool, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> EquippedSchool:
    require_same_parent(instance, "phase")
    plan = instance.phase.plan
    with action(
        "governance.school_equipped", "École équipée", by=by, authority=plan.authority, target=instance, reason=reason
    ):
        _again(instance.phase)
        instance.plan = plan
        _require_equippable(instance.phase, instance.equipped_on)
        _prefill(instance)
        former = (
            EquippedSchool.objects.filter(pk=instance.pk).select_related("school__authority", "phase__plan").first()
        )
        audit.save(instance=instance, by=by, authority=plan.authority, reason=reason)
        if former is not None:
            unequip_school(row=former, by=by)
        equip_schools(rows=[instance], by=by)
        return instance


def _prefill(row: EquippedSchool) -> None:
    """Classes and pupils not given are those that the programme forecasts for the school."""
    given: tuple[int | None, int | None] = (row.classes, row.pupils)
    if None in given:
        classes, pupils = forecast_counts(row.phase).get(row.school_id, (0, 0))
        row.classes = classes if given[0] is None else given[0]
        row.pupils = pupils if given[1] is None else given[1]


def delete_equipped_school(*, instance: EquippedSchool, by: User | None, reason: str = "") -> None:
    with action(
        "governance.equippedschool_deleted",
        "École équipée retirée",
        by=by,
        authority=instance.plan.authority,
        target=instance,
        reason=reason,
    ):
        _again(instance.phase)
        _require_not_done(instance.phase)
        unequip_school(row=instance, by=by)
        audit.delete(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def record_equipped(
    *, phase: ProgrammePhase, schools: Iterable[School], equipped_on: date, by: User | None
) -> list[EquippedSchool]:
    """Several schools the same day, with the classes and pupils that the programme forecasts for each."""
    wanted = list(schools)
    if not wanted:
        raise DomainError("Cocher au moins une école.", field="schools")
    with action("governance.schools_equipped", "Écoles équipées", by=by, authority=phase.plan.authority, target=phase):
        _again(phase)
        require_same_authority(wanted, phase.plan.authority_id, field="schools")
        _require_equippable(phase, equipped_on)
        known = EquippedSchool.objects.filter(plan=phase.plan_id, school__in=wanted).select_related("school", "phase")
        if twice := known.order_by("school__name").first():
            raise DomainError(f"« {twice.school} » est déjà équipée (« {twice.phase} »).", field="schools")
        counts = forecast_counts(phase)
        rows = [
            EquippedSchool(
                phase=phase,
                plan=phase.plan,
                school=school,
                equipped_on=equipped_on,
                classes=counts.get(school.pk, (0, 0))[0],
                pupils=counts.get(school.pk, (0, 0))[1],
            )
            for school in wanted
        ]
        equip_schools(rows=rows, by=by)
        return audit.create_many(instances=rows, by=by, authority=phase.plan.authority, label="Écoles équipées")


def forecast_counts(phase: ProgrammePhase) -> dict[int, tuple[int, int]]:
    """Classes and pupils that the programme in force forecasts in the phase, by school."""
    version = current_version(phase.plan)
    if version is None:
        return {}
    rows = forecast_schools(version.run, phase.exercise).values_list("school_id", "classes", "pupils")
    return {school: (classes, pupils) for school, classes, pupils in rows}


def _require_equippable(phase: ProgrammePhase, on: date) -> None:
    _require_not_done(phase)
    if phase.started_on is None:
        raise DomainError(f"« {phase} » n'est pas commencée : la commencer, puis noter ses écoles équipées.")
    _require_past(on, "equipped_on")
    if on < phase.started_on:
        raise DomainError(
            f"La phase a commencé le {phase.started_on:%d/%m/%Y} : une école n'y est pas équipée avant.",
            field="equipped_on",
        )


def _require_not_done(phase: ProgrammePhase) -> None:
    if phase.state == PhaseState.DONE:
        raise DomainError(f"« {phase} » est achevée. {HISTORY}")
