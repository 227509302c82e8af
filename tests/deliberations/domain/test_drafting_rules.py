"""Pure rules of the drafting: figures named in a text, two texts compared, the circuit of visas, what a file is."""

import io
import re
import zipfile
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain import annexes, circuit, difference, figures
from deliberations.queries.rich import SCOPES, TAGS, clean_rich, plain_of, shown_clause, words_of

TEXTS = st.text(st.sampled_from("ab \n[]-é€<>&"), max_size=60)
NAMED = st.one_of(TEXTS, st.sampled_from([f"[[{key}]]" for key in figures.FIGURES]))
WORDS = st.lists(st.sampled_from(["le", "plan", " ", ",", "\n", "école", "2 000"]), max_size=25).map("".join)
MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [f"<{name}>" for name in (*sorted(TAGS), "script", "a href=x", "svg", "math", "button", "div", "b", "i onclick=x")]
            + [f"</{name}>" for name in (*sorted(TAGS), "script", "svg", "button", "div", "b", "i")]
            + ['<th scope="col">', '<th scope="x" class="y">', "<td colspan=2>", "<!-- x -->", "&nbsp;", "&lt;script&gt;", "<p title='<'>"]
        ),
        st.text(max_size=6),
    ),
    max_size=20,
).map("".join)  # fmt: skip


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))


@given(MARKUP)
def test_nothing_but_what_is_allowed_survives(html: str) -> None:
    cleaned = clean_rich(html)
    reader = Reader()
    reader.feed(cleaned)
    for tag, attrs in reader.tags:
        assert tag in TAGS
        assert attrs == () or (tag == "th" and dict(attrs).keys() == {"scope"} and attrs[0][1] in SCOPES)
    assert "<!--" not in cleaned


@given(MARKUP)
def test_cleaning_twice_is_cleaning_once(html: str) -> None:
    assert clean_rich(clean_rich(html)) == clean_rich(html)


@given(st.text(max_size=80))
def test_plain_text_is_never_markup(text: str) -> None:
    shown = shown_clause(text, rich=False, figures={})
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<br>", "<strong>", "</strong>"}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>gras</b> <i>fin</i>", "<strong>gras</strong> <em>fin</em>"),
        ("<div>un</div><div>deux</div>", "<p>un</p><p>deux</p>"),
        ("<p onclick=\"x\" style='a'>un</p>", "<p>un</p>"),
        ("<script>alert(1)</script>reste", "reste"),
        ("<a href='javascript:x'>lien</a>", "lien"),
        ("<img src=x onerror=y>", ""),
        ("1 < 2 &amp; 3", "1 &lt; 2 &amp; 3"),
        ("un&nbsp;€", "un\u00a0€"),
        (
            "<table><tr><td>a</td></tr><tr><td>1</td></tr></table>",
            '<table><tbody><tr><th scope="col">a</th></tr><tr><td>1</td></tr></tbody></table>',
        ),
    ],
)
def test_known_texts_are_cleaned(html: str, expected: str) -> None:
    assert clean_rich(html) == expected


def test_words_of_a_rich_text() -> None:
    table = "<table><caption>T</caption><tbody><tr><th scope='row'>a</th><td>1</td></tr></tbody></table>"
    assert plain_of(clean_rich(f"<p>Un <strong>mot</strong></p><ul><li>x</li></ul>{table}")) == "Un mot\nx\nT\na ; 1"
    assert words_of("<p>[[montant-ttc]]</p>", rich=True, figures={"montant-ttc": "12 €"}) == "12 €"
    assert words_of("[[ecoles]] et [[xx]]", rich=False) == "[Nombre d'écoles] et [xx]"


@given(st.lists(NAMED, max_size=6).map("".join))
def test_a_text_is_the_sum_of_its_parts(text: str) -> None:
    parts = figures.parts_of(text)
    assert "".join(part.text for part in parts) == text
    assert [part.key for part in parts if part.key is not None and part.key in figures.FIGURES] == [
        key for key in re.findall(r"\[\[([^\[\]\n]*)\]\]", text) if key in figures.FIGURES
    ]


