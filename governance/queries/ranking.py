"""The ranking of a campaign: computed from live data until a committee freezes it, read from its snapshot afterwards.

A line of the snapshot (`RankedPlace.detail`) is `Explained.stored()` for each criterion: numbers as text, points and marks in ten-thousandths."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from equipment.queries import LiveValues, live_values
from governance.models import Decision
from governance.queries.ranked import followed_lines, freezing_decision, schools_then
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from schools.domain import ranking as core
from schools.enums import ApplicationState, CampaignState, CriterionKind, Verdict
from schools.models import Application, Campaign, Criterion, Departure, Mark, Opinion, RankedPlace, School

TYPED = (CriterionKind.IEN, CriterionKind.TICE, CriterionKind.COMMITTEE)
PARTED = {
    core.SOCIAL_INDEX: "l'IPS le plus bas",
    core.PUPILS: "le plus grand nombre d'élèves",
    core.SUBMITTED: "la candidature déposée la première",
    core.UAI: "l'ordre des UAI",
}


@dataclass(frozen=True)
class Explained:
    """One criterion of one line. `points` and `mark` in ten-thousandths; `origin` says where the value comes from."""

    criterion: int
    label: str
    kind: str
    weight: int
    floor: Decimal
    full: Decimal
    default: Decimal | None
    value: Decimal | None
    mark: int
    points: int
    origin: str

    @property
    def unknown(self) -> bool:
        return self.value is None

    @property
    def strength(self) -> str:
        return core.strength(Fraction(self.mark, core.SCALE), self.unknown)

    def stored(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in ("floor", "full", "default", "value")}
        return {
            **{name: getattr(self, name) for name in ("criterion", "label", "kind", "weight", "mark", "points", "origin")},
            **{name: None if value is None else str(value) for name, value in values.items()},
        }  # fmt: skip

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Explained":
        numbers = {name: None if stored.get(name) is None else Decimal(stored[name]) for name in ("default", "value")}
        return cls(
            criterion=stored["criterion"],
            label=stored["label"],
            kind=stored["kind"],
            weight=stored["weight"],
            floor=Decimal(stored["floor"]),
            full=Decimal(stored["full"]),
            mark=stored["mark"],
            points=stored["points"],
            origin=stored["origin"],
            **numbers,
        )


@dataclass(frozen=True)
class RankedRow:
    """`school` is as it was at the freeze; `place` is None before it, `written_at` the last time it was written; `fixed` where the lead gave
    the place; `followed` by a reader who sees what is thought of the application."""

    pk: int
    application: Application
    school: School
    position: int
    by_score: int
    score: int
    details: tuple[Explained, ...]
    tie: str
    fixed: bool
    reason: str
    outcome: str
    opinions: tuple[Opinion, ...] = ()
    place: RankedPlace | None = None
    followed: bool = True
    written_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.school.name

    @property
    def uai(self) -> str:
        return self.school.uai

    @property
    def commune(self) -> str:
        """Of today where that of the freeze is no more."""
        return (self.school.commune or self.application.school.commune).name

    @property
    def outcome_label(self) -> str:
        return str(ApplicationState(self.outcome).label)

    @property
    def departs(self) -> bool:
        return bool(self.reason)

    @property
    def letter_outdated(self) -> bool:
        """The answer was written again since the letter was made."""
        letter = self.application.letter
        return bool(letter and self.written_at and letter.created_at < self.written_at)


@dataclass(frozen=True)
class Ranking:
    """`total` lines in all, of which `rows` are those the reader sees. `on`: the day of the values."""

    campaign: Campaign
    rows: tuple[RankedRow, ...]
    total: int
    on: date
    decision: Decision | None = None

    @property
    def frozen(self) -> bool:
        return self.campaign.state == CampaignState.FROZEN

    @property
    def criteria(self) -> tuple[Explained, ...]:
        """Any line's, for their names and weights."""
        return self.rows[0].details if self.rows else ()

    @property
    def full_score(self) -> int:
        return sum(each.weight for each in self.criteria) * core.SCALE

    def row(self, application: int) -> RankedRow | None:
        return next((row for row in self.rows if row.pk == application), None)


