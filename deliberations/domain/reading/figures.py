"""Counts of members and of votes, with the result in words."""

import re
from itertools import islice

from deliberations.domain.act import ADOPTED, MAJORITY, NOTED, REJECTED, UNANIMOUS
from deliberations.domain.reading.labels import Label, count_after
from deliberations.domain.reading.proposals import Notes

MEMBER_COUNTS = ("in_office", "present", "absent", "excused", "represented", "quorum")
VOTE_COUNTS = ("for", "against", "abstain", "not_voting")
KEYS = {
    **{kind: f"members.{kind}" for kind in MEMBER_COUNTS},
    **{kind: f"vote.{kind}" for kind in VOTE_COUNTS},
    "voices": "vote.voices",
}
_MOST = 400
_WHO = r"(?:(?:membres?|conseillers?|conseilleres?|elus?|delegues?|municipaux|communautaires|titulaires)\s){0,3}"
_SAID = re.compile(
    rf"(?<=[0-9][ \n])(?:(?P<in_office>{_WHO}(?:(?:sont\s)?(?:encore\s)?en\s(?:exercice|fonctions?)))"
    rf"|(?P<present>{_WHO}presents?)|(?P<represented>(?:{_WHO}represente(?:e|s|es)?|pouvoirs?(?!\w)|procurations?))"
    rf"|(?P<excused>{_WHO}(?:absents?\s)?excuses?)|(?P<absent>{_WHO}absents?)"
    r"|(?P<for>(?:voix|votes?)\s(?:pour|favorables?))|(?P<against>(?:voix|votes?)\scontre)|(?P<abstain>abstentions?)"
    r"|(?P<voices>votants))(?!\w)(?!\s?[:=(]\s?[0-9])"
)
_MORE = re.compile(
    r"\s{0,2}(?:,|et|;)?\s{0,2}(?:(?P<named>\([^()]{0,2000}\))\s{0,2},?\s{0,2}(?:et\s)?)?(?P<number>[0-9]{1,3})\s(?:voix\s)?"
    r"(?:(?P<for>pour)|(?P<against>contre)|(?P<abstain>abstentions?))(?!\w)"
)
_VOICES = re.compile(r"(?<=[0-9]\s)(?:voix|votes?)\s(?:pour|contre)(?!\w)")
_BELOW = re.compile(r"\n(?:[ \t:=-]{0,400}\n){0,2}(?P<row>[0-9 \t]{1,400})(?=\n|$)")
_OUTCOMES = (
    r"(?P<rejected>(?:n'est\spas|n'a\spas\sete)\s(?:adopte|approuve)(?:e|s|es)?|rejete(?:e|s|es)?|rejette)"
    r"|(?P<adopted>adopte(?:e|s|es|nt)?|approuve(?:e|s|es|nt)?)"
)
_MANNER = r"(?:\s{0,3},?\s{0,3}(?P<manner>(?:a\sl'unanimite|a\sla\smajorite)))"
_RESULT = re.compile(rf"(?<!\w)(?:{_OUTCOMES})(?!\w){_MANNER}")
_LINE_RESULT = re.compile(rf"(?<!\w)(?:{_OUTCOMES})(?!\w){_MANNER}?[^\w\n]{{0,8}}(?=$|\n|\t)")
_DELIBERATED = re.compile(
    r"(?:delibere|le\sconseil\s(?:municipal|communautaire|metropolitain))\w{0,2}[^\w\n]{0,4}\s?(?P<manner>(?:a\sl'unanimite|a\sla\smajorite))"
    r"|(?P<alone>(?:a\sl'unanimite|a\sla\smajorite))"
)
_TAKES_NOTE = re.compile(r"(?<!\w)(?:prend|prennent|prenant|dont)\sacte(?!\w)")
_ASKED_TO_NOTE = re.compile(r"(?:propose|demande|invite)[^.\n]{0,60}\sde\s(?P<noted>prendre\sacte)")
_SECRET = re.compile(r"(?:scrutin|vote|bulletins?)\s(?:a\sbulletins?\s)?secrets?(?!\w)")
_DENIED = re.compile(r"(?<!\w)(?:ne|n|pas|aucune?|sans|non|ni|renonce\w*|ecarte\w*)(?!\w)")
_ENDS = (".", ";", "\n\n")
_IN_LINE = re.compile(rf"[^\w\n\t]{{0,12}}(?:\n{{1,3}}[^\w\n]{{0,8}})?(?:{_OUTCOMES})(?!\w){_MANNER}?")


def read_figures(notes: Notes, labels: list[Label]) -> None:
    folded = notes.plain.folded
    for label in labels:
        if label.kind in KEYS:
            _labelled(notes, label)
    _grids(notes, labels)
    _said(notes, folded)
    _votes_in_words(notes, folded)
    read_result(notes, labels)


def _labelled(notes: Notes, label: Label) -> None:
    folded = notes.plain.folded
    count = count_after(folded, label)
    if count is None:
        return
    bare = not any(mark in folded[label.end : count.start] for mark in ":=.([\t")
    if bare and (not label.first or not _ends(folded, count.end)):
        return
    notes.add(KEYS[label.kind], count.value, [(label.start, count.end)], sure=count.sure)


def _grids(notes: Notes, labels: list[Label]) -> None:
    """Labels side by side in a row of cells, their figures in the row below."""
    folded = notes.plain.folded
    rows: dict[int, list[Label]] = {}
    for label in labels:
        if label.kind in KEYS and label.first:
            rows.setdefault(folded.rfind("\n", 0, label.start), []).append(label)
    for start, heads in rows.items():
        if len(heads) > 1:
            _grid(notes, start + 1, heads)


