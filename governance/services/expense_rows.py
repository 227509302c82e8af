"""Lines of an accounting file beside the expenses already kept: what would be created, changed, left, refused. Nothing is written."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError

from governance.domain.authorisations import AuthorisationState, CreditState, check_commitment, check_payment
from governance.domain.booked import Standing, first_overrun, refusal
from governance.domain.expense_rows import FOLLOWS, ToldExpense
from governance.enums import ExpenseStage, Section
from governance.models import Account, Authorisation, Expense, Plan
from governance.queries import chart_of, known_headings, standing_of
from governance.services.credits import running_state
from governance.services.expenses import place_of
from plan_numerique.imports.importer import Problem
from schools.models import School

Key = tuple[str, int, str]
"""Stage, exercise, piece: what makes a piece the same from one file to the next."""
PLAIN = ("dated_on", "supplier", "label", "heading", "section", "account", "act")
CLASSES = {"2": Section.INVESTMENT, "6": Section.OPERATION}
"""First digit of an account of expense by nature."""
SHOWN_CODES = 8
LOADED = ("authorisation", "school", "device", "origin")
FOREIGN_KEYS = ("authority", "plan", "authorisation", "school", "device", "origin")


@dataclass
class Comparison:
    """By line of the file: what is wrong with it, or else (the expense as it would be, as it is). `known`: what is stored, by key.
    `origins`: piece that each key says to come from. `unlinked`: origins found nowhere."""

    problems: defaultdict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    told: dict[int, tuple[Expense, Expense | None]] = field(default_factory=dict)
    known: dict[Key, Expense] = field(default_factory=dict)
    origins: dict[Key, str] = field(default_factory=dict)
    unlinked: int = 0


@dataclass(frozen=True)
class _Known:
    """What the names of a line stand for."""

    plan: Plan
    authorisations: Mapping[str, Authorisation]
    schools: Mapping[str, School]
    charts: Mapping[int, Mapping[str, Account]]
    headings: Mapping[str, str]


def compare(*, plan: Plan, rows: Sequence[ToldExpense]) -> Comparison:
    """The whole file at once: its lines make room for each other, and come from each other, in any order."""
    result = Comparison()
    known = _known(plan, rows)
    exercises = {row.values["exercise"] for row in rows}
    stored = Expense.objects.filter(authority=plan.authority_id, exercise__lte=max(exercises, default=0))
    result.known = {key_of(each): each for each in stored.select_related(*LOADED)}
    seen: dict[Key, int] = {}
    limits = _Limits()
    good = []
    for row in sorted(rows, key=lambda row: ExpenseStage.values.index(row.values["stage"])):
        if found := _refusals(row, result, seen, known):
            result.problems[row.line] += found
        else:
            good.append(row)
    for row in sorted(good, key=lambda row: _asks_more(row, result)):
        result.problems[row.line] += _place(row, result, known, limits)
    _link_origins(result)
    return result


def _known(plan: Plan, rows: Sequence[ToldExpense]) -> _Known:
    schools = (
        list(School.objects.filter(authority=plan.authority_id)) if any("school" in r.values for r in rows) else []
    )
    by_name = {school.name.casefold(): school for school in schools}
    return _Known(
        plan,
        {row.code.casefold(): row for row in plan.authorisations.all()},
        by_name | {school.uai.casefold(): school for school in schools},
        {exercise: chart_of(exercise) for exercise in {row.values["exercise"] for row in rows}},
        _headings(plan) if any("heading" in row.values for row in rows) else {},
    )


def _headings(plan: Plan) -> dict[str, str]:
    """Code of each heading by its code or its label, whatever the case and the accents: « Câblage » is « cablage »."""
    known = known_headings([plan.authority_id])
    return {_plain(label): code for code, label in known.items() if label} | {_plain(code): code for code in known}


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _refusals(row: ToldExpense, result: Comparison, seen: dict[Key, int], known: _Known) -> list[Problem]:
    found = []
    if row.key in seen:
        found.append(
            Problem(
                "piece", f"cette pièce est déjà à la ligne {seen[row.key]}, pour le même exercice et la même étape."
            )
        )
    seen.setdefault(row.key, row.line)
    former = result.known.get(row.key)
    if former is not None and former.plan_id != known.plan.pk:
        found.append(Problem("piece", "cette pièce est déjà celle d'un autre plan de la collectivité."))
    code = row.values.get("authorisation")
    if code and code.casefold() not in known.authorisations:
        codes = [each.code for each in known.authorisations.values()]
        shown = " ; ".join(codes[:SHOWN_CODES]) + (" …" if len(codes) > SHOWN_CODES else "")
        found.append(Problem("authorisation", "le plan n'a pas d'autorisation de programme de ce code.", shown))
    school = row.values.get("school")
    if school and school.casefold() not in known.schools:
        message = "aucune école de la collectivité n'a cet UAI ou ce nom."
        found.append(Problem("school", message, "l'UAI ou le nom d'une école de la collectivité"))
    return found


def _asks_more(row: ToldExpense, result: Comparison) -> bool:
    """What gives back comes first: no line is refused for want of what a later line of the file gives."""
    former = result.known.get(row.key)
    ttc: int = row.values["ttc"]
    return ttc > max(0, former.ttc if former else 0)


def _place(row: ToldExpense, result: Comparison, known: _Known, limits: "_Limits") -> list[Problem]:
    """Among what is told, unless its model or its authorisation refuses it."""
    former = result.known.get(row.key)
    expense = _as_told(row, former, known)
    try:
        expense.clean_fields(exclude=FOREIGN_KEYS)
        expense.clean()
    except ValidationError as error:
        return [Problem(name, " ".join(messages)) for name, messages in error.message_dict.items()]
    if refused := limits.refused(expense, former):
        name, message = refused
        return [Problem(name, message, value=f"{expense.dated_on:%d/%m/%Y}" if name == "dated_on" else None)]
    if "origin" in row.values:
        result.origins[row.key] = row.values["origin"]
    result.told[row.line] = (expense, former)
    return []


def _as_told(row: ToldExpense, former: Expense | None, known: _Known) -> Expense:
    values = row.values
    stage, exercise, piece = row.key
    expense = copy(former) if former else Expense(stage=stage, exercise=exercise, piece=piece)
    expense.plan, expense.authority = known.plan, known.plan.authority
    for name in PLAIN:
        if name in values:
            setattr(expense, name, values[name])
    if "heading" in values:
        expense.heading = known.headings.get(_plain(expense.heading), expense.heading)
    account = known.charts[exercise].get(expense.account)
    if "section" not in values and former is None:
        by_class = CLASSES.get(expense.account[:1], values.get("section_fixed", Section.INVESTMENT))
        expense.section = account.section if account and not account.revenue else by_class
    if former is None:
        expense.fctva = bool(account and account.fctva and expense.section == Section.INVESTMENT)
    if "ht" in values:
        expense.ht, expense.vat = values["ht"], values["vat"]
    elif former is None or former.ttc != values["ttc"]:
        expense.ht, expense.vat = values["ttc"], 0
    expense.ttc = expense.ht + expense.vat
    if values.get("authorisation"):
        expense.authorisation = known.authorisations[values["authorisation"].casefold()]
    if values.get("school"):
        expense.school = known.schools[values["school"].casefold()]
    expense.label = expense.label or expense.supplier or f"{expense.get_stage_display()} {piece}"
    return expense


def _link_origins(result: Comparison) -> None:
    """Each piece to what it comes from, which may be another line of the file; it is changed too when it finds it at last."""
    pieces = _by_piece(result) if result.origins else {}
    for expense, _ in result.told.values():
        if (piece := result.origins.get(key_of(expense))) is None:
            continue
        if origin := _origin_of(expense, piece, pieces):
            expense.origin = origin
        else:
            result.unlinked += 1


def key_of(expense: Expense) -> Key:
    return expense.stage, expense.exercise, expense.piece


def _by_piece(result: Comparison) -> dict[tuple[str, str], list[Expense]]:
    created = {key_of(expense): expense for expense, former in result.told.values() if former is None}
    pieces: dict[tuple[str, str], list[Expense]] = {}
    for (stage, _, piece), expense in (created | result.known).items():
        pieces.setdefault((stage, piece), []).append(expense)
    return pieces


def _origin_of(expense: Expense, piece: str, pieces: Mapping[tuple[str, str], list[Expense]]) -> Expense | None:
    """The nearest stage first, of the same exercise or else of the latest before it."""
    for stage in FOLLOWS[expense.stage]:
        earlier = [
            each
            for each in pieces.get((stage, piece), ())
            if each.exercise <= expense.exercise and each.plan_id == expense.plan_id
        ]
        if earlier:
            return max(earlier, key=lambda each: each.exercise)
    return None


class _Limits:
    """What is left on each authorisation, in all and day by day, line after line, as if those before were written."""

    def __init__(self) -> None:
        self.states: dict[int, AuthorisationState] = {}
        self.standings: dict[int, Standing] = {}

    def refused(self, expense: Expense, former: Expense | None) -> tuple[str, str] | None:
        """The field that is wrong and why."""
        moves: defaultdict[Authorisation, Counter[tuple[int, date]]] = defaultdict(Counter)
        place = place_of(expense)
        for each, sign in ((former, -1), (expense, 1)):
            if place is not None and each is not None and each.authorisation is not None:
                moves[each.authorisation][place, each.dated_on] += sign * each.ttc
        states, standings = {}, {}
        for authorisation, asked in moves.items():
            cents, (state, standing) = asked.total(), self._known(authorisation)
            if cents and (refusals := _beyond(cents, expense, state)):
                return "ttc", " ".join(refusals)
            after = standing.moved({key: moved for key, moved in asked.items() if moved})
            if overrun := first_overrun(standing, after):
                return "dated_on", refusal(overrun, after, expense.dated_on)
            states[authorisation.pk], standings[authorisation.pk] = _moved(cents, expense, state), after
        self.states |= states
        self.standings |= standings
        return None

    def _known(self, authorisation: Authorisation) -> tuple[AuthorisationState, Standing]:
        pk = authorisation.pk
        if pk not in self.states:
            self.states[pk], self.standings[pk] = running_state(authorisation), standing_of(authorisation)
        return self.states[pk], self.standings[pk]


def _beyond(cents: int, expense: Expense, state: AuthorisationState) -> list[str]:
    if expense.stage == ExpenseStage.COMMITMENT:
        return check_commitment(cents, state)
    return check_payment(cents, expense.exercise, state)


def _moved(cents: int, expense: Expense, state: AuthorisationState) -> AuthorisationState:
    if expense.stage == ExpenseStage.COMMITMENT:
        return replace(state, committed=state.committed + cents)
    credits = {credit.exercise: credit for credit in state.credits}
    present = credits.get(expense.exercise, CreditState(expense.exercise, 0, 0))
    credits[expense.exercise] = replace(present, paid=present.paid + cents)
    return replace(state, credits=tuple(credits.values()), paid=state.paid + cents)
