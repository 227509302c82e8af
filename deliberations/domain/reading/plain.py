"""A pasted text without its markup (Markdown, HTML, entities, table bars), where each character still knows its place in the source.

`folded` has the length of `text`: lower case, no accent, so that labels are found whatever their writing. All is linear."""

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

_ONE_FOR_ONE = {
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2002\u2003\u2008\u200a\u3000\ufeff\u200b\x0b"), " "),
    **dict.fromkeys(map(ord, "’‘ʼ`´"), "'"),
    **dict.fromkeys(map(ord, "\x0c\r\u2028\u2029\x85"), "\n"),
    **dict.fromkeys(map(ord, "“”„"), '"'),
    **dict.fromkeys([*range(9), *range(14, 32), 127], " "),
    ord("|"): "\t",
    ord("º"): "°",
}
_TOKEN = re.compile(
    r"<(?P<tag>/?[a-zA-Z][a-zA-Z0-9]{0,12})[^<>\n]{0,300}>|<!--[^<>]{0,500}-->"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});"
    r"|\\(?=[\\*_#\-.()\[\]>+!])|\*+|__+|\u00ad"
    r"|[^\W\d_][\u0300-\u036f]{1,4}"
)
_BLOCKS = frozenset(
    (
        "p", "br", "div", "li", "ul", "ol", "tr", "table", "thead", "tbody", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "section", "blockquote",
    )
)  # fmt: skip
_CELLS = frozenset(("td", "th"))


def _fold_table() -> dict[int, str]:
    table = {}
    for code in range(0x41, 0x250):
        bare = unicodedata.normalize("NFD", chr(code))[0].lower()
        if len(bare) == 1 and bare != chr(code):
            table[code] = bare
    return table


_FOLD = _fold_table()


def fold(text: str) -> str:
    return text.translate(_FOLD)


def _plain_of(token: re.Match[str]) -> str:
    found = token.group()
    if found[0] == "<":
        name = (token["tag"] or "").lower().lstrip("/")
        return "\n" if name in _BLOCKS else "\t" if name in _CELLS else ""
    if found[0] == "&":
        return html.unescape(found).translate(_ONE_FOR_ONE)
    if len(found) > 1 and unicodedata.combining(found[-1]):
        return unicodedata.normalize("NFC", found)
    return ""


@dataclass(frozen=True, slots=True)
class Plain:
    source: str
    text: str
    folded: str
    _cuts: list[int] = field(repr=False)
    _pieces: list[tuple[int, int]] = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end], not empty, stands in the source; a character made of several is taken whole."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, index: int) -> tuple[int, int]:
        rank = bisect_right(self._cuts, index) - 1
        start, end = self._pieces[rank]
        following = self._cuts[rank + 1] if rank + 1 < len(self._cuts) else len(self.text)
        if following - self._cuts[rank] != end - start:
            return start, end
        return start + index - self._cuts[rank], start + index - self._cuts[rank] + 1


def plain_of(source: str) -> Plain:
    flat = source.replace("\r\n", " \n").translate(_ONE_FOR_ONE)
    parts: list[str] = []
    cuts: list[int] = []
    pieces: list[tuple[int, int]] = []
    size = done = 0

    def add(part: str, start: int, end: int) -> None:
        nonlocal size
        if part:
            cuts.append(size)
            pieces.append((start, end))
            parts.append(part)
            size += len(part)

    for token in _TOKEN.finditer(flat):
        add(flat[done : token.start()], done, token.start())
        add(_plain_of(token), token.start(), token.end())
        done = token.end()
    add(flat[done:], done, len(flat))
    text = "".join(parts)
    return Plain(source, text, fold(text), cuts, pieces)
