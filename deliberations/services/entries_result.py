"""The proclamation of a result, and its withdrawal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deliberations.domain.act import CHOICES, NOTED
from deliberations.domain.attendance import Attendance
from deliberations.domain.ballots import COUNTED, Cast, Heard, label_of, tally
from deliberations.domain.result import ERROR
from deliberations.enums import ActKind, ActState, BallotMode, StatedResult, VoteChoice
from deliberations.models import Act, Ballot
from deliberations.queries import check_act
from deliberations.queries.conduct import Polled, ballot_of, poll_of, votes_of
from deliberations.queries.conduct_state import findings_of
from deliberations.queries.convening import UNNUMBERED, numbers_for
from deliberations.queries.filing import CHANNELS
from deliberations.services.acts import follow_vote
from deliberations.services.entries_items import save_act
from deliberations.services.entries_taking import Taking, names_in, shown
from deliberations.services.entries_votes import clear_counts, require_proclaimed, voted_item, write_votes
from deliberations.services.numbers import lock_numbers
from deliberations.services.refusals import VOTE_RULES, refuse
from deliberations.services.rows import OF_CLAUSE, save_row
from plan_numerique.shared.errors import DomainError

EXPECTED = ("for", "against", "abstain")
LABELS = {"for": "pour", "against": "contre", "abstain": "abstentions"}


def take_result(taking: Taking) -> None:
    act = voted_item(taking, quorum=False)
    ballot = _ballot(taking, act)
    ballot.stated_result = _stated(taking, ballot)
    _read_chair(taking, ballot)
    polled = poll_of(taking.floor, act, ballot, votes_of([ballot]).get(ballot.pk, {}))
    _require_expected(taking, polled)
    _require(taking, act, ballot, polled)
    _proclaim(taking, act, ballot, polled)
    saved = _whole(act)
    result = check_act(saved)
    rules = VOTE_RULES - {"QUORUM_NOT_REACHED"} if act.kind == ActKind.INFORMATION else VOTE_RULES
    refuse(result, rules)
    if (
        not saved.number and saved.kind not in UNNUMBERED
    ):  # added in session, or a sitting that was not convened from here
        lock_numbers(taking.sitting)
        saved.number = numbers_for(taking.sitting, [saved.passage or 1])[0]
    follow_vote(saved, ballot, result, taking.by)


def _ballot(taking: Taking, act: Act) -> Ballot:
    ballot = ballot_of(act)
    if ballot is None and act.kind in (ActKind.NOTED, ActKind.INFORMATION):
        ballot = Ballot(act=act, mode=BallotMode.NOTED)
        save_row(OF_CLAUSE, instance=ballot, by=taking.by)
    if ballot is None:
        raise DomainError("Aucun vote n'est saisi sur cette affaire : en choisir le mode d'abord.", field="act")
    return ballot


def _stated(taking: Taking, ballot: Ballot) -> str:
    if ballot.mode == BallotMode.NOTED:
        return StatedResult.NOTED
    stated = taking.choice("stated_result", StatedResult, empty=True)
    if stated == NOTED:
        raise DomainError("Une prise d'acte est un mode de vote : le choisir d'abord.", field="stated_result")
    return stated


def _read_chair(taking: Taking, ballot: Ballot) -> None:
    vote = taking.choice("chair_vote", VoteChoice, empty=True)
    if vote and ballot.secret:
        raise DomainError(
            "Un scrutin secret ne dit pas comment le président a voté (CGCT, article L2121-21).", field="chair_vote"
        )
    ballot.chair_vote = vote


def _require_expected(taking: Taking, polled: Polled) -> None:
    """What the page showed when it was confirmed, where the entry says it: another clerk may have counted meanwhile."""
    told = taking.payload.get("expected")
    if told is None or polled.poll.mode not in COUNTED:
        return
    if not isinstance(told, Mapping) or set(told) != set(EXPECTED):
        raise DomainError(
            f"« expected » : le décompte affiché est attendu, {{{', '.join(EXPECTED)}}}.", field="expected"
        )
    now = {code: polled.poll.counts.get(code) or 0 for code in EXPECTED}
    if dict(told) != now:
        raise DomainError(
            f"Le décompte a changé depuis sa confirmation : {_counts(now)}, et non {_counts(told)}. "
            "Le vérifier, puis proclamer de nouveau.",
            field="expected",
        )


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{LABELS[code]} {shown(counts[code])}" for code in EXPECTED)


def _require(taking: Taking, act: Act, ballot: Ballot, polled: Polled) -> None:
    errors = [each for each in findings_of(taking.floor, act, ballot, polled) if each.severity == ERROR]
    if polled.voices is not None and polled.voices.missing:
        names = names_in(polled.voices.missing, taking.floor.names)
        heard = len(polled.voices.choices)
        raise DomainError(
            f"{heard} votes pour {heard + len(polled.voices.missing)} voix : n'ont pas voté {names} (CGCT, article L2121-20).",
            field="act",
        )
    told, said = taking.payload.get("chair_vote"), polled.poll.chair_vote
    if told and said and told != said:
        raise DomainError(
            "Le président a voté autrement : son vote est celui du décompte nominatif.", field="chair_vote"
        )
    if told and not polled.poll.counts.get(told):
        raise DomainError("Aucune voix n'est comptée dans le sens du vote du président.", field="chair_vote")
    if errors:
        raise DomainError(" ".join(each.message for each in errors), field="act")


def _proclaim(taking: Taking, act: Act, ballot: Ballot, polled: Polled) -> None:
    held = taking.attendance(act)
    poll = polled.poll
    if polled.voices is not None:
        _keep_names(taking, ballot, held, polled.votes, polled.voices)
        for choice, number in polled.voices.counts.items():
            setattr(ballot, f"{choice}_count", number)
    ballot.chair_vote = poll.chair_vote
    ballot.voices = held.voices if ballot.mode in (BallotMode.BY_NAME, BallotMode.TOTALS) else None
    ballot.stated_result = ballot.stated_result or (tally(held, poll).result or "")
    ballot.stated_result_text = label_of(replace(poll, stated=ballot.stated_result), tally(held, poll))
    ballot.proclaimed_at = taking.at
    save_row(OF_CLAUSE, instance=ballot, by=taking.by)


def _keep_names(taking: Taking, ballot: Ballot, held: Attendance, votes: dict[int, Cast], voices: Heard) -> None:
    """A public vote keeps every voice by name. Of another, those who did not speak are told by `others_voted`; a name stands for
    the member represented (« +1 pouvoir ») where it does so for all who carry a proxy, else each voice has its own line."""
    carriers = [holder for giver, holder in held.proxies.items() if giver not in votes and holder in votes]
    covers = bool(carriers) and not ballot.public and all(votes[holder].proxy for holder in carriers)
    names: dict[int, Cast | None] = {voter: Cast(VoteChoice.NOT_VOTING) for voter in held.silent}
    for voter, choice in voices.choices.items():
        carried = voter not in votes and (holder := held.proxies.get(voter)) in votes and votes[holder].proxy
        if ballot.public or (carried and not covers):
            names[voter] = Cast(choice)
        elif voter in votes and voter not in held.silent:
            names[voter] = votes[voter] if covers else Cast(choice)
    write_votes(ballot, names, taking)
    ballot.names_cover_proxies = covers
    if ballot.public:
        ballot.others_voted = ""
    ballot.named_choices = [choice for choice in CHOICES if choice != ballot.others_voted]


def _whole(act: Act) -> Act:
    """As the register reads it, after what was just written."""
    rows = Act.objects.select_related("sitting__assembly__authority", "sitting__chair", "chair")
    return rows.select_for_update(of=("self",)).get(pk=act.pk)


def take_result_reopened(taking: Taking) -> None:
    act = taking.item()
    ballot = require_proclaimed(act)
    reason = taking.text("reason", required=True)
    kept = Act.objects.values_list(*CHANNELS).get(pk=act.pk)
    if any(kept):
        raise DomainError("L'acte est déjà transmis ou publié : son vote ne se rouvre plus en séance.", field="act")
    if ballot.mode == BallotMode.BY_NAME:
        clear_counts(ballot)
        silent = taking.attendance(act).silent
        write_votes(ballot, dict.fromkeys(silent), taking)
    ballot.proclaimed_at, ballot.voices, ballot.stated_result, ballot.stated_result_text = None, None, "", ""
    ballot.chair_vote, ballot.names_cover_proxies, ballot.named_choices = "", False, []
    save_row(OF_CLAUSE, instance=ballot, by=taking.by, reason=reason)
    act.state = ActState.DRAFT
    save_act(taking, act, reason=reason)
