from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_numerique.documents import charts, colours
from plan_numerique.documents.charts import COUNT, EUROS, PERCENT, Chart, Figures, Look, Series
from plan_numerique.documents.charts.scale import nice_ticks
from plan_numerique.documents.charts.svg import text_width, wrapped
from plan_numerique.shared.money import display_euros

SVG = "{http://www.w3.org/2000/svg}"
LOOK = Look()
KINDS = [charts.grouped_bars, charts.stacked_bars, charts.horizontal_bars, charts.lines]
YEARS = tuple(str(year) for year in range(2026, 2031))


def figures(*values: int | None, unit: charts.Unit = EUROS) -> Figures:
    return Figures(
        "essai",
        "Un essai",
        tuple(f"Poste {i}" for i in range(len(values))),
        (Series("Montant", values),),
        unit,
        "Poste",
    )


def parsed(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg)


def check(chart: Chart) -> ET.Element:
    """Well formed, titled, attributes only, every id prefixed and every reference answered, all numbers finite."""
    root = parsed(chart)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text
    assert len(ids) == len(set(ids))
    assert all(name.startswith("essai-") for name in ids)
    assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
    for element in root.iter():
        assert element.tag != f"{SVG}style"
        assert "style" not in element.attrib
        assert "class" not in element.attrib
        for value in element.attrib.values():
            assert "nan" not in value
            assert "inf" not in value
            if value.startswith("url(#"):
                assert value[5:-1] in ids
    assert all(float(e.get("width", 0)) >= 0 and float(e.get("height", 0)) >= 0 for e in root.iter(f"{SVG}rect"))
    return root


def texts(root: ET.Element) -> list[tuple[float, float, float, float]]:
    """Boxes (left, right, baseline, size) of the texts drawn."""
    found = []
    for element in root.iter(f"{SVG}text"):
        wide, x, y = text_width(element.text or ""), float(element.get("x", 0)), float(element.get("y", 0))
        left = {"end": x - wide, "middle": x - wide / 2}.get(element.get("text-anchor", ""), x)
        found.append((left, left + wide, y, 12.0))
    return found


@pytest.mark.parametrize("draw", KINDS)
def test_table_has_the_figures_drawn(draw: type) -> None:
    chart = draw(
        Figures(
            "essai",
            "Deux séries",
            YEARS,
            (Series("A", (1, 2, 3, 4, 5)), Series("B", (None, 0, -7, 123456, 9))),
            EUROS,
            "Exercice",
        ),
        LOOK,
    )
    check(chart)
    total = draw is charts.stacked_bars
    assert chart.columns == ("Exercice", "A", "B", "Total") if total else ("Exercice", "A", "B")
    assert chart.rows[0][:3] == ("2026", "0,01\u202f€", "–")
    assert chart.rows[3][:3] == ("2029", "0,04\u202f€", "1\u202f234,56\u202f€")
    assert len(chart.rows) == 5
    if total:
        assert chart.rows[3][3] == "1\u202f234,60\u202f€"


def test_bar_heights_are_in_proportion() -> None:
    root = check(charts.grouped_bars(figures(100_00, 200_00, 400_00), LOOK))
    heights = [float(e.get("height", 0)) for e in root.iter(f"{SVG}rect")]
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.01)
    assert heights[2] / heights[0] == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("draw", KINDS)
@pytest.mark.parametrize(
    "values", [(), (0,), (0, 0, 0), (5, 5, 5), (-1, -2), (None, None), (7,), (10**15, 1), (-(10**12), 10**12, None)]
)
def test_odd_values_are_drawn(draw: type, values: tuple[int | None, ...]) -> None:
    check(draw(figures(*values), LOOK))


@pytest.mark.parametrize("draw", [charts.grouped_bars, charts.stacked_bars, charts.lines])
@pytest.mark.parametrize("count", [1, 5, 20, 60])
def test_labels_do_not_meet(draw: type, count: int) -> None:
    names = tuple(f"Circonscription de l'arrondissement numéro {i}" for i in range(count))
    root = check(draw(Figures("essai", "Noms longs", names, (Series("A", tuple(range(1, count + 1))),), COUNT), LOOK))
    boxes = texts(root)
    for i, (left, right, y, size) in enumerate(boxes):
        assert left >= -1
        assert right <= LOOK.width + 8
        for other_left, other_right, other_y, _ in boxes[i + 1 :]:
            assert abs(y - other_y) >= size - 1 or right <= other_left or other_right <= left, (count, y, other_y)


