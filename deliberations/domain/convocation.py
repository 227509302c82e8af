"""How long before a meeting its convocation must leave, and whether it does (domain-rules 4.1). No value of the law is written here:
each comes with its article from the dated settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from plan_numerique.shared.calendar import clear_days
from plan_numerique.shared.wording import counted

THRESHOLD, UNDER, FROM, URGENT = (
    "convocation_threshold",
    "convocation_under",
    "convocation_from",
    "convocation_urgent",
)
SECOND, NOTE_FROM = "second_convocation", "summary_note_from"
ALSACE_UNDER, ALSACE_URGENT, ALSACE_SECOND = (
    "alsace_moselle_under",
    "alsace_moselle_urgent",
    "alsace_moselle_second",
)
NO_RULE = (
    "Le délai de convocation n'est pas dans la table des règles de droit à la date de la séance : "
    "la faire compléter avant de convoquer."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`article` as the table writes it: « CGCT L2121-12 »."""

    value: int
    article: str

    @property
    def cited(self) -> str:
        code, _, numbers = self.article.partition(" ")
        return f"{code}, article{'s' if ' et ' in numbers else ''} {numbers}" if numbers else self.article


Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Meeting:
    """`population` is that of the commune, of the largest one for a community. `first_held_on`: the meeting left without quorum."""

    held_on: date
    sent_on: date
    population: int | None
    alsace_moselle: bool = False
    urgent: bool = False
    first_held_on: date | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """In clear days, or in days from the sending to the meeting where the local law counts so (`clear` false). Without `required`,
    the table says nothing. `latest` is the last day on which sending is in time."""

    required: int | None
    given: int
    clear: bool
    article: str
    sentence: str
    latest: date | None = None
    in_time: bool = False


def is_small(population: int | None, rule: Rule | None) -> bool:
    """An unknown population is taken for a large one: the longer delay and the notes are then asked."""
    return population is not None and rule is not None and population < rule.value


def needs_notes(population: int | None, rules: Rules) -> bool:
    return NOTE_FROM in rules and not is_small(population, rules[NOTE_FROM])


def delay_of(meeting: Meeting, rules: Rules) -> Delay:
    code = _code(meeting, rules)
    clear = code not in (ALSACE_UNDER, ALSACE_URGENT, ALSACE_SECOND)
    given = clear_days(meeting.sent_on, meeting.held_on) if clear else (meeting.held_on - meeting.sent_on).days
    rule = rules.get(code)
    if rule is None or THRESHOLD not in rules:
        return Delay(None, given, clear, "", NO_RULE)
    latest = meeting.held_on - timedelta(days=rule.value + (1 if clear else 0))
    early = meeting.first_held_on is not None and meeting.sent_on < meeting.first_held_on
    return Delay(
        required=rule.value,
        given=given,
        clear=clear,
        article=rule.cited,
        sentence=_too_early(meeting, rule) if early else _sentence(meeting, rule, code, given, clear),
        latest=latest,
        in_time=given >= rule.value and not early,
    )


def _code(meeting: Meeting, rules: Rules) -> str:
    """A second convocation is not shortened by urgency: it would need the quorum again."""
    small = is_small(meeting.population, rules.get(THRESHOLD))
    if meeting.first_held_on is not None:
        return ALSACE_SECOND if meeting.alsace_moselle else SECOND
    if meeting.alsace_moselle and small:
        return ALSACE_URGENT if meeting.urgent else ALSACE_UNDER
    if meeting.urgent:
        return URGENT
    return UNDER if small else FROM


def _days(number: int, *, clear: bool) -> str:
    return counted(number, "jour franc" if clear else "jour")


def _sentence(meeting: Meeting, rule: Rule, code: str, given: int, clear: bool) -> str:
    what = {
        URGENT: "En urgence, la convocation part",
        ALSACE_URGENT: "En urgence, la convocation part",
        SECOND: "Faute de quorum à la première réunion, la seconde convocation part",
        ALSACE_SECOND: "Faute de quorum à la première réunion, la seconde convocation part",
    }.get(code, "La convocation part")
    least = (
        "sans délai imposé avant la séance"
        if rule.value == 0
        else f"{_days(rule.value, clear=clear)} au moins avant la séance"
    )
    left = (
        f"envoyée le {meeting.sent_on:%d/%m/%Y}, elle en laisse {given}"
        if given > 0
        else f"envoyée le {meeting.sent_on:%d/%m/%Y}, elle n'en laisse aucun"
    )
    told = f"{what} {least} ({rule.cited})"
    return f"{told}." if rule.value == 0 else f"{told} ; {left}."


def _too_early(meeting: Meeting, rule: Rule) -> str:
    return f"La seconde convocation part après la réunion restée sans quorum, le {meeting.first_held_on:%d/%m/%Y} ({rule.cited})."
