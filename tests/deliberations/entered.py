"""Sittings held in the tests: members called, items on the agenda, entries taken."""

from typing import Any
from uuid import uuid4

from deliberations import queries, services
from deliberations.models import Act, Ballot, Mandate, Sitting
from deliberations.services import Entered
from tests.factories import deliberations as make


class Room:
    """`states`: one letter a member, p(resent), r(epresented), a(bsent), e(xcused); named M0, M1… in the order of the table."""

    def __init__(self, authority: Any, states: str = "ppppp", items: int = 3, **fields: Any) -> None:
        self.assembly = make.AssemblyFactory(authority=authority)
        self.members: list[Mandate] = [
            make.MandateFactory(
                assembly=self.assembly, display_name=f"Mme M{rank}", rank=rank + 1, group=f"G{rank % 2}"
            )
            for rank in range(len(states))
        ]
        self.sitting: Sitting = make.SittingFactory(assembly=self.assembly, state="convened", **fields)
        self.acts: list[Act] = [make.ActFactory(sitting=self.sitting, number=str(rank + 1)) for rank in range(items)]
        names = {"p": "present", "r": "represented", "a": "absent", "e": "excused"}
        self.states = {str(member.pk): names[state] for member, state in zip(self.members, states, strict=True)}

    def open(self) -> "Room":
        self.enter("opened")
        self.enter("presence", states=self.states)
        return self

    def enter(self, kind: str, /, *, key: Any = None, by: Any = None, typed_at: Any = None, **payload: Any) -> Entered:
        """Members and acts stand for their keys."""
        said = {name: _key(value) for name, value in payload.items()}
        return services.enter(sitting=self.sitting, key=key or uuid4(), kind=kind, payload=said, by=by, at=typed_at)

    def examine(self, rank: int = 0) -> Act:
        self.enter("item_opened", act=self.acts[rank])
        return self.acts[rank]

    def vote(self, rank: int, others: str = "for", **said: Any) -> Act:
        act = self.examine(rank)
        self.enter("ballot", mode="by_name", others=others)
        self.enter("result", **said)
        act.refresh_from_db()
        return act

    def ballot(self, act: Act) -> Ballot:
        return Ballot.objects.get(act=act)

    @property
    def state(self) -> dict[str, Any]:
        return queries.sitting_state(self.sitting)


def _key(value: Any) -> Any:
    if isinstance(value, Mandate | Act):
        return value.pk
    if isinstance(value, list):
        return [_key(each) for each in value]
    return value
