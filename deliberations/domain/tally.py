"""The council's arithmetic: quorum, voices, tally, label, executory date (interchange 2, rules 2 to 6). Unknown stays unknown."""

from datetime import date

from deliberations.domain.act import ABSTAIN, ADOPTED, AGAINST, CHOICES, FOR, REJECTED, Act, Ballot, Members
from deliberations.domain.names import keys_of, name_key
from deliberations.domain.result import Quorum, Tally

UNANIMITY = "à l'unanimité"
UNANIMITY_OF_CAST = "à l'unanimité des suffrages exprimés"
MAJORITY = "à la majorité"
CASTING_VOTE = "à la majorité, voix prépondérante du président"
REJECTED_LABEL = "rejetée"
NOTHING_CAST = "aucun suffrage exprimé"


def majority_of(number: int) -> int:
    """Strictly more than half."""
    return number // 2 + 1


def quorum_of(members: Members) -> Quorum:
    """Those represented never count, those who withdrew neither (CGCT L2121-17, L2131-11)."""
    needed = None if members.in_office is None else majority_of(members.in_office)
    present = None if members.present is None else members.present - len(members.withdrawn_names or ())
    return Quorum(needed, present, None if needed is None or present is None else present >= needed)


def counted_voices(members: Members) -> int | None:
    """One for each member present and each proxy; None unless both are stated."""
    if members.present is None or members.represented is None:
        return None
    return members.present + members.represented


def voices_of(act: Act) -> int | None:
    counted = counted_voices(act.members)
    return act.vote.voices if counted is None else counted


def tally_of(act: Act) -> Tally:
    counts = act.vote.counts
    in_favour, against, abstain = counts[FOR], counts[AGAINST], counts[ABSTAIN]
    if in_favour is None or against is None:
        return Tally(in_favour, against, abstain, None, None, None, None)
    cast = in_favour + against
    if not cast:
        return Tally(in_favour, against, abstain, 0, None, None, NOTHING_CAST)
    tied = in_favour == against
    result = _result_of_tie(act) if tied else ADOPTED if in_favour > against else REJECTED
    label = _label(result, against, abstain, tied=tied)
    return Tally(in_favour, against, abstain, cast, majority_of(cast), result, label, tied and result == ADOPTED)


def _result_of_tie(act: Act) -> str | None:
    """The chair's vote decides, except by secret ballot (CGCT L2121-20)."""
    if act.session.secret:
        return REJECTED
    chair_vote = act.vote.chair_vote or _choice_of(act.chair, act.vote)
    if chair_vote is None:
        return None
    return ADOPTED if chair_vote == FOR else REJECTED


def _choice_of(name: str | None, vote: Ballot) -> str | None:
    if name is None:
        return None
    key = name_key(name)
    return next((choice for choice in CHOICES if key in keys_of(vote.names[choice])), None)


def _label(result: str | None, against: int, abstain: int | None, *, tied: bool) -> str | None:
    if result == REJECTED:
        return REJECTED_LABEL
    if result is None:
        return None
    if not against:
        return UNANIMITY if abstain == 0 else UNANIMITY_OF_CAST
    return CASTING_VOTE if tied else MAJORITY


def executory_on(received_on: date | None, posted_on: date | None, published_on: date | None) -> date | None:
    """The later of receipt and publication, the latter the earlier of posting and publishing (CGCT L2131-1)."""
    made_public = min((day for day in (posted_on, published_on) if day is not None), default=None)
    return None if received_on is None or made_public is None else max(received_on, made_public)
