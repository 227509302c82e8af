"""A vote as it is entered in session: who said what, for themselves and for those they represent; what the voices then come to,
and what still forbids to proclaim it (domain-rules 4.4, 4.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from deliberations.domain.act import (
    ABSTAIN,
    ADOPTED,
    AGAINST,
    CHOICES,
    FOR,
    MAJORITY,
    NOT_VOTING,
    NOTED,
    REJECTED,
    UNANIMOUS,
    Act,
    Ballot,
    Members,
    Session,
)
from deliberations.domain.attendance import Attendance
from deliberations.domain.checks.voting import check_voting
from deliberations.domain.result import ERROR, Finding, Tally, of_counts
from deliberations.domain.tally import tally_of
from plan_numerique.shared.wording import counted

BY_NAME, TOTALS, RESULT_ONLY = "by_name", "totals", "result_only"
QUORUM_ARTICLE, RESULT_ARTICLE, BALLOT_ARTICLE = "L2121-17", "L2121-20", "L2121-21"
COUNTED = (BY_NAME, TOTALS)
STATED_LABELS = {
    ADOPTED: "adoptée",
    REJECTED: "rejetée",
    UNANIMOUS: "adoptée à l'unanimité",
    MAJORITY: "adoptée à la majorité",
    NOTED: "pris acte",
}
_ANY_DAY = date(2000, 1, 1)  # no rule read here looks at the day


@dataclass(frozen=True, slots=True)
class Cast:
    """What one member said; `proxy`: also for the one they represent, unless that one is named."""

    choice: str
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """`choices`: how each voice is cast; `missing`: voices not heard; `strays`: named, though they have no voice here."""

    choices: Mapping[int, str]
    missing: tuple[int, ...]
    strays: tuple[int, ...]

    @property
    def counts(self) -> dict[str, int]:
        said = list(self.choices.values())
        return {choice: said.count(choice) for choice in CHOICES}


def heard(held: Attendance, votes: Mapping[int, Cast], others: str = "") -> Heard:
    """Voices that withdrew take no part, whatever is said of them; of the others, those not named voted as `others`."""
    choices: dict[int, str] = {}
    for voter in held.voters:
        own, holder = votes.get(voter), held.proxies.get(voter)
        carried = votes.get(holder) if holder is not None else None
        if voter in held.silent:
            choices[voter] = NOT_VOTING
        elif own is not None:
            choices[voter] = own.choice
        elif carried is not None and carried.proxy:
            choices[voter] = carried.choice
        elif others:
            choices[voter] = others
    return Heard(
        choices=choices,
        missing=tuple(voter for voter in held.voters if voter not in choices),
        strays=tuple(member for member in votes if member not in held.voters),
    )


@dataclass(frozen=True, slots=True)
class Poll:
    """A vote under way. `counts`: those of the names, or the totals typed; `blank` is with the abstentions, none of which is cast."""

    mode: str
    counts: Mapping[str, int | None] = field(default_factory=dict)
    blank: int = 0
    secret: bool = False
    stated: str = ""
    chair_vote: str = ""
    second_convocation: bool = False


def act_of(held: Attendance, poll: Poll) -> Act:
    """As the checks of an act read it, so that the room and the register say the same."""
    figures: dict[str, int | None] = dict.fromkeys(CHOICES)
    if poll.mode in COUNTED:
        figures = {choice: poll.counts.get(choice) or 0 for choice in CHOICES}
        figures[ABSTAIN] = (figures[ABSTAIN] or 0) + poll.blank
    return Act(
        session=Session(_ANY_DAY, second_convocation=poll.second_convocation, secret=poll.secret),
        members=Members(in_office=held.in_office, present=len(held.present), represented=len(held.proxies)),
        vote=Ballot(counts=figures, chair_vote=poll.chair_vote or None, stated_result=poll.stated or None),
    )


def tally(held: Attendance, poll: Poll) -> Tally:
    return tally_of(act_of(held, poll))


def by_casting_vote(poll: Poll) -> bool:
    """As many voices on each side, and a chair's vote that decides."""
    told = poll.counts.get(FOR), poll.counts.get(AGAINST)
    return poll.mode in COUNTED and not poll.secret and bool(poll.chair_vote and told[0]) and told[0] == told[1]


