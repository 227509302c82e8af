"""Colours of static/css/map.css: the letter of a mark on its colour, and the mark on the map, in both schemes."""

import re
from pathlib import Path

import pytest

from schools.queries import STEPS
from tests.web.test_contrast import SCHEMES, TOKENS, channels, contrast

CSS = (Path(__file__).resolve().parents[2] / "static/css/map.css").read_text(encoding="utf-8")
COLOURS = {
    name: (light, dark) for name, light, dark in re.findall(r"--step-(\w+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("step", [code for code, _ in STEPS])
def test_a_mark_is_seen_and_its_letter_read(step: str, scheme: str) -> None:
    mark, sheet, ground = (channels(pair[SCHEMES[scheme]]) for pair in (COLOURS[step], TOKENS["sheet"], TOKENS["sunk"]))
    assert contrast(mark, sheet) >= 4.5
    assert contrast(mark, ground) >= 3


def test_every_step_has_its_own_colour() -> None:
    assert set(COLOURS) == {code for code, _ in STEPS}
    assert len(set(COLOURS.values())) == len(STEPS)