words = st.text(max_size=60)
whole = st.one_of(st.none(), st.integers(-(10**14), 10**14))


@st.composite
def any_figures(draw: st.DrawFn) -> Figures:
    names = draw(st.lists(words, max_size=12))
    series = draw(
        st.lists(st.tuples(words, st.lists(whole, min_size=len(names), max_size=len(names))), min_size=1, max_size=9)
    )
    unit = draw(st.sampled_from([EUROS, PERCENT, COUNT]))
    return Figures(
        "essai", draw(words.filter(str.strip)), tuple(names), tuple(Series(n, tuple(v)) for n, v in series), unit
    )


@settings(max_examples=120, deadline=None)
@given(any_figures(), st.sampled_from(KINDS), st.sampled_from([320, 640, 900]))
def test_any_figures_give_a_sound_picture_and_its_table(data: Figures, draw: type, width: int) -> None:
    chart = draw(data, Look(width=width))
    root = check(chart)
    assert len(chart.rows) == len(data.categories)
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert root.get("viewBox", "").startswith(f"0 0 {width} ")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-(10**6), 10**13), max_size=9))
def test_any_parts_give_shares_or_bars(values: list[int]) -> None:
    chart = charts.shares(figures(*values), LOOK)
    check(chart)
    assert len(chart.rows) == len(values)
    assert (chart.columns[-1] == "Part") == (sum(values) > 0 and min(values, default=-1) >= 0)


def test_shares_tell_amount_and_percentage() -> None:
    chart = charts.shares(figures(27352660, 23933578, 23933578, 61543484), LOOK)
    assert [row[-1] for row in chart.rows] == ["20,0\u202f%", "17,5\u202f%", "17,5\u202f%", "45,0\u202f%"]
    assert chart.rows[0][1] == display_euros(27352660)


def test_shares_want_one_series() -> None:
    with pytest.raises(ValueError, match="une seule série"):
        charts.shares(Figures("essai", "x", ("a",), (Series("A", (1,)), Series("B", (2,)))), LOOK)


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.one_of(st.none(), st.integers(-5, 10**9)))
def test_gauge_is_drawn_whatever_the_measure(value: int, scale: int, aim: int | None) -> None:
    check(charts.gauge(key="essai", title="Part propre", value=value, whole=scale, unit=PERCENT, look=LOOK, aim=aim))


def test_gauge_says_its_aim() -> None:
    chart = charts.gauge(
        key="essai", title="Part propre", value=450_000, whole=1_000_000, unit=PERCENT, look=LOOK, aim=200_000
    )
    assert chart.description == "45\u202f% sur 100\u202f%, repère à 20\u202f%."
    assert chart.rows == (("Valeur", "45\u202f%"), ("Sur", "100\u202f%"), ("Repère", "20\u202f%"))


def test_series_differ_by_more_than_colour() -> None:
    series = tuple(Series(f"S{i}", (1,)) for i in range(16))
    root = check(charts.stacked_bars(Figures("essai", "Seize", ("a",), series), LOOK))
    fills = [e.get("fill") for e in root.iter(f"{SVG}rect") if e.get("rx")]
    tiles = {(tile[0].get("fill"), tile[1].get("d")) for tile in root.iter(f"{SVG}pattern")}
    assert len(set(fills)) == 16
    assert len(tiles) == len(list(root.iter(f"{SVG}pattern")))


@pytest.mark.parametrize("draw", KINDS)
def test_curve_and_text_follow_the_page_or_the_forced_ink(draw: type) -> None:
    assert 'fill="currentColor"' in draw(figures(1, 2), Look()).svg
    assert "currentColor" not in draw(figures(1, 2), Look(ink=colours.INK)).svg


