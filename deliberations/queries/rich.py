"""Text set by hand (bold, lists, tables): what it may hold, and how a clause is shown. Cleaned when saved and again when shown."""

import re
from collections.abc import Mapping
from html import unescape

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString

from deliberations.domain.figures import FIGURES, keys_in, resolve_html, resolve_text

TAGS = frozenset(
    (
        "p", "br", "strong", "em", "u", "sup", "sub", "ul", "ol", "li",
        "table", "caption", "thead", "tbody", "tr", "th", "td",
    )
)  # fmt: skip
SCOPES = frozenset({"col", "row", "colgroup", "rowgroup"})
SHORT_NAMES = re.compile(r"<(/?)(b|i|div)(?=[\s/>])", re.IGNORECASE)
FULL_NAMES = {"b": "strong", "i": "em", "div": "p"}
ONE_PARAGRAPH = re.compile(r"\A<p>((?:(?!</?p>).)*)</p>\Z", re.DOTALL)
ENDS_LINE = re.compile(r"<br>|</(?:p|li|tr|caption|table|ul|ol)>")
ENDS_CELL = re.compile(r"</t[hd]>")
BARE_TABLE = re.compile(r"<table>(?:(?!<table>|<th[ >]).)*?</table>", re.DOTALL)
FIRST_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
MOST_ROUNDS = 6

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style", "title", "textarea", "template", "iframe", "noscript"},
    attributes={"*": set()},  # without it, `lang` and `title` pass everywhere
    tag_attribute_values={"th": {"scope": set(SCOPES)}},
    link_rel=None,
)


def clean_rich(html: str) -> str:
    """Only the tags of `TAGS`, and `scope` on a header cell. What browsers and word processors write for bold, italic and
    paragraphs is renamed. Cleaned until nothing changes: taking a tag away may leave a paragraph in another."""
    text = SHORT_NAMES.sub(lambda found: f"<{found[1]}{FULL_NAMES[found[2].lower()]}", html)
    for _ in range(MOST_ROUNDS):
        cleaned = BARE_TABLE.sub(_headed, _CLEANER.clean(text).replace("&nbsp;", "\u00a0"))
        if cleaned == text:
            return text.strip()
        text = cleaned
    return str(escape(plain_of(text)))


def _headed(table: re.Match[str]) -> str:
    """A table without a header is read by nobody who listens, and no tagged PDF may hold one: its first row is."""

    def row(found: re.Match[str]) -> str:
        return found[0].replace("<td>", '<th scope="col">').replace("</td>", "</th>")

    return FIRST_ROW.sub(row, table[0], count=1)


def plain_of(html: str) -> str:
    """The words of a clean text, one line a paragraph, an item or a row."""
    lines = ENDS_LINE.sub("\n", ENDS_CELL.sub(" ; ", html))
    words = (line.strip(" ;") for line in unescape(re.sub(r"<[^>]*>", "", lines)).split("\n"))
    return "\n".join(line for line in words if line)


def shown_clause(text: str, *, rich: bool, figures: Mapping[str, str]) -> SafeString:
    """What a page and a PDF show of a clause, inside a block (div, li). A plain text keeps its lines; one paragraph alone is inline."""
    html = clean_rich(text) if rich else escape(text.strip()).replace("\n", "<br>")
    resolved = resolve_html(html, figures)
    if rich or any(FIGURES[key].block for key in keys_in(html) if key in FIGURES):
        resolved = clean_rich(resolved)
    return SafeString(ONE_PARAGRAPH.sub(r"\1", resolved))  # escaped or cleaned just above


def words_of(text: str, *, rich: bool, figures: Mapping[str, str] | None = None) -> str:
    """The plain words of a clause."""
    return resolve_text(plain_of(clean_rich(text)) if rich else text, figures or {})
