"""The vote on an item, until its result is proclaimed."""

from collections.abc import Collection, Mapping

from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from deliberations.domain.attendance import Attendance
from deliberations.domain.ballots import Cast, Poll, missing_quorum, missing_quorum_finding, refuse_method
from deliberations.enums import ActKind, BallotMethod, BallotMode, VoteChoice
from deliberations.models import Act, Ballot, Vote
from deliberations.queries.conduct import ballot_of, is_examined, is_proclaimed, shares_of, without_quorum
from deliberations.services.entries_taking import Taking, require_pending
from deliberations.services.rows import OF_CLAUSE, save_row
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError

ROWS_AT_ONCE = 200


def voted_item(taking: Taking, *, quorum: bool = True) -> Act:
    """The item whose vote is entered: opened, not proclaimed, with the quorum."""
    act = taking.item()
    require_pending(act)
    if not is_examined(act):
        raise DomainError(f"L'affaire « {act} » n'est pas ouverte : l'examiner d'abord.", field="act")
    if quorum and act.kind != ActKind.INFORMATION:
        _require_quorum(taking, act)
    return act


def _require_quorum(taking: Taking, act: Act) -> None:
    held = taking.attendance(act)
    poll = Poll(mode="", second_convocation=without_quorum(taking.floor, act))
    if missing_quorum(held, poll):
        raise DomainError(missing_quorum_finding(held).message, field="act")


def take_ballot(taking: Taking) -> None:
    act = voted_item(taking)
    mode = taking.choice("mode", BallotMode, default=BallotMode.BY_NAME)
    method = taking.choice("method", BallotMethod, default=BallotMethod.HANDS)
    others = taking.choice("others", VoteChoice, empty=True)
    asked = taking.count("requested_by")
    _check_method(taking, act, mode, method, others, asked)
    ballot = ballot_of(act) or Ballot(act=act)
    if ballot.pk and mode != BallotMode.BY_NAME:
        erase_votes(ballot, by=taking.by)
    if mode != ballot.mode and ballot.mode == BallotMode.TOTALS:
        clear_counts(ballot)
    ballot.mode, ballot.others_voted = mode, others
    ballot.secret, ballot.public = method == BallotMethod.SECRET, method == BallotMethod.PUBLIC
    ballot.requested_by = asked
    save_row(OF_CLAUSE, instance=ballot, by=taking.by)


def _check_method(taking: Taking, act: Act, mode: str, method: str, others: str, asked: int | None) -> None:
    if method == BallotMethod.SECRET and mode != BallotMode.TOTALS:
        raise DomainError(
            "Un scrutin secret ne nomme personne : seuls ses totaux se saisissent (CGCT, article L2121-21).",
            field="mode",
        )
    if method == BallotMethod.PUBLIC and mode != BallotMode.BY_NAME:
        raise DomainError(
            "Au scrutin public, le registre porte le nom et le vote de chacun : il est nominatif (CGCT, article L2121-21).",
            field="mode",
        )
    if others and mode != BallotMode.BY_NAME:
        raise DomainError("« Tous les autres » ne se dit que d'un vote nominatif.", field="others")
    part = shares_of(taking.sitting).get(method)
    told = refuse_method(taking.attendance(act), method, asked, part) if part else ""
    if told:
        raise DomainError(told, field="requested_by")


def clear_counts(ballot: Ballot) -> None:
    ballot.for_count = ballot.against_count = ballot.abstain_count = ballot.not_voting_count = ballot.blank_count = None


def named_ballot(taking: Taking, act: Act) -> Ballot:
    """The vote by name of the item, begun by its first name."""
    ballot = ballot_of(act)
    if ballot is None:
        ballot = save_row(OF_CLAUSE, instance=Ballot(act=act, mode=BallotMode.BY_NAME), by=taking.by)
    if ballot.secret:
        raise DomainError("Un scrutin secret ne nomme personne (CGCT, article L2121-21).", field="member")
    if ballot.mode != BallotMode.BY_NAME:
        raise DomainError(
            f"Ce vote n'est pas nominatif ({ballot.get_mode_display().lower()}) : changer d'abord de mode.",
            field="member",
        )
    return ballot


def take_vote(taking: Taking) -> None:
    act, member = voted_item(taking), taking.member()
    choice, proxy = taking.choice("choice", VoteChoice, empty=True), taking.flag("proxy")
    held = taking.attendance(act)
    check_voter(taking, held, member.pk, choice)
    if proxy and member.pk not in held.proxies.values():
        raise DomainError(
            f"{member} ne représente personne pour cette affaire (CGCT, article L2121-20).", field="proxy"
        )
    write_votes(named_ballot(taking, act), {member.pk: Cast(choice, proxy) if choice else None}, taking)


