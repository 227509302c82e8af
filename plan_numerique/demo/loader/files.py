"""Reading the data files; their shape is told in demo/SOURCES.md."""

import json
from pathlib import Path
from typing import Any

from plan_numerique.shared.money import parse_cents, parse_rate
from plan_numerique.tabular.reading import read_records

DATA = Path(__file__).resolve().parents[1] / "data"
SLUGS = ("poitiers", "chatellerault", "saint_etienne_metropole", "metz", "rennes")


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return content


def records(name: str) -> list[dict[str, str]]:
    return read_records(DATA / name)


def cents(value: str | None) -> int | None:
    return None if value is None else parse_cents(value)


def rate(value: str | None, default: int = 0) -> int:
    return default if value is None else parse_rate(value)


def school_year(value: str | None) -> int | None:
    """ "2018-2019" is 2018."""
    return int(value[:4]) if value else None


def text(*parts: Any, limit: int | None = None) -> str:
    joined = "\n\n".join(str(part) for part in parts if part)
    return joined if limit is None or len(joined) <= limit else joined[: limit - 1] + "…"
