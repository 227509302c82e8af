"""The acts of an authority as the SCDL file says them: a bounded number of queries, whatever the number of acts."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet

from deliberations.domain.opendata import Counted, Fault, Opened, check_row, row_of, votes_of
from deliberations.enums import (
    ActKind,
    ActNature,
    ActState,
    CouncilDocumentKind,
    IdentifierKind,
    StatedResult,
    VoteChoice,
)
from deliberations.models import Act, ActIdentifier, Mandate, Sitting
from deliberations.queries.filing import profile_of
from deliberations.queries.publication import live_publications
from plan_numerique.accounts.models import Authority

NO_SIRET = "Le SIRET de la collectivité n'est pas connu : sans lui, le schéma refuse toutes les lignes."
Seats = dict[int, list[tuple[date | None, date | None]]]


@dataclass(frozen=True)
class OpenAct:
    """An act with its row and what the schema would say of it."""

    act: Act
    row: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    published: bool = True

    @property
    def goes_out(self) -> bool:
        return self.published and not self.faults


def adopted(acts: QuerySet[Act]) -> QuerySet[Act]:
    """« Délibérations adoptées par une collectivité locale »: a communication without vote is none."""
    held = acts.filter(state__in=(ActState.ADOPTED, ActState.NOTED), nature=ActNature.DE)
    return held.exclude(kind=ActKind.INFORMATION)


def adopted_acts(authority: Authority) -> QuerySet[Act]:
    rows = Act.objects.filter(sitting__assembly__authority=authority).select_related("sitting__assembly", "ballot")
    return adopted(rows).order_by("-sitting__held_on", "passage", "pk")


def published_keys(authority: Authority) -> set[int]:
    keys = live_publications().filter(
        document__sitting__assembly__authority=authority, document__kind=CouncilDocumentKind.EXTRACT
    )
    return {key for key in keys.values_list("document__act", flat=True) if key is not None}


def open_acts(authority: Authority, acts: Iterable[Act], url_of: Callable[[Act], str]) -> list[OpenAct]:
    """`url_of` gives the address of a published act."""
    rows = list(acts)
    profile, online = profile_of(authority), published_keys(authority)
    numbers = _internal_numbers(rows)
    seats, listed = _seats(authority), _listed(rows)
    found = []
    for act in rows:
        votes = votes_of(_counted(act, seats, listed))
        opened = Opened(
            authority=authority.name,
            siret=profile.siret if profile else "",
            number=numbers.get(act.pk) or act.number,
            decided_on=act.sitting.held_on,
            matter=act.matter_code,
            title=getattr(act, "public_title", act.title),
            prefecture=profile.prefecture if profile else "",
            received_on=act.received_on,
            votes=votes,
            url=url_of(act) if act.pk in online else "",
        )
        row = row_of(opened)
        found.append(OpenAct(act, row, check_row(row), act.pk in online))
    return found


def _internal_numbers(acts: list[Act]) -> dict[int, str]:
    rows = ActIdentifier.objects.filter(act__in=[act.pk for act in acts], kind=IdentifierKind.INTERNAL)
    return dict(rows.order_by("-pk").values_list("act_id", "value"))


def _seats(authority: Authority) -> Seats:
    """Periods of the seats of each assembly, alternates left out."""
    held: Seats = defaultdict(list)
    rows = Mandate.objects.filter(assembly__authority=authority, alternate_for=None)
    for assembly, starts, ends in rows.values_list("assembly_id", "starts_on", "ends_on"):
        held[assembly].append((starts, ends))
    return held


def _listed(acts: list[Act]) -> dict[int, int]:
    """Members on the list of each sitting."""
    keys = {act.sitting_id for act in acts}
    return dict(Sitting.objects.filter(pk__in=keys).annotate(n=Count("presences")).values_list("pk", "n"))


def _in_office(sitting: Sitting, seats: Seats, listed: dict[int, int]) -> int | None:
    """As the checks of the act count them (queries.members_of)."""
    day = sitting.held_on
    if sitting.opened_at is not None and not sitting.past:
        periods = seats.get(sitting.assembly_id, [])
        return sum((start is None or start <= day) and (end is None or end >= day) for start, end in periods)
    if sitting.in_office is None and not sitting.past and sitting.members_complete:
        return listed.get(sitting.pk)
    return sitting.in_office


def _counted(act: Act, seats: Seats, listed: dict[int, int]) -> Counted:
    in_office, ballot, sitting = _in_office(act.sitting, seats, listed), getattr(act, "ballot", None), act.sitting
    if ballot is None:
        return Counted(in_office)
    stated = None if sitting.present is None or sitting.represented is None else sitting.present + sitting.represented
    abstain = ballot.abstain_count
    if ballot.blank_count:
        abstain = (abstain or 0) + ballot.blank_count
    return Counted(
        in_office=in_office,
        favour=ballot.for_count,
        against=ballot.against_count,
        abstain=abstain,
        voices=ballot.voices if stated is None else stated,
        unanimous=ballot.stated_result == StatedResult.UNANIMOUS and ballot.others_voted == VoteChoice.FOR,
    )
