"""What every app knows of one school, as one reader may see it: as many queries whatever the rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from ent import permissions as ent
from ent.queries import Costed, SchoolCost, subscription_costs, visible_subscriptions
from equipment import permissions as equipment
from equipment.models import AllocationRule, Proposal, ProposedPack, RuleSet
from equipment.queries import (
    ItemNeed,
    SchoolNeeds,
    listed_proposals,
    need_report,
    visible_proposed_packs,
    visible_rule_sets,
)
from governance import permissions as governance
from governance.models import BudgetSchool, EquippedSchool, ProgrammePhase, ProgrammeVersion
from governance.queries import (
    visible_equipped_schools,
    visible_programme_phases,
    visible_programme_versions,
)
from schools import permissions as schools
from schools.domain import works as costs
from schools.enums import DiagnosticState, Payer, WorkState
from schools.models import Application, Diagnostic, School, SchoolStep
from schools.queries import (
    applications_of,
    as_work,
    diagnostics_of,
    held_on,
    steps_of,
    visible_works,
    within,
)

ITEMS = 8


@dataclass(frozen=True)
class Rights:
    """What the reader sees of this school and may do for it; a role held elsewhere gives nothing here."""

    equipment: bool
    ent: bool
    applications: bool
    diagnostics: bool
    programme: bool
    apply: bool
    lead_campaigns: bool
    opine: bool
    trigger: bool
    survey: bool
    steer: bool


def rights_on(user: Any, school: School) -> Rights:
    """One query. Plans are seen whole or not at all: a district gives none."""
    conditions: dict[str, Q] = {
        "equipment": within(user, equipment.VIEW),
        "ent": within(user, ent.VIEW),
        "applications": within(user, schools.VIEW_APPLICATIONS),
        "diagnostics": within(user, schools.VIEW_DIAGNOSTICS),
        "programme": Q(authority__in=governance.VIEW.authorities(user)),
        "apply": within(user, schools.APPLY),
        "lead_campaigns": within(user, schools.LEAD_CAMPAIGNS),
        "opine": within(user, schools.OPINE),
        "trigger": within(user, schools.TRIGGER_DIAGNOSTIC),
        "survey": _any(
            user,
            schools.FILL_TECHNICAL,
            schools.FILL_PEDAGOGICAL,
            schools.SIGN_FOR_TOWN,
            schools.SIGN_FOR_ACADEMY,
        ),
        "steer": Q(authority__in=governance.STEER.authorities(user)),
    }
    held = held_on(school, {f"has_{name}": condition for name, condition in conditions.items()})
    return Rights(**{name: held[f"has_{name}"] for name in conditions})


def _any(user: Any, *permissions: Any) -> Q:
    found = Q()
    for permission in permissions:
        found |= within(user, permission)
    return found


@dataclass(frozen=True)
class SchoolNeedRead:
    """The need of the school by one rule set in one school year; `needs` None where no rule gives it anything."""

    rule_set: RuleSet
    school_year: int
    needs: SchoolNeeds | None

    @property
    def items(self) -> tuple[ItemNeed, ...]:
        """Those of which most is missing first, at most ITEMS."""
        return self._ordered[:ITEMS]

    @property
    def more(self) -> int:
        return max(0, len(self._ordered) - ITEMS)

    @property
    def _ordered(self) -> tuple[ItemNeed, ...]:
        rows = self.needs.needs if self.needs else ()
        return tuple(sorted(rows, key=lambda row: (-row.lacks, -row.must, row.item.label)))


def rules_of(user: Any, school: School) -> RuleSet | None:
    """The rules of the programme in force, else the latest of the authority that has any."""
    adopted = ProgrammeVersion.objects.filter(plan__authority=school.authority_id, scenario__rule_set=OuterRef("pk"))
    rows = visible_rule_sets(user).filter(authority=school.authority_id)
    rows = rows.filter(Exists(AllocationRule.objects.filter(rule_set=OuterRef("pk"))))
    last = Subquery(adopted.order_by("-adopted_on", "-number").values("adopted_on")[:1])
    return rows.annotate(adopted_on=last).order_by(F("adopted_on").desc(nulls_last=True), "-pk").first()


def need_of(user: Any, school: School, school_year: int | None) -> SchoolNeedRead | None:
    """In the latest year that the school has classes: None without classes, or rules."""
    rule_set = rules_of(user, school) if school_year is not None else None
    if rule_set is None or school_year is None:
        return None
    rows = School.objects.filter(pk=school.pk)
    found = need_report(schools=rows, rule_set=rule_set, school_year=school_year).schools
    needs = found[0] if found and found[0].needs else None
    return SchoolNeedRead(rule_set, school_year, needs)


@dataclass(frozen=True)
class Place:
    """The school in the programme in force of one plan; `row` None where the plan does not hold it."""

    version: ProgrammeVersion
    row: BudgetSchool | None
    phase: ProgrammePhase | None
    equipped: EquippedSchool | None

    @property
    def exercise(self) -> int | None:
        return self.row.exercise_entered if self.row else None


def places_of(user: Any, school: School) -> list[Place]:
    """One by plan of the authority that has a programme, the last adopted first. Four queries."""
    versions: dict[int, ProgrammeVersion] = {}
    seen = visible_programme_versions(user).filter(plan__authority=school.authority_id)
    for version in seen.order_by("-adopted_on", "-number", "-pk"):
        former = versions.get(version.plan_id)
        if former is None or former.number < version.number:
            versions[version.plan_id] = version
    runs = [version.run_id for version in versions.values()]
    rows = {row.run_id: row for row in BudgetSchool.objects.filter(run__in=runs, school=school)}
    equipped = {row.plan_id: row for row in visible_equipped_schools(user).filter(school=school)}
    phases = {
        (row.plan_id, row.exercise): row for row in visible_programme_phases(user).filter(plan__in=list(versions))
    }
    return [_place(version, rows.get(version.run_id), equipped.get(plan), phases) for plan, version in versions.items()]


def _place(
    version: ProgrammeVersion,
    row: BudgetSchool | None,
    equipped: EquippedSchool | None,
    phases: Mapping[tuple[int, int], ProgrammePhase],
) -> Place:
    entered = row.exercise_entered if row else None
    phase = equipped.phase if equipped else phases.get((version.plan_id, entered)) if entered else None
    return Place(version, row, phase, equipped)


@dataclass(frozen=True)
class Outstanding:
    """Works still to do, by who pays for them."""

    label: str
    total: costs.PayerTotal


def outstanding_of(user: Any, school: School) -> list[Outstanding]:
    """Those of a diagnostic given up are no longer awaited. One query."""
    rows = visible_works(user).filter(diagnostic__school=school, state=WorkState.TO_DO)
    awaited = rows.exclude(diagnostic__state=DiagnosticState.CANCELLED)
    return [
        Outstanding(total.payer_name or Payer(total.payer).label, total)
        for total in costs.by_payer(as_work(row) for row in awaited)
    ]


@dataclass(frozen=True)
class ProposalRead:
    """`reserved`: devices of the stock set aside."""

    proposal: Proposal
    packs: Sequence[ProposedPack]
    reserved: int


def proposal_of(user: Any, school: School) -> ProposalRead | None:
    """That of the last diagnostic that has one. Two queries."""
    rows = listed_proposals(user).filter(diagnostic__school=school)
    rows = rows.exclude(diagnostic__state=DiagnosticState.CANCELLED)
    last = rows.order_by("-diagnostic__campaign__school_year", "-computed_at", "-pk").first()
    if last is None:
        return None
    packs = visible_proposed_packs(user).filter(proposal=last).order_by("pack__label", "pk")
    return ProposalRead(last, list(packs), last.reserved_count)  # type: ignore[attr-defined]


def ent_of(user: Any, school: School) -> list[tuple[Costed, SchoolCost]]:
    """Subscriptions of the latest school year the school has any. Two queries."""
    held = visible_subscriptions(user).filter(subscribed__school=school).order_by("-school_year", "label", "pk")
    rows = list(held)
    latest = [row for row in rows if row.school_year == rows[0].school_year]
    return [(costed, _line(costed.schools, school)) for costed in subscription_costs(latest).values()]


def _line(rows: Iterable[SchoolCost], school: School) -> SchoolCost:
    return next(each for each in rows if each.row.school_id == school.pk)


@dataclass(frozen=True)
class Hub:
    """Each part empty, or None, where the reader may not see it (`rights`) as where there is nothing."""

    rights: Rights
    steps: list[SchoolStep]
    need: SchoolNeedRead | None
    ent: list[tuple[Costed, SchoolCost]]
    places: list[Place]
    applications: list[Application]
    diagnostics: list[Diagnostic]
    works: list[Outstanding]
    proposal: ProposalRead | None


def hub_of(user: Any, school: School, school_year: int | None) -> Hub:
    rights = rights_on(user, school)
    return Hub(
        rights=rights,
        steps=steps_of(user, school),
        need=need_of(user, school, school_year) if rights.equipment else None,
        ent=ent_of(user, school) if rights.ent else [],
        places=places_of(user, school) if rights.programme else [],
        applications=list(applications_of(user, school)) if rights.applications else [],
        diagnostics=list(diagnostics_of(user, school)) if rights.diagnostics else [],
        works=outstanding_of(user, school) if rights.diagnostics else [],
        proposal=proposal_of(user, school) if rights.diagnostics and rights.equipment else None,
    )