def _grid(notes: Notes, start: int, heads: list[Label]) -> None:
    folded = notes.plain.folded
    end = folded.find("\n", start)
    below = _BELOW.match(folded, end) if end >= 0 else None
    if below is None or end - start > 2000:
        return
    names, figures = folded[start:end].split("\t"), below["row"].split("\t")
    if len(names) != len(figures):
        return
    for label in heads:
        rank = folded.count("\t", start, label.start)
        if figures[rank].strip().isdecimal() and len(figures[rank].strip()) < 4:
            begin = below.start("row") + sum(len(cell) + 1 for cell in figures[:rank])
            begin += len(figures[rank]) - len(figures[rank].lstrip())
            value = figures[rank].strip()
            notes.add(KEYS[label.kind], int(value), [(label.start, label.end), (begin, begin + len(value))])


def _ends(folded: str, position: int) -> bool:
    """Nothing follows but the end of the line, names or another label: « pour 15 classes » is no vote."""
    after = folded[position : position + 40].lstrip(" ")
    return (
        not after
        or after[0] in "\n\t([,;:-–"
        or re.match(r"(?:voix|m\.|mme|monsieur|madame|absent|dont)", after) is not None
    )


def _said(notes: Notes, folded: str) -> None:
    """« 27 membres présents », « par 20 voix pour »."""
    for found in islice(_SAID.finditer(folded), _MOST):
        kind, start = found.lastgroup or "", number_before(folded, found.start() - 1)
        if start is not None:
            value = int(folded[start : found.start() - 1])
            notes.add(KEYS[kind], value, [(start, found.end())], sure=kind in ("for", "against"))


def number_before(folded: str, end: int) -> int | None:
    """Where the number of three digits at most that ends there starts; None if it is a part of something else."""
    start = end
    while start and end - start < 4 and folded[start - 1].isdecimal():
        start -= 1
    bare = folded[start:end].isascii() and 0 < end - start < 4
    return (
        start if bare and (not start or (folded[start - 1] not in "./,+" and not folded[start - 1].isalnum())) else None
    )


def _votes_in_words(notes: Notes, folded: str) -> None:
    """What follows « 20 voix pour » in the sentence: « , 3 contre et 2 abstentions »."""
    position = 0
    for said in islice(_VOICES.finditer(folded), _MOST):
        if said.start() < position:
            continue
        position = said.end()
        while (found := _MORE.match(folded, position)) is not None:
            kind = found.lastgroup or ""
            notes.add(KEYS[kind], int(found["number"]), [(found.start("number"), found.end())])
            position = found.end()


def opens_line(folded: str, start: int) -> bool:
    """Nothing but signs stands before on the line or in the cell."""
    before = folded[max(0, start - 9) : start]
    opening = before[max(before.rfind("\n"), before.rfind("\t")) + 1 :]
    return not any(map(str.isalnum, opening)) and (len(opening) < len(before) or start < 9)


def _outcome(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups.get("rejected"):
        return REJECTED
    manner = groups.get("manner") or groups.get("alone")
    if manner:
        return UNANIMOUS if "unanimite" in manner else MAJORITY
    return ADOPTED


def read_result(notes: Notes, labels: list[Label]) -> None:
    folded = notes.plain.folded
    for label in labels:
        if label.kind == "result" and (found := _IN_LINE.match(folded, label.end)):
            notes.add("vote.stated_result", _outcome(found), [(label.start, found.end())])
    for found in islice(_RESULT.finditer(folded), _MOST):
        sure = found.end() > len(folded) // 3
        notes.add("vote.stated_result", _outcome(found), [found.span()], sure=sure)
    for found in islice(_DELIBERATED.finditer(folded), _MOST):
        if found["alone"] is None or opens_line(folded, found.start()):
            notes.add("vote.stated_result", _outcome(found), [found.span()])
    if "vote.stated_result" not in notes.found:
        for found in islice(_LINE_RESULT.finditer(folded), _MOST):
            if opens_line(folded, found.start()):
                notes.add("vote.stated_result", _outcome(found), [_trim(folded, *found.span())])
    _read_note(notes, folded)
    for found in islice(_SECRET.finditer(folded), 3):
        if not _DENIED.search(_sentence(folded, *found.span())):
            notes.add("session.secret", True, [found.span()], sure=False)


def _sentence(folded: str, start: int, end: int) -> str:
    """What stands around, up to 200 characters on each side."""
    before, after = folded[max(start - 200, 0) : start], folded[end : end + 200]
    cut = max(before.rfind(mark) for mark in _ENDS) + 1
    stops = [place for mark in _ENDS if (place := after.find(mark)) >= 0]
    return before[cut:] + folded[start:end] + after[: min(stops, default=len(after))]


def _read_note(notes: Notes, folded: str) -> None:
    """An act that takes note; of one that only proposes to, the nature, not the result."""
    for found in islice(_TAKES_NOTE.finditer(folded), 5):
        notes.add("act.kind", "prendre_acte", [found.span()], sure=False)
        if "vote.stated_result" not in notes.found and "vote.for" not in notes.found:
            notes.add("vote.stated_result", NOTED, [found.span()], sure=False)
    for found in islice(_ASKED_TO_NOTE.finditer(folded), 5):
        notes.add("act.kind", "prendre_acte", [found.span("noted")], sure=False)


def _trim(folded: str, start: int, end: int) -> tuple[int, int]:
    piece = folded[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
