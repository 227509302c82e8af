"""Reading tables. The checked import of users' files is built on it (J1)."""

import csv
from pathlib import Path


def read_records(path: Path) -> list[dict[str, str]]:
    """Rows of our own UTF-8 `;` files, by column name."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))
