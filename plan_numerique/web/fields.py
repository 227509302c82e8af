"""Model fields of the product: bounded integers, since SQLite checks no range and PostgreSQL answers an error (libraries.md 8)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.lookups import In
from django.utils.text import capfirst

RATE_SCALE = 10_000
MAX_CENTS = 10**14


def parse_decimal(text: str, places: int) -> int:
    """French or plain decimal text ("1 234,50", "1234.5") to an integer in units of 10^-places; ValueError when it is none."""
    cleaned = "".join(text.split()).replace("\u202f", "").replace("\u00a0", "").removesuffix("€").removesuffix("%")
    whole, _, fraction = cleaned.replace(",", ".").partition(".")
    sign = -1 if whole.startswith("-") else 1
    whole = whole.removeprefix("-") or "0"
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12):
        raise ValueError
    if fraction and not (fraction.isascii() and fraction.isdigit() and len(fraction) <= places):
        raise ValueError
    return sign * (int(whole) * 10**places + int((fraction or "0").ljust(places, "0")))


def format_decimal(value: int, places: int, least: int = 0) -> str:
    """Back to French text with a comma; keeps at least `least` decimals."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**places)
    digits = str(fraction).rjust(places, "0").rstrip("0").ljust(least, "0")
    return f"{sign}{whole},{digits}" if digits else f"{sign}{whole}"


class DecimalTextField(forms.CharField):
    """A form field typed as a decimal and kept as an integer."""

    def __init__(self, *, places: int, least: int, unit: str, min_value: int, max_value: int, **kwargs: Any) -> None:
        self.places, self.least, self.unit = places, least, unit
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "class": "amount", "data-unit": unit, "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return format_decimal(value, self.places, self.least) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            initial = self.to_python(initial)
        except ValidationError:
            return True
        return super().has_changed(initial, data)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        try:
            number = parse_decimal(str(value), self.places)
        except ValueError:
            raise ValidationError(
                f"« {str(value)[:40]} » n'est pas un nombre en {self.unit} : écrire par exemple 1 234,50.",
                code="invalid",
            ) from None
        if not self.min_value <= number <= self.max_value:
            low, high = (format_decimal(bound, self.places) for bound in (self.min_value, self.max_value))
            raise ValidationError(
                f"« {str(value)[:40]} » sort des bornes : de {low} à {high} {self.unit}.", code="bounds"
            )
        return number


class _BoundedField(models.BigIntegerField):
    lowest, highest = 0, MAX_CENTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [MinValueValidator(self.lowest), MaxValueValidator(self.highest)])
        super().__init__(*args, **kwargs)


class CentsField(_BoundedField):
    """An amount in integer cents, never negative; `SignedCentsField` where a difference is kept."""

    def formfield(self, **kwargs: Any) -> Any:
        options = {"places": 2, "least": 2, "unit": "€", "min_value": self.lowest, "max_value": self.highest}
        defaults = {"form_class": DecimalTextField, "required": not self.blank, "label": capfirst(self.verbose_name)}
        return models.Field.formfield(self, **{**defaults, **options, **kwargs})


class SignedCentsField(CentsField):
    lowest = -MAX_CENTS


class RateField(_BoundedField):
    """A rate in ten-thousandths of a percent: 20 % is 200 000, 16,404 % is 164 040."""

    highest = 100 * RATE_SCALE

    def formfield(self, **kwargs: Any) -> Any:
        options = {"places": 4, "least": 0, "unit": "%", "min_value": self.lowest, "max_value": self.highest}
        defaults = {"form_class": DecimalTextField, "required": not self.blank, "label": capfirst(self.verbose_name)}
        return models.Field.formfield(self, **{**defaults, **options, **kwargs})


class CountField(models.IntegerField):
    """A count from `lowest` (0) to two thousand million, the same on every database."""

    def __init__(self, *args: Any, lowest: int = 0, highest: int = 2_000_000_000, **kwargs: Any) -> None:
        self.lowest, self.highest = lowest, highest
        kwargs.setdefault("validators", [MinValueValidator(lowest), MaxValueValidator(highest)])
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"min_value": self.lowest, "max_value": self.highest, **kwargs})


class YearField(CountField):
    """A calendar year: an exercise, or the first year of a school year (2018 is 2018-2019)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("lowest", 1900)
        kwargs.setdefault("highest", 2200)
        super().__init__(*args, **kwargs)


@models.BigAutoField.register_lookup
class PrimaryKeyIn(In):
    """`pk__in` with numbers that no key can have, as a forged form may send: they match nothing, rather than fail in the database."""

    def get_prep_lookup(self) -> Any:
        values = super().get_prep_lookup()
        if not self.rhs_is_direct_value():
            return values
        low, high = BaseDatabaseOperations.integer_field_ranges["BigIntegerField"]
        return [value for value in values if not isinstance(value, int) or low <= value <= high]
