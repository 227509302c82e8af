"""Acts and their votes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliberations.domain.act import ADOPTED, CHOICES, MAJORITY, NOTED, REJECTED, UNANIMOUS
from deliberations.domain.checks.voting import numbers_named
from deliberations.domain.result import CheckResult
from deliberations.domain.tally import voices_of
from deliberations.enums import ActKind, ActState, BallotMode, IdentifierKind
from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Ballot,
    Mandate,
    Reporter,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
    Vote,
)
from deliberations.queries import act_input, check_act
from deliberations.queries.register import DELIBERATED
from deliberations.services.classifications import check_matter
from deliberations.services.decided import (
    locked_act,
    require_as_decided,
    require_deletable,
    require_known_figures,
    require_new_act,
    require_votable,
)
from deliberations.services.numbers import require_free_number
from deliberations.services.refusals import FILING_RULES, IDENTIFIER_RULES, VOTE_RULES, refuse
from deliberations.services.rows import OF_ACT, OF_CLAUSE, OF_LINE, delete_row, save_row
from deliberations.services.session import require_no_session, require_same_passage
from deliberations.services.settled import follow_act, settle_text
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

OF_VOTE = "ballot__act__sitting__assembly__authority"
Rows = Sequence[Mapping[str, Any]]
Named = tuple[Mandate, str, bool]


def record_act(
    *,
    sitting: Sitting,
    fields: Mapping[str, Any],
    clauses: Rows = (),
    identifiers: Rows = (),
    reporters: Sequence[tuple[str, Mandate | None]] = (),
    amounts: Rows = (),
    budget: Mapping[str, Any] | None = None,
    budget_lines: Rows = (),
    grants: Rows = (),
    products: Rows = (),
    ballot: Mapping[str, Any] | None = None,
    votes: Sequence[Named] = (),
    by: User | None,
) -> Act:
    """An act whole, in one action. Each row is the fields of its model; positions are those of the sequences.
    Without a `state` in `fields`, the act takes that of its vote."""
    act = Act(sitting=sitting, **fields)
    authority = sitting.assembly.authority
    with audit.action("deliberations.act_recorded", "Acte consigné", by=by, authority=authority, target=act):
        require_new_act(act)
        save_row(OF_ACT, instance=act, by=by)
        named = [{"published_name": name, "mandate": mandate} for name, mandate in reporters]
        for row in identifiers:
            save_row(OF_CLAUSE, instance=ActIdentifier(act=act, **row), by=by)
        pieces = {
            Reporter: named,
            ActClause: clauses,
            StatedAmount: amounts,
            StatedGrant: grants,
            StatedProduct: products,
        }
        _record_pieces(act, pieces, by)
        if budget is not None:
            _record_budget(act, budget, budget_lines, by)
        refuse(check_act(act), FILING_RULES | IDENTIFIER_RULES)
        if ballot is not None:
            record_vote(act=act, fields=ballot, votes=votes, by=by)
    return act


def _record_pieces(act: Act, pieces: Mapping[Any, Rows], by: User | None) -> None:
    for model, rows in pieces.items():
        for rank, row in enumerate(rows, 1):
            save_row(OF_CLAUSE, instance=model(act=act, position=rank, **row), by=by)


def _record_budget(act: Act, fields: Mapping[str, Any], lines: Rows, by: User | None) -> None:
    budget = save_row(OF_CLAUSE, instance=StatedBudget(act=act, **fields), by=by)
    for rank, line in enumerate(lines, 1):
        save_row(OF_LINE, instance=StatedBudgetLine(budget=budget, position=rank, **line), by=by)


def save_act(*, instance: Act, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Act:
    """What happens in session (`examined_at`, `added_in_sitting`) is read again from the row: another page may have written it."""
    creating = instance._state.adding
    with audit.action(
        "deliberations.act_saved",
        "Création" if creating else "Modification",
        by=by,
        authority=instance.sitting.assembly.authority,
        target=instance,
        reason=reason,
    ):
        held = None if creating else _held(instance)
        if held is None:
            require_new_act(instance)
        save_row(OF_ACT, instance=instance, by=by, reason=reason)
        require_free_number(instance, held)
        refuse(check_act(instance), FILING_RULES | IDENTIFIER_RULES)
        check_matter(instance)
        if held is not None:
            follow_act(held=held, act=instance, by=by)
    return instance


def _held(act: Act) -> Act:
    held = locked_act(act)
    if held.sitting_id != act.sitting_id and Vote.objects.filter(ballot__act=held).exists():
        raise DomainError("Un acte dont le vote est nominatif ne change pas de séance.", field="sitting")
    require_same_passage(held, act)
    require_as_decided(held, act)
    act.examined_at, act.added_in_sitting = held.examined_at, held.added_in_sitting
    return held


def delete_act(*, instance: Act, by: User | None, reason: str = "") -> None:
    """Only a draft that nothing names: a délibération is kept for ever (domain-rules 7.5)."""
    authority = instance.sitting.assembly.authority
    with audit.action(
        "deliberations.act_deleted", "Suppression", by=by, authority=authority, target=instance, reason=reason
    ):
        require_deletable(locked_act(instance))
        delete_row(OF_ACT, instance=instance, by=by, reason=reason)


def save_identifier(
    *, instance: ActIdentifier, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> ActIdentifier:
    with audit.action(
        "deliberations.identifier_saved",
        "Identifiant d'acte",
        by=by,
        authority=instance.act.sitting.assembly.authority,
        target=instance.act,
        reason=reason,
    ):
        save_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
        if instance.kind == IdentifierKind.ACTES:
            refuse(check_act(instance.act), IDENTIFIER_RULES, field="value")
    return instance


def record_vote(
    *, act: Act, fields: Mapping[str, Any], votes: Iterable[Named] = (), by: User | None, reason: str = ""
) -> Ballot:
    """The vote on an act, with its names (member, choice, « +1 pouvoir »), in place of what was recorded before."""
    named = list(votes)
    authority = act.sitting.assembly.authority
    with audit.action(
        "deliberations.vote_recorded", "Vote consigné", by=by, authority=authority, target=act, reason=reason
    ):
        require_votable(locked_act(act))
        act.refresh_from_db()
        ballot = Ballot.objects.filter(act=act).first() or Ballot(act=act)
        for name, value in fields.items():
            setattr(ballot, name, value)
        ballot.act = act
        _require_names(ballot, named)
        save_row(OF_CLAUSE, instance=ballot, by=by)
        _replace_votes(ballot, named, by)
        if _is_counted(ballot):
            _count_names(ballot, by)
        result = check_act(act)
        refuse(result, VOTE_RULES)
        follow_vote(act, ballot, result, by)
    return ballot


def _require_names(ballot: Ballot, named: Sequence[Named]) -> None:
    if ballot.secret and named:
        raise DomainError("Un scrutin secret ne nomme personne (CGCT, article L2121-21).", field="secret")
    if ballot.secret and ballot.chair_vote:
        raise DomainError(
            "Un scrutin secret ne dit pas comment le président a voté (CGCT, article L2121-21).", field="chair_vote"
        )
    if len({mandate.pk for mandate, *_ in named}) != len(named):
        raise DomainError("Un membre est nommé deux fois dans le vote.")


def _is_counted(ballot: Ballot) -> bool:
    """A new vote by name without figures is counted from its names."""
    figures = [getattr(ballot, f"{choice}_count") for choice in CHOICES]
    return (
        not ballot.act.sitting.past and ballot.mode == BallotMode.BY_NAME and all(figure is None for figure in figures)
    )


def _count_names(ballot: Ballot, by: User | None) -> None:
    """The others voted as `others_voted` says; without it, every list is taken as whole."""
    ballot.named_choices = [choice for choice in CHOICES if choice != ballot.others_voted]
    save_row(OF_CLAUSE, instance=ballot, by=by)
    stated = act_input(ballot.act)
    counts = {**dict.fromkeys(CHOICES, 0), **numbers_named(stated)}
    voices = voices_of(stated)
    if ballot.others_voted and voices is not None:
        counts[ballot.others_voted] = max(voices - sum(counts.values()), 0)
    for choice, count in counts.items():
        setattr(ballot, f"{choice}_count", count)
    save_row(OF_CLAUSE, instance=ballot, by=by)


def _replace_votes(ballot: Ballot, named: Sequence[Named], by: User | None) -> None:
    held = {vote.mandate_id: vote for vote in ballot.votes.select_related("mandate")}
    wanted = {mandate.pk for mandate, *_ in named}
    for vote in held.values():
        if vote.mandate_id not in wanted:
            delete_row(OF_VOTE, instance=vote, by=by)
    for rank, (mandate, choice, with_proxy) in enumerate(named, 1):
        vote = held.get(mandate.pk) or Vote(ballot=ballot, mandate=mandate)
        if (vote.choice, vote.with_proxy, vote.position) != (choice, with_proxy, rank):
            vote.choice, vote.with_proxy, vote.position = choice, with_proxy, rank
            save_row(OF_VOTE, instance=vote, by=by)


def follow_vote(act: Act, ballot: Ballot, result: CheckResult, by: User | None) -> None:
    """A draft takes the state that its vote gives; a new act whose vote is corrected, that of the correction."""
    state = _voted_state(act, ballot, result)
    if act.state == ActState.DRAFT and state is not None:
        if state != ActState.REJECTED:
            require_known_figures(act)
        act.state = state
        save_row(OF_ACT, instance=act, by=by)
        settle_text(act=act, by=by)
    elif act.state in DELIBERATED and state != act.state and not act.sitting.past:
        if state is None:
            raise DomainError(f"Ce vote ne donne pas de résultat, et l'acte est « {act.get_state_display()} ».")
        act.state = state
        save_row(OF_ACT, instance=act, by=by)


def _voted_state(act: Act, ballot: Ballot, result: CheckResult) -> ActState | None:
    outcome = result.tally.result or ballot.stated_result
    states = {
        ADOPTED: ActState.ADOPTED,
        UNANIMOUS: ActState.ADOPTED,
        MAJORITY: ActState.ADOPTED,
        REJECTED: ActState.REJECTED,
        NOTED: ActState.NOTED,
    }
    return ActState.NOTED if act.kind == ActKind.NOTED and outcome != REJECTED else states.get(outcome)


def delete_ballot(*, instance: Ballot, by: User | None, reason: str = "") -> None:
    authority = instance.act.sitting.assembly.authority
    with audit.action(
        "deliberations.ballot_deleted", "Suppression", by=by, authority=authority, target=instance, reason=reason
    ):
        act = locked_act(instance.act)
        if not act.sitting.past and act.state not in (ActState.DRAFT, ActState.ADJOURNED):
            raise DomainError("Le vote d'un acte adopté ou rejeté se conserve : le corriger, avec un motif.")
        require_no_session(act.sitting)
        delete_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