def label_of(poll: Poll, result: Tally) -> str:
    """The words of the proclamation."""
    if poll.mode not in COUNTED:
        return STATED_LABELS.get(poll.stated, "")
    if result.result == ADOPTED and result.label:
        return f"adoptée {result.label}"
    return result.label or ""


def faults(held: Attendance, poll: Poll) -> Iterator[Finding]:
    """What forbids the proclamation, gravest first."""
    if missing_quorum(held, poll):
        yield missing_quorum_finding(held)
    if poll.mode in COUNTED:
        result = tally(held, poll)
        yield from check_voting(act_of(held, poll), result)
        if result.cast and result.result is None:
            message = (
                "Autant de voix pour que contre : la voix du président l'emporte, dire comment il a voté "
                "(CGCT, article L2121-20)."
            )
            yield Finding("TIE_WITHOUT_CHAIR", ERROR, message, RESULT_ARTICLE)
        silent, told = len(held.silent), poll.counts.get(NOT_VOTING) or 0
        if told < silent:
            gone = "retirée" if silent == 1 else "retirées"
            message = (
                f"{silent} voix {gone} du vote, {counted(told, 'comptée')} sans prendre part (CGCT, article L2131-11)."
            )
            yield of_counts("SILENT_VOICES", message, silent, told, "L2131-11")
    elif poll.mode == RESULT_ONLY and not poll.stated:
        yield Finding("NO_RESULT", ERROR, "Dire le résultat : adopté ou rejeté (CGCT, article L2121-20).", None)


def missing_quorum(held: Attendance, poll: Poll) -> bool:
    return not held.reached and not poll.second_convocation


def missing_quorum_finding(held: Attendance) -> Finding:
    message = (
        f"Le quorum n'est pas atteint : {counted(held.counted, 'membre présent')}, {counted(held.needed, 'nécessaire')} ; "
        "les pouvoirs ne comptent pas (CGCT, article L2121-17)."
    )
    return of_counts("QUORUM_NOT_REACHED", message, held.needed, held.counted, QUORUM_ARTICLE)


def share(present: int, part: int) -> int:
    """How many make one part in `part` of those present."""
    return -(-present // part)


def refuse_method(held: Attendance, method: str, asked: int | None, part: int) -> str:
    """A quarter of those present obtain a public vote, a third a secret one; a secret one is also due for a nomination, where
    nobody has to ask (CGCT L2121-21)."""
    needed, words = share(held.counted, part), {"public": "public", "secret": "secret"}[method]
    if asked is None:
        return (
            ""
            if method == "secret"
            else "Dire combien de membres demandent le scrutin public (CGCT, article L2121-21)."
        )
    if asked > held.counted:
        ask, are = "demandent" if asked > 1 else "demande", "sont présents" if held.counted > 1 else "est présent"
        return f"{counted(asked, 'membre')} {ask} le scrutin {words}, {held.counted} {are} (CGCT, article L2121-21)."
    if asked < needed:
        return (
            f"Le scrutin {words} est demandé par {counted(asked, 'membre présent')} sur {held.counted} : il en faut {needed} "
            "(CGCT, article L2121-21)."
        )
    return ""


def contradiction(held: Attendance, poll: Poll, votes: Mapping[int, Cast], names: Mapping[int, str]) -> str:
    """Why a vote already proclaimed could not have been with these members; "" where it could."""
    if missing_quorum(held, poll):
        return f"le quorum n'y serait plus atteint ({counted(held.counted, 'présent')}, {counted(held.needed, 'nécessaire')})"
    if poll.mode not in COUNTED:
        return ""
    told = sum(poll.counts.get(choice) or 0 for choice in CHOICES) + poll.blank
    voters, silent = set(held.voters), set(held.silent)
    for member, cast in votes.items():
        if member not in voters:
            return f"{names.get(member, 'un membre')} y a voté sans être présent ni représenté"
        if member in silent and cast.choice != NOT_VOTING:
            return f"{names.get(member, 'un membre')} y a voté"
    if told != held.voices:
        return f"{counted(told, 'vote')} y {'sont comptés' if told > 1 else 'est compté'} pour {held.voices} voix"
    return ""
