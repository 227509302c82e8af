"""Days of the sitting and of the filing, numbers, identifier, matter, object."""

import re
from itertools import islice

from deliberations.domain.reading.figures import opens_line
from deliberations.domain.reading.labels import Label, count_after
from deliberations.domain.reading.moments import DAY, WEEKDAY, Day, day_of, days_in_words, hour_at
from deliberations.domain.reading.proposals import TO_CHECK, Notes

DATES = {
    "convocation": "session.convocation_sent_on",
    "received": "dates.received_on",
    "posted": "dates.posted_on",
    "published": "dates.published_on",
    "transmitted": "dates.transmitted_on",
}
_MOST = 400
_ON_LINE = re.compile(rf"[^0-9\n]{{0,80}}?(?<![0-9/.-]){DAY}")
_NEXT_LINE = re.compile(rf"[^\w\n]{{0,12}}(?:\n[^\w\n]{{0,12}}){{1,3}}(?:le\s{{0,2}}:?\s?|du\s)?{WEEKDAY}{DAY}")
_COUNCIL = (
    r"(?:municipal|communautaire|metropolitain|syndical|d'agglomeration|de\s(?:la\s)?(?:communaute|metropole|ville))"
)
_SITTING = re.compile(
    rf"(?<!\w)(?:(?:seance|reunion)(?:\s(?:publique|ordinaire|extraordinaire))*(?:\s(?:du|de)\sconseil\s{_COUNCIL})?"
    rf"(?:\sde\s[a-z' -]{{1,40}}?)?|(?:deliberation\sdu\s)?conseil\s{_COUNCIL}(?:\sde\s[a-z' -]{{1,40}}?)?)"
    rf"\s{{0,6}}[,:–-]?\s{{0,6}}(?:du|le|de)?\s{{0,6}}{WEEKDAY}{DAY}"
)
_GATHERED = re.compile(rf"(?:reunis?|s'est\sreunie?|assemblee?|siegeant)[^0-9.]{{0,90}}?\sle\s{WEEKDAY}{DAY}")
_CONVENED = re.compile(rf"convo(?:que(?:e|s|es)?|cation)[^0-9.]{{0,80}}?(?:le|du)\s{{1,3}}{WEEKDAY}{DAY}")
_OPENED = re.compile(
    r"(?:seance\s(?:est\s|a\sete\s)?ouverte|reunis?|ouverture\sde\s(?:la\s)?seance)\s?[:,]?(?=\s(?:a|vers)\s)"
)
_EXECUTORY = re.compile(r"executoire")
_AFTER_EXECUTORY = re.compile(
    rf"(?P<kind>publication|publiee?|affichage|affichee?|transmission|transmise?|reception|recue?)(?P<gap>[^0-9]{{0,60}}?)(?:le|du|:)\s{{0,3}}{DAY}"
)
_ACTES = re.compile(
    r"(?<![\w-])(?:0[0-9][0-9AB]|9[0-9]{2})-[0-9]{9}-[0-9]{8}-[A-Za-z0-9_]{1,15}-[A-Z]{2}(?:-[0-9]-[0-9])?(?![\w])"
)
_LOOSE_ACTES = re.compile(
    r"(?<![\w-])[0-9][0-9][0-9AB]-[0-9]{9}-[0-9]{8}-[A-Za-z0-9_.-]{1,30}-[A-Z]{2}(?:-[0-9]-[0-9])?(?![\w-])"
)
_TOKEN = re.compile(r"[\s:]{0,6}(?P<value>[\w./-]{8,80})")
_MATTER = re.compile(r"[^0-9\n]{0,40}?(?<![0-9.])(?P<code>[0-9]{1,2}(?:\.[0-9]{1,2}){1,4})(?![0-9.]?[0-9])")
_NUMBER = re.compile(r"[\s:.]{0,6}(?P<value>[A-Za-z0-9][A-Za-z0-9./_-]{0,38})[^\w\n\t]{0,6}(?=$|\n|\t|[-–—:]\s)")
_OBJECT = re.compile(r"[\s:–-]{1,8}(?P<value>[^\n\t][^\n]{2,500}(?:\n(?!\s{0,4}\n)[^\n\t]{2,300}){0,3})")
_TITLE = re.compile(r"\s{0,6}#{1,6}\s(?P<value>[^\n]{8,300})")
_KINDS = {
    "publi": "published",
    "affic": "posted",
    "trans": "transmitted",
    "recep": "received",
    "recue": "received",
    "recu": "received",
}


def read_filing(notes: Notes, labels: list[Label]) -> None:
    for label in labels:
        if label.kind in DATES:
            _labelled_day(notes, label)
    _read_sitting(notes, labels)
    _read_convened(notes)
    _read_executory(notes)
    _read_identifier(notes, labels)
    _read_numbers(notes, labels)
    _read_object(notes, labels)


def _labelled_day(notes: Notes, label: Label) -> None:
    folded = notes.plain.folded
    if not label.first and label.kind != "convocation":
        return
    found = _ON_LINE.match(folded, label.end, label.until) or _NEXT_LINE.match(folded, label.end, label.until)
    day = day_of(found) if found else None
    if day:
        notes.add(DATES[label.kind], day.value, [(label.start, day.end)], sure=day.sure)


