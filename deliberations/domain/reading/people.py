"""Lists of members, proxies, votes by name, chair, secretaries and rapporteurs."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from deliberations.domain.names import name_key
from deliberations.domain.reading.figures import VOTE_COUNTS
from deliberations.domain.reading.labels import Label, count_after
from deliberations.domain.reading.names import Named, clean_name, name_at, names_from
from deliberations.domain.reading.plain import fold
from deliberations.domain.reading.proposals import Notes

LISTS = ("present", "absent", "excused")
STEPPED_OVER = frozenset(
    (
        "internal",
        "order_number",
        "received",
        "transmitted",
        "posted",
        "published",
        "actes",
        "sitting_day",
        "matter",
        "convocation",
    )
)
_MOST, _MOST_LISTS = 1500, 60
_GIVES = re.compile(
    r"(?<!\w)(?:(?:pouvoir|procuration|mandat)\s(?:est\s)?(?:donne(?:e)?\s)?a\s|mandante?\sa\spour\smandataire\s|represente(?:e)?\spar\s)|(?:->|→|=>)\s?"
)
_GIVING = re.compile(r"(?:\s(?:a|ayant|avait|qui\sa))?\s(?:donn(?:e|ant|ee)|remis)(?:\s(?:un|son))?\s{0,2}$")
_BETWEEN = re.compile(
    r"\sa\s(?=m\.|mme|mlle|monsieur|madame|[a-z]{1,3}\.)|\s?(?:->|→|=>)\s?|\s(?:pour|par)\s(?=m\.|mme|monsieur|madame)|\t+\s?"
)
_BEFORE = re.compile(r"[,;\n\t()\[\]:•]|\s[-–—]\s")
_PLUS_PROXY = re.compile(r"\s{0,2}\(\s?(?:\+|et|plus|avec)\s?(?:[0-9]|un|son)?\s?(?:pouvoir|procuration|mandat)s?\s?\)")
_SAID_VOTES = re.compile(
    r"(?<=[0-9]\s)(?:(?:voix|votes?)\s)?(?:(?P<for>pour)|(?P<against>contre)|(?P<abstain>abstentions?))\s?(?=[(\[:])"
)
_CHAIRED = re.compile(
    r"(?:sous\sla\spresidence|presidee?\spar|presidence)\s(?:de\s|d')?(?:(?:monsieur|madame|m\.|mme)\s(?:le|la)\s(?:maire|president\w?)\s?,?\s?)?"
)
_QUALITY = re.compile(
    r"\s{0,2},?\s{0,2}(?P<quality>(?:vice-)?(?:president|maire|adjoint|premier\sadjoint|1er\sadjoint)\w{0,2}(?:[- ](?!membres?\b|nombre\b|la\sseance)[\w'-]{2,20}){0,4})"
)
_NAMED_SECRETARY = re.compile(
    r"(?:(?:est|a\sete|ete)\s)?(?:designe|nomme|elu|choisi)(?:e|es|s)?\s(?:en\squalite\sde\s|comme\s|pour\sremplir\sles\sfonctions\sde\s|aux\sfonctions\sde\s)?(?:la\s|le\s)?secretaire"
)
_DESIGNS = re.compile(r"(?:designe|nomme|elit)\s(?=m\.|mme|monsieur|madame)")


def read_people(notes: Notes, labels: list[Label]) -> None:
    proxies = _read_proxies(notes, labels)
    given = {name_key(pair["giver"]) for pair, _ in proxies}
    for kind in LISTS:
        _read_list(notes, labels, kind, given if kind != "present" else set())
    if proxies:
        spans = [span for _, span in proxies]
        whole = (min(start for start, _ in spans), max(end for _, end in spans))
        stated = notes.one("members.represented")
        notes.add("members.proxies", [pair for pair, _ in proxies], [whole], sure=stated == len(proxies))
    _read_votes(notes, labels)
    _read_officers(notes, labels)


def region_end(labels: list[Label], rank: int, size: int) -> int:
    """Where the list of a label must stop: at the next label that is not a stamp or a number in a page's head."""
    for label in labels[rank + 1 :]:
        if label.kind not in STEPPED_OVER:
            return label.start
    return size


def list_start(notes: Notes, label: Label) -> int:
    count = count_after(notes.plain.folded, label)
    return max(label.end, count.end) if count and count.end <= label.end + 20 else label.end


def _is_heading(notes: Notes, label: Label) -> bool:
    """A label that opens a list: its own line or cell, or followed by a colon or a count."""
    after = notes.plain.folded[label.end : label.end + 12]
    return label.first or re.match(r"\s{0,3}[:(]", after) is not None