def ranking_of(campaign: Campaign, *, user: Any = None, on: date | None = None) -> Ranking:
    """The whole of it, or with `user` the lines that user sees: the places are those of the whole. Nine queries at most."""
    day = on or timezone.localdate()
    if campaign.state == CampaignState.FROZEN:
        found = _frozen(campaign)
    else:
        found = Ranking(campaign, computed_rows(campaign, day), 0, day)
    rows, total = found.rows, len(found.rows)
    if user is not None:
        seen = followed_lines(user, campaign)
        rows = tuple(replace(row, followed=seen[row.pk]) for row in rows if row.pk in seen)
    return replace(found, rows=_with_opinions(campaign, rows), total=total)


def without_people(each: Explained) -> Explained:
    """For who reads the list without following the applications: not who gave a mark and why."""
    return replace(each, origin="Noté sur dossier") if each.kind in TYPED else each


def _with_opinions(campaign: Campaign, rows: Sequence[RankedRow]) -> tuple[RankedRow, ...]:
    opinions: dict[int, list[Opinion]] = defaultdict(list)
    for opinion in Opinion.objects.filter(application__campaign=campaign).order_by("application", "pk"):
        opinions[opinion.application_id].append(opinion)
    return tuple(
        replace(row, opinions=tuple(opinions[row.pk]))
        if row.followed
        else replace(row, details=tuple(map(without_people, row.details)))
        for row in rows
    )


def _frozen(campaign: Campaign) -> Ranking:
    places = RankedPlace.objects.filter(application__campaign=campaign).select_related(
        "application__school__commune", "application__letter"
    )
    written = RankedPlace.history.filter(id=OuterRef("pk")).order_by("-history_id").values("history_date")[:1]
    places = places.annotate(written_at=Subquery(written))
    places = places.defer("application__letter__content").order_by("position", "pk")
    then = schools_then([place.application.school_id for place in places], campaign.frozen_at)
    rows = tuple(
        RankedRow(
            pk=place.application_id,
            application=place.application,
            school=then.get(place.application.school_id, place.application.school),
            position=place.position,
            by_score=place.by_score,
            score=place.score,
            details=tuple(Explained.read(each) for each in place.detail),
            tie=place.tie,
            fixed=place.position != place.by_score and bool(place.departure_reason),
            reason=place.departure_reason,
            outcome=place.outcome,
            place=place,
            written_at=place.written_at,
        )
        for place in places
    )
    day = timezone.localdate(campaign.frozen_at) if campaign.frozen_at else timezone.localdate()
    return Ranking(campaign, rows, len(rows), day, freezing_decision(campaign))


def computed_rows(campaign: Campaign, on: date) -> tuple[RankedRow, ...]:
    """From the data of today, without the opinions. Six queries."""
    criteria = list(Criterion.objects.filter(campaign=campaign).order_by("position", "pk"))
    applications = _candidates(campaign)
    live = live_values((row.school_id for row in applications.values()), on)
    marks = _marks(campaign)
    departures = {
        row.application.school.uai: row
        for row in Departure.objects.filter(
            campaign=campaign, application__state=ApplicationState.SUBMITTED
        ).select_related("application__school")
    }
    lines = core.ranking(
        [_criterion(row) for row in criteria],
        [_candidate(row, criteria, live[row.school_id], marks) for row in applications.values()],
        {uai: row.position for uai, row in departures.items() if row.position is not None},
        campaign.tie_rule,
    )
    refused = {uai for uai, row in departures.items() if row.refused}
    ends = core.outcomes([line.candidate for line in lines], campaign.places, refused)
    places = {line.candidate: line.place for line in lines}
    return tuple(
        RankedRow(
            pk=(row := applications[line.candidate]).pk,
            application=row,
            school=row.school,
            position=line.place,
            by_score=line.by_score,
            score=core.ten_thousandths(line.score),
            details=tuple(
                _explained(criterion, point, live[row.school_id], marks.get((row.pk, criterion.pk)), on)
                for criterion, point in _paired(criteria, line)
            ),
            tie=tie_sentence(line, places),
            fixed=line.fixed,
            reason=departures[line.candidate].reason if line.candidate in departures else "",
            outcome=ends[line.candidate],
        )
        for line in lines
    )


def _paired(criteria: Sequence[Criterion], line: core.Line) -> list[tuple[Criterion, core.Point]]:
    points = {point.criterion: point for point in line.points}
    return [(criterion, points[criterion.pk]) for criterion in criteria]


def _candidates(campaign: Campaign) -> dict[str, Application]:
    rows = Application.objects.filter(campaign=campaign, state=ApplicationState.SUBMITTED)
    return {row.school.uai: row for row in rows.select_related("school__commune").order_by("pk")}