@given(st.lists(NAMED, max_size=6).map("".join), st.dictionaries(st.sampled_from(list(figures.FIGURES)), TEXTS))
def test_known_figures_are_all_replaced(text: str, values: dict[str, str]) -> None:
    values = {key: value.replace("[", "").replace("]", "") for key, value in values.items()}
    resolved = figures.resolve_text(text, values)
    assert not any(f"[[{key}]]" in resolved for key in figures.FIGURES)


def plan(**fields: object) -> figures.PlanFigures:
    held = {
        "plan": "Plan <A>", "scenario": "Central", "ht": 100_000, "vat": 20_000, "ttc": 120_000, "grants_total": 25_000, "own": 75_000,
        "own_rate": 750_000, "base": 100_000, "fctva": 0, "net": 95_000, "schools": 3, "classes": 12, "pupils": 1_250,
        "grants": [figures.Grant("État", 25_000, 250_000)], "years": [(2027, 60_000, 72_000, 2), (2028, 40_000, 48_000, 1)],
        "credits": [(2027, 72_000), (2028, 48_000)], "voted": [(2026, 50_000, 30_000), (2027, 60_000, 0)],
    }  # fmt: skip
    return figures.PlanFigures(**{**held, **fields})  # type: ignore[arg-type]


def test_every_figure_has_its_text() -> None:
    texts = figures.texts_of(plan())
    assert texts.keys() == figures.FIGURES.keys()
    assert all(texts.values())
    assert (texts["montant-ttc"], texts["eleves"], texts["exercices"]) == (
        "1\u202f200,00\u202f€",
        "1\u202f250",
        "2027 à 2028",
    )
    assert (texts["taux-part-propre"], texts["credits-de-paiement"]) == ("75\u202f%", "1\u202f200,00\u202f€")
    for key, figure in figures.FIGURES.items():
        if figure.block:
            assert clean_rich(texts[key]) == texts[key]
            assert "<caption>" in texts[key]


def test_a_revision_tells_what_was_voted_and_paid_beside_what_is_asked() -> None:
    texts = figures.texts_of(plan())
    assert texts["autorisation-votee"] == "1\u202f100,00\u202f€"
    rows = re.findall(r"<tr>(.*?)</tr>", texts["tableau-revision"])
    cells = [re.sub("<[^>]*>", "|", row).replace("\u202f", "").split("|") for row in rows[1:]]
    assert [[cell for cell in row if cell] for row in cells] == [
        ["2026", "500,00€", "300,00€", "0,00€"],
        ["2027", "600,00€", "0,00€", "720,00€"],
        ["2028", "0,00€", "0,00€", "480,00€"],
        ["Total", "1100,00€", "300,00€", "1200,00€"],
    ]
    nothing = figures.texts_of(plan(voted=[]))
    assert (nothing["autorisation-votee"], nothing["tableau-revision"]) == ("", "")


def test_figures_of_nothing_are_empty() -> None:
    texts = figures.texts_of(plan(own_rate=None, years=[], credits=[], grants=[], base=0))
    assert (texts["taux-part-propre"], texts["exercices"], texts["tableau-credits"]) == ("", "", "")
    assert figures.texts_of(plan(years=[(2027, 1, 1, 1)]))["exercices"] == "2027"
    assert figures.texts_of(plan(own_rate=-123_400))["taux-part-propre"] == "-12,34\u202f%"


def test_a_figure_is_escaped_where_it_is_shown() -> None:
    shown = shown_clause("le [[plan]], [[fctva]]", rich=False, figures=figures.texts_of(plan()))
    assert shown.startswith("le Plan &lt;A&gt;, ")
    assert "pas encore calculé" in shown_clause("[[ecoles]]", rich=False, figures={})
    assert shown_clause("[[autre]]", rich=False, figures={}) == "[[autre]]"
    assert figures.unknown_keys("[[autre]] [[ecoles]] [[autre]]") == ["autre"]
    table = shown_clause("<p>[[tableau-financement]]</p>", rich=True, figures=figures.texts_of(plan()))
    assert '<th scope="row">État</th><td>250,00' in table
    assert clean_rich(table) == table