def _read_sitting(notes: Notes, labels: list[Label]) -> None:
    folded = notes.plain.folded
    for label in labels:
        if label.kind == "sitting_day" and label.first and (found := _ON_LINE.match(folded, label.end, label.until)):
            _sitting_day(notes, day_of(found), label.start, sure=True)
    for found in islice(_SITTING.finditer(folded), _MOST):
        _sitting_day(notes, day_of(found), found.start(), sure=opens_line(folded, found.start()))
    for day in islice(days_in_words(folded), 20):
        _sitting_day(notes, day, day.start, sure=True)
    for found in islice(_GATHERED.finditer(folded), 50):
        _sitting_day(notes, day_of(found), found.start(), sure=False)
    notes.drop("session.date", confidence=TO_CHECK)
    for found in islice(_OPENED.finditer(folded), 50):
        _hour(notes, found.end(), found.start())


def _sitting_day(notes: Notes, day: Day | None, start: int, *, sure: bool) -> None:
    if day is None:
        return
    notes.add("session.date", day.value, [(start, day.end)], sure=sure and day.sure)
    if sure:
        _hour(notes, day.end, day.start)


def _hour(notes: Notes, position: int, start: int) -> None:
    hour = hour_at(notes.plain.folded, position)
    if hour:
        notes.add("session.time", hour[0], [(min(start, hour[1]), hour[2])])


def _read_convened(notes: Notes) -> None:
    for found in islice(_CONVENED.finditer(notes.plain.folded), 50):
        day = day_of(found)
        if day:
            notes.add(DATES["convocation"], day.value, [(found.start(), day.end)], sure=day.sure)


def _read_executory(notes: Notes) -> None:
    """« Certifié exécutoire compte tenu de la publication le … et de la transmission le … »."""
    folded = notes.plain.folded
    for found in islice(_EXECUTORY.finditer(folded), 20):
        for said in _AFTER_EXECUTORY.finditer(folded, found.end(), min(len(folded), found.end() + 300)):
            day, kind = day_of(said), _KINDS.get(said["kind"][:5]) or _KINDS.get(said["kind"][:4])
            if day and kind and "executoire" not in said["gap"]:
                notes.add(DATES[kind], day.value, [(said.start(), day.end)], sure=day.sure)


def _read_identifier(notes: Notes, labels: list[Label]) -> None:
    text = notes.plain.text
    for found in islice(_ACTES.finditer(text), _MOST):
        notes.add("identifiers.actes", found.group(), [found.span()])
    if "identifiers.actes" not in notes.found:
        for found in islice(_LOOSE_ACTES.finditer(text), _MOST):
            notes.add("identifiers.actes", found.group(), [found.span()], sure=False)
    for label in labels:
        if label.kind == "matter" and (code := _MATTER.match(text, label.end, label.until)):
            notes.add("identifiers.matter_code", code["code"], [(label.start, code.end())])
        if label.kind == "actes" and "identifiers.actes" not in notes.found:
            token = _TOKEN.match(text, label.end, label.until)
            if token and "-" in token["value"]:
                notes.add("identifiers.actes", token["value"], [(label.start, token.end())], sure=False)


def _read_numbers(notes: Notes, labels: list[Label]) -> None:
    text = notes.plain.text
    for label in labels:
        if label.kind not in ("order_number", "internal") or not label.first:
            continue
        found = _NUMBER.match(text, label.end)
        value = found["value"].rstrip("./-") if found else ""
        if found and any(char.isdigit() for char in value):
            end = found.start("value") + len(value)
            kind = (
                "order_number" if label.kind == "order_number" or (value.isdigit() and len(value) < 4) else "internal"
            )
            notes.add(
                f"act.{kind}",
                value,
                [(label.start, end)],
                sure=label.kind == "order_number" or label.end - label.start > 3,
            )


def _read_object(notes: Notes, labels: list[Label]) -> None:
    text = notes.plain.text
    for rank, label in enumerate(labels):
        if label.kind == "object" and label.first:
            written = _OBJECT.match(text, label.end, _next_heading(notes, labels[rank + 1 :]))
            if written:
                _add_title(notes, written, sure=True)
    if "act.title" in notes.found:
        return
    for label in labels:
        if label.kind == "internal" and label.first and (heading := _title_after(text, label)):
            _add_title(notes, heading, sure=False)


def _next_heading(notes: Notes, labels: list[Label]) -> int:
    """Where a label that opens its line starts; « pour » and « contre » only with their count."""
    for label in labels:
        if label.first and (label.kind not in ("for", "against") or count_after(notes.plain.folded, label)):
            return label.start
    return len(notes.plain.text)


def _title_after(text: str, label: Label) -> re.Match[str] | None:
    line_end = text.find("\n", label.end)
    return _TITLE.match(text, line_end) if line_end >= 0 else None


def _add_title(notes: Notes, found: re.Match[str], *, sure: bool) -> None:
    shown = found["value"].rstrip()
    start = found.start("value")
    notes.add("act.title", " ".join(shown.split())[:300], [(start, start + len(shown))], sure=sure)