def _read_list(notes: Notes, labels: list[Label], kind: str, leave_out: set[str]) -> None:
    lists: list[list[Named]] = []
    heads = [(rank, label) for rank, label in enumerate(labels) if label.kind == kind and _is_heading(notes, label)]
    for rank, label in heads[:_MOST_LISTS]:
        found = names_from(notes.plain.text, list_start(notes, label), region_end(labels, rank, len(notes.plain.text)))
        names = [named for named in found.names if name_key(named.name) not in leave_out]
        if names and not any(_same(names, others) for others in lists):
            lists.append(names)
    stated = notes.one(f"members.{kind}")
    for found_names, spans in _joined(lists):
        notes.add(f"members.{kind}_names", found_names, spans, sure=stated == len(found_names))


def _same(one: list[Named], other: list[Named]) -> bool:
    return {name_key(named.name) for named in one} <= {name_key(named.name) for named in other}


def _joined(lists: list[list[Named]]) -> Iterator[tuple[list[str], list[tuple[int, int]]]]:
    """Lists without a name in common are parts of one (titulaires, suppléants); others are rival candidates."""
    keys = [name_key(named.name) for names in lists for named in names]
    spans = [(names[0].start, names[-1].end) for names in lists]
    if lists and (len(lists) == 1 or len(keys) == len(set(keys))):
        yield [named.name for names in lists for named in names], spans
    elif lists:
        for names, span in zip(lists, spans, strict=True):
            yield [named.name for named in names], [span]


Given = tuple[dict[str, Any], tuple[int, int]]


def _read_proxies(notes: Notes, labels: list[Label]) -> list[Given]:
    found = list(_said_proxies(notes))
    found += _columns(notes, labels)
    if not found:
        found = list(_listed_proxies(notes, labels))
    unique: dict[tuple[str, str], Given] = {}
    for pair, span in sorted(found, key=lambda given: given[1]):
        unique.setdefault((name_key(pair["giver"]), name_key(pair.get("holder") or "")), (pair, span))
    return list(unique.values())


def _said_proxies(notes: Notes) -> Iterator[Given]:
    """« X donne pouvoir à Y », « X (pouvoir à Y) », « X mandant a pour mandataire Y », « X représenté par Y »."""
    text, folded = notes.plain.text, notes.plain.folded
    for verb in islice(_GIVES.finditer(folded), _MOST):
        holder = name_at(text, verb.end(), verb.end() + 120)
        giver = _name_before(text, verb.start())
        if holder and giver and holder.start - verb.end() < 4:
            yield {"giver": giver.name, "holder": holder.name}, (giver.start, holder.end)


def _name_before(text: str, position: int) -> Named | None:
    start = max(0, position - 100)
    giving = _GIVING.search(fold(text[start:position]))
    window = text[start : start + giving.start() if giving else position].rstrip(" ,(\t\n-–—:")
    cut = max((match.end() for match in _BEFORE.finditer(window)), default=0)
    piece = window[cut:]
    if " et " in piece and clean_name(piece.rsplit(" et ", 1)[1]):
        cut += piece.rindex(" et ") + 4
        piece = window[cut:]
    name = clean_name(piece)
    if name is None:
        return None
    begin = start + cut + len(piece) - len(piece.lstrip(" #>:.°•–—-"))
    return Named(name, begin, start + len(window))


def _columns(notes: Notes, labels: list[Label]) -> list[Given]:
    """A column « Mandants » and a column « Mandataires », one after the other or side by side."""
    text = notes.plain.text
    given: list[Given] = []
    for rank, label in enumerate(labels[:-1]):
        other = labels[rank + 1]
        if label.kind != "givers" or other.kind != "holders":
            continue
        givers = names_from(text, label.end, other.start).names
        end = region_end(labels, rank + 1, len(text))
        if not givers:
            given += _rows(notes, other.end, end)
            continue
        holders = names_from(text, other.end, end).names
        paired = holders if len(holders) == len(givers) else [None] * len(givers)
        whole = (givers[0].start, max(givers[-1].end, holders[-1].end if holders else 0))
        given += [
            ({"giver": giver.name, **({"holder": holder.name} if holder else {})}, whole)
            for giver, holder in zip(givers, paired, strict=True)
        ]
    return given


def _listed_proxies(notes: Notes, labels: list[Label]) -> Iterator[Given]:
    """Under « Pouvoirs : », one pair an item: « M. A à Mme B », or two cells."""
    for rank, label in enumerate(labels):
        if label.kind == "represented" and _is_heading(notes, label):
            yield from _rows(notes, list_start(notes, label), region_end(labels, rank, len(notes.plain.text)))


def _rows(notes: Notes, start: int, until: int) -> list[Given]:
    text, folded = notes.plain.text, notes.plain.folded
    rows: list[Given] = []
    for item in re.finditer(r"[^\n;,]+", text[start : min(until, start + 20_000)]):
        begin, end = start + item.start(), start + item.end()
        lead = len(item.group()) - len(item.group().lstrip("\t -–•:"))
        cut = _BETWEEN.search(folded, begin + lead, end)
        giver = clean_name(text[begin + lead : cut.start()]) if cut else None
        holder = clean_name(text[cut.end() : end]) if cut and giver else None
        if giver and holder:
            rows.append(({"giver": giver, "holder": holder}, (begin + lead, begin + len(item.group().rstrip("\t .")))))
    return rows