def check_voter(taking: Taking, held: Attendance, member: int, choice: str) -> None:
    name = taking.floor.names[member]
    if choice and member not in held.voters:
        raise DomainError(
            f"{name} n'est ni présent ni représenté pour cette affaire : sa voix n'existe pas (CGCT, article L2121-20).",
            field="member",
        )
    if choice and choice != VoteChoice.NOT_VOTING and member in held.silent:
        raise DomainError(
            f"{name} ne prend pas part au vote : membre retiré de l'affaire, ou représenté par lui (CGCT, article L2131-11).",
            field="member",
        )


def take_votes(taking: Taking) -> None:
    act = voted_item(taking)
    choice = taking.choice("choice", VoteChoice, empty=True)
    held = taking.attendance(act)
    members = _named(taking, held)
    for member in members:
        check_voter(taking, held, member, choice)
    write_votes(named_ballot(taking, act), {member: Cast(choice) if choice else None for member in members}, taking)


def _named(taking: Taking, held: Attendance) -> Collection[int]:
    """Voices that the entry names: a list, a group, or all of them; those that take no part are left out of the two latter."""
    payload, free = taking.payload, [voter for voter in held.voters if voter not in held.silent]
    if sum(name in payload for name in ("members", "group", "all")) != 1:
        raise DomainError("Dire qui vote, d'une seule façon : « members », « group » ou « all ».", field="members")
    if "members" in payload:
        listed = payload["members"]
        if not isinstance(listed, list) or not listed:
            raise DomainError("« members » : une liste de numéros de membres est attendue.", field="members")
        return [taking.member_of("members", member).pk for member in listed]
    if "group" in payload:
        group = taking.text("group", most=120)
        found = [voter for voter in free if taking.floor.members[voter].group == group]
        if not found:
            raise DomainError(f"Aucune voix du groupe « {group} » pour cette affaire.", field="group")
        return found
    if not taking.flag("all"):
        raise DomainError("« all » : vrai est attendu.", field="all")
    return free


def write_votes(ballot: Ballot, wanted: Mapping[int, Cast | None], taking: Taking) -> None:
    """Names in place of those held for the same members; None takes one off. Three writes at most, with their history."""
    held = {vote.mandate_id: vote for vote in ballot.votes.filter(mandate__in=list(wanted))}
    new, changed, gone = [], [], []
    for member, cast in wanted.items():
        vote = held.get(member)
        if cast is None:
            gone += [vote] if vote is not None else []
        elif vote is None:
            mandate = taking.floor.members[member]
            new.append(Vote(ballot=ballot, mandate=mandate, choice=cast.choice, with_proxy=cast.proxy))
        elif (vote.choice, vote.with_proxy) != (cast.choice, cast.proxy):
            vote.choice, vote.with_proxy = cast.choice, cast.proxy
            changed.append(vote)
    bulk_create_with_history(new, Vote, batch_size=ROWS_AT_ONCE, default_user=taking.by)
    bulk_update_with_history(changed, Vote, ["choice", "with_proxy"], batch_size=ROWS_AT_ONCE, default_user=taking.by)
    _delete_votes(gone, taking.by)


def erase_votes(ballot: Ballot, *, by: User | None) -> None:
    _delete_votes(list(ballot.votes.all()), by)


def _delete_votes(votes: Collection[Vote], by: User | None) -> None:
    """With their last version, in two queries: one by one, each deletion is two."""
    if not votes:
        return
    history = Vote.history.model
    now = timezone.now()
    history.objects.bulk_create(
        [
            history(
                history_type="-",
                history_date=now,
                history_user=by,
                **{each.attname: getattr(vote, each.attname) for each in history.tracked_fields},
            )
            for vote in votes
        ],
        batch_size=ROWS_AT_ONCE,
    )
    rows = Vote.objects.filter(pk__in=[vote.pk for vote in votes])
    rows._raw_delete(rows.db)


def take_tally(taking: Taking) -> None:
    act = voted_item(taking)
    held = taking.attendance(act)
    ballot = ballot_of(act) or Ballot(act=act, mode=BallotMode.TOTALS)
    if ballot.mode != BallotMode.TOTALS:
        raise DomainError(
            f"Ce vote ne se saisit pas en totaux ({ballot.get_mode_display().lower()}) : changer d'abord de mode.",
            field="for",
        )
    silent = taking.count("not_voting")
    ballot.for_count = taking.count("for") or 0
    ballot.against_count = taking.count("against") or 0
    ballot.abstain_count = taking.count("abstain") or 0
    ballot.not_voting_count = len(held.silent) if silent is None else silent
    ballot.blank_count = taking.count("blank") or 0
    save_row(OF_CLAUSE, instance=ballot, by=taking.by)


def require_proclaimed(act: Act) -> Ballot:
    ballot = ballot_of(act)
    if ballot is None or not is_proclaimed(act):
        raise DomainError(f"Le résultat de l'affaire « {act} » n'est pas proclamé.", field="act")
    return ballot
