"""The state of a sitting as its pages and programs read it: plain values, each name once (contract: docs of `/api/v1/seances/…/etat/`)."""

from collections.abc import Callable
from typing import Any

from django.db.models import Max, QuerySet

from deliberations.domain.attendance import ABSENT, EXCUSED, PRESENT, REPRESENTED, Attendance
from deliberations.domain.ballots import COUNTED, faults, label_of, share, tally
from deliberations.domain.result import Finding
from deliberations.enums import ActKind, ActState, BallotMode, EntryKind
from deliberations.models import Act, Ballot, Sitting, SittingEntry
from deliberations.queries.conduct import (
    Floor,
    Polled,
    ballot_of,
    floor_of,
    is_examined,
    is_proclaimed,
    method_of,
    poll_of,
    sequence_of,
    shares_of,
    votes_of,
)

State = dict[str, Any]
CLERKS_AMONG = 40
SET_ASIDE_LABELS = {ActState.WITHDRAWN: "retirée", ActState.ADJOURNED: "ajournée"}


def sitting_state(sitting: Sitting) -> State:
    """Read anew, whatever `sitting` held. Fifteen queries at most."""
    sequence = sequence_of(sitting)  # first: an entry taken meanwhile is read again
    floor = floor_of(Sitting.objects.select_related("assembly").get(pk=sitting.pk))
    held = floor.attendance(floor.item)
    sitting = floor.sitting
    return {
        "sequence": sequence,
        "state": sitting.state,
        "opened_at": _moment(sitting.opened_at),
        "closed_at": _moment(sitting.closed_at),
        "current": floor.current,
        "chair": floor.presiding(floor.item),
        "members": _members(floor, held),
        "strip": _strip(floor, held),
        "items": [_item(act, rank) for rank, act in enumerate(floor.acts, 1)],
        "ballot": _ballot(floor),
        "moves": [_move(change) for change in floor.changes],
        "proxies": _proxies(floor, held),
        "notes": notes_of(sitting),
        "clerks": _clerks(sitting),
    }


def state_tag(sitting: Sitting) -> str:
    """Changes with each entry, and when an act is changed beside the sitting (its title, its number). Two queries."""
    acts = Act.history.filter(sitting=sitting.pk).aggregate(last=Max("history_id"))["last"] or 0
    return f'"{sequence_of(sitting)}.{acts}"'


def notes_of(sitting: Sitting) -> list[State]:
    """What was said, as the clerks wrote it down, in the order of the sitting's entries; `act` None: of no item."""
    rows = sitting.entries.filter(kind=EntryKind.NOTE).select_related("by").order_by("sequence")
    return [
        {
            "sequence": row.sequence,
            "act": row.payload.get("act"),
            "text": row.payload.get("text", ""),
            "at": _moment(row.at),
            "by": str(row.by) if row.by else "",
        }
        for row in rows
    ]


