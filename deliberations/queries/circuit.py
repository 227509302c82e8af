"""Visas: where the circuit of an act stands, and which ones wait for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from deliberations import permissions
from deliberations.domain import circuit as core
from deliberations.domain.names import presides
from deliberations.enums import ActState, VisaStage, VisaState
from deliberations.models import Act, Mandate, VisaStep
from deliberations.queries.versions import digest_of, snapshot


@dataclass(frozen=True)
class ShownStep:
    """`current`: its turn; `may_sign`: it is this user's to sign; `outdated`: given on a text that changed since."""

    row: VisaStep
    current: bool
    may_sign: bool
    outdated: bool


@dataclass(frozen=True)
class Circuit:
    steps: tuple[ShownStep, ...]
    complete: bool

    @property
    def given(self) -> int:
        return sum(step.row.state == VisaState.GIVEN for step in self.steps)

    @property
    def current(self) -> ShownStep | None:
        return next((step for step in self.steps if step.current), None)


def core_step(row: VisaStep) -> core.Step:
    return core.Step(row.position, row.state)


def circuit_of(act: Act, user: Any) -> Circuit:
    """Two queries, one more for the text; two for the mandates of an elected member at the mayor's visa."""
    rows = list(act.visas.select_related("version", "given_by").order_by("position"))
    steps = [core_step(row) for row in rows]
    current = core.current_of(steps)
    text = digest_of(snapshot(act)) if rows else ""
    shown = []
    for row in rows:
        turn = current is not None and row.position == current.position
        may_sign = turn and act.state == ActState.DRAFT and may_give(user, row.stage, act)
        seen = row.version is not None and row.state == VisaState.GIVEN
        outdated = seen and digest_of({"title": row.version.title, "clauses": row.version.clauses}) != text  # type: ignore[union-attr]
        shown.append(ShownStep(row, turn, may_sign, outdated))
    return Circuit(tuple(shown), core.is_complete(steps))


def may_give(user: Any, stage: str, act: Act) -> bool:
    """By the role; as mayor or president, by the mandate too."""
    if permissions.SIGNERS[stage].granted(user, act.sitting.assembly.authority):
        return True
    return stage == VisaStage.MAYOR and Act.objects.filter(_as_mayor(user), pk=act.pk).exists()


def _as_mayor(user: Any, to_act: str = "") -> Q:
    """Acts that the user signs by the mandate of their own account: head of the assembly, chair of the sitting, or signatory."""
    held = held_mandates(user)
    sitting, own = f"{to_act}sitting", [row.pk for row in held]
    headed = [row.assembly_id for row in held if presides(row.function, row.assembly.kind)]
    named = Q(**{f"{to_act}signatory__in": own}) | Q(**{f"{sitting}__chair__in": own})
    elected = permissions.SIGN_MAYOR.authorities(user)
    return Q(**{f"{sitting}__assembly__authority__in": elected}) & (named | Q(**{f"{sitting}__assembly__in": headed}))


def held_mandates(user: Any) -> list[Mandate]:
    """Mandates in office today of the user's own account."""
    if not permissions.SIGN_MAYOR.anywhere(user):
        return []
    today = localdate()
    return list(
        Mandate.objects.select_related("assembly")
        .filter(Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gte=today))
        .filter(contact__user=user.pk)
    )


def _no_step_before() -> Q:
    """Of a step: all those before it are given."""
    before = VisaStep.objects.filter(act=OuterRef("act"), position__lt=OuterRef("position"))
    return ~Q(Exists(before.exclude(state=VisaState.GIVEN)))


def waiting_visas(user: Any) -> QuerySet[VisaStep]:
    """Steps whose turn it is, of drafts, that the user's role signs; not those sent back, which wait for the drafter."""
    held = Q(stage=VisaStage.MAYOR) & _as_mayor(user, "act__")
    for stage in VisaStage:
        signed = permissions.SIGNERS[stage].authorities(user)
        held |= Q(stage=stage, act__sitting__assembly__authority__in=signed)
    return VisaStep.objects.select_related("act__sitting__assembly__authority", "given_by", "version").filter(
        held, _no_step_before(), state=VisaState.WAITING, act__state=ActState.DRAFT
    )


def acts_at_mayor(user: Any) -> QuerySet[VisaStep]:
    """Of drafts, the mayor's steps whose turn has come, that the user gives as mayor or president."""
    return VisaStep.objects.filter(
        _no_step_before(), _as_mayor(user, "act__"), stage=VisaStage.MAYOR, act__state=ActState.DRAFT
    )


def acts_to_sign(user: Any) -> QuerySet[Act]:
    """Whose circuit the user may follow: the staff's, and those that have come to the mayor."""
    staff = Q(sitting__assembly__authority__in=permissions.FOLLOW_VISAS.authorities(user))
    return Act.objects.select_related("sitting__assembly__authority", "plan", "scenario").filter(
        staff | Q(pk__in=acts_at_mayor(user).values("act"))
    )


def unfinished_circuits(acts: Iterable[Act]) -> dict[int, str]:
    """Drafts whose circuit is not complete, with what to say of it; one query whatever their number."""
    drafts = [act.pk for act in acts if act.state == ActState.DRAFT]
    states: dict[int, list[str]] = {pk: [] for pk in drafts}
    for act, state in VisaStep.objects.filter(act__in=drafts).values_list("act_id", "state"):
        states[act].append(state)
    return {pk: sentence for pk, held in states.items() if (sentence := _unfinished(held))}


def _unfinished(states: list[str]) -> str:
    given = states.count(VisaState.GIVEN)
    if not states:
        return "Circuit de visas non ouvert"
    if VisaState.RETURNED in states:
        return f"Renvoyée, {given} visa{'s' * (given > 1)} sur {len(states)}"
    return "" if given == len(states) else f"{given} visa{'s' * (given > 1)} sur {len(states)}"
