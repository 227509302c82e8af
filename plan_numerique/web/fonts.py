"""Inter for the web: two weights of Debian's `fonts-inter`, cut down to what French needs, and the style sheet that names them.

Without the package only the style sheet is written, and pages use the system's font."""

import logging
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTLibError

logger = logging.getLogger(__name__)

SOURCES = (Path("/usr/share/fonts/opentype/inter"), Path("/usr/share/fonts/opentype/inter-static"))
WEIGHTS = {"regular": ("Inter-Regular.otf", "400 500"), "semibold": ("Inter-SemiBold.otf", "600 900")}
# Basic Latin, Latin-1, Œ œ Ÿ, the French spaces and dashes, quotes, bullets, arrows, €, №, fractions, mathematical signs.
CHARACTERS = (
    "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+0160-0161,U+0178,U+017D-017E,U+02C6,U+02DA,U+02DC,"
    "U+2002-200B,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F-2030,U+2032-2033,U+2039-203A,U+2044,U+2070-2079,"
    "U+20AC,U+2116,U+2122,U+2150-215E,U+2190-2193,U+2196-2199,U+21B5,U+2212,U+2215,U+2248,U+2260,U+2264-2265,U+2713,U+2717"
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum", "case", "sups", "frac", "ss03"]
FACE = """@font-face {{
  font-family: Inter; font-style: normal; font-weight: {weight}; font-display: swap;
  src: url("inter-{name}.woff2") format("woff2");
}}
"""
# The same width while the file loads, so that the page does not jump.
FALLBACK = """@font-face {
  font-family: "Inter fallback"; src: local("Arial"), local("Liberation Sans"); size-adjust: 107%; ascent-override: 90%; descent-override: 22%;
}
"""


def source_of(file: str, folders: tuple[Path, ...] = SOURCES) -> Path | None:
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def build(target: Path, folders: tuple[Path, ...] = SOURCES) -> list[Path]:
    """Write the woff2 files found and fonts.css into `target`; the files written, the style sheet last."""
    target.mkdir(parents=True, exist_ok=True)
    written, faces = [], FALLBACK
    for name, (file, weight) in WEIGHTS.items():
        source, output = source_of(file, folders), target / f"inter-{name}.woff2"
        if source is None:
            output.unlink(missing_ok=True)
            continue
        try:
            _subset(source, output)
        except (OSError, TTLibError) as error:
            logger.warning("Police %s laissée de côté : %s", source, error)
            output.unlink(missing_ok=True)
            continue
        written.append(output)
        faces += FACE.format(name=name, weight=weight)
    sheet = target / "fonts.css"
    sheet.write_text(faces, encoding="utf-8")
    return [*written, sheet]


def _subset(source: Path, output: Path) -> None:
    options = subset.Options(
        flavor="woff2", layout_features=FEATURES, desubroutinize=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14]
    )
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    cutter.subset(font)
    subset.save_font(font, str(output), options)
