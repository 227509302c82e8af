"""A mark typed by people: within what the criterion makes of it, two decimals at most."""

import re
from decimal import Decimal

MARK = re.compile(r"[-−]?[0-9]{1,7}(?:[.,][0-9]{1,2})?", re.ASCII)


class MarkError(Exception):
    """A French sentence that names the criterion, what was typed and what is accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def bounds(floor: Decimal, full: Decimal) -> tuple[Decimal, Decimal]:
    """The lowest and the highest mark: the value that gives nothing and the one that gives all, in whichever order."""
    return min(floor, full), max(floor, full)


def read_mark(label: str, raw: str, floor: Decimal, full: Decimal) -> Decimal | None:
    """None where nothing was typed."""
    text = "".join(raw.split())
    if not text:
        return None
    low, high = bounds(floor, full)
    typed = f"« {raw.strip()[:20]} »"
    if not MARK.fullmatch(text):
        raise MarkError(
            f"« {label} » : {typed} n'est pas une note ; écrire un nombre de {shown(low)} à {shown(high)}, deux décimales au plus."
        )
    value = Decimal(text.replace("−", "-").replace(",", "."))
    if not low <= value <= high:
        raise MarkError(f"« {label} » : {typed} sort des bornes ; la note va de {shown(low)} à {shown(high)}.")
    return value


def shown(value: Decimal) -> str:
    """« 12,5 »: as written by hand."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (text if text not in {"", "-0"} else "0").replace(".", ",")
