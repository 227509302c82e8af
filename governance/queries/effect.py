"""What a scenario gives as it stands, typed values included: computed at once by the core, nothing stored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.domain.document.reading import read_input
from governance.domain.plan import BudgetInput
from governance.domain.result import BudgetResult, ExerciseRow
from governance.domain.rollout import caps_of
from governance.domain.simulate import compute
from governance.queries.document import STATED_CLASS, ScenarioData, document_of
from plan_numerique.shared.errors import DomainError, Problem
from plan_numerique.shared.wording import counted

SHOWN_PROBLEMS = 5
TOLD = ("CAP_FIRST_UNFIT", "NEVER_FITS", "OWN_SHARE_BELOW_MINIMUM", "FUNDING_OVER_BASE", "GRANT_UNDER_MINIMUM")
ROW_OF = re.compile(r"^(\w+)\[(\d+)\](?:\.(\w+))?")
KINDS = {
    "schools": "École",
    "phases": "Phase",
    "items": "Article",
    "rules": "Règle",
    "packs": "Pack",
    "lump_sums": "Montant global",
    "recurring": "Coût récurrent",
    "funding": "Financement",
    "announced": "Montant annoncé",
}
FIELDS = {"kind": "type", "exercise": "exercice", "exercises": "exercices", "schools": "écoles", "class": "classe"}


@dataclass(frozen=True)
class YearEffect:
    """`left`: what remains under the cap, below 0 where it is passed; both None without a cap."""

    exercise: int
    schools: int
    classes: int
    pupils: int
    ttc: int
    cap: int | None
    left: int | None


@dataclass(frozen=True)
class Effect:
    """Amounts in cents. `known_*` count the perimeter, the others what enters over the plan. With `problems`, no figure but those."""

    known_schools: int
    known_classes: int
    known_pupils: int
    schools: int = 0
    classes: int = 0
    pupils: int = 0
    ttc: int = 0
    grants: int = 0
    own_share_ht: int = 0
    net_cost: int = 0
    years: tuple[YearEffect, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def effect_of(data: ScenarioData) -> Effect:
    """Three queries besides those of the rule set; the figures are those a run would store."""
    try:
        document = document_of(data)
    except DomainError as error:
        return Effect(0, 0, 0, problems=(error.message,))
    known = _known(document)
    budget, problems = read_input(document, inside=True)
    if budget is None:
        return Effect(*known, problems=told(document, problems))
    return _figures(data, budget, compute(budget), known)


def budget_of(data: ScenarioData) -> BudgetInput:
    """DomainError with the first problem where the data cannot be computed."""
    document = document_of(data)
    budget, problems = read_input(document, inside=True)
    if budget is None:
        raise DomainError(" ".join(told(document, problems)[:1]))
    return budget


def _known(document: Mapping[str, Any]) -> tuple[int, int, int]:
    classes = [each for school in document["schools"] for each in school["classes"]]
    counted = sum(each["id"] != STATED_CLASS for each in classes)
    return len(document["schools"]), counted, sum(each["pupils"] for each in classes)


def _figures(data: ScenarioData, budget: BudgetInput, result: BudgetResult, known: tuple[int, int, int]) -> Effect:
    caps = caps_of(budget)
    return Effect(
        *known,
        schools=sum(row.schools_entered for row in result.by_exercise),
        classes=sum(row.classes_entered for row in result.by_exercise),
        pupils=sum(row.pupils_entered for row in result.by_exercise),
        ttc=result.totals.ttc,
        grants=result.funding.total,
        own_share_ht=result.funding.own_share_ht,
        net_cost=result.net_cost,
        years=tuple(_year(row, cap) for row, cap in zip(result.by_exercise, caps, strict=True)),
        warnings=tuple(_warnings(data, result)),
    )


def _year(row: ExerciseRow, cap: int | None) -> YearEffect:
    left = None if cap is None else cap - row.amount.ttc
    counts = (row.schools_entered, row.classes_entered, row.pupils_entered)
    return YearEffect(row.exercise, *counts, row.amount.ttc, cap, left)


def _warnings(data: ScenarioData, result: BudgetResult) -> Iterator[str]:
    """One of each kind at most, schools and funders by their name."""
    names = {place.school.uai: place.school.name for place in data.places}
    names |= {line.code: line.funder.name for line in data.funding}
    seen = set()
    for finding in result.findings:
        if finding.code in TOLD and finding.code not in seen:
            seen.add(finding.code)
            code = finding.message.partition("« ")[2].partition(" »")[0]
            yield finding.message.replace(f"« {code} »", f"« {names[code]} »", 1) if code in names else finding.message


def told(document: Mapping[str, Any], problems: list[Problem]) -> tuple[str, ...]:
    """Each problem with the name of its row in place of its path."""
    shown = [_told(document, problem) for problem in problems[:SHOWN_PROBLEMS]]
    left = len(problems) - len(shown)
    return (*shown, *([f"… et {counted(left, 'autre')}."] if left else []))


def _told(document: Mapping[str, Any], problem: Problem) -> str:
    found = ROW_OF.match(problem.path)
    if found is None or found[1] not in KINDS:
        return problem.message.capitalize()
    row = document[found[1]][int(found[2])]
    name = row.get("label") or row.get("funder") or row.get("id") or row.get("exercise") or ""
    field = f", {FIELDS[found[3]]}" if found[3] in FIELDS else ""
    return f"{KINDS[found[1]]} « {name} »{field} : {problem.message}."
