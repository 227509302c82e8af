"""Questions of a questionnaire, and what was typed under them: read, refused with a sentence, shown. Applications and diagnostics share it.

`read_value(question, raw)` gives the typed value, EMPTY where nothing was typed, or raises `AnswerError`, a sentence that names the
question, the value and what is accepted. A required question refuses nothing while it is typed: `missing` says at the end which ones
have no answer. `shown(question, value)` is a value in words. Kinds are the codes of `schools.enums.QuestionKind`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Value = str | int | bool | list[str]
EMPTY = ""
"""What an answer taken back is: stored as such, with its time, so that an older one sent late does not come back."""
SHORT, LONG = 200, 5_000
HIGHEST = 2_000_000_000
YES, NO = ("oui", "true", "1"), ("non", "false", "0")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


OPTION_CODE = re.compile(r"[a-zA-Z0-9_-]{1,60}", re.ASCII)
LONGEST_LABEL, MOST_OPTIONS = 160, 60


class AnswerError(Exception):
    """A French sentence that names the question, what was typed and what is accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    text: str
    kind: str = "text"
    options: tuple[Option, ...] = ()
    required: bool = False
    unit: str = ""
    lowest: int | None = None
    highest: int | None = None
    section: str = ""
    help: str = ""
    longest: int | None = None

    @property
    def most(self) -> int:
        """Characters of a text."""
        return self.longest or (LONG if self.kind == "long" else SHORT)


