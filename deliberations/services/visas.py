"""The circuit of visas of an act: opened, given, sent back."""

from collections.abc import Iterable

from django.utils import timezone

from deliberations.domain import circuit
from deliberations.enums import ActState, VisaStage, VisaState
from deliberations.models import Act, VisaStep
from deliberations.queries.circuit import core_step
from deliberations.queries.versions import digest_of, snapshot
from deliberations.services.rows import OF_CLAUSE, delete_row, save_row
from deliberations.services.versions import keep_version
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

LONGEST_REMARK = 4_000
ONLY_DRAFTS = "« {act} » n'est plus un projet : son circuit de visas est clos."


def open_circuit(*, act: Act, stages: Iterable[str] = tuple(VisaStage), by: User | None) -> list[VisaStep]:
    """The stages that the act goes through, in their order. Opened again, it adds and takes away; a visa given stays."""
    wanted = set(stages)
    if not wanted or not wanted <= set(VisaStage):
        raise DomainError("Choisir au moins un visa parmi ceux de la liste.", field="stages")
    authority = act.sitting.assembly.authority
    with audit.action(
        "deliberations.circuit_opened", "Circuit de visas ouvert", by=by, authority=authority, target=act
    ):
        _require_draft(act)
        if not act.clauses.exists():
            raise DomainError("Rien n'est encore écrit : rédiger le texte avant de le soumettre aux visas.")
        held = {row.stage: row for row in act.visas.order_by("position")}
        for stage, row in held.items():
            if stage not in wanted:
                if row.state == VisaState.GIVEN:
                    raise DomainError(f"Le visa « {row.get_stage_display()} » est donné : il reste.", field="stages")
                delete_row(OF_CLAUSE, instance=row, by=by)
        keep_version(act=act, reason="Mise au circuit de visas", by=by)
        for position, stage in enumerate(VisaStage, 1):
            if stage in wanted and stage not in held:
                save_row(OF_CLAUSE, instance=VisaStep(act=act, position=position, stage=stage), by=by)
    return list(act.visas.order_by("position"))


def _require_draft(act: Act) -> None:
    stored = Act.objects.select_for_update().get(pk=act.pk)
    if stored.state != ActState.DRAFT:
        raise DomainError(ONLY_DRAFTS.format(act=act.title))


def sign_visa(*, step: VisaStep, given: bool, seen: str, remark: str = "", by: User | None) -> VisaStep:
    """Given, or sent back with a remark. `seen` is the digest of the text that was read (queries.versions): another text meanwhile is
    not signed unread."""
    remark = remark.strip()
    act = step.act
    if len(remark) > LONGEST_REMARK:
        raise DomainError(f"Une remarque a au plus {LONGEST_REMARK} caractères.", field="remark")
    if not given and not remark:
        raise DomainError("Un renvoi dit pourquoi : écrire la remarque.", field="remark")
    label = "Visa donné" if given else "Projet renvoyé"
    with audit.action(
        "deliberations.visa_given" if given else "deliberations.visa_returned",
        f"{label} : {step.get_stage_display()}",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
        reason=remark,
    ):
        _require_draft(act)
        _require_turn(act, step)
        if seen != digest_of(snapshot(act)):
            raise DomainError("Le texte a changé depuis sa lecture : le relire avant de viser.")
        step.refresh_from_db()
        step.version = keep_version(act=act, reason=label, by=by)
        step.state = VisaState.GIVEN if given else VisaState.RETURNED
        step.remark, step.given_at, step.given_by = remark, timezone.now(), by
        save_row(OF_CLAUSE, instance=step, by=by)
    return step


def _require_turn(act: Act, step: VisaStep) -> None:
    rows = list(act.visas.order_by("position"))
    current = circuit.current_of([core_step(row) for row in rows])
    if current is None:
        raise DomainError("Tous les visas sont donnés.")
    if current.position != step.position:
        waited = next(row for row in rows if row.position == current.position)
        raise DomainError(f"Ce n'est pas le tour de ce visa : « {waited.get_stage_display()} » vient avant.")
