"""Sittings and acts as the pure core reads them. A past one says only what it states; a new one is counted from its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from deliberations.domain import act as core
from deliberations.domain.legal import LegalRules
from deliberations.domain.result import CheckResult
from deliberations.domain.tally import executory_on
from deliberations.domain.verify import check
from deliberations.enums import (
    AttendanceEvent,
    IdentifierKind,
    LegalCode,
    PresenceState,
    ProxyState,
    PublicationMode,
    Regime,
)
from deliberations.models import Act, ActIdentifier, Ballot, LegalSetting, Mandate, Sitting, StatedBudget, Vote
from deliberations.queries.convening import convening_rules
from deliberations.queries.deadlines import followed_laws, is_reformed
from deliberations.queries.rolls import counted_members, named
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority


def settings_of(on: date) -> dict[str, int]:
    """The settings in force that day, by code."""
    return {code: rule.value for code, rule in convening_rules(on).items()}


def legal_rules(on: date) -> LegalRules:
    """Where the table says nothing, the values of the interchange format."""
    values = settings_of(on)
    known: dict[str, Any] = {
        "threshold": values.get(LegalCode.CONVOCATION_THRESHOLD),
        "clear_days_under": values.get(LegalCode.CONVOCATION_UNDER),
        "clear_days_from": values.get(LegalCode.CONVOCATION_FROM),
        "proxies_per_holder": values.get(LegalCode.PROXIES_PER_HOLDER),
    }
    return LegalRules(**{name: value for name, value in known.items() if value is not None})


def rules_of(sitting: Sitting) -> LegalRules:
    """Those of the day, by the regime of the assembly and the urgency of the convocation (CGCT L2121-11, L2121-12, L2541-2)."""
    rules, values = legal_rules(sitting.held_on), settings_of(sitting.held_on)
    local = sitting.assembly.regime == Regime.ALSACE_MOSELLE and LegalCode.ALSACE_MOSELLE_UNDER in values
    urgent = values.get(LegalCode.CONVOCATION_URGENT) if sitting.urgent else None
    under = rules.clear_days_under if urgent is None else urgent
    if local:
        urgent_there = values.get(LegalCode.ALSACE_MOSELLE_URGENT) if sitting.urgent else None
        under = values[LegalCode.ALSACE_MOSELLE_UNDER] if urgent_there is None else urgent_there
    return replace(
        rules,
        clear_days_under=under,
        clear_days_from=rules.clear_days_from if urgent is None else urgent,
        article_under="L2541-2" if local else rules.article_under,
        whole_days_under=local,
    )


def check_sitting(sitting: Sitting) -> CheckResult:
    return check(_input(sitting, members_of(sitting)), rules_of(sitting))


def check_act(act: Act) -> CheckResult:
    return check(act_input(act), rules_of(act.sitting))


def count_act(act: Act, members: core.Members, votes: Sequence[Vote]) -> CheckResult:
    """The figures of `check_act`, without a query: from members and votes read beforehand. What the act states of dates and
    amounts is left out, so its findings are not all."""
    ballot: Ballot | None = getattr(act, "ballot", None)
    vote = _vote(ballot, votes) if ballot else core.Ballot()
    secret = bool(ballot and ballot.secret)
    return check(_input(act.sitting, members, secret=secret, chair=act.chair, vote=vote))


def executory_day(act: Act, laws: Sequence[LegalSetting] | None = None) -> date | None:
    """`laws`: those of `deadlines.followed_laws`, read once for many acts."""
    return executory_on(act.received_on, posted_day(act, laws), act.published_on)


def posted_day(act: Act, laws: Sequence[LegalSetting] | None = None) -> date | None:
    """Since the reform, a posting publishes nothing where the assembly publishes online (CGCT L2131-1)."""
    if act.posted_on is None or act.sitting.assembly.publication != PublicationMode.ELECTRONIC:
        return act.posted_on
    known = followed_laws() if laws is None else laws
    return None if is_reformed(known, act.sitting.held_on) else act.posted_on


def members_of(sitting: Sitting, act: Act | None = None) -> core.Members:
    """Of a sitting held with the product, counted item by item; of another, what its record states and lists."""
    if sitting.opened_at is not None and not sitting.past:
        return counted_members(sitting, act)
    rows = list(sitting.presences.select_related("mandate").order_by("position", "mandate__rank", "pk"))
    names = {state: tuple(named(row.mandate) for row in rows if row.state == state) for state in PresenceState}
    proxies = tuple(
        core.Proxy(named(proxy.giver), named(proxy.holder))
        for proxy in sitting.proxies.filter(state=ProxyState.GIVEN).select_related("giver", "holder").order_by("pk")
    )
    counts = _counts(sitting, names)
    listed = sitting.members_complete or (bool(rows) and not sitting.past)
    away = (PresenceState.ABSENT, *((PresenceState.EXCUSED,) if counts["absent"] is not None else ()))
    return core.Members(
        **counts,
        present_names=names[PresenceState.PRESENT] if listed else None,
        absent_names=tuple(name for state in away for name in names[state]) if listed else None,
        excused_names=names[PresenceState.EXCUSED] if listed else None,
        withdrawn_names=_withdrawn(act),
        proxies=proxies if listed or proxies else None,
    )


def _counts(sitting: Sitting, names: Mapping[PresenceState, tuple[str, ...]]) -> dict[str, int | None]:
    """What is stated; for a new sitting whose list is complete, what its rows count where nothing is stated."""
    stated: dict[str, int | None] = {
        name: getattr(sitting, name) for name in ("in_office", "present", "absent", "excused", "represented")
    }
    if sitting.past or not sitting.members_complete:
        return stated
    numbers = {state: len(held) for state, held in names.items()}
    counted = {
        "in_office": sum(numbers.values()),
        "present": numbers[PresenceState.PRESENT],
        "represented": numbers[PresenceState.REPRESENTED],
        "absent": numbers[PresenceState.ABSENT] + numbers[PresenceState.EXCUSED],
        "excused": numbers[PresenceState.EXCUSED],
    }
    return {name: counted[name] if value is None else value for name, value in stated.items()}


def _withdrawn(act: Act | None) -> core.Names:
    if act is None:
        return None
    changes = act.attendance_changes.filter(event=AttendanceEvent.WITHDRAWAL).select_related("mandate").order_by("pk")
    return tuple(named(change.mandate) for change in changes)


def act_input(act: Act) -> core.Act:
    """Nine queries at most besides the act's own sitting."""
    sitting = act.sitting
    ballot = Ballot.objects.filter(act=act).first()
    return _input(
        sitting,
        members_of(sitting, act),
        secret=bool(ballot and ballot.secret),
        chair=act.chair,
        vote=_vote(ballot, votes_of(ballot)) if ballot else core.Ballot(),
        identifiers=core.Identifiers(_actes(act), act.matter_code or None),
        dates=core.Dates(act.received_on, act.posted_on, act.published_on),
        budget=_budget(act),
        grants=tuple(
            core.Grant(row.funder, row.rate, row.base, row.amount) for row in act.stated_grants.order_by("position")
        ),
        products=tuple(
            core.Product(row.label, row.unit, row.quantity, row.vat_rate, row.total_ht, row.total_ttc, row.approximate)
            for row in act.stated_products.order_by("position")
        ),
    )