def _marks(campaign: Campaign) -> dict[tuple[int, int], Mark]:
    rows = Mark.objects.filter(application__campaign=campaign, criterion__campaign=campaign).select_related("by")
    return {(row.application_id, row.criterion_id): row for row in rows}


def _criterion(row: Criterion) -> core.Criterion:
    default = None if row.default_value is None else Fraction(row.default_value)
    return core.Criterion(row.pk, row.weight, Fraction(row.floor_value), Fraction(row.full_value), default)


def _candidate(
    row: Application, criteria: Sequence[Criterion], live: LiveValues, marks: Mapping[tuple[int, int], Mark]
) -> core.Candidate:
    values: dict[int, Fraction | None] = {}
    for criterion in criteria:
        mark = marks.get((row.pk, criterion.pk))
        value = (mark.value if mark else None) if criterion.kind in TYPED else live.values[criterion.kind]
        values[criterion.pk] = None if value is None else Fraction(value)
    index = live.values[CriterionKind.SOCIAL_INDEX]
    submitted = row.submitted_at.astimezone(UTC).isoformat() if row.submitted_at else ""
    return core.Candidate(row.school.uai, values, None if index is None else Fraction(index), live.pupils, submitted)


def _explained(criterion: Criterion, point: core.Point, live: LiveValues, mark: Mark | None, on: date) -> Explained:
    typed = criterion.kind in TYPED
    return Explained(
        criterion=criterion.pk,
        label=criterion.label,
        kind=criterion.kind,
        weight=criterion.weight,
        floor=criterion.floor_value,
        full=criterion.full_value,
        default=criterion.default_value,
        value=(mark.value if mark else None) if typed else live.values[criterion.kind],
        mark=core.ten_thousandths(point.mark),
        points=core.ten_thousandths(point.points),
        origin=_of_mark(mark) if typed else origin_of(criterion.kind, live, on),
    )


def _of_mark(mark: Mark | None) -> str:
    if mark is None:
        return "Pas encore noté"
    by = f"Noté par {mark.by}" if mark.by else "Noté"
    return f"{by} : {mark.reason}" if mark.reason else by


def origin_of(kind: str, live: LiveValues, on: date) -> str:
    """Where a live value comes from, in a few words."""
    in_place = f"{counted(live.devices, 'appareil')} en place"
    pupils = f"{counted(live.pupils, 'élève')} en {school_year_label(live.year)}" if live.pupils and live.year else ""
    index = f"IPS {school_year_label(live.index_year)}" if live.index_year else "IPS inconnu"
    words = {
        CriterionKind.PARK_AGE: f"{in_place}, dont {live.dated} avec une date d'achat, au {on:%d/%m/%Y}",
        CriterionKind.EQUIPPED: f"{in_place}, {pupils or 'effectif inconnu'}",
        CriterionKind.SOCIAL_INDEX: index,
        CriterionKind.BANDWIDTH: "Le meilleur débit des sites de l'école",
    }
    return words.get(CriterionKind(kind), "Fiche de l'école")


def tie_sentence(line: core.Line, places: Mapping[str, int]) -> str:
    """Places rather than names: who sees a district sees no name of another."""
    parts = [f"la place {places[tie.other]} (départage : {PARTED[tie.rule]})" for tie in line.ties]
    return f"Même score que {' et '.join(parts)}." if parts else ""


def selected_rows(
    rows: Sequence[RankedRow], *, words: Sequence[str] = (), outcome: str = "", noted: str = ""
) -> list[RankedRow]:
    """Those that a page shows: each word in the name, the UAI or the commune."""
    kept = [row for row in rows if all(word.casefold() in _searched(row) for word in words)]
    if outcome:
        kept = [row for row in kept if row.outcome == outcome]
    said: dict[str, Callable[[RankedRow], bool]] = {
        "departs": lambda row: row.departs,
        "tied": lambda row: bool(row.tie),
        "unknown": lambda row: any(each.unknown for each in row.details),
        "reserved": lambda row: any(each.verdict != Verdict.FAVOURABLE for each in row.opinions),
    }
    return [row for row in kept if said[noted](row)] if noted in said else kept


def _searched(row: RankedRow) -> str:
    return f"{row.name} {row.uai} {row.commune}".casefold()
