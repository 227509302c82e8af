"""An act of the past recorded from what was read in its text: members that are missing, its sitting, the act with its vote. All or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from deliberations.domain.act import CHOICES
from deliberations.domain.actes import matter_label
from deliberations.domain.names import name_key
from deliberations.enums import ActKind, BallotMode, IdentifierKind, PresenceState
from deliberations.models import Act, Assembly, Mandate, Sitting
from deliberations.queries.past_acts import members_by_name, past_sittings_on
from deliberations.services.acts import record_act
from deliberations.services.rows import save_assembly
from deliberations.services.sittings import record_members, record_sitting
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import parse_cents, parse_rate

Values = Mapping[str, Any]
Members = Mapping[str, Mandate]
COUNTS = {
    "in_office": "membres en exercice",
    "present": "présents",
    "absent": "absents",
    "excused": "excusés",
    "represented": "représentés",
}
LISTS = {
    "present_names": PresenceState.PRESENT,
    "absent_names": PresenceState.ABSENT,
    "excused_names": PresenceState.EXCUSED,
}
_CIVILITIES = ("M.", "Mme", "Mlle", "Monsieur", "Madame", "Mademoiselle")


def record_past_act(
    *, assembly: Assembly, values: Values, source: str = "", complete: bool | None = None, by: User | None
) -> Act:
    """`values` as a reading gives them, confirmed; `assembly` may be a new one. An act of a past sitting already recorded joins it, if
    the counts agree. `complete`: the lists name every member in office (None: as the counts say)."""
    if not values.get("act.title"):
        raise DomainError("Donner l'objet de l'acte : c'est son intitulé au registre.", field="act.title")
    if not values.get("session.date"):
        raise DomainError("Donner la date de la séance.", field="session.date")
    _refuse_twice_named(values)
    with audit.action(
        "deliberations.past_act_recorded",
        "Acte repris de son texte",
        by=by,
        authority=assembly.authority,
        target=assembly if assembly.pk else None,
    ):
        if assembly.pk is None:
            save_assembly(instance=assembly, by=by)
        members = _members(assembly, values, by)
        sitting = _sitting(
            assembly, values, members, source, lists_are_complete(values) if complete is None else complete, by
        )
        return _act(sitting, values, members, source, by)


def lists_are_complete(values: Values) -> bool:
    """Each count that is not 0 has its list."""
    lists = {"present": "present_names", "absent": "absent_names", "excused": "excused_names", "represented": "proxies"}
    named = {count: values.get(f"members.{name}") for count, name in lists.items()}
    if named["absent"] and not values.get("members.absent"):
        named["excused"] = named["excused"] or []
    return bool(named["present"]) and all(named[count] for count in lists if values.get(f"members.{count}"))


def _refuse_twice_named(values: Values) -> None:
    """An attendance holds a member once, a proxy one giver: what a list says twice is corrected before it is recorded."""
    held: dict[str, str] = {}
    for field in (*LISTS, "proxies"):
        for item in values.get(f"members.{field}") or ():
            name = item["giver"] if field == "proxies" else item
            if name_key(name) in held:
                raise DomainError(
                    f"« {name} » figure deux fois à l'émargement : garder une seule fois son nom.",
                    field=f"members.{field}",
                )
            held[name_key(name)] = name
            if field == "proxies" and item.get("holder") and name_key(item["holder"]) == name_key(name):
                raise DomainError(
                    f"« {name} » se donne pouvoir à soi-même (CGCT, article L2121-20) : corriger le porteur.",
                    field="members.proxies",
                )
    voters = [name_key(name) for choice in CHOICES for name in values.get(f"vote.{choice}_names") or ()]
    for choice in CHOICES:
        for name in values.get(f"vote.{choice}_names") or ():
            if voters.count(name_key(name)) > 1:
                raise DomainError(f"« {name} » est nommé deux fois dans le vote.", field=f"vote.{choice}_names")


def _named(values: Values) -> Iterable[str]:
    for field in LISTS:
        yield from values.get(f"members.{field}") or ()
    for pair in values.get("members.proxies") or ():
        yield pair["giver"]
        if pair.get("holder"):
            yield pair["holder"]
    for choice in CHOICES:
        yield from values.get(f"vote.{choice}_names") or ()
    if values.get("chair"):
        yield values["chair"]


def _members(assembly: Assembly, values: Values, by: User | None) -> dict[str, Mandate]:
    """By name key; whoever the text names in a list, the vote or the chair is a member, made where missing."""
    day = date.fromisoformat(values["session.date"])
    held = members_by_name(assembly, day)
    missing: dict[str, dict[str, Any]] = {}
    for name in _named(values):
        if name_key(name) not in held:
            missing.setdefault(name_key(name), {"display_name": name, "civility": _civility(name)})
    made = record_members(assembly=assembly, members=missing.values(), by=by) if missing else {}
    return {**held, **{key: made[row["display_name"]] for key, row in missing.items()}}


def _civility(name: str) -> str:
    """Of a name written whole: before one word only, « M. » may be an initial."""
    first, _, rest = name.partition(" ")
    return first if first in _CIVILITIES and (len(first) > 2 or " " in rest) else ""


def _sitting(
    assembly: Assembly, values: Values, members: Members, source: str, complete: bool, by: User | None
) -> Sitting:
    day, hour = date.fromisoformat(values["session.date"]), _hour(values)
    held = past_sittings_on(assembly, day, hour)
    if held:
        return _joined(held, values)
    proxies = values.get("members.proxies") or ()
    states = [(name, state) for field, state in LISTS.items() for name in values.get(f"members.{field}") or ()]
    states += [(pair["giver"], PresenceState.REPRESENTED) for pair in proxies]
    chair = values.get("chair")
    return record_sitting(
        assembly=assembly,
        fields={
            "held_on": day,
            "held_at": hour,
            "convened_on": _day(values, "session.convocation_sent_on"),
            "past": True,
            **{name: values.get(f"members.{name}") for name in COUNTS},
            "stated_quorum": values.get("members.quorum"),
            "members_complete": complete and bool(states),
            "chair": members[name_key(chair)] if chair else None,
            "chair_quality": values.get("chair_quality", ""),
            "source": source,
        },
        presences=[(members[name_key(name)], state) for name, state in states],
        proxies=[(members[name_key(p["giver"])], members[name_key(p["holder"])]) for p in proxies if p.get("holder")],
        secretaries=[(name, members.get(name_key(name))) for name in values.get("secretaries") or ()],
        by=by,
    )


def _hour(values: Values) -> time | None:
    return time.fromisoformat(values["session.time"]) if values.get("session.time") else None


def _day(values: Values, key: str) -> date | None:
    return date.fromisoformat(values[key]) if values.get(key) else None


def _joined(held: Sequence[Sitting], values: Values) -> Sitting:
    """The sitting that the act joins: past, alone, and with the same counts."""
    sitting = held[0]
    if not sitting.past:
        raise DomainError(
            f"La séance du {sitting.held_on:%d/%m/%Y} est tenue dans l'application : un acte repris ne s'y ajoute pas.",
            field="session.date",
        )
    if len(held) > 1:
        raise DomainError(
            f"L'assemblée a {len(held)} séances le {sitting.held_on:%d/%m/%Y} : donner l'heure.", field="session.time"
        )
    for name, words in COUNTS.items():
        stated, known = values.get(f"members.{name}"), getattr(sitting, name)
        if stated is not None and known is not None and stated != known:
            raise DomainError(
                f"La séance du {sitting.held_on:%d/%m/%Y} est déjà consignée avec {known} {words}, et non {stated} : "
                "corriger l'un ou l'autre.",
                field=f"members.{name}",
            )
    return sitting


def _act(sitting: Sitting, values: Values, members: Members, source: str, by: User | None) -> Act:
    numbers = {
        IdentifierKind.ORDER_NUMBER: values.get("act.order_number", ""),
        IdentifierKind.INTERNAL: values.get("act.internal", ""),
        IdentifierKind.ACTES: values.get("identifiers.actes", ""),
    }
    return record_act(
        sitting=sitting,
        fields=_act_fields(values, source),
        identifiers=[{"kind": kind, "value": value} for kind, value in numbers.items() if value],
        reporters=[(name, members.get(name_key(name))) for name in values.get("reporters") or ()],
        amounts=[_amount(row, source) for row in values.get("amounts") or ()],
        budget=_budget(values),
        budget_lines=[{"label": row["label"], "ht": _cents(row.get("ht"))} for row in values.get("budget.lines") or ()],
        grants=[_grant(row) for row in values.get("grants") or ()],
        ballot=_ballot(values),
        votes=_votes(values, members),
        by=by,
    )


def _act_fields(values: Values, source: str) -> dict[str, Any]:
    code = values.get("identifiers.matter_code", "")
    return {
        "title": values["act.title"],
        "stated_object": values["act.title"],
        "number": values.get("act.order_number") or values.get("act.internal", ""),
        "kind": values.get("act.kind") or ActKind.DELIBERATION,
        "matter_code": code,
        "matter_label": (matter_label(code) or "")[:120],
        **{
            f"{name}_on": _day(values, f"dates.{name}_on")
            for name in ("transmitted", "received", "posted", "published")
        },
        "source": source,
    }


def _amount(row: Mapping[str, str], source: str) -> dict[str, Any]:
    return {
        "label": row["label"],
        "stated": parse_cents(row["amount"]),
        "tax_basis": row.get("tax_basis") or "unknown",
        "source": source,
    }


def _cents(text: str | None) -> int | None:
    return parse_cents(text) if text else None


def _rate(text: str | None) -> int | None:
    return parse_rate(text) if text else None


def _budget(values: Values) -> dict[str, Any] | None:
    known = {
        "total_ht": _cents(values.get("budget.total_ht")),
        "total_ttc": _cents(values.get("budget.total_ttc")),
        "vat_rate": _rate(values.get("budget.vat_rate")),
    }
    return known if values.get("budget.lines") or any(value is not None for value in known.values()) else None


def _grant(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "funder": row["funder"],
        "rate": _rate(row.get("rate")),
        "base": _cents(row.get("base")),
        "amount": _cents(row.get("amount")),
    }


def _ballot(values: Values) -> dict[str, Any] | None:
    counts = {f"{choice}_count": values.get(f"vote.{choice}") for choice in CHOICES}
    named = [choice for choice in CHOICES if values.get(f"vote.{choice}_names") or values.get(f"vote.{choice}") == 0]
    result = values.get("vote.stated_result", "")
    counted = any(count is not None for count in counts.values())
    if not (counted or named or result or values.get("vote.voices") is not None):
        return None
    secret = bool(values.get("session.secret"))
    voted = any(values.get(f"vote.{choice}_names") for choice in CHOICES)
    mode = BallotMode.BY_NAME if voted and not secret else BallotMode.TOTALS if counted else BallotMode.RESULT_ONLY
    return {
        "mode": BallotMode.NOTED if result == "noted" and not counted else mode,
        **counts,
        "voices": values.get("vote.voices"),
        "secret": secret,
        "stated_result": result,
        "named_choices": named,
        "names_cover_proxies": bool(values.get("vote.with_proxy")),
    }


def _votes(values: Values, members: Members) -> list[tuple[Mandate, str, bool]]:
    covering = {name_key(name) for name in values.get("vote.with_proxy") or ()}
    return [
        (members[name_key(name)], choice, name_key(name) in covering)
        for choice in CHOICES
        for name in values.get(f"vote.{choice}_names") or ()
    ]