def _input(
    sitting: Sitting, members: core.Members, *, secret: bool = False, chair: Mandate | None = None, **parts: object
) -> core.Act:
    chair = chair or sitting.chair
    second = sitting.second_convocation and (sitting.past or sitting.first_sitting_id is not None)
    return core.Act(
        session=core.Session(sitting.held_on, sitting.convened_on, second, secret),
        past=sitting.past,
        authority=_authority(sitting.assembly.authority),
        members=members,
        chair=named(chair) if chair else None,
        **parts,  # type: ignore[arg-type]
    )


def _authority(authority: Authority) -> core.Authority:
    epci = authority.kind == AuthorityKind.EPCI
    population = authority.quorum_population if epci else authority.population
    return core.Authority(authority.kind, authority.siren or None, population, authority.department)


def votes_of(ballot: Ballot) -> list[Vote]:
    return list(ballot.votes.select_related("mandate").order_by("position", "mandate__rank", "pk"))


def _vote(ballot: Ballot, votes: Sequence[Vote]) -> core.Ballot:
    names: dict[str, core.Names] = {
        choice: tuple(named(vote.mandate) for vote in votes if vote.choice == choice)
        if choice in ballot.named_choices
        else None
        for choice in core.CHOICES
    }
    counts: dict[str, int | None] = {choice: getattr(ballot, f"{choice}_count") for choice in core.CHOICES}
    if ballot.blank_count:  # neither for nor against: with the abstentions, which are not votes cast
        counts[core.ABSTAIN] = (counts[core.ABSTAIN] or 0) + ballot.blank_count
    return core.Ballot(
        counts=counts,
        names=names,
        voices=ballot.voices,
        chair_vote=ballot.chair_vote or None,
        names_cover_proxies=ballot.names_cover_proxies,
        stated_result=ballot.stated_result or None,
    )


def _actes(act: Act) -> str | None:
    return ActIdentifier.objects.filter(act=act, kind=IdentifierKind.ACTES).values_list("value", flat=True).first()


def _budget(act: Act) -> core.Budget:
    budget = StatedBudget.objects.filter(act=act).first()
    if budget is None:
        return core.Budget()
    lines = tuple(
        core.BudgetLine(row.label, row.ht, row.vat_rate, row.ttc) for row in budget.lines.order_by("position")
    )
    return core.Budget(lines, budget.total_ht, budget.total_ttc, budget.vat_rate)
