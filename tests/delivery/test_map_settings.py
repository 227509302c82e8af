"""The background of the maps: no other host until one is set, then that one alone; the library is served with the rest."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from plan_numerique.web.static import Storage
from tests.delivery.test_production_settings import GIVEN, start

SHOWN = "from django.conf import settings; print(*settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("", "'self' data:"),
        (IGN, "'self' data: https://data.geopf.fr"),
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "'self' data: https://tile.openstreetmap.org"),
        ("https://{s}.tuiles.example:8443/{z}/{x}/{y}.png", "'self' data: https://*.tuiles.example:8443"),
    ],
)
def test_images_come_from_the_tiles_that_are_set(address: str, allowed: str) -> None:
    result = start({**GIVEN, "MAP_TILES_URL": address, "MAP_TILES_ATTRIBUTION": "© Exemple"}, "-c", SHOWN)
    assert result.stdout.strip() == allowed, result.stderr


@pytest.mark.parametrize(
    ("address", "attribution", "said"),
    [
        ("http://tuiles.example/{z}/{x}/{y}.png", "© Exemple", "reçu « http://tuiles.example/{z}/{x}/{y}.png »"),
        ("https://tuiles.example/{z}.png", "© Exemple", "avec {z}, {x} et {y}"),
        ("https:///{z}/{x}/{y}.png", "© Exemple", "MAP_TILES_URL"),
        ("https://tuiles.example/{z}/{x}/{y}.png", "", "MAP_TILES_ATTRIBUTION"),
    ],
)
def test_a_wrong_address_of_tiles_is_refused_at_the_start(address: str, attribution: str, said: str) -> None:
    result = start({**GIVEN, "MAP_TILES_URL": address, "MAP_TILES_ATTRIBUTION": attribution}, "-c", SHOWN)
    assert result.returncode != 0
    assert said in result.stderr


def test_the_library_is_published_under_hashed_names(tmp_path: Path, settings: Any) -> None:
    """A script of it names a source map that its package does not ship."""
    settings.DEBUG = False
    storage = Storage(location=str(tmp_path), base_url="/static/")
    for prefix, folder in (row for row in settings.STATICFILES_DIRS if isinstance(row, tuple) and "leaflet" in row[0]):
        shutil.copytree(folder, tmp_path / prefix, ignore=shutil.ignore_patterns("*-src*"))
    paths = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")]
    done = list(storage.post_process({path: (storage, path) for path in paths}))
    assert [result for _, _, result in done if isinstance(result, Exception)] == []
    for name in ("leaflet/leaflet.js", "leaflet/leaflet.css", "leaflet-markercluster/leaflet.markercluster.js"):
        assert storage.exists(storage.stored_name(name)), name
