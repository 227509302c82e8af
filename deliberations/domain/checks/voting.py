"""Votes: figures against voices, names against figures, result against figures."""

from collections.abc import Iterator, Sequence
from itertools import chain

from deliberations.domain.act import (
    ABSTAIN,
    ADOPTED,
    AGAINST,
    CHOICES,
    FOR,
    MAJORITY,
    NOT_VOTING,
    NOTED,
    REJECTED,
    UNANIMOUS,
    Act,
)
from deliberations.domain.checks.attendance import is_whole, repeated_keys
from deliberations.domain.names import distinct, keys_of, name_key
from deliberations.domain.result import Finding, Tally, of_counts, of_texts
from deliberations.domain.tally import counted_voices, voices_of
from plan_numerique.shared import wording

LABELS = {FOR: "pour", AGAINST: "contre", ABSTAIN: "en abstention", NOT_VOTING: "sans prendre part au vote"}
RESULT_LABELS = {
    ADOPTED: "adopté",
    REJECTED: "rejeté",
    UNANIMOUS: "à l'unanimité",
    MAJORITY: "à la majorité",
    NOTED: "pris acte",
}
RESULT_ARTICLE, BALLOT_ARTICLE = "L2121-20", "L2121-21"


def check_voting(act: Act, tally: Tally) -> Iterator[Finding]:
    yield from _check_voices(act)
    yield from _check_names(act)
    yield from _check_voters(act)
    yield from _check_secret(act)
    yield from _check_result(act, tally)


def _check_voices(act: Act) -> Iterator[Finding]:
    counts, voices = act.vote.counts, voices_of(act)
    in_favour, against, abstain = counts[FOR], counts[AGAINST], counts[ABSTAIN]
    if voices is not None and in_favour is not None and against is not None and abstain is not None:
        votes = in_favour + against + abstain + (counts[NOT_VOTING] or 0)
        if votes != voices:
            message = f"{wording.counted(votes, 'vote')} pour {voices} voix (CGCT, article L2121-20)."
            yield of_counts("VOTES_VS_VOICES", message, voices, votes, RESULT_ARTICLE)
    counted, stated = counted_voices(act.members), act.vote.voices
    if counted is not None and stated is not None and counted != stated:
        present = f"{wording.counted(counted, 'membre présent')} ou {'représentés' if counted > 1 else 'représenté'}"
        message = f"{stated} voix {'annoncées' if stated > 1 else 'annoncée'}, {present} (CGCT, article L2121-20)."
        yield of_counts("VOTES_VS_VOICES", message, counted, stated, RESULT_ARTICLE)


def _check_names(act: Act) -> Iterator[Finding]:
    for choice, number in numbers_named(act).items():
        stated = act.vote.counts[choice]
        if stated is not None and number != stated:
            said = f"{wording.counted(stated, 'membre')} {LABELS[choice]} {'annoncés' if stated > 1 else 'annoncé'}"
            message = f"{said}, {wording.counted(number, 'nommé')} (CGCT, article L2121-21)."
            yield of_counts("VOTE_NAMES", message, number, stated, BALLOT_ARTICLE)


def numbers_named(act: Act) -> dict[str, int]:
    """How many each list given names, with the proxies that the names cover; nothing where these are unknown."""
    covers, proxies = act.vote.names_cover_proxies, act.members.proxies
    if covers and proxies is None:
        return {}
    named = set(_all_keys(act))
    standing = [
        name_key(proxy.holder)
        for proxy in (proxies or () if covers else ())
        if proxy.holder is not None and name_key(proxy.giver) not in named
    ]
    numbers = {}
    for choice in CHOICES:
        names = act.vote.names[choice]
        if names is not None:
            keys = set(keys_of(names))
            numbers[choice] = len(names) + sum(holder in keys for holder in standing)
    return numbers


def _all_keys(act: Act) -> Iterator[str]:
    return chain.from_iterable(keys_of(act.vote.names[choice]) for choice in CHOICES)


def _check_voters(act: Act) -> Iterator[Finding]:
    lists = [act.vote.names[choice] or () for choice in CHOICES]
    voters = distinct(chain.from_iterable(lists))
    repeated = repeated_keys(chain.from_iterable(lists))
    members = act.members
    whole = is_whole(members.present_names, members.present) and is_whole(members.proxies, members.represented)
    known = {*keys_of(members.present_names), *keys_of(proxy.giver for proxy in members.proxies or ())}
    for key, name in voters.items():
        if key in repeated:
            yield of_texts("DUPLICATE_NAME", f"« {name} » est nommé deux fois dans le vote.", None, name)
        if whole and key not in known:
            yield of_texts("VOTER_UNKNOWN", f"« {name} » vote sans être présent ni représenté.", None, name)


def _check_secret(act: Act) -> Iterator[Finding]:
    number = sum(len(act.vote.names[choice] or ()) for choice in (FOR, AGAINST, ABSTAIN))
    if act.session.secret and number:
        given = f"{wording.counted(number, 'nom')} {'sont donnés' if number > 1 else 'est donné'}"
        message = f"Un scrutin secret ne nomme personne, {given} (CGCT, article L2121-21)."
        yield of_counts("SECRET_WITH_NAMES", message, 0, number, BALLOT_ARTICLE)


def _check_result(act: Act, tally: Tally) -> Iterator[Finding]:
    stated = act.vote.stated_result
    if tally.cast == 0 and stated != NOTED:
        message = "Aucun suffrage n'est exprimé : l'assemblée n'a rien décidé (CGCT, article L2121-20)."
        yield of_texts("NO_VOTE_CAST", message, None, "0", RESULT_ARTICLE)
    expected = _contradicting(stated, tally)
    if stated is not None and expected is not None:
        message = (
            f"Le résultat annoncé est « {RESULT_LABELS[stated]} », les suffrages donnent "
            f"« {RESULT_LABELS[expected]} » (CGCT, article L2121-20)."
        )
        yield of_texts("RESULT_MISMATCH", message, expected, stated, RESULT_ARTICLE)


def _contradicting(stated: str | None, tally: Tally) -> str | None:
    """The result that the figures give instead of the stated one, None where they agree or say nothing."""
    favourable: Sequence[str | None] = (ADOPTED, MAJORITY, UNANIMOUS)
    if (stated in favourable and tally.result == REJECTED) or (stated == REJECTED and tally.result == ADOPTED):
        return tally.result
    if stated == UNANIMOUS and tally.result == ADOPTED and tally.against:
        return MAJORITY
    return None
