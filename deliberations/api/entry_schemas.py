"""JSON Schemas of the entries of a sitting and of its state. What each entry may hold is told by its refusal."""

from deliberations.api.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    Schema,
    _choice,
    _each,
    _list,
    _or_null,
    _output,
)
from deliberations.domain.act import CHOICES
from deliberations.domain.attendance import ABSENT, EXCUSED, PRESENT, REPRESENTED
from deliberations.enums import (
    ActKind,
    ActState,
    AttendanceEvent,
    BallotMethod,
    BallotMode,
    EntryKind,
    ProxyState,
    Side,
    SittingState,
)

MOMENT: Schema = {"type": "string", "format": "date-time"}
KEY: Schema = {"type": "integer", "minimum": 1}
PAYLOAD: Schema = {"type": "object", "additionalProperties": True}
SENT: Schema = {
    **PAYLOAD,
    "description": (
        "Selon la nature. D'un `result`, `expected` : `{for, against, abstain}` porte le décompte affiché à qui proclame ; "
        "la saisie est refusée s'il a changé depuis."
    ),
}
KINDS = "\n".join(f"- `{kind.value}` : {kind.label}" for kind in EntryKind)
ENTRY_INPUT: Schema = {
    "type": "object",
    "properties": {
        "key": {
            "type": "string",
            "format": "uuid",
            "description": "Faite par l'appelant : la même n'est prise qu'une fois.",
        },
        "kind": _choice(EntryKind.values),
        "payload": SENT,
        "at": {**MOMENT, "nullable": True, "description": "Quand elle fut saisie, si elle est envoyée plus tard."},
    },
    "required": ["key", "kind"],
    "additionalProperties": False,
}
_CHOICE = _choice(CHOICES)
_COUNTS = _output(**_each((*CHOICES, "blank"), COUNT))
_MEMBER = _output(
    id=KEY,
    name=TEXT,
    group=TEXT,
    side=_choice(("", *Side.values)),
    state=_choice((PRESENT, REPRESENTED, EXCUSED, ABSENT)),
    withdrawn=FLAG,
    holder=_or_null(KEY),
    holds=_or_null(KEY),
    voter=FLAG,
    alternate=FLAG,
)
_STRIP = _output(
    **_each(("in_office", "present", "represented", "voices", "silent", "quorum_needed", "quorum_present"), COUNT),
    **_each(("quorum_reached", "second_convocation"), FLAG),
    **_each(("public_needed", "secret_needed"), _or_null(COUNT)),
)
_ITEM = _output(
    id=KEY,
    number=TEXT,
    passage=COUNT,
    title=TEXT,
    kind=_choice(ActKind.values),
    state=_choice(ActState.values),
    label=TEXT,
    **_each(("added", "examined", "proclaimed"), FLAG),
)
_FINDING = _output(message=TEXT, article=TEXT, severity=_choice(("error", "warning", "info")), code=TEXT)
_BALLOT = _output(
    act=KEY,
    mode=_choice(BallotMode.values),
    method=_choice(BallotMethod.values),
    requested_by=_or_null(COUNT),
    others=_choice(("", *CHOICES)),
    votes={
        "type": "object",
        "description": "Par numéro de membre.",
        "additionalProperties": _output(choice=_CHOICE, proxy=FLAG),
    },
    counts=_COUNTS,
    voices=COUNT,
    missing=COUNT,
    chair_vote=_choice(("", *CHOICES)),
    proclaimed=FLAG,
    label=TEXT,
    verdict=_choice(("", "adopted", "rejected")),
    casting_vote=FLAG,
    findings=_list(_FINDING),
)
_MOVE = _output(id=KEY, member=KEY, event=_choice(AttendanceEvent.values), at=TEXT, act=_or_null(KEY))
_PROXY = _output(
    id=KEY,
    giver=KEY,
    holder=KEY,
    state=_choice(ProxyState.values),
    reason=TEXT,
    from_act=_or_null(KEY),
    until_act=_or_null(KEY),
    counts=FLAG,
)
_NOTE = _output(sequence=NUMBER, act=_or_null(KEY), text=TEXT, at=MOMENT, by=TEXT)
STATE: Schema = {
    "title": "État de la séance",
    **_output(
        sequence=COUNT,
        state=_choice(SittingState.values),
        opened_at=_or_null(MOMENT),
        closed_at=_or_null(MOMENT),
        current=_or_null(KEY),
        chair=_or_null(KEY),
        members=_list(_MEMBER),
        strip=_STRIP,
        items=_list(_ITEM),
        ballot=_or_null(_BALLOT),
        moves=_list(_MOVE),
        proxies=_list(_PROXY),
        notes=_list(_NOTE),
        clerks=_list(TEXT),
    ),
}
ANSWER: Schema = {"title": "Saisie prise", **_output(sequence=COUNT, repeated=FLAG, state=STATE)}
REFUSAL: Schema = {"title": "Saisie refusée", **_output(**_each(("message", "field", "article"), TEXT))}
ENTRIES: Schema = {
    "title": "Saisies",
    **_output(
        sequence=COUNT,
        more=FLAG,
        entries=_list(
            _output(
                sequence=COUNT,
                key={"type": "string", "format": "uuid"},
                kind=_choice(EntryKind.values),
                label=TEXT,
                payload=PAYLOAD,
                at=MOMENT,
                by=TEXT,
            )
        ),
    ),
}