def read_value(question: Question, raw: Any) -> Value:
    """`raw`: text, a list of texts, or a JSON value of the right type already; EMPTY when nothing is in it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []:
        return EMPTY
    return READERS[question.kind](question, raw)


def _refuse(question: Question, raw: Any, accepted: str) -> AnswerError:
    typed = _clean(", ".join(map(str, raw)) if isinstance(raw, list) else str(raw))
    return AnswerError(f"« {question.text} » : « {typed} » n'est pas accepté ; {accepted}.")


def _clean(typed: str) -> str:
    shown = " ".join(CONTROL.sub("\ufffd", typed).split())
    return f"{shown[:60]}…" if len(shown) > 60 else shown


def _text(question: Question, raw: Any) -> str:
    most = question.most
    if not isinstance(raw, str):
        raise _refuse(question, raw, "écrire un texte")
    if CONTROL.search(raw):
        raise _refuse(question, raw, "le texte contient un caractère de contrôle, à retirer")
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    value = lines if question.kind == "long" else " ".join(lines.split())
    if len(value) > most:
        raise _refuse(question, raw, f"{most} caractères au plus, ce texte en a {len(value)}")
    return value


def _integer(question: Question, raw: Any) -> int:
    low = -HIGHEST if question.lowest is None else question.lowest
    high = HIGHEST if question.highest is None else question.highest
    text = "" if isinstance(raw, bool) else "".join(str(raw).split()) if isinstance(raw, str | int) else ""
    if not re.fullmatch(r"[-−]?[0-9]{1,10}", text) or not low <= int(text.replace("−", "-")) <= high:
        raise _refuse(question, raw, accepted(question))
    return int(text.replace("−", "-"))


def _yes_no(question: Question, raw: Any) -> bool:
    text = str(raw).strip().casefold()
    if isinstance(raw, list) or text not in YES + NO:
        raise _refuse(question, raw, accepted(question))
    return text in YES


def _choice(question: Question, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in {option.code for option in question.options}:
        raise _refuse(question, raw, accepted(question))
    return raw


def _choices(question: Question, raw: Any) -> list[str]:
    """In the order of the options, each once."""
    asked = [raw] if isinstance(raw, str) else raw
    known = [option.code for option in question.options]
    if not isinstance(asked, list):
        raise _refuse(question, raw, accepted(question))
    wrong = [each for each in asked if each not in known]
    if wrong:
        raise _refuse(question, wrong[0], accepted(question))
    return [code for code in known if code in asked]


def _day(question: Question, raw: Any) -> str:
    text = raw.strip() if isinstance(raw, str) else ""
    french = FRENCH_DAY.fullmatch(text)
    if french:
        text = f"{french[3]}-{int(french[2]):02d}-{int(french[1]):02d}"
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise _refuse(question, raw, accepted(question))
    return day.isoformat()


READERS: dict[str, Callable[[Question, Any], Value]] = {
    "text": _text,
    "long": _text,
    "integer": _integer,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "date": _day,
}


def problem_of_options(options: Any) -> str:
    """What is wrong with the choices of a question, a list of {"code", "label"}; empty where nothing is."""
    shaped = isinstance(options, list) and all(
        isinstance(each, dict) and set(each) == {"code", "label"} and all(isinstance(v, str) for v in each.values())
        for each in options
    )
    if not shaped:
        return "Chaque choix a un code et un intitulé."
    if len(options) > MOST_OPTIONS:
        return f"{len(options)} choix : {MOST_OPTIONS} au plus."
    codes = [each["code"] for each in options]
    for each in options:
        told = f"« {_clean(each['label'] or each['code'])} »"
        if not OPTION_CODE.fullmatch(each["code"]):
            return f"{told} : le code d'un choix n'a que des lettres sans accent, chiffres et tirets, 60 au plus."
        if not each["label"].strip() or len(each["label"]) > LONGEST_LABEL or CONTROL.search(each["label"]):
            return f"{told} : l'intitulé a de 1 à {LONGEST_LABEL} caractères, aucun de contrôle."
        if codes.count(each["code"]) > 1:
            return f"Le code « {each['code']} » est donné à deux choix : un code par choix."
    return ""


def accepted(question: Question) -> str:
    """What may be typed, as the end of a sentence."""
    if question.kind == "integer":
        low, high = question.lowest, question.highest
        if low is not None and high is not None:
            return f"écrire un nombre entier de {low} à {high}"
        bounds = f", au moins {low}" if low is not None else f", au plus {high}" if high is not None else ""
        return f"écrire un nombre entier{bounds}"
    if question.kind == "yes_no":
        return "répondre oui ou non"
    if question.kind in {"choice", "choices"}:
        labels = ", ".join(option.label for option in question.options)
        return f"choisir {'parmi' if question.kind == 'choices' else 'un de'} : {labels}"
    if question.kind == "date":
        return "écrire une date, par exemple 23/11/2026"
    return f"écrire un texte de {question.most} caractères au plus"


def is_given(value: Any) -> bool:
    """« Non » and 0 are answers."""
    return value not in (None, EMPTY, [])


def missing(questions: Iterable[Question], values: Mapping[str, Any]) -> tuple[Question, ...]:
    """Required questions without an answer, in their order."""
    return tuple(each for each in questions if each.required and not is_given(values.get(each.code)))


def progress(questions: Iterable[Question], values: Mapping[str, Any]) -> tuple[int, int]:
    """Answers given, and questions."""
    codes = [each.code for each in questions]
    return sum(is_given(values.get(code)) for code in codes), len(codes)


def shown(question: Question, value: Any) -> str:
    """In words; empty where there is no answer."""
    if not is_given(value):
        return ""
    if question.kind == "yes_no":
        return "Oui" if value else "Non"
    if question.kind in {"choice", "choices"}:
        labels = {option.code: option.label for option in question.options}
        codes = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(code), str(code)) for code in codes)
    if question.kind == "date":
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    if question.kind == "integer":
        return f"{value:,} {_unit(question.unit, value)}".replace(",", "\u202f").strip()
    return str(value)


def _unit(unit: str, value: int) -> str:
    """« 1 enseignant »: one word loses its s; « Mbit/s » is no plural."""
    return unit.removesuffix("s") if unit.isalpha() and abs(value) < 2 else unit


@dataclass(frozen=True, slots=True)
class Compared:
    """A question of two versions: `before` or `after` is None where it is added or removed; `changes` names what differs."""

    code: str
    before: Question | None
    after: Question | None
    changes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.changes else "same"


ASPECTS = {
    "text": "intitulé",
    "section": "rubrique",
    "help": "aide",
    "kind": "type de réponse",
    "options": "choix",
    "required": "obligation",
    "unit": "unité",
    "lowest": "minimum",
    "highest": "maximum",
}


def compare(before: Iterable[Question], after: Iterable[Question]) -> tuple[Compared, ...]:
    """By code, in the order of the later version, then those it no longer has."""
    old = {each.code: each for each in before}
    new = {each.code: each for each in after}
    rows = [Compared(code, old.get(code), each, _changes(old.get(code), each)) for code, each in new.items()]
    return (*rows, *(Compared(code, each, None) for code, each in old.items() if code not in new))


def _changes(before: Question | None, after: Question) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(label for name, label in ASPECTS.items() if getattr(before, name) != getattr(after, name))
