"""What the pages of a sitting and of an act read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString

from deliberations.domain.compared import Compared, compare
from deliberations.domain.legal import LegalRules
from deliberations.domain.result import CheckResult
from deliberations.domain.verify import check
from deliberations.enums import ClauseKind, PassageKind, PresenceState, ProxyState, VoteChoice
from deliberations.models import Act, ActClause, Ballot, Mandate, PassageRange, Presence, Proxy, Sitting, Vote
from deliberations.queries.checking import act_input, rules_of, votes_of
from deliberations.queries.figures import figures_for
from deliberations.queries.rich import shown_clause

TOGETHER = frozenset({ClauseKind.ITEM, ClauseKind.VISA, ClauseKind.CONSIDERANT, ClauseKind.ARTICLE})


@dataclass(frozen=True)
class Group:
    """Members in one state; `holder` of each where they are represented."""

    label: str
    state: str
    rows: Sequence[tuple[Mandate, Mandate | None]]


def attendance_of(sitting: Sitting) -> list[Group]:
    """Two queries; states nobody is in are left out. Who is not there and gave a proxy is represented, however called."""
    rows: list[Presence] = list(sitting.presences.select_related("mandate").order_by("position", "mandate__rank", "pk"))
    proxies: list[Proxy] = list(
        sitting.proxies.filter(state=ProxyState.GIVEN).select_related("giver", "holder").order_by("pk")
    )
    holders = {proxy.giver_id: proxy.holder for proxy in proxies}
    labels = {
        PresenceState.PRESENT: "Présents",
        PresenceState.REPRESENTED: "Représentés",
        PresenceState.EXCUSED: "Excusés",
        PresenceState.ABSENT: "Absents",
    }
    states = {row.pk: shown_state(row.state, given=row.mandate_id in holders) for row in rows}
    groups = [
        Group(label, state, [(row.mandate, holders.get(row.mandate_id)) for row in rows if states[row.pk] == state])
        for state, label in labels.items()
    ]
    return [group for group in groups if group.rows]


def shown_state(called: str, *, given: bool) -> str:
    """How a member stands, from the call ("" where not called) and the proxy given, in the room or before."""
    return PresenceState.REPRESENTED if given and called != PresenceState.PRESENT else called


def passage_of(sitting: Sitting) -> dict[str, str]:
    """The order of passage in words, by kind."""
    rows: list[PassageRange] = list(sitting.passage_ranges.order_by("position"))
    labels = {PassageKind.RANGE: "ranges", PassageKind.WITHDRAWN: "withdrawn", PassageKind.MOTION: "motions"}
    return {name: ", ".join(str(row) for row in rows if row.kind == kind) for kind, name in labels.items()}


@dataclass(frozen=True)
class ShownClause:
    """A clause with `shown`, what pages and PDFs print inside a block (div, li); `text` is as typed."""

    pk: int
    position: int
    kind: str
    level: int
    verb: str
    text: str
    rich: bool
    shown: SafeString

    @property
    def kind_label(self) -> str:
        return str(ClauseKind(self.kind).label)


@dataclass(frozen=True)
class Block:
    """Passages of one kind that follow one another, or a single one."""

    kind: str
    clauses: Sequence[ShownClause]


def shown_clauses(act: Act) -> list[ShownClause]:
    clauses: list[ActClause] = sorted(act.clauses.all(), key=lambda clause: clause.position)
    figures = figures_for(act, [clause.text for clause in clauses])
    return [
        ShownClause(
            row.pk,
            row.position,
            row.kind,
            row.level,
            row.verb,
            row.text,
            row.rich,
            shown_clause(row.text, rich=row.rich, figures=figures),
        )
        for row in clauses
    ]


def text_of(act: Act) -> list[Block]:
    blocks: list[Block] = []
    for kind, rows in groupby(shown_clauses(act), key=lambda clause: clause.kind):
        if kind in TOGETHER:
            blocks.append(Block(kind, list(rows)))
        else:
            blocks.extend(Block(kind, [row]) for row in rows)
    return blocks


@dataclass(frozen=True)
class Choice:
    """One sense of the vote: figure as stated, names where the list is given; `others` tells that all the others chose it."""

    label: str
    code: str
    count: int | None
    named: bool
    votes: Sequence[Vote]
    others: bool


def choices_of(ballot: Ballot, read: Sequence[Vote] | None = None) -> list[Choice]:
    """Whatever the rows hold, a secret ballot names nobody (CGCT L2121-21). `read`: its votes, where they are read beforehand."""
    open_ballot = not ballot.secret
    votes: Sequence[Vote] = () if ballot.secret else votes_of(ballot) if read is None else read
    return [
        Choice(
            label=str(choice.label),
            code=choice,
            count=getattr(ballot, f"{choice}_count"),
            named=open_ballot and choice in ballot.named_choices,
            votes=[vote for vote in votes if vote.choice == choice],
            others=open_ballot and ballot.others_voted == choice,
        )
        for choice in VoteChoice
    ]


@dataclass(frozen=True)
class ActReading:
    result: CheckResult
    compared: Sequence[Compared]
    rules: LegalRules


def read_act(act: Act) -> ActReading:
    """The checks of the act and its amounts beside those computed, from one reading."""
    rules, stated = rules_of(act.sitting), act_input(act)
    return ActReading(check(stated, rules), compare(stated), rules)
