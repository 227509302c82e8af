"""The signed diagnostics of a campaign taken into a scenario: what it would hold then, and where its budget would differ from their
proposals. Nothing is written here (services.diagnosed does)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from equipment.models import ItemType, Proposal, RuleSet
from equipment.queries import Sheet, rule_set_content, sheets_of
from governance.domain import diagnosed as core
from governance.domain.document.reading import read_input
from governance.domain.lines import BudgetLine
from governance.domain.result import BudgetResult
from governance.domain.simulate import compute
from governance.models import LumpSum, Scenario, ScenarioSchool
from governance.queries.diagnosed_schools import Works, ordered_rows, signed_of, works_to_pay
from governance.queries.document import PhaseData, ScenarioData, document_of
from governance.queries.effect import told
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from schools.models import Diagnostic, DiagnosticCampaign, SchoolClass

CODE = "diag-"
REMARK = "Diagnostics :"


@dataclass(frozen=True)
class Taken:
    """A school that enters the perimeter; `ranked` says what gives its rank; `volunteers` are the names of the classes to change."""

    diagnostic: Diagnostic
    sheet: Sheet
    rank: int
    ranked: str
    new: bool
    exercise: int | None
    marked: tuple[str, ...]
    unmarked: tuple[str, ...]
    ttc_proposed: int
    ttc_budget: int
    works: Works


@dataclass(frozen=True)
class Gap:
    school: Any
    label: str
    figures: core.Difference
    why: str


@dataclass(frozen=True)
class Feed:
    """`after`: the scenario as it would be; `classes`: (class, whether it volunteers) where that changes; `withdrawn`: lump sums of an
    earlier time that go; amounts in cents."""

    after: ScenarioData
    taken: tuple[Taken, ...]
    left_out: tuple[tuple[Diagnostic, str], ...]
    lump_sums: tuple[LumpSum, ...]
    gaps: tuple[Gap, ...]
    unpriced: tuple[tuple[Any, str, int], ...]
    classes: tuple[tuple[SchoolClass, bool], ...]
    proposed_ht: int
    proposed_ttc: int
    budget_ht: int
    budget_ttc: int
    notes: tuple[str, ...]
    withdrawn: tuple[LumpSum, ...] = ()

    @property
    def works(self) -> Works:
        return sum((each.works for each in self.taken), Works())

    @property
    def difference_ttc(self) -> int:
        return self.budget_ttc - self.proposed_ttc


def feed_of(data: ScenarioData, campaign: DiagnosticCampaign, exercise: int) -> Feed:
    """`exercise`: where the schools that no phase reaches enter. DomainError where the scenario cannot be computed."""
    signed = signed_of(campaign)
    sheets = _sheets(signed)
    chosen = _chosen(data.scenario, sheets.values())
    left_out = tuple((row, why) for row in signed if (why := _why_not(row, sheets.get(row.pk), chosen)))
    refused = {row.pk for row, _ in left_out}
    kept = ordered_rows([row for row in signed if row.pk not in refused])
    rows = [(row, sheets[row.pk]) for row, _ in kept]
    former = _written_by(data, campaign, [row.school.uai for row, _ in rows])
    after = _placed(data, chosen, [row.school for row, _ in rows], exercise, former)
    classes = _classes(rows, chosen.school_year)
    feed = _measured(after, data, kept, sheets, left_out, classes)
    codes = {row.code for row in feed.lump_sums}
    return replace(feed, withdrawn=tuple(row for row in former if row.code not in codes))


def _written_by(data: ScenarioData, campaign: DiagnosticCampaign, uais: Sequence[str]) -> tuple[LumpSum, ...]:
    """The lump sums that this campaign wrote earlier, or another for the same schools."""
    schools = tuple(f"{CODE}{uai}-" for uai in uais)
    return tuple(
        row
        for row in data.lump_sums
        if row.code.startswith(CODE) and (row.source == _source(campaign) or row.code.startswith(schools))
    )


def _source(campaign: DiagnosticCampaign) -> str:
    return f"{REMARK} {campaign}"[:250]


def _sheets(signed: Sequence[Diagnostic]) -> dict[int, Sheet]:
    rows = Proposal.objects.filter(diagnostic__in=signed)
    found = sheets_of(rows.select_related("diagnostic__school__authority", "rule_set__authority"))
    return {sheet.proposal.diagnostic_id: sheet for sheet in found.values()}


def _chosen(scenario: Scenario, sheets: Iterable[Sheet]) -> Scenario:
    """The scenario with the rules and the year of the proposals where it has none and they all have the same."""
    sheets = tuple(sheets)
    after = copy(scenario)
    rule_sets: set[RuleSet] = {sheet.proposal.rule_set for sheet in sheets}
    years: set[int] = {sheet.proposal.school_year for sheet in sheets}
    if after.rule_set is None and len(rule_sets) == 1:
        after.rule_set = next(iter(rule_sets))
    if after.school_year is None and len(years) == 1:
        after.school_year = next(iter(years))
    return after


def _why_not(row: Diagnostic, sheet: Sheet | None, scenario: Scenario) -> str:
    if row.school.authority_id != scenario.plan.authority_id:
        return "L'école est d'une autre collectivité que le plan."
    if sheet is None:
        return "Aucun pack n'est proposé à l'école."
    if sheet.proposal.rule_set_id != scenario.rule_set_id:
        return f"Les packs suivent « {sheet.proposal.rule_set} », le scénario d'autres règles."
    if sheet.proposal.school_year != scenario.school_year:
        return (
            f"Les packs comptent les classes de {school_year_label(sheet.proposal.school_year)}, le scénario d'autres."
        )
    return ""


def _placed(
    data: ScenarioData, scenario: Scenario, schools: Sequence[Any], exercise: int, former: Collection[LumpSum]
) -> ScenarioData:
    """The diagnosed schools take the first ranks, the others that had one follow in their order; who no phase reaches enters in
    `exercise`; the `former` lump sums are taken back."""
    first = [school.pk for school in schools]
    others = sorted(
        (place for place in data.places if place.priority_rank is not None and place.school_id not in first),
        key=lambda place: (place.priority_rank, place.school.uai),
    )
    rank_of = {pk: rank for rank, pk in enumerate([*first, *(place.school_id for place in others)], start=1)}
    known = {place.school_id: place for place in data.places}
    places = [known.get(school.pk) or ScenarioSchool(scenario=data.scenario, school=school) for school in schools]
    places += [place for place in data.places if place.school_id not in first]
    ranked = []
    for place in places:
        after = copy(place)
        after.priority_rank = rank_of.get(place.school_id)
        ranked.append(after)
    return replace(
        data,
        scenario=scenario,
        places=tuple(sorted(ranked, key=lambda place: place.school.uai)),
        phases=_phases(data.phases, [school.uai for school in schools], exercise),
        lump_sums=tuple(row for row in data.lump_sums if row not in former),
    )


def _phases(phases: Sequence[PhaseData], uais: Sequence[str], exercise: int) -> tuple[PhaseData, ...]:
    """A phase that covers all, or levels, reaches every school; one of schools or classes those it names."""
    wide = any(phase.covers_all or phase.levels for phase in phases)
    named = {uai for phase in phases for uai in (*phase.schools, *(school for school, _ in phase.classes))}
    missing = () if wide else tuple(uai for uai in uais if uai not in named)
    if not missing:
        return tuple(phases)
    found, done = [], False
    for phase in phases:
        if phase.exercise == exercise and phase.schools and not done:
            found.append(replace(phase, schools=tuple(sorted((*phase.schools, *missing)))))
            done = True
        else:
            found.append(phase)
    if not done:
        found.append(PhaseData(exercise, schools=tuple(sorted(missing))))
    return tuple(sorted(found, key=lambda phase: phase.exercise))


def _classes(
    rows: Sequence[tuple[Diagnostic, Sheet]], school_year: int | None
) -> dict[int, list[tuple[SchoolClass, bool]]]:
    """By school, the classes that volunteer otherwise than the diagnostic says."""
    through = Diagnostic.volunteers.through.objects.filter(diagnostic__in=[row.pk for row, _ in rows])
    named = set(through.values_list("schoolclass", flat=True))
    found: dict[int, list[tuple[SchoolClass, bool]]] = defaultdict(list)
    if school_year is None:
        return found
    schools = [row.school_id for row, _ in rows]
    classes = SchoolClass.objects.filter(school__in=schools, school_year=school_year).select_related(
        "school__authority"
    )
    for each in classes.order_by("school__uai", "name"):
        if each.volunteer != (each.pk in named):
            found[each.school_id].append((each, each.pk in named))
    return found


def _measured(
    after: ScenarioData,
    before: ScenarioData,
    kept: Sequence[tuple[Diagnostic, str]],
    sheets: Mapping[int, Sheet],
    left_out: tuple[tuple[Diagnostic, str], ...],
    classes: Mapping[int, list[tuple[SchoolClass, bool]]],
) -> Feed:
    """Computed twice: without the extras to know them, then with them, since under a cap they may put a school off."""
    rows = [(row, sheets[row.pk]) for row, _ in kept]
    wanted = [each for row, sheet in rows for each in _wanted(row, sheet)]
    result = _computed(after, classes)
    exercise_of = _entered(result)
    inside = [uai for uai, exercise in exercise_of.items() if exercise is not None]
    added = core.extras(wanted, result.lines(), inside)
    lumps = _lump_sums(after, rows, added, exercise_of)
    after = replace(after, lump_sums=tuple(sorted((*after.lump_sums, *lumps), key=lambda row: row.code)))
    result = _computed(after, classes)
    exercise_of, lines = _entered(result), list(result.lines())
    found = core.differences(wanted, lines, {row.code: extra for row, extra in zip(lumps, added, strict=True)})
    proposed_ht, proposed_ttc = (sum(getattr(sheet.cost, name) for _, sheet in rows) for name in ("ht", "ttc"))
    return Feed(
        after=after,
        taken=_taken(kept, sheets, before, exercise_of, classes, found),
        left_out=left_out,
        lump_sums=tuple(lumps),
        gaps=_gaps(found, rows, exercise_of),
        unpriced=_unpriced(rows),
        classes=tuple(each for rows_of in classes.values() for each in rows_of),
        proposed_ht=proposed_ht,
        proposed_ttc=proposed_ttc,
        budget_ht=proposed_ht + sum(each.ht for each in found),
        budget_ttc=proposed_ttc + sum(each.ttc for each in found),
        notes=_notes(after, lines),
    )


def _entered(result: BudgetResult) -> dict[str, int | None]:
    return {row.school: row.exercise_entered for row in result.by_school if row.school}


def _unpriced(rows: Sequence[tuple[Diagnostic, Sheet]]) -> tuple[tuple[Any, str, int], ...]:
    return tuple(
        (row.school, line.label, line.to_buy)
        for row, sheet in rows
        for line in sheet.lines
        if line.to_buy and line.figures.unit_price is None
    )


def _wanted(row: Diagnostic, sheet: Sheet) -> list[core.Wanted]:
    return [
        core.Wanted(row.school.uai, figures.item, figures.to_buy, figures.unit_price, figures.vat_rate)
        for figures in (line.figures for line in sheet.lines)
        if figures.unit_price is not None and figures.to_buy
    ]


def _computed(data: ScenarioData, classes: Mapping[int, list[tuple[SchoolClass, bool]]]) -> BudgetResult:
    """The calculator on the data, with the volunteers as the diagnostics say."""
    document = document_of(data)
    volunteers = {(each.school.uai, each.name): now for rows in classes.values() for each, now in rows}
    for school in document["schools"]:
        for each in school["classes"]:
            each["volunteer"] = volunteers.get((school["id"], each["id"]), each.get("volunteer", False))
    budget, problems = read_input(document, inside=True)
    if budget is None:
        raise DomainError(" ".join(told(document, problems)[:1]))
    return compute(budget)


def _lump_sums(
    after: ScenarioData,
    rows: Sequence[tuple[Diagnostic, Sheet]],
    added: Sequence[core.Extra],
    exercise_of: Mapping[str, int | None],
) -> list[LumpSum]:
    """One for each extra, at the price and with the account of its article."""
    held = {}
    if after.scenario.rule_set is not None:
        held = {item["id"]: item for item in rule_set_content(after.scenario.rule_set)["items"]}
    lines = {(row.school.uai, line.figures.item): (row, line) for row, sheet in rows for line in sheet.lines}
    found = []
    for extra in added:
        row, line = lines[extra.school, extra.item]
        account = _account(held.get(extra.item), line.item_type)
        found.append(
            LumpSum(
                scenario=after.scenario,
                code=f"{CODE}{extra.school}-{line.item_type.pk if line.item_type else extra.item}"[:40],
                label=f"{row.school} : {extra.quantity} × {line.label}"[:200],
                amount_ht=extra.quantity * (line.figures.unit_price or 0),
                vat_rate=line.figures.vat_rate,
                exercise=exercise_of[extra.school] or after.scenario.first_exercise,
                note="Packs ajustés ou ajoutés au diagnostic, que les règles de dotation ne donnent pas.",
                source=_source(row.campaign),
                **account,
            )
        )
    return found


def _account(item: Mapping[str, Any] | None, item_type: ItemType | None) -> dict[str, Any]:
    names = ("heading", "section", "account", "fctva")
    account = {name: item[name] for name in names} if item else {name: getattr(item_type, name) for name in names}
    return {**account, "heading": account["heading"][:60], "account": account["account"][:12]}


def _taken(
    kept: Sequence[tuple[Diagnostic, str]],
    sheets: Mapping[int, Sheet],
    before: ScenarioData,
    exercise_of: Mapping[str, int | None],
    classes: Mapping[int, list[tuple[SchoolClass, bool]]],
    found: Sequence[core.Difference],
) -> tuple[Taken, ...]:
    known = {place.school_id for place in before.places}
    gaps: dict[str, int] = defaultdict(int)
    for each in found:
        gaps[each.school] += each.ttc
    works = works_to_pay([row for row, _ in kept])
    return tuple(
        Taken(
            diagnostic=row,
            sheet=sheets[row.pk],
            rank=rank,
            ranked=why,
            new=row.school_id not in known,
            exercise=exercise_of.get(row.school.uai),
            marked=tuple(each.name for each, now in classes.get(row.school_id, []) if now),
            unmarked=tuple(each.name for each, now in classes.get(row.school_id, []) if not now),
            ttc_proposed=sheets[row.pk].cost.ttc,
            ttc_budget=sheets[row.pk].cost.ttc + gaps[row.school.uai],
            works=works.get(row.pk, Works()),
        )
        for rank, (row, why) in enumerate(kept, start=1)
    )


def _gaps(
    found: Sequence[core.Difference],
    rows: Sequence[tuple[Diagnostic, Sheet]],
    exercise_of: Mapping[str, int | None],
) -> tuple[Gap, ...]:
    schools = {row.school.uai: row.school for row, _ in rows}
    lines = {(row.school.uai, line.figures.item): line for row, sheet in rows for line in sheet.lines}
    labels = {code: priced.label for _, sheet in rows for code, priced in sheet.book.items.items()}
    return tuple(
        Gap(
            schools[each.school],
            labels.get(each.item, each.item),
            each,
            _why(each, lines.get((each.school, each.item)), exercise_of.get(each.school)),
        )
        for each in found
    )


def _why(gap: core.Difference, line: Any, exercise: int | None) -> str:
    if exercise is None:
        return "L'école n'entre pas dans le plan, faute de phase ou sous le plafond."
    if gap.budgeted > gap.wanted:
        figures = line.figures if line else None
        parts = []
        if figures and figures.has:
            parts.append(f"{min(figures.has, figures.must)} en place")
        if figures and figures.reserved:
            parts.append(f"{counted(figures.reserved, 'réservé')} en stock")
        fewer = gap.budgeted - (figures.must if figures else 0)
        if fewer > 0:
            parts.append(f"{counted(fewer, 'non retenu')}, que la règle donne")
        return f"Le calcul compte la dotation entière : {', '.join(parts)}."
    if gap.budgeted < gap.wanted:
        return "Toutes les classes n'entrent pas dans le plan."
    return "Arrondi de TVA de deux lignes au lieu d'une." if not gap.ht else "Prix révisé à l'exercice d'entrée."


def _notes(data: ScenarioData, lines: Sequence[BudgetLine]) -> tuple[str, ...]:
    renewed = sum(line.ttc for line in lines if line.renewal)
    if not renewed:
        return ()
    return (
        f"Les renouvellements du scénario ({display_euros(renewed)} TTC) viennent en plus et ne sont pas comparés.",
    )
