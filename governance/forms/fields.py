"""Lists kept as JSON, typed as a person writes them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from plan_numerique.shared.money import format_cents
from plan_numerique.web.fields import format_decimal, parse_decimal

SEPARATORS = re.compile(r"[;\n]+")
BEYOND = re.compile(r"au[- ]?del[aà]", re.IGNORECASE)


class ListField(forms.CharField):
    """Texts separated by semicolons: « materiel ; cablage »."""

    def prepare_value(self, value: Any) -> Any:
        return " ; ".join(str(each) for each in value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def to_python(self, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        parts = [part.strip() for part in SEPARATORS.split(value or "")]
        return [self.read(part) for part in parts if part]

    def read(self, part: str) -> Any:
        return part


class YearListField(ListField):
    """« 2018 ; 2019 »"""

    def read(self, part: str) -> int:
        if not (part.isascii() and part.isdigit() and len(part) == 4):
            raise ValidationError(f"« {part[:20]} » n'est pas une année.")
        return int(part)


class RateListField(ListField):
    """« 60 ; 40 », kept as decimal strings in percent."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(
            [str(rate).replace(".", ",") for rate in value] if isinstance(value, list) else value
        )

    def read(self, part: str) -> str:
        return rate_text(part)


class TiersField(ListField):
    """« 200000 : 70 ; au-delà : 50 », kept as interchange 1 writes tiers."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        parts = [(f"{tier['up_to']}" if tier.get("up_to") else "au-delà", tier.get("rate")) for tier in value]
        return super().prepare_value([f"{bound} : {rate}".replace(".", ",") for bound, rate in parts])

    def to_python(self, value: Any) -> Any:
        return super().to_python(value) or None

    def read(self, part: str) -> dict[str, str | None]:
        bound, colon, rate = part.partition(":")
        if not colon:
            raise ValidationError(f"« {part[:40]} » : écrire une borne, deux points, un taux, par exemple 200000 : 70.")
        up_to = None if BEYOND.fullmatch(bound.strip()) else _cents_text(bound)
        return {"up_to": up_to, "rate": rate_text(rate)}


def rate_text(text: str) -> str:
    try:
        return format_decimal(parse_decimal(text, 4), 4).replace(",", ".")
    except ValueError:
        raise ValidationError(f"« {text.strip()[:20]} » n'est pas un taux.") from None


def _cents_text(text: str) -> str:
    try:
        return format_cents(parse_decimal(text, 2))
    except ValueError:
        raise ValidationError(f"« {text.strip()[:20]} » n'est pas un montant.") from None


class CodesField(forms.MultipleChoiceField):
    """Tick boxes of a closed list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, required=False, **kwargs)