def test_line_breaks_where_a_value_is_missing() -> None:
    root = check(charts.lines(figures(1, 2, None, 4, 5), LOOK))
    assert len([e for e in root.iter(f"{SVG}path") if e.get("fill") == "none"]) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 4


def test_markup_and_control_characters_in_names_are_harmless() -> None:
    data = Figures("essai", "<b>&\x00", ("<script>\x07",), (Series('"A"', (1,)),))
    root = check(charts.horizontal_bars(data, LOOK))
    assert root[0].text == "<b>&"


@pytest.mark.parametrize(
    "fields",
    [{"key": "1x"}, {"key": "a b"}, {"title": " "}, {"series": (Series("A", (1, 2)),)}],
)
def test_figures_refuse_what_cannot_be_drawn(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"identifiant|titre|valeur"):
        Figures(**{"key": "essai", "title": "T", "categories": ("a",), "series": (Series("A", (1,)),), **fields})


def test_description_tells_lowest_and_highest() -> None:
    assert charts.lines(figures(1, 300, 20), LOOK).description == (
        "Du plus bas, 0,01\u202f€ (Poste 0), au plus haut, 3,00\u202f€ (Poste 1). Les valeurs exactes sont dans le tableau."
    )
    assert charts.lines(figures(0, 0), LOOK).description == "Toutes les valeurs sont à 0,00\u202f€."
    assert charts.lines(figures(), LOOK).description == "Aucune donnée."


@given(st.integers(-(10**15), 10**15))
def test_exact_amounts_are_written_as_everywhere(cents: int) -> None:
    assert EUROS.exact(cents) == display_euros(cents)


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (0, "0\u202f€"),
        (99_99, "100\u202f€"),
        (12_50, "12,5\u202f€"),
        (412_000_00, "412\u202fk€"),
        (1_641_159_60, "1,64\u202fM€"),
        (-5_000_000_00, "-5\u202fM€"),
        (7_560_000_000_00, "7,56\u202fMd€"),
    ],
)
def test_compact_amounts(cents: int, written: str) -> None:
    assert EUROS.compact(cents) == written


@given(st.lists(st.integers(-(10**15), 10**15), max_size=6))
def test_ticks_are_round_even_and_cover_the_values(values: list[int]) -> None:
    ticks = nice_ticks(values, EUROS)
    steps = {b - a for a, b in pairwise(ticks)}
    assert len(steps) == 1
    assert 0 in ticks
    assert ticks[0] <= min([0, *values])
    assert ticks[-1] >= max([0, *values])
    assert len(ticks) <= 8


@given(words, st.integers(20, 300), st.integers(1, 3))
def test_wrapped_lines_keep_to_their_width(text: str, width: int, most: int) -> None:
    lines = wrapped(text, width, most)
    assert len(lines) <= most
    assert all(text_width(line) <= width for line in lines)


@given(st.integers(0, 0xFFFFFF))
def test_any_accent_gives_colours_that_hold_on_paper_and_on_a_dark_page(value: int) -> None:
    accent = f"#{value:06x}"
    drawn = colours.palette(accent)
    assert len(drawn) == len(set(drawn)) >= 6
    assert all(colours.contrast(c, "#ffffff") >= 3 and colours.contrast(c, "#1b1a18") >= 3 for c in drawn)
    assert colours.contrast(colours.readable(accent), "#ffffff") >= 4.5


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#12345g", "#123456;}", "url(x)"])
def test_accent_that_is_no_colour_is_replaced(accent: str) -> None:
    assert colours.checked(accent) == colours.DEFAULT_ACCENT


@pytest.mark.parametrize("draw", [charts.grouped_bars, charts.stacked_bars, charts.lines, charts.horizontal_bars])
@pytest.mark.parametrize("values, said", [((0, 0), "Toutes les valeurs sont nulles"), ((None, None), "Aucune donnée")])
def test_a_chart_of_nothing_says_so(draw: Any, values: Any, said: str) -> None:
    chart = draw(figures(*values), LOOK)
    root = check(chart)
    assert not list(root.iter(f"{SVG}rect"))
    assert said in "".join(root.itertext())
    assert len(chart.rows) == 2
