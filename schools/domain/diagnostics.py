"""How far a diagnostic is, why one would trigger it, and what changed from one campaign to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schools.domain.answers import Question, is_given, shown

IN_PROGRESS, TECHNICAL_DONE, PEDAGOGICAL_DONE = "in_progress", "technical_done", "pedagogical_done"
TO_SIGN, TOWN_SIGNED, ACADEMY_SIGNED = "to_sign", "town_signed", "academy_signed"
SIGNED, CANCELLED = "signed", "cancelled"


@dataclass(frozen=True, slots=True)
class Marks:
    technical_done: bool = False
    pedagogical_done: bool = False
    town_signed: bool = False
    academy_signed: bool = False
    cancelled: bool = False


def stage_of(marks: Marks) -> str:
    if marks.cancelled:
        return CANCELLED
    if marks.town_signed and marks.academy_signed:
        return SIGNED
    if marks.town_signed or marks.academy_signed:
        return TOWN_SIGNED if marks.town_signed else ACADEMY_SIGNED
    if marks.technical_done and marks.pedagogical_done:
        return TO_SIGN
    if marks.technical_done or marks.pedagogical_done:
        return TECHNICAL_DONE if marks.technical_done else PEDAGOGICAL_DONE
    return IN_PROGRESS


def lacking(marks: Marks, technical: Sequence[str] = (), pedagogical: Sequence[str] = ()) -> tuple[str, ...]:
    """What remains before the diagnostic is signed by both sides, in the order it is done. `technical` and `pedagogical`: texts of the
    required questions without an answer."""
    if stage_of(marks) in {SIGNED, CANCELLED}:
        return ()
    halves = (
        ("technique", marks.technical_done, technical),
        ("pédagogique", marks.pedagogical_done, pedagogical),
    )
    told = []
    for name, done, missing in halves:
        if not done and missing:
            answers = "réponses obligatoires" if len(missing) > 1 else "réponse obligatoire"
            told.append(f"Partie {name} à remplir : {len(missing)} {answers} à donner.")
        elif not done:
            told.append(f"Partie {name} à terminer.")
    if not marks.town_signed:
        told.append("Validation de la collectivité.")
    if not marks.academy_signed:
        told.append("Validation de l'Éducation nationale.")
    return tuple(told)


QPV, CALL = "priority_district", "call"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A school that might be diagnosed. `retained`: titles of the calls whose frozen list retains it."""

    school: int
    priority_district: bool = False
    retained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the authority would trigger the diagnostic of a school; `trigger` is a code of `schools.enums.Trigger`."""

    school: int
    trigger: str
    text: str


def suggest(candidates: Iterable[Candidate], known: Iterable[int] = (), more: Iterable[Reason] = ()) -> list[Reason]:
    """The reasons of the authority for each school that has no diagnostic yet (`known`), in the order of the candidates; `more`: what
    the inventory says (ageing park), from the app that keeps it."""
    left_out = set(known)
    others: dict[int, list[Reason]] = {}
    for reason in more:
        others.setdefault(reason.school, []).append(reason)
    found: list[Reason] = []
    for each in candidates:
        if each.school in left_out:
            continue
        found += others.get(each.school, [])
        if each.priority_district:
            found.append(Reason(each.school, QPV, "L'école est située dans un quartier prioritaire de la ville (QPV)."))
        found += [Reason(each.school, CALL, f"Candidature retenue : {title}.") for title in each.retained]
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer differs; texts are as shown, empty where there is none. `new`, `gone`: in one questionnaire only."""

    code: str
    section: str
    text: str
    before: str
    after: str
    new: bool = False
    gone: bool = False


def changes(
    questions_before: Sequence[Question],
    before: Mapping[str, Any],
    questions_after: Sequence[Question],
    after: Mapping[str, Any],
) -> tuple[Change, ...]:
    """Only what changed, by code of question, in the order of the later questionnaire, then what it no longer asks. The same option
    worded otherwise is the same answer; a question that is new, or gone, without an answer is no change."""
    old = {each.code: each for each in questions_before}
    found = []
    for question in (
        *questions_after,
        *(each for each in questions_before if each.code not in _codes(questions_after)),
    ):
        new, gone = question.code not in old, question.code not in _codes(questions_after)
        first, last = before.get(question.code), after.get(question.code)
        first, last = (None if new else first), (None if gone else last)
        if _same(first, last):
            continue
        told = shown(old.get(question.code, question), first), shown(question, last)
        found.append(Change(question.code, question.section, question.text, *told, new, gone))
    return tuple(found)


def _codes(questions: Iterable[Question]) -> set[str]:
    return {each.code for each in questions}


def _same(first: Any, last: Any) -> bool:
    if not is_given(first) and not is_given(last):
        return True
    return type(first) is type(last) and bool(first == last)


@dataclass(frozen=True, slots=True)
class Share:
    """How many schools gave this answer, before and after."""

    label: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Tally:
    """A question over many schools: the counts of each option (or of « Oui », « Non », answered, not answered); for a number, `sums`
    before and after."""

    code: str
    section: str
    text: str
    shares: tuple[Share, ...]
    sums: tuple[int, int] | None = None

    @property
    def changed(self) -> bool:
        return any(share.before != share.after for share in self.shares) or bool(
            self.sums and self.sums[0] != self.sums[1]
        )


NO_ANSWER = "Sans réponse"


def tally(question: Question, before: Sequence[Any], after: Sequence[Any]) -> Tally:
    """`before` and `after`: the answer of each school (None without), the same schools."""
    labels = [label for label, _ in _options(question)]
    shares = [
        Share(label, sum(_gives(each, code) for each in before), sum(_gives(each, code) for each in after))
        for label, code in _options(question)
    ]
    if not labels:
        shares.append(Share("Réponses données", sum(map(is_given, before)), sum(map(is_given, after))))
    none = [sum(not is_given(each) for each in side) for side in (before, after)]
    shares.append(Share(NO_ANSWER, *none))
    sums = (_sum(before), _sum(after)) if question.kind == "integer" else None
    return Tally(question.code, question.section, question.text, tuple(shares), sums)


def _options(question: Question) -> list[tuple[str, Any]]:
    if question.kind == "yes_no":
        return [("Oui", True), ("Non", False)]
    return [(option.label, option.code) for option in question.options]


def _gives(value: Any, code: Any) -> bool:
    return code in value if isinstance(value, list) else bool(type(value) is type(code) and value == code)


def _sum(values: Iterable[Any]) -> int:
    return sum(value for value in values if isinstance(value, int) and not isinstance(value, bool))
