"""A copy of a scenario in which some hypotheses change."""

from typing import Any

from django.core.exceptions import ValidationError

from equipment.models import RuleSet
from governance.domain.announced import BY_EXERCISE, parse_key
from governance.models import Scenario
from governance.services.scenarios import duplicate_scenario
from plan_numerique.accounts.models import User
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError


def vary_scenario(
    *,
    scenario: Scenario,
    name: str,
    yearly_cap_ttc: int | None,
    price_revision_rate: int,
    rule_set: RuleSet | None,
    shift: int,
    by: User | None,
) -> Scenario:
    """`shift`: years added to every exercise. Caps of an exercise go where the yearly cap changes, and amounts announced for an
    exercise where the years do: they were said of that exercise."""
    if scenario.plan.scenarios.filter(name=name).exists():
        raise DomainError("Le plan a déjà un scénario de ce nom.", field="name")
    with action(
        "governance.scenario_varied", "Variante créée", by=by, authority=scenario.plan.authority, target=scenario
    ):
        copy = duplicate_scenario(scenario=scenario, by=by)
        if yearly_cap_ttc != scenario.yearly_cap_ttc:
            for cap in copy.caps.all():
                cap.delete()
        copy.name, copy.yearly_cap_ttc = name, yearly_cap_ttc
        copy.price_revision_rate, copy.rule_set = price_revision_rate, rule_set
        copy.first_exercise += shift
        copy.last_exercise += shift
        try:
            copy.full_clean()
        except ValidationError as error:
            raise DomainError(" ".join(error.messages)) from None
        copy.save()
        if shift:
            _shift_rows(copy, shift)
    return copy


def _shift_rows(copy: Scenario, shift: int) -> None:
    # The furthest first, so that no two caps of a scenario ever stand on one exercise.
    _add(copy.caps.order_by("exercise" if shift < 0 else "-exercise"), shift, "exercise")
    _add(copy.phases.all(), shift, "exercise", "school_year")
    _add(copy.lump_sums.all(), shift, "exercise", "school_year")
    for cost in copy.recurring_costs.all():
        cost.exercises = [year + shift for year in cost.exercises]
        cost.save()
    for amount in copy.announced_amounts.all():
        key = parse_key(amount.key)
        if key is not None and key.table == BY_EXERCISE:
            amount.delete()


def _add(rows: Any, shift: int, *names: str) -> None:
    for row in rows:
        for name in names:
            if getattr(row, name) is not None:
                setattr(row, name, getattr(row, name) + shift)
        row.save()
