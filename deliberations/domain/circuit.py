"""The circuit of visas that an act goes through before it is put on an agenda: one signs after the other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

WAITING, GIVEN, RETURNED = "waiting", "given", "returned"


@dataclass(frozen=True, slots=True)
class Step:
    position: int
    state: str


def current_of(steps: Sequence[Step]) -> Step | None:
    """The step whose turn it is, one sent back included; none once all are given."""
    return next((step for step in sorted(steps, key=lambda step: step.position) if step.state != GIVEN), None)


def is_complete(steps: Sequence[Step]) -> bool:
    return bool(steps) and current_of(steps) is None


def asked_again(steps: Sequence[Step], own: Collection[int]) -> list[Step]:
    """After a change of the text by whoever signs the steps at `own`: what was sent back, and every visa given after theirs. Those
    before stand, on the version they saw; somebody with no step in the circuit asks them all again."""
    place = min(own, default=0)
    return [step for step in steps if step.state == RETURNED or (step.state == GIVEN and step.position > place)]
