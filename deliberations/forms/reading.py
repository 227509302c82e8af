"""What was read of an act, to confirm or correct: one field a figure or a list, written as French clerks do, kept as the interchange
format has it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from deliberations.domain.act import CHOICES
from deliberations.domain.reading.read import KEYS
from deliberations.enums import ActKind, StatedResult
from plan_numerique.shared.money import display_euros, format_cents, parse_cents
from plan_numerique.web.fields import MAX_CENTS, RATE_SCALE, DecimalTextField, format_decimal, parse_decimal

LONGEST_TEXT = 300_000
LARGEST_FILE = 1_000_000
_LONGEST_LIST = 40_000
_GIVES = re.compile(r"\s+(?:donne\s+)?(?:pouvoir|procuration|mandat)\s+à\s+|\s*(?:->|→)\s*")
_PLUS = re.compile(r"\s*\(\s*\+\s*1\s+pouvoir\s*\)\s*$")
PDF_REFUSED = "Un PDF ne se lit pas ici : l'ouvrir, copier tout son texte et le coller dans le cadre."


def name_of(key: str) -> str:
    """The form field of a key."""
    return key.replace(".", "_")


class LinesField(forms.CharField):
    """One item a line. `read` gives the value of a line, or raises ValueError with what is accepted."""

    def __init__(self, *, example: str, **kwargs: Any) -> None:
        self.example = example
        super().__init__(max_length=_LONGEST_LIST, required=False, **kwargs)
        self.widget = forms.Textarea(attrs={"rows": 2, "maxlength": _LONGEST_LIST})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        items = []
        for rank, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    items.append(self.read_line(" ".join(line.split())))
                except ValueError:
                    raise ValidationError(
                        f"Ligne {rank}, « {line.strip()[:60]} » : écrire par exemple « {self.example} »."
                    ) from None
        return items or None

    def fit(self, text: str) -> None:
        """As many lines as there are to read, within reason."""
        self.widget.attrs["rows"] = min(max(text.count("\n") + 1, 2), 12)

    def read_line(self, line: str) -> Any:
        raise NotImplementedError

    def write(self, items: Any) -> str:
        return "\n".join(map(self.write_line, items))

    def write_line(self, item: Any) -> str:
        raise NotImplementedError


def _name(text: str) -> str:
    text = text.strip(" ;,")
    if not text or len(text) > 120:
        raise ValueError
    return text


class NamesField(LinesField):
    def read_line(self, line: str) -> str:
        return _name(line)

    def write_line(self, item: str) -> str:
        return item


class VotersField(NamesField):
    """Names that may be followed by « (+1 pouvoir) », kept until the form takes it off."""

    def read_line(self, line: str) -> str:
        plus = _PLUS.search(line)
        return _name(line[: plus.start()]) + (" (+1 pouvoir)" if plus else "") if plus else _name(line)


class ProxiesField(LinesField):
    def read_line(self, line: str) -> dict[str, str]:
        giver, *holders = _GIVES.split(line)
        if len(holders) > 1:
            raise ValueError
        return {"giver": _name(giver), **({"holder": _name(holders[0])} if holders else {})}

    def write_line(self, item: Mapping[str, str]) -> str:
        return f"{item['giver']} donne pouvoir à {item['holder']}" if item.get("holder") else item["giver"]


class RowsField(LinesField):
    """Cells parted by « ; », each (key, kind); those after the `least` first ones may be empty."""

    def __init__(self, *, cells: tuple[tuple[str, str], ...], least: int = 1, **kwargs: Any) -> None:
        self.cells, self.least = cells, least
        super().__init__(**kwargs)

    def read_line(self, line: str) -> dict[str, str]:
        parts = [part.strip() for part in line.split(";")]
        if not self.least <= len(parts) <= len(self.cells) or not all(parts[: self.least]) or len(parts[0]) > 160:
            raise ValueError
        row = {}
        for (key, kind), part in zip(self.cells, parts, strict=False):
            if part:
                row[key] = _READ[kind](part)
        return row

    def write_line(self, item: Mapping[str, Any]) -> str:
        cells = [_WRITE[kind](item[key]) if item.get(key) else "" for key, kind in self.cells]
        return re.sub(r"(?: ;\s*)+$", "", " ; ".join(cells))


def _read_money(text: str) -> str:
    cents = parse_decimal(text, 2)
    if not 0 <= cents <= MAX_CENTS:
        raise ValueError
    return format_cents(cents)


def _read_rate(text: str) -> str:
    rate = parse_decimal(text, 4)
    if not 0 <= rate <= 100 * RATE_SCALE:
        raise ValueError
    return format_decimal(rate, 4).replace(",", ".")


_BASES = {"HT": "ht", "TTC": "ttc", "": "unknown"}


def _read_basis(text: str) -> str:
    if text.upper() not in _BASES:
        raise ValueError
    return _BASES[text.upper()]


def _text_out(value: str) -> str:
    return value.replace(";", ",")


_READ: dict[str, Callable[[str], str]] = {"text": str, "money": _read_money, "rate": _read_rate, "basis": _read_basis}
_WRITE: dict[str, Callable[[str], str]] = {
    "text": _text_out,
    "money": lambda value: display_euros(parse_cents(value)),
    "rate": lambda value: f"{value.replace('.', ',')} %",
    "basis": lambda value: {"ht": "HT", "ttc": "TTC"}.get(value, ""),
}


def _count() -> forms.Field:
    return forms.IntegerField(min_value=0, max_value=1000, required=False)


def _day() -> forms.Field:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _text(longest: int) -> Callable[[], forms.Field]:
    return lambda: forms.CharField(max_length=longest, required=False)


def _names() -> forms.Field:
    return NamesField(example="Mme Anne EXEMPLE", help_text="Un nom par ligne.")


def _voters() -> forms.Field:
    return VotersField(
        example="Mme Anne EXEMPLE (+1 pouvoir)",
        help_text="Un nom par ligne, suivi de « (+1 pouvoir) » si l'acte l'écrit.",
    )


def _money() -> forms.Field:
    return DecimalTextField(places=2, least=2, unit="€", min_value=0, max_value=MAX_CENTS, required=False)


def _choice(choices: Any) -> Callable[[], forms.Field]:
    return lambda: forms.ChoiceField(choices=[("", "Non écrit"), *choices], required=False)


FIELDS: dict[str, Callable[[], forms.Field]] = {
    **{key: _text(120) for key in ("chair", "chair_quality")},
    "act.title": _text(300),
    "act.order_number": _text(40),
    "act.internal": _text(40),
    "act.kind": lambda: forms.ChoiceField(choices=[("", "Délibération"), *ActKind.choices[1:]], required=False),
    "session.date": _day,
    "session.time": lambda: forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    ),
    "session.convocation_sent_on": _day,
    "session.secret": lambda: forms.BooleanField(required=False),
    "secretaries": _names,
    "reporters": _names,
    **{f"members.{name}": _count for name in ("in_office", "present", "absent", "excused", "represented", "quorum")},
    "members.present_names": _names,
    "members.absent_names": _names,
    "members.excused_names": _names,
    "members.proxies": lambda: ProxiesField(
        example="Mme A. EXEMPLE donne pouvoir à M. B. MODÈLE",
        help_text="Un pouvoir par ligne : « Mme A. EXEMPLE donne pouvoir à M. B. MODÈLE ».",
    ),
    **{f"vote.{name}": _count for name in (*CHOICES, "voices")},
    **{f"vote.{name}_names": _voters for name in CHOICES},
    "vote.stated_result": _choice(StatedResult.choices),
    "identifiers.actes": _text(80),
    "identifiers.matter_code": _text(20),
    **{f"dates.{name}": _day for name in ("transmitted_on", "received_on", "posted_on", "published_on")},
    "budget.total_ht": _money,
    "budget.total_ttc": _money,
    "budget.vat_rate": lambda: DecimalTextField(
        places=4, least=0, unit="%", min_value=0, max_value=100 * RATE_SCALE, required=False
    ),
    "budget.lines": lambda: RowsField(
        cells=(("label", "text"), ("ht", "money")),
        example="Câblage des classes ; 12 000,00",
        help_text="Une ligne du budget par ligne : intitulé ; montant HT.",
    ),
    "grants": lambda: RowsField(
        cells=(("funder", "text"), ("rate", "rate"), ("amount", "money"), ("base", "money")),
        example="Région ; 20 % ; 2 400,00 ; 12 000,00",
        help_text="Une subvention par ligne : financeur ; taux ; montant ; base.",
    ),
    "amounts": lambda: RowsField(
        cells=(("label", "text"), ("amount", "money"), ("tax_basis", "basis")),
        least=2,
        example="Coût global ; 12 000,00 ; HT",
        help_text="Un montant par ligne : intitulé ; montant ; HT ou TTC s'il est écrit.",
    ),
}
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Délibération", ("act.title", "act.order_number", "act.internal", "act.kind", "reporters")),
    (
        "Séance",
        ("session.date", "session.time", "session.convocation_sent_on", "chair", "chair_quality", "secretaries"),
    ),
    (
        "Membres",
        tuple(f"members.{name}" for name in ("in_office", "present", "absent", "excused", "represented", "quorum")),
    ),
    ("Noms", tuple(f"members.{name}" for name in ("present_names", "absent_names", "excused_names", "proxies"))),
    ("Vote", (*(f"vote.{name}" for name in (*CHOICES, "voices", "stated_result")), "session.secret")),
    ("Votes nommés", tuple(f"vote.{name}_names" for name in CHOICES)),
    (
        "Identifiants et dates",
        (
            "identifiers.actes",
            "identifiers.matter_code",
            *(f"dates.{name}" for name in ("transmitted_on", "received_on", "posted_on", "published_on")),
        ),
    ),
    ("Montants", ("budget.total_ht", "budget.total_ttc", "budget.vat_rate", "budget.lines", "grants", "amounts")),
)


def written(key: str, value: Any, covering: Any = ()) -> Any:
    """A value of the interchange format as its field shows it."""
    field = FIELDS[key]()
    if key.startswith("vote.") and key.endswith("_names"):
        value = [f"{name} (+1 pouvoir)" if name in (covering or ()) else name for name in value]
    if isinstance(field, LinesField):
        return field.write(value)
    if isinstance(field, DecimalTextField):
        return value.replace(".", ",")
    return value


class ActTextForm(forms.Form):
    """A text to read, pasted or in a file of text."""

    text = forms.CharField(
        label="Texte de l'acte",
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text="L'extrait du registre, copié d'un PDF, d'un courriel ou d'une page : 300 000 caractères au plus. Rien n'est enregistré.",
        error_messages={"max_length": "Le texte a %(show_value)s caractères : %(limit_value)s au plus."},
    )
    file = forms.FileField(
        label="Ou un fichier de texte", required=False, help_text="Fichier .txt ou .md. D'un PDF, coller le texte."
    )

    def clean_file(self) -> str:
        file = self.cleaned_data.get("file")
        if not file:
            return ""
        if file.size > LARGEST_FILE:
            raise ValidationError(f"« {file.name[:60]} » pèse plus de {LARGEST_FILE // 1_000_000} Mo.")
        content = file.read()
        if content.startswith(b"%PDF"):
            raise ValidationError(PDF_REFUSED)
        text = _decoded(content)
        if "\0" in text:
            raise ValidationError(f"« {file.name[:60]} » n'est pas un fichier de texte : .txt ou .md attendu.")
        if len(text) > LONGEST_TEXT:
            raise ValidationError(f"Le texte a {len(text)} caractères : {LONGEST_TEXT} au plus.")
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data.get("text") or "").strip() and not (data.get("file") or "").strip():
            self.add_error("text", "Coller le texte d'un acte, ou choisir un fichier de texte.")
        return data

    def source(self) -> str:
        text: str = self.cleaned_data["text"]
        return text if text.strip() else self.cleaned_data["file"]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


class ReadActForm(forms.Form):
    """The figures of an act, read or typed. `values()` gives them as the interchange format writes them."""

    text = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.HiddenInput,
        error_messages={"max_length": "Le texte a %(show_value)s caractères : %(limit_value)s au plus."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for _, keys in SECTIONS:
            for key in keys:
                field = FIELDS[key]()
                field.label = KEYS[key]
                if isinstance(field, LinesField):
                    field.fit(self.initial.get(name_of(key)) or self.data.get(name_of(key), ""))
                self.fields[name_of(key)] = field
        self.fields["session_date"].required = True
        self.fields["session_date"].error_messages["required"] = (
            "Donner la date de la séance : les contrôles la lisent."
        )

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _, keys in SECTIONS:
            for key in keys:
                value = self.cleaned_data.get(name_of(key))
                if value is not None and value is not False and value != "":
                    found[key] = _as_read(key, value)
        return _without_plus(found)


def _as_read(key: str, value: Any) -> Any:
    if key.startswith(("dates.", "session.")) and hasattr(value, "isoformat"):
        return value.isoformat() if key != "session.time" else f"{value:%H:%M}"
    if key == "budget.vat_rate":
        return format_decimal(value, 4).replace(",", ".")
    if key.startswith("budget.total"):
        return format_cents(value)
    return value


def _without_plus(values: dict[str, Any]) -> dict[str, Any]:
    covering: list[str] = []
    for choice in CHOICES:
        key = f"vote.{choice}_names"
        if key in values:
            covering += [_PLUS.sub("", name) for name in values[key] if _PLUS.search(name)]
            values[key] = [_PLUS.sub("", name) for name in values[key]]
    return {**values, "vote.with_proxy": list(dict.fromkeys(covering))} if covering else values