@given(WORDS, WORDS)
def test_compared_words_give_both_texts(before: str, after: str) -> None:
    pieces = difference.compare_words(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


PASSAGES = st.lists(st.builds(difference.Passage, st.sampled_from(["Visa", "Article"]), WORDS), max_size=8)


@given(PASSAGES, PASSAGES)
def test_compared_passages_give_both_texts(before: list[difference.Passage], after: list[difference.Passage]) -> None:
    rows = difference.compare_passages(before, after)
    pieces = [piece for row in rows for piece in row.pieces]
    assert "".join(p.text for p in pieces if p.kind != "added") == "".join(row.text for row in before)
    assert "".join(p.text for p in pieces if p.kind != "removed") == "".join(row.text for row in after)


def test_a_changed_word_is_the_only_thing_told() -> None:
    (row,) = difference.compare_passages(
        [difference.Passage("Article", "approuve le plan de 2026")],
        [difference.Passage("Article", "approuve le plan de 2027")],
    )
    assert [piece.text for piece in row.pieces if piece.kind != "same"] == ["2026", "2027"]
    assert row.changed


STEPS = st.lists(st.sampled_from([circuit.WAITING, circuit.GIVEN, circuit.RETURNED]), max_size=5).map(
    lambda states: [circuit.Step(rank, state) for rank, state in enumerate(states, 1)]
)


@given(STEPS)
def test_the_current_step_is_the_first_not_given(steps: list[circuit.Step]) -> None:
    current = circuit.current_of(steps)
    assert circuit.is_complete(steps) == (bool(steps) and current is None)
    if current is not None:
        assert current.state != circuit.GIVEN
        assert all(step.state == circuit.GIVEN for step in steps if step.position < current.position)


@given(STEPS, st.sets(st.integers(1, 5), max_size=2))
def test_a_change_asks_the_later_visas_again(steps: list[circuit.Step], own: set[int]) -> None:
    asked = circuit.asked_again(steps, own)
    kept = [step for step in steps if step.state == circuit.GIVEN and step not in asked]
    assert all(step.position <= min(own, default=0) for step in kept)
    assert not any(step.state == circuit.WAITING for step in asked)
    assert all(step in asked for step in steps if step.state == circuit.RETURNED)


def office(*names: str, mimetype: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<x/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "accepted"),
    [
        ("a.pdf", b"%PDF-1.7", True),
        ("a.PDF", b"%PDF-1.7", True),
        ("a.png", b"%PDF-1.7", False),
        ("a.png", b"\x89PNG\r\n\x1a\n", True),
        ("a.jpeg", b"\xff\xd8\xff\xe0", True),
        ("a.docx", office("[Content_Types].xml", "word/document.xml"), True),
        ("a.xlsx", office("xl/workbook.xml"), True),
        ("a.docx", office("xl/workbook.xml"), False),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin"), False),
        ("a.odt", office(mimetype="application/vnd.oasis.opendocument.text"), True),
        ("a.odt", office(mimetype="application/zip"), False),
        ("a.docx", b"PK\x03\x04broken", False),
        ("a.exe", b"MZ", False),
        ("pdf", b"%PDF-1.7", False),
        ("a.html", b"<html>", False),
        ("a.svg", b"<svg/>", False),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(name: str, content: bytes, accepted: bool) -> None:
    assert (annexes.type_of(name, content) is not None) is accepted


@given(st.sampled_from(sorted(annexes.TYPES)), st.binary(max_size=60))
def test_any_content_is_read_without_failing(end: str, content: bytes) -> None:
    told = annexes.type_of(f"x.{end}", b"PK\x03\x04" + content)
    assert told is None or told == annexes.TYPES[end]
