"""Two versions of a text compared, word by word inside each paragraph. Spaces are kept: the pieces joined give both texts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "removed", "added"]
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
NEAR = 0.4
NEXT = 8


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`label` says what it is (visa, article…); a passage whose label changed is another passage."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    label: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


def compare_words(before: str, after: str) -> list[Piece]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    pieces: list[Piece] = []
    for tag, start, end, other, stop in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[start:end])))
            continue
        if start < end:
            pieces.append(Piece("removed", "".join(old[start:end])))
        if other < stop:
            pieces.append(Piece("added", "".join(new[other:stop])))
    return pieces


def compare_passages(before: Sequence[Passage], after: Sequence[Passage]) -> list[Compared]:
    """In the order of the later text, what was removed where it stood."""
    found: list[Compared] = []
    for tag, start, end, other, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.extend(Compared(row.label, (Piece("same", row.text),)) for row in before[start:end])
        else:
            found.extend(_replaced(before[start:end], after[other:stop]))
    return found


def _replaced(before: Sequence[Passage], after: Sequence[Passage]) -> Iterator[Compared]:
    """Passages of one kind that look alike are told word by word, the others one after the other."""
    left = list(before)
    for row in after:
        rank = next((rank for rank, old in enumerate(left[:NEXT]) if _alike(old, row)), None)
        if rank is None:
            yield Compared(row.label, (Piece("added", row.text),))
            continue
        for gone in left[:rank]:
            yield Compared(gone.label, (Piece("removed", gone.text),))
        yield Compared(row.label, tuple(compare_words(left[rank].text, row.text)))
        left = left[rank + 1 :]
    for gone in left:
        yield Compared(gone.label, (Piece("removed", gone.text),))


def _alike(before: Passage, after: Passage) -> bool:
    if before.label != after.label:
        return False
    words = SequenceMatcher(None, WORDS.findall(before.text), WORDS.findall(after.text))
    return words.quick_ratio() >= NEAR and words.ratio() >= NEAR
