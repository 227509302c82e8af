"""From the values read, corrected or typed to the act document (interchange 2, input)."""

from collections.abc import Mapping
from typing import Any

from deliberations.domain.act import CHOICES
from deliberations.domain.document.reading import read_input
from deliberations.domain.reading.proposals import ROWS, Candidate, Proposal, Reading
from deliberations.domain.reading.read import KEYS

_MEMBERS = (
    "in_office",
    "present",
    "absent",
    "excused",
    "represented",
    "present_names",
    "absent_names",
    "excused_names",
    "proxies",
)


def to_input(values: Mapping[str, Any], *, authority: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A past act. A count of 0 says that nobody is in its list; what has no value is absent."""
    document = {
        "past": True,
        "authority": dict(authority or {}),
        "session": _part(values, "session", ("date", "convocation_sent_on", "secret")),
        "members": _part(values, "members", _MEMBERS),
        "chair": values.get("chair"),
        "vote": _vote(values),
        "identifiers": _part(values, "identifiers", ("actes", "matter_code")),
        "dates": _part(values, "dates", ("received_on", "posted_on", "published_on")),
        "budget": _part(values, "budget", ("total_ht", "total_ttc", "vat_rate", "lines")),
        "grants": list(values.get("grants", ())),
    }
    return {key: value for key, value in document.items() if value not in (None, {}, [])} | {
        "past": True,
        "session": document["session"],
    }


def _part(values: Mapping[str, Any], prefix: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[f"{prefix}.{name}"] for name in names if values.get(f"{prefix}.{name}") is not None}


def _vote(values: Mapping[str, Any]) -> dict[str, Any]:
    vote = _part(values, "vote", (*CHOICES, *(f"{choice}_names" for choice in CHOICES), "voices", "stated_result"))
    for choice in CHOICES:
        if vote.get(choice) == 0:
            vote.setdefault(f"{choice}_names", [])
    if values.get("vote.with_proxy"):
        vote["names_cover_proxies"] = True
    return vote


def to_output(reading: Reading) -> dict[str, Any]:
    """Every proposal with its phrases, the act document they make, and what that one still lacks."""
    document = to_input(reading.values())
    _, problems = read_input(document)
    return {
        "proposals": [_proposal(proposal) for proposal in reading.proposals],
        "input": document,
        "problems": [str(problem) for problem in problems],
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "key": proposal.key,
        "label": KEYS[proposal.key],
        "candidates": [_candidate(proposal, candidate) for candidate in proposal.candidates],
    }


def _candidate(proposal: Proposal, candidate: Candidate) -> dict[str, Any]:
    taken = candidate.asked if proposal.key in ROWS else proposal.chosen is candidate
    return {
        "value": candidate.value,
        "confidence": candidate.confidence,
        "taken": taken,
        "note": candidate.note,
        "phrases": [{"start": phrase.start, "end": phrase.end, "text": phrase.text} for phrase in candidate.phrases],
    }
