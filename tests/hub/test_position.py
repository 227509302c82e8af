"""The drawing of a school among those of its commune: pure."""

from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.documents.charts import Look
from plan_numerique.hub import position
from plan_numerique.hub.position import Point, Spot, from_spot, nearest, placed, position_chart, rounded, scale_length

OWN = Spot("École d'ici", 48.1, -1.6)
NEAR = Spot("École <proche>", 48.104, -1.6)
FAR = Spot("École lointaine", 48.1, -1.65)
METRES = st.floats(-20_000, 20_000, allow_nan=False)
POINTS = st.lists(st.builds(Point, METRES, METRES), min_size=2, max_size=40)


@given(POINTS, st.floats(100, 600), st.floats(100, 600))
def test_every_point_is_in_the_box_at_one_scale(points: list[Point], width: float, height: float) -> None:
    drawn, metres = placed(points, width, height)
    assert metres > 0
    for x, y in drawn:
        assert position.MARGIN - 1e-6 <= x <= width - position.MARGIN + 1e-6
        assert position.MARGIN - 1e-6 <= y <= height - position.MARGIN + 1e-6
    for point, (x, y) in zip(points, drawn, strict=True):
        assert abs((x - drawn[0][0]) * metres - (point.east - points[0].east)) < 0.01
        assert abs((drawn[0][1] - y) * metres - (point.north - points[0].north)) < 0.01


@given(st.floats(1, 1e6))
def test_scale_is_round_and_never_longer(metres: float) -> None:
    length = scale_length(metres)
    assert length <= metres < length * 2.5 + 1e-9
    assert str(length).rstrip("0") in {"1", "2", "5"}


def test_distance_and_quarter() -> None:
    point = from_spot(OWN, NEAR)
    assert rounded(point.distance) == "440 m"
    assert point.quarter == "au nord"
    assert from_spot(OWN, FAR).quarter == "à l'ouest"
    assert rounded(from_spot(OWN, FAR).distance) == "3,7 km"
    found = nearest(OWN, [FAR, NEAR])
    assert found is not None
    assert found[0] == NEAR
    assert nearest(OWN, []) is None


def test_drawing_tells_in_words_what_it_shows() -> None:
    chart = position_chart(OWN, [FAR, NEAR], commune="Commune <synthétique>", look=Look(), height=200)
    assert "La plus proche, École <proche>, est à 440 m au nord" in chart.description
    assert "&lt;proche&gt;" in chart.svg
    assert "<proche>" not in chart.svg
    assert chart.svg.count("<circle") == 4
    assert dict(chart.rows)["École lointaine"].startswith("3")
    same = position_chart(OWN, [Spot("Même cour", 48.1, -1.6)], commune="X", look=Look(), height=200)
    assert "a les mêmes coordonnées" in same.description