def _moment(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def _members(floor: Floor, held: Attendance) -> list[State]:
    holds = {holder: giver for giver, holder in held.proxies.items()}
    state_of = _states(held)
    voters = set(held.voters)
    return [
        {
            "id": member.pk,
            "name": member.display_name,
            "group": member.group,
            "side": member.side,
            "state": state_of(member.pk),
            "withdrawn": member.pk in held.withdrawn,
            "holder": held.proxies.get(member.pk),
            "holds": holds.get(member.pk),
            "voter": member.pk in voters,
            "alternate": member.alternate_for_id is not None,
        }
        for member in floor.members.values()
    ]


def _states(held: Attendance) -> Callable[[int], str]:
    present, excused = set(held.present), set(held.excused)

    def state(member: int) -> str:
        if member in present:
            return PRESENT
        if member in held.proxies:
            return REPRESENTED
        return EXCUSED if member in excused else ABSENT

    return state


def _strip(floor: Floor, held: Attendance) -> State:
    """`public_needed`, `secret_needed`: how many may obtain such a vote; None where no setting says it."""
    parts = shares_of(floor.sitting)
    return {
        "in_office": held.in_office,
        "present": len(held.present),
        "represented": len(held.proxies),
        "voices": held.voices,
        "silent": len(held.silent),
        "quorum_needed": held.needed,
        "quorum_present": held.counted,
        "quorum_reached": held.reached,
        "second_convocation": floor.sitting.second_convocation,
        **{f"{method}_needed": share(held.counted, part) if part else None for method, part in parts.items()},
    }


def _item(act: Act, rank: int) -> State:
    return {
        "id": act.pk,
        "number": act.number,
        "passage": rank,
        "title": act.title,
        "kind": act.kind,
        "state": act.state,
        "label": item_label(act),
        "added": act.added_in_sitting,
        "examined": is_examined(act),
        "proclaimed": is_proclaimed(act),
    }


def item_label(act: Act) -> str:
    """What became of the item, in a few words; "" while nothing did."""
    if act.state in SET_ASIDE_LABELS:
        return SET_ASIDE_LABELS[ActState(act.state)]
    ballot = ballot_of(act)
    if ballot is not None and ballot.proclaimed_at is not None:
        return ballot.stated_result_text
    return "" if act.state == ActState.DRAFT else str(act.get_state_display()).lower()


def _ballot(floor: Floor) -> State | None:
    act = floor.item
    ballot = None if act is None else ballot_of(act)
    if act is None or ballot is None:
        return None
    polled = poll_of(floor, act, ballot, votes_of([ballot]).get(ballot.pk, {}))
    held, poll = floor.attendance(act), polled.poll
    result = tally(held, poll)
    proclaimed = ballot.proclaimed_at is not None
    return {
        "act": act.pk,
        "mode": ballot.mode,
        "method": method_of(ballot),
        "requested_by": ballot.requested_by,
        "others": ballot.others_voted,
        "votes": {str(member): {"choice": cast.choice, "proxy": cast.proxy} for member, cast in polled.votes.items()},
        "counts": {**{choice: count or 0 for choice, count in poll.counts.items()}, "blank": poll.blank},
        "voices": held.voices,
        "missing": _missing(held, polled),
        "chair_vote": poll.chair_vote,
        "proclaimed": proclaimed,
        "label": ballot.stated_result_text if proclaimed else label_of(poll, result),
        "verdict": result.result or "",
        "casting_vote": result.casting_vote,
        "findings": [] if proclaimed else [_finding(each) for each in findings_of(floor, act, ballot, polled)],
    }


def _missing(held: Attendance, polled: Polled) -> int:
    """Voices not heard yet: of the names, or of the totals."""
    if polled.voices is not None:
        return len(polled.voices.missing)
    if polled.poll.mode not in COUNTED:
        return 0
    told = sum(count or 0 for count in polled.poll.counts.values()) + polled.poll.blank
    return max(held.voices - told, 0)


def findings_of(floor: Floor, act: Act, ballot: Ballot, polled: Polled) -> list[Finding]:
    """What forbids to proclaim the vote as it stands."""
    found = list(faults(floor.attendance(act), polled.poll))
    if polled.chair is None:
        found = [_nobody_presides(floor, act) if each.code == "TIE_WITHOUT_CHAIR" else each for each in found]
    if act.kind == ActKind.INFORMATION and ballot.mode == BallotMode.NOTED:
        found = [each for each in found if each.code != "QUORUM_NOT_REACHED"]
    for member in polled.voices.strays if polled.voices is not None else ():
        name = floor.names.get(member, "Un membre")
        message = (
            f"{name} a voté et n'est plus ni présent ni représenté : ôter son vote, ou dater son départ de l'affaire "
            "suivante (CGCT, article L2121-20)."
        )
        found.append(Finding("VOTER_UNKNOWN", "error", message, "L2121-20"))
    return found


def _nobody_presides(floor: Floor, act: Act) -> Finding:
    chair = act.chair or floor.sitting.chair
    why = f"{chair}, qui préside, ne siège pas pour cette affaire" if chair else "personne n'est dit présider"
    message = (
        f"Autant de voix pour que contre, et {why} : nommer qui préside, à la page de l'affaire (« Modifier », « Présidence pour "
        "cette affaire »), ou de la séance si c'est pour toutes (CGCT, articles L2121-14 et L2121-20)."
    )
    return Finding("TIE_WITHOUT_CHAIR", "error", message, "L2121-14")


def _finding(finding: Finding) -> State:
    return {
        "message": finding.message,
        "article": finding.article or "",
        "severity": finding.severity,
        "code": finding.code,
    }


def _move(change: Any) -> State:
    return {
        "id": change.pk,
        "member": change.mandate_id,
        "event": change.event,
        "at": f"{change.at:%H:%M}" if change.at else "",
        "act": change.act_id,
    }


def _proxies(floor: Floor, held: Attendance) -> list[State]:
    """All of the sitting's, those revoked and refused with their reason. `counts`: gives a voice to the current item."""
    return [
        {
            "id": proxy.pk,
            "giver": proxy.giver_id,
            "holder": proxy.holder_id,
            "state": proxy.state,
            "reason": proxy.reason,
            "from_act": proxy.from_act_id,
            "until_act": proxy.until_act_id,
            "counts": proxy.state == "given" and held.proxies.get(proxy.giver_id) == proxy.holder_id,
        }
        for proxy in floor.proxies
    ]


def _clerks(sitting: Sitting) -> list[str]:
    rows = sitting.entries.select_related("by").order_by("-sequence")[:CLERKS_AMONG]
    return sorted({str(row.by) for row in rows if row.by})


def entries_after(sitting: Sitting, sequence: int) -> QuerySet[SittingEntry]:
    return sitting.entries.filter(sequence__gt=sequence).select_related("by").order_by("sequence")
