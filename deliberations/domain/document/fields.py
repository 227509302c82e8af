"""The keys of the act document (interchange 2, input), with what each must hold by itself."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from deliberations.domain.act import AUTHORITY_KINDS, CHOICES, RESULTS
from governance.domain.document.readers import (
    Choice,
    Flag,
    Integer,
    Key,
    ListOf,
    Money,
    Rate,
    Reader,
    Record,
    Report,
    Text,
    quoted,
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Day(Reader):
    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, 'date en texte attendue, par exemple "2018-12-03"')
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            return report.add(path, f"date inexistante {quoted(value)}")
        return report.add(path, f"date illisible {quoted(value)}, attendue par exemple « 2018-12-03 »")


@dataclass(frozen=True, slots=True)
class Code(Reader):
    """A text of one form; `form` says it in words."""

    pattern: str
    form: str

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, "texte attendu")
        return value if re.fullmatch(self.pattern, value) else report.add(path, f"{self.form}, et non {quoted(value)}")


TEXT = Text()
NAME = Text(blank=False)
NAMES = ListOf(NAME)
CHOICE = Choice(CHOICES, "sens du vote inconnu")


def _optional(reader: Reader, *names: str) -> dict[str, Key]:
    return {name: Key(reader) for name in names}


def _flags(*names: str) -> dict[str, Key]:
    return {name: Key(Flag(), default=False) for name in names}


AUTHORITY = Record(
    {
        "kind": Key(Choice(AUTHORITY_KINDS, "nature de collectivité inconnue")),
        "siren": Key(Code(r"[0-9]{9}", "neuf chiffres attendus")),
        "population": Key(Integer()),
        "department": Key(Code(r"0[0-9][0-9AB]|9[0-9]{2}", "code de département sur trois caractères attendu")),
    }
)
SESSION = Record(
    {
        "date": Key(Day(), required=True),
        "convocation_sent_on": Key(Day()),
        **_flags("second_convocation", "secret"),
    }
)
PROXY = Record({"giver": Key(NAME, required=True), "holder": Key(NAME)})
MEMBERS = Record(
    {
        **_optional(Integer(), "in_office", "present", "absent", "excused", "represented"),
        **_optional(NAMES, "present_names", "absent_names", "excused_names", "withdrawn_names"),
        "proxies": Key(ListOf(PROXY)),
    }
)
VOTE = Record(
    {
        **_optional(Integer(), *CHOICES, "voices"),
        "chair_vote": Key(CHOICE),
        **_optional(NAMES, *(f"{choice}_names" for choice in CHOICES)),
        **_flags("names_cover_proxies"),
        "stated_result": Key(Choice(RESULTS, "résultat inconnu")),
    }
)
IDENTIFIERS = Record(_optional(TEXT, "actes", "matter_code"))
DATES = Record(_optional(Day(), "received_on", "posted_on", "published_on"))
BUDGET_LINE = Record({"label": Key(TEXT), "ht": Key(Money()), "vat_rate": Key(Rate()), "ttc": Key(Money())})
BUDGET = Record(
    {
        "lines": Key(ListOf(BUDGET_LINE), default=()),
        **_optional(Money(), "total_ht", "total_ttc"),
        "vat_rate": Key(Rate()),
    }
)
GRANT = Record({"funder": Key(TEXT), "rate": Key(Rate()), **_optional(Money(), "base", "amount")})
PRODUCT = Record(
    {
        "label": Key(TEXT),
        "unit": Key(Money()),
        "quantity": Key(Integer()),
        "vat_rate": Key(Rate()),
        **_optional(Money(), "total_ht", "total_ttc"),
        **_flags("approximate"),
    }
)
DOCUMENT = Record(
    {
        **_flags("past"),
        "authority": Key(AUTHORITY),
        "session": Key(SESSION, required=True),
        "members": Key(MEMBERS),
        "chair": Key(NAME),
        "vote": Key(VOTE),
        "identifiers": Key(IDENTIFIERS),
        "dates": Key(DATES),
        "budget": Key(BUDGET),
        "grants": Key(ListOf(GRANT), default=()),
        "products": Key(ListOf(PRODUCT), default=()),
    }
)
