"""Names of persons in lists: where one ends and the next begins, without civilities' traps nor words of function."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deliberations.domain.reading.plain import fold

_CIVILITY = r"(?:Monsieur|Madame|Mademoiselle|Mmes|MMES|Mme|MME|Mlles|Mlle|MLLE|MM|Mr|MR|M|Messieurs|Mesdames|Dr|Me)"
_PLURALS = frozenset(("mm", "mmes", "messieurs", "mesdames", "mlles"))
_FUNCTION = (
    r"(?:(?:le|la|les|l')\s?)?(?:(?:[0-9]{1,2}\s?(?:er|ere|eme|e|nd|nde)|premiere?|deuxieme|troisieme)\s)?"
    r"(?:vice[- ]president|president|maire|adjoint|conseiller|conseillere|depute|deputee|senateur|senatrice|delegue|deleguee|secretaire)"
    r"(?:\(?[.·-]?e?\)?[.·-]?s?)(?:[- ](?:adjoint|delegue|maire|deleguee?)(?:\(?[.·-]?e?\)?[.·-]?s?))?"
    r"(?:\s(?:au\smaire|municipal|municipale|municipaux|municipales|communautaires?|metropolitaine?s?|delegue(?:e|s|es)?|departemental(?:e|s)?|regional(?:e|s)?"
    r"|titulaires?|suppleant(?:e|s|es)?))*(?:\s(?:de|d'|du|des)\s?[a-z' -]{2,40})?"
)
_WHOLLY_FUNCTION = re.compile(_FUNCTION)
_LAST_FUNCTION = re.compile(r"[ ,]\s?(" + _FUNCTION + r")$")
_PARTICLES = frozenset(
    (
        "de", "du", "des", "d", "le", "la", "les", "l", "von", "van", "der", "den", "el", "ben", "bin", "dit", "dite", "da",
        "dos", "di", "do", "y", "et",
    )
)  # fmt: skip
_NOT_NAMES = frozenset(
    (
        "commune", "communes", "conseil", "conseils", "mairie", "ville", "page", "departement", "arrondissement", "republique",
        "extrait", "registre", "seance", "deliberation", "deliberations", "prefecture", "communaute", "agglomeration",
        "metropole", "canton", "proces", "verbal", "municipal", "municipale", "communautaire", "liberte", "egalite",
        "fraternite", "francaise", "objet", "date", "numero", "secretaire", "rapporteur", "votants", "exercice", "quorum",
        "recu", "affiche", "publie", "annexe", "dossier", "article", "convocation", "nombre", "membres", "ordre", "jour",
        "pouvoirs", "presents", "absents", "excuses", "monsieur", "madame", "maire", "president", "via", "etaient", "ainsi",
        "formant", "total", "neant", "aucun", "aucune", "direction", "service", "hotel", "tribunal", "signe", "fait", "pour",
        "vu", "le", "la", "les",
    )
)  # fmt: skip
_PROXY_WORDS = re.compile(
    r"[ ,(]{1,3}(?:(?:a|ayant|avait|qui\sa|ont)\s)?(?:donn\w{1,4}|remis)?\s?(?:un\s|son\s)?(?:pouvoir|procuration|mandat)s?\s(?:a|au|de)\s"
    r"|[ ,(]{1,3}mandante?s?\b|[ ,(]{1,3}represente(?:e|s|es)?\spar\s|[ ,(]{1,3}(?:est\s|etait\s)?(?:absent|excuse)"
)
_PIECE = re.compile(r"[^,;\n\t()\[\]•·/]+|[,;\n\t()\[\]•/]")
_DASH = re.compile(r"\s[-–—]\s|^[-–—]\s")
_AND = re.compile(r"\s(?:et|ET)\s")
_LEADING = re.compile(r"^[\s#>:.°•–—-]+")
_TRAILING = re.compile(r"[\s.:*#-]+$")
_CIVIL = re.compile(rf"{_CIVILITY}\b\.?\s*")
_INITIALS = re.compile(r"(?:[A-ZÀ-Ý][a-z]?\.?-?){1,3}\.\s?(?=[A-ZÀ-Ý])")
LONGEST_LIST = 30_000
LONGEST_NAME = 80
_MOST_STRAY = 14


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    start: int
    end: int


@dataclass(slots=True)
class NameList:
    names: list[Named] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class _Piece:
    text: str
    start: int
    end: int


def clean_name(text: str, *, alone: bool = False) -> str | None:
    """The name that a piece of a list holds, civility kept as written; None for anything else. `alone`: one word will do
    (after « MM. »)."""
    cut = _PROXY_WORDS.search(fold(text))
    text = " ".join((text[: cut.start()] if cut else text).split())
    text = _TRAILING.sub("", _LEADING.sub("", text)).strip()
    text = _without_function(text)
    if not text or len(text) > LONGEST_NAME or any(char.isdigit() or char in '"«»:=€%@_' for char in text):
        return None
    civility = _CIVIL.match(text)
    if civility and fold(civility.group()).strip(" .") in _PLURALS:
        text, civility, alone = text[civility.end() :], None, True
    rest = text[civility.end() :] if civility else text
    initials = None if civility and len(civility.group().strip(" .")) > 1 else _INITIALS.match(rest)
    rest = rest[initials.end() :] if initials else rest
    return text if _is_surname(rest, alone=alone or bool(civility) or bool(initials)) else None


def _without_function(text: str) -> str:
    """Words of function after a name taken off, unless they are the name (« M. Paul MAIRE »)."""
    folded = fold(text)
    if _WHOLLY_FUNCTION.fullmatch(folded):
        return ""
    for _ in range(3):
        found = _LAST_FUNCTION.search(fold(text))
        if found is None:
            return text
        kept, taken = text[: found.start()].rstrip(" ,-–"), text[found.start() :]
        bare = _CIVIL.sub("", kept, count=1)
        if not bare and not taken.strip(" ,").isupper():
            return ""
        if not bare or (
            taken.strip(" ,").isupper() and not any(word.isupper() and len(word) > 1 for word in bare.split())
        ):
            return text
        text = kept
    return text


def _is_surname(text: str, *, alone: bool) -> bool:
    words = [word for word in re.split(r"[ ]", text) if word]
    if not words or len(words) > 7 or (len(words) == 1 and not alone):
        return False
    strong = 0
    for word in words:
        folded = fold(word).strip(".'")
        if not strong and not alone and folded.split("'")[-1] in _NOT_NAMES:
            return False
        if word[0].isupper() and any(char.isalpha() for char in word):
            strong += 1
        elif folded.split("'")[0] not in _PARTICLES:
            return False
    if not strong:
        return False
    return alone or strong >= 2


def starts_like_a_name(text: str) -> bool:
    """A civility or initials with their dot: a new person even on a new line."""
    text = _LEADING.sub("", text)
    civility = _CIVIL.match(text)
    if (
        civility
        and civility.end() < len(text)
        and (text[civility.end()].isupper() or fold(text[civility.end() :][:3]) in ("de ", "d'"))
    ):
        return True
    return bool(_INITIALS.match(text))


def _is_whole(text: str) -> bool:
    """A civility or a first name, then a surname in capitals: nothing is missing."""
    words = _CIVIL.sub("", text.strip(), count=1).split()
    return clean_name(text) is not None and any(word.isupper() and len(word.strip(".")) > 1 for word in words)


def names_from(text: str, start: int, until: int, *, most: int = 600) -> NameList:
    """The names listed from `start` on. The list ends with a line that is none of it, unless a separator left it open: a page
    break, a stamp or a header in its middle is then stepped over."""
    return _Scan(text, start, min(until, start + LONGEST_LIST), most).run()


class _Scan:
    def __init__(self, text: str, start: int, until: int, most: int) -> None:
        self.text, self.start, self.until, self.most = text, start, until, most
        self.found = NameList(end=start)
        self.held: _Piece | None = None
        self.lines = self.stray = self.depth = 0
        self.open = True
        self.over = False
        self.plural = False
        self.skip_line = False

    def run(self) -> NameList:
        for match in _PIECE.finditer(self.text, self.start, self.until):
            if self.over or len(self.found.names) >= self.most:
                break
            piece = match.group()
            if len(piece) == 1 and piece in ",;\n\t()[]•/":
                self._mark(piece)
            elif not self.skip_line:
                self._take(match)
        if not self.over:
            self._flush()
        return self.found

    def _mark(self, mark: str) -> None:
        if mark == "\n":
            self.lines += 1
            self.skip_line = False
        elif mark in "()[]":
            self.depth = max(0, self.depth + (1 if mark in "([" else -1)) if self.held or self.depth else self.depth
        elif self.depth == 0:
            if self.held is not None:
                self._flush()
                self.open = mark in ",;"
            elif mark in ",;" and self.found.names:
                self.open = True

    def _take(self, match: re.Match[str]) -> None:
        if self.depth:  # a remark on the name before
            return
        for piece in _parts(match.group(), match.start()):
            if self.over or self.skip_line:
                return
            self._one(piece)

    def _one(self, piece: _Piece) -> None:
        if not piece.text.strip(" .:-#*"):
            return
        lines, self.lines = self.lines, 0
        if self.held is not None and lines == 1 and not self._is_new(piece):
            joint = "" if self.held.text.endswith("-") else " "
            joined = f"{self.held.text}{joint}{piece.text.strip()}"
            if clean_name(joined, alone=self.plural) is not None or not _is_whole(self.held.text):
                self.held = _Piece(joined, self.held.start, piece.end)
                return
        if self.held is not None:
            self._flush()
            self.open = lines == 0
        if self.over:
            return
        if lines and self._is_stray(piece, lines):
            self.stray += 1
            self.skip_line = True
            self.over = not self.open or self.stray > _MOST_STRAY
            return
        self.held = piece

    def _is_new(self, piece: _Piece) -> bool:
        held = self.held
        opening = self.text[self.text.rfind("\n", 0, piece.start) + 1 : piece.start].strip()
        if opening in ("-", "–", "—", "•"):
            return True
        return starts_like_a_name(piece.text) or (held is not None and _is_whole(held.text) and _is_whole(piece.text))

    def _is_stray(self, piece: _Piece, lines: int) -> bool:
        """A line on its own that is no name, or whose name is not written as those of the list."""
        name = clean_name(piece.text, alone=self.plural)
        if name is None:
            return not _WHOLLY_FUNCTION.fullmatch(fold(piece.text.strip(" .:-")))
        if not self.found.names:
            return False
        return starts_like_a_name(self.found.names[0].name) and not starts_like_a_name(name) and not self.plural

    def _flush(self) -> None:
        held, self.held = self.held, None
        if held is None:
            return
        head = _LEADING.sub("", held.text)
        civility = _CIVIL.match(head)
        if civility and fold(civility.group()).strip(" .") in _PLURALS:
            self.plural = True
        elif civility:
            self.plural = False
        name = clean_name(held.text, alone=self.plural)
        if name is not None:
            self.found.names.append(_placed(name, self.text, held))
            self.found.end, self.stray = held.end, 0
        elif held.text.strip() and not _WHOLLY_FUNCTION.fullmatch(fold(held.text.strip(" .:-"))):
            self.stray += 1
            self.over = not self.found.names or self.stray > _MOST_STRAY or not self.open


def _placed(name: str, text: str, held: _Piece) -> Named:
    """Where the name itself stands in its piece, from its first word to its last."""
    words = name.split()
    start = text.find(words[0], held.start, held.end)
    end = text.rfind(words[-1], start, held.end)
    return Named(name, max(start, held.start), end + len(words[-1]) if end >= 0 else held.end)


def _parts(text: str, start: int) -> Iterator[_Piece]:
    """A piece cut at dashes between spaces, and at « et » before another person."""
    position = 0
    for match in [*_DASH.finditer(text), None]:
        end = match.start() if match else len(text)
        yield from _persons(text[position:end], start + position)
        position = match.end() if match else end


def _persons(text: str, start: int) -> Iterator[_Piece]:
    position = 0
    for match in _AND.finditer(text):
        after = text[match.end() :]
        if starts_like_a_name(after) or (clean_name(text[position : match.start()]) and clean_name(after)):
            yield _piece(text, position, match.start(), start)
            position = match.end()
    yield _piece(text, position, len(text), start)


def _piece(text: str, begin: int, end: int, start: int) -> _Piece:
    part = text[begin:end].rstrip()
    return _Piece(part, start + begin, start + begin + len(part))


def name_at(text: str, start: int, until: int) -> Named | None:
    """The person named right there (the « : » and the dashes before being passed), on the line, or over its end where it is cut."""
    until = min(until, start + 200)
    line_end = text.find("\n", start, until)
    on_line = _first_name(text, start, line_end if line_end >= 0 else until)
    if on_line and (_is_whole(on_line.name) or line_end < 0):
        return on_line
    longer = _first_name(text, start, until)
    return longer if on_line is None or (longer and longer.name.startswith(on_line.name)) else on_line


def _first_name(text: str, start: int, until: int) -> Named | None:
    found = names_from(text, start, until, most=1)
    return found.names[0] if found.names and found.names[0].start - start < 40 else None
