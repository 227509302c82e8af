"""What a reading answers: for each figure, list or date, the values the text gives and the phrase each comes from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from deliberations.domain.reading.plain import Plain

SURE, TO_CHECK = "sure", "to_check"
MOST_CANDIDATES = 12
MOST_ROWS = 300
ROWS = frozenset(("grants", "amounts"))
"""Keys that hold a list, each candidate one row of it: several are no contradiction."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`text` is the source between `start` and `end`, to the character."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value in the writing of the interchange format. `note` says what was deduced: the value is then not written as such.
    `asked` is False for what the text says without stating it: shown, never taken unasked."""

    value: Any
    phrases: tuple[Phrase, ...]
    confidence: str = SURE
    note: str = ""
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    key: str
    candidates: tuple[Candidate, ...]

    @property
    def chosen(self) -> Candidate | None:
        """The one value to take; none where the text gives two."""
        asked = [] if self.key in ROWS else [candidate for candidate in self.candidates if candidate.asked]
        return asked[0] if len(asked) == 1 else None


@dataclass(frozen=True, slots=True)
class Reading:
    proposals: tuple[Proposal, ...]

    def __getitem__(self, key: str) -> Proposal | None:
        return next((proposal for proposal in self.proposals if proposal.key == key), None)

    def __contains__(self, key: str) -> bool:
        """Said, for Python would ask [0], [1]… for ever: no key is ever missing."""
        return self[key] is not None

    def values(self) -> dict[str, Any]:
        """What is taken when nobody corrects it, by key."""
        values = {proposal.key: taken.value for proposal in self.proposals if (taken := proposal.chosen) is not None}
        rows = {
            one.key: [row.value for row in one.candidates if row.asked] for one in self.proposals if one.key in ROWS
        }
        return {**values, **{key: found for key, found in rows.items() if found}}


@dataclass(slots=True)
class Notes:
    """Collects the candidates of a text: same values are one, with all their phrases."""

    plain: Plain
    found: dict[str, dict[str, Candidate]] = field(default_factory=dict)

    def phrase(self, start: int, end: int) -> Phrase:
        start, end = self.plain.span(start, end)
        return Phrase(start, end, self.plain.source[start:end])

    def add(
        self,
        key: str,
        value: Any,
        spans: Iterable[tuple[int, int]],
        *,
        sure: bool = True,
        note: str = "",
        asked: bool = True,
    ) -> None:
        held = self.found.setdefault(key, {})
        name = repr(value)
        phrases = tuple(self.phrase(start, end) for start, end in spans)
        if name in held:
            known = held[name]
            merged = known.phrases + tuple(phrase for phrase in phrases if phrase not in known.phrases)
            confidence = SURE if sure or known.confidence == SURE else TO_CHECK
            held[name] = Candidate(value, merged[:MOST_CANDIDATES], confidence, known.note, known.asked or asked)
        elif len(held) < (MOST_ROWS if key in ROWS else MOST_CANDIDATES):
            held[name] = Candidate(value, phrases, SURE if sure else TO_CHECK, note, asked)

    def one(self, key: str) -> Any:
        """The value where only one was found."""
        held = self.found.get(key, {})
        return next(iter(held.values())).value if len(held) == 1 else None

    def deduce(self, key: str, value: Any, sources: Iterable[str], *, note: str) -> None:
        """A value that the text does not write but that two others give."""
        phrases = tuple(phrase for name in sources for one in self.found[name].values() for phrase in one.phrases)
        self.found[key] = {repr(value): Candidate(value, phrases, TO_CHECK, note)}

    def drop(self, key: str, *, confidence: str) -> None:
        """Leaves out the candidates of a confidence where there are others."""
        held = self.found.get(key, {})
        kept = {name: candidate for name, candidate in held.items() if candidate.confidence != confidence}
        if kept:
            self.found[key] = kept

    def reading(self, order: Iterable[str]) -> Reading:
        return Reading(tuple(self._proposals(order)))

    def _proposals(self, order: Iterable[str]) -> Iterator[Proposal]:
        for key in order:
            candidates = tuple(self.found.get(key, {}).values())
            if len(candidates) > 1 and key not in ROWS:
                candidates = tuple(
                    Candidate(one.value, one.phrases, TO_CHECK, one.note, one.asked) for one in candidates
                )
            if candidates:
                yield Proposal(key, candidates)