def _read_votes(notes: Notes, labels: list[Label]) -> None:
    text, folded = notes.plain.text, notes.plain.folded
    covering: list[Named] = []
    for rank, label in enumerate(labels):
        count = count_after(folded, label) if label.kind in VOTE_COUNTS else None
        key = f"vote.{label.kind}"
        if count is None or key not in notes.found:
            continue
        _add_voters(notes, key, _voters(text, folded, count.end, region_end(labels, rank, len(text))), covering)
    for kind, found in _voters_in_words(notes):
        _add_voters(notes, f"vote.{kind}", found, covering)
    if covering:
        names = list(dict.fromkeys(named.name for named in covering))
        spans = [(named.start, named.end) for named in covering]
        notes.add("vote.with_proxy", names, spans)


def _voters(text: str, folded: str, start: int, until: int) -> list[Named]:
    """Those named right after a count: on its line, in its brackets or cell, or on the lines just below."""
    opening = re.compile(r"(?:\s?voix)?[ \t:,;.–—-]{0,8}(?P<open>[(\[]?)(?P<line>\n?)").match(folded, start)
    begin = opening.end() if opening else start
    if opening and opening["open"]:
        until = min(until, _closing(text, begin))
    found = names_from(text, begin, until).names
    if not found or found[0].start - begin > 40:
        return []
    return found if not (opening and opening["line"]) or found[0].start - begin < 4 else []


def _closing(text: str, start: int) -> int:
    """Where the bracket opened before `start` closes; a short way off, else nowhere."""
    depth = 1
    for match in re.finditer(r"[()\[\]]", text[start : start + 8000]):
        depth += 1 if match.group() in "([" else -1
        if not depth:
            return start + match.start()
    return start + 8000


def _voters_in_words(notes: Notes) -> Iterator[tuple[str, list[Named]]]:
    """« 3 voix contre (M. A, Mme B) »."""
    text, folded = notes.plain.text, notes.plain.folded
    for found in islice(_SAID_VOTES.finditer(folded), 200):
        kind = found.lastgroup or ""
        if f"vote.{kind}" in notes.found:
            yield kind, _voters(text, folded, found.end(), len(text))


def _add_voters(notes: Notes, key: str, names: list[Named], covering: list[Named]) -> None:
    if not names:
        return
    plus = [named for named in names if _PLUS_PROXY.match(notes.plain.folded, named.end)]
    covering += plus
    stated = notes.one(key)
    sure = stated in (len(names), len(names) + len(plus))
    notes.add(f"{key}_names", [named.name for named in names], [(names[0].start, names[-1].end)], sure=sure)


def _read_officers(notes: Notes, labels: list[Label]) -> None:
    text = notes.plain.text
    for rank, label in enumerate(labels):
        end = region_end(labels, rank, len(text))
        if label.kind == "chair" and (named := name_at(text, label.end, end)):
            _add_chair(notes, named, label.start)
        elif label.kind in ("secretary", "reporter") and _is_heading(notes, label):
            _add_named(
                notes, label.kind, names_from(text, list_start(notes, label), min(end, label.end + 300), most=6).names
            )
    for found in islice(_CHAIRED.finditer(notes.plain.folded), 50):
        if named := name_at(text, found.end(), found.end() + 100):
            _add_chair(notes, named, named.start)
    if "secretaries" not in notes.found:
        _read_said_secretary(notes)


def _add_chair(notes: Notes, named: Named, start: int) -> None:
    notes.add("chair", named.name, [(named.start, named.end)])
    end = named.end
    quality = _QUALITY.match(notes.plain.folded, end)
    if quality:
        shown = notes.plain.text[quality.start("quality") : quality.end()].strip(" ,.")
        notes.add(
            "chair_quality", shown, [(quality.start("quality"), quality.start("quality") + len(shown))], sure=False
        )


def _add_named(notes: Notes, kind: str, names: Iterable[Named]) -> None:
    found = list(names)
    if found:
        key = {"secretary": "secretaries", "reporter": "reporters"}[kind]
        notes.add(key, [named.name for named in found], [(found[0].start, found[-1].end)])


def _read_said_secretary(notes: Notes) -> None:
    """« Mme A est désignée secrétaire de séance », « désigne Mme A secrétaire de séance »."""
    text, folded = notes.plain.text, notes.plain.folded
    for found in islice(_NAMED_SECRETARY.finditer(folded), 20):
        named = _name_before(text, found.start())
        if named:
            _add_named(notes, "secretary", [named])
    for found in islice(_DESIGNS.finditer(folded), 20):
        named = name_at(text, found.end(), found.end() + 100)
        if named and "secretaire" in folded[named.end : named.end + 60]:
            _add_named(notes, "secretary", [named])
