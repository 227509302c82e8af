"""An entry of a sitting in words: « Départ de Mme A à 20 h 15 », not the numbers that the page sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from deliberations.enums import (
    AttendanceEvent,
    BallotMethod,
    BallotMode,
    EntryKind,
    PresenceState,
    StatedResult,
    VoteChoice,
)
from deliberations.models import Act, Mandate, SittingEntry
from plan_numerique.shared.wording import counted

K = EntryKind


@dataclass(frozen=True)
class Names:
    """Of members and of acts, by number."""

    members: Mapping[int, str]
    acts: Mapping[int, str]

    def member(self, key: Any) -> str:
        return self.members.get(_number(key), f"membre n° {key}")

    def act(self, key: Any) -> str:
        return self.acts.get(_number(key), f"affaire n° {key}")


def names_in(entries: QuerySet[SittingEntry]) -> Names:
    """Two queries, whatever the number of entries."""
    rows = entries.order_by()
    members = Mandate.objects.filter(assembly__in=rows.values("sitting__assembly")).values_list("pk", "display_name")
    acts = Act.objects.filter(sitting__in=rows.values("sitting")).values_list("pk", "number", "title")
    return Names(dict(members), {pk: f"n° {number}" if number else f"« {title} »" for pk, number, title in acts})


def spoken(entry: SittingEntry, names: Names) -> str:
    """What was entered, beside its kind; "" where the kind says it all. Whatever was sent is kept, so nothing is sure to be there."""
    said: Mapping[str, Any] = entry.payload
    write = WRITERS.get(entry.kind)
    about = names.act(said["act"]) if said.get("act") else ""
    text = write(said, names) if write else ""
    return " : ".join(part for part in (about, text) if part)


def _number(key: Any) -> int:
    return int(key) if isinstance(key, int) or (isinstance(key, str) and key.isdecimal()) else 0


def _label(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else ""


def _undone(said: Mapping[str, Any], names: Names) -> str:
    return f"{_label(AttendanceEvent, said.get('event')).lower()} de {names.member(said.get('member'))}"


def _moved(said: Mapping[str, Any], names: Names) -> str:
    at = str(said.get("at") or "")[:5].replace(":", " h ")
    return f"{names.member(said.get('member'))}{' à ' if at else ''}{at}"


def _called(said: Mapping[str, Any], names: Names) -> str:
    states: dict[str, list[str]] = {}
    for key, state in said.get("states", {}).items():
        states.setdefault(_label(PresenceState, state).lower(), []).append(names.member(key))
    return " ; ".join(f"{state} : {', '.join(members)}" for state, members in states.items())


def _proxy(said: Mapping[str, Any], names: Names) -> str:
    holder = f" à {names.member(said['holder'])}" if said.get("holder") else ""
    return f"{names.member(said.get('giver'))}{holder}{_because(said)}"


def _because(said: Mapping[str, Any]) -> str:
    return f" ({said['reason']})" if said.get("reason") else ""


def _ballot(said: Mapping[str, Any], names: Names) -> str:
    asked, others = said.get("requested_by"), _label(VoteChoice, said.get("others")).lower()
    told = [_label(BallotMethod, said.get("method")), _label(BallotMode, said.get("mode")).lower()]
    told.append(f"demandé par {counted(asked, 'membre')}" if isinstance(asked, int) and asked else "")
    told.append(f"tous {others}, sauf mention contraire" if others else "")
    return ", ".join(filter(None, told))


def _vote(said: Mapping[str, Any], names: Names) -> str:
    proxy = " avec son pouvoir" if said.get("proxy") else ""
    return f"{names.member(said.get('member'))}{proxy}, {_choice(said)}"


def _votes(said: Mapping[str, Any], names: Names) -> str:
    if "group" in said:
        who = f"groupe {said['group']}" if said["group"] else "sans groupe"
    else:
        members = said.get("members")
        who = ", ".join(map(names.member, members)) if isinstance(members, list) and members else "tous"
    return f"{who}, {_choice(said)}"


def _choice(said: Mapping[str, Any]) -> str:
    return _label(VoteChoice, said.get("choice")).lower() or "vote effacé"


def _tally(said: Mapping[str, Any], names: Names) -> str:
    nouns = {
        "for": "pour",
        "against": "contre",
        "abstain": "abstention",
        "not_voting": "sans prendre part",
        "blank": "blanc ou nul",
    }
    told = [f"{said[key]} {noun}" for key, noun in nouns.items() if isinstance(said.get(key), int)]
    return ", ".join(told)


def _result(said: Mapping[str, Any], names: Names) -> str:
    chair = said.get("chair_vote")
    told = [_label(StatedResult, said.get("stated_result")), f"voix du président : {_label(VoteChoice, chair).lower()}"]
    return ", ".join(filter(None, told if chair else told[:1]))


def _written(key: str) -> Callable[[Mapping[str, Any], Names], str]:
    return lambda said, names: str(said.get(key) or "")


def _opened(said: Mapping[str, Any], names: Names) -> str:
    return str(said.get("reason") or said.get("remark") or "")


WRITERS: dict[str, Callable[[Mapping[str, Any], Names], str]] = {
    **dict.fromkeys([K.ARRIVAL, K.DEPARTURE, K.RETURN, K.WITHDRAWAL, K.WITHDRAWAL_UNDONE], _moved),
    **dict.fromkeys([K.PROXY, K.PROXY_REVOKED, K.PROXY_REFUSED], _proxy),
    **dict.fromkeys([K.ITEM_WITHDRAWN, K.ITEM_ADJOURNED, K.RESULT_REOPENED], _written("reason")),
    K.MOVE_UNDONE: _undone,
    K.OPENED: _opened,
    K.PRESENCE: _called,
    K.ITEM_ADDED: _written("title"),
    K.BALLOT: _ballot,
    K.VOTE: _vote,
    K.VOTES: _votes,
    K.TALLY: _tally,
    K.RESULT: _result,
    K.NOTE: _written("text"),
}
