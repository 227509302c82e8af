"""The rows of a comparison, the same on the page, in the workbook and on paper."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from governance.domain.comparison import Column
from governance.domain.equity import GINI_SENTENCE
from governance.domain.subsidies import own_share_low
from governance.models import BudgetGrant
from governance.queries import ComparedRun, ScenariosCompared
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.wording import counted
from plan_numerique.web.fields import format_decimal
from plan_numerique.web.templatetags.web import integer, rate

COUNT, EUROS, RATE = "count", "euros", "rate"
LETTERS = "ABCD"
SHARE_TO_RATE = 100  # ten-thousandths to ten-thousandths of a percent
QPV_SENTENCE = (
    "Élèves de QPV équipés : ceux des écoles en quartier prioritaire dont la classe entre dans le plan, sur tous les élèves "
    "de ces écoles."
)
NO_QPV = "Aucune école de ces périmètres n'est marquée en quartier prioritaire (QPV)."


@dataclass(frozen=True)
class Figure:
    """`values` follow the scenarios (cents, counts, or rates in ten-thousandths of a percent), None where there is none;
    `differences` to the first, None for it. `of` names the figure this one is a part of."""

    key: str
    label: str
    kind: str
    values: tuple[int | None, ...]
    of: str = ""

    @property
    def differences(self) -> tuple[int | None, ...]:
        first = self.values[0]
        return (None, *(None if first is None or value is None else value - first for value in self.values[1:]))

    @property
    def known(self) -> bool:
        return any(value for value in self.values)


@dataclass(frozen=True)
class FigureGroup:
    label: str
    figures: tuple[Figure, ...]


def shown(kind: str, value: int | None) -> str:
    if value is None:
        return "—"
    return {COUNT: integer, EUROS: display_euros, RATE: rate}[kind](value)


def shown_difference(kind: str, value: int | None) -> str:
    """« +1 234,00 € », « -7,5 points », « identique », nothing where there is none."""
    if value is None:
        return ""
    if not value:
        return "identique"
    sign = "+" if value > 0 else ""
    if kind == RATE:
        return f"{sign}{format_decimal(value, 4)} point{'s' if abs(value) >= 20_000 else ''}"
    return sign + shown(kind, value)


def groups(compared: ScenariosCompared) -> list[FigureGroup]:
    """Headline figures. What no scenario has (no school, no grant) is left out, never an amount."""
    found = [
        FigureGroup("Ce qui est équipé", tuple(figure for figure in _reach(compared) if figure.known)),
        FigureGroup("Ce que cela coûte", tuple(_cost(compared))),
        FigureGroup("Qui paie", tuple(_funding(compared))),
        FigureGroup(
            "Équité entre les écoles", tuple(figure for figure in _equity(compared) if any(_known(figure.values)))
        ),
    ]
    return [group for group in found if group.figures]


def _known(values: Sequence[int | None]) -> list[bool]:
    return [value is not None for value in values]


def _core(compared: ScenariosCompared, key: str, label: str, kind: str, scale: int = 1) -> Figure:
    def value(column: Column) -> int | None:
        found: int | None = getattr(column.figures, key)
        return None if found is None else found * scale

    return Figure(key, label, kind, tuple(value(column) for column in compared.comparison.columns))


def _of_runs(
    compared: ScenariosCompared, key: str, label: str, kind: str, value: Callable[[Any], int | None]
) -> Figure:
    return Figure(key, label, kind, tuple(value(each) for each in compared.runs))


def _reach(compared: ScenariosCompared) -> Iterator[Figure]:
    yield _core(compared, "schools", "Écoles équipées", COUNT)
    yield _core(compared, "classes", "Classes équipées", COUNT)
    yield _core(compared, "pupils", "Élèves équipés", COUNT)


def _cost(compared: ScenariosCompared) -> Iterator[Figure]:
    yield _core(compared, "ht", "Total HT", EUROS)
    yield _core(compared, "vat", "TVA", EUROS)
    yield _core(compared, "ttc", "Total TTC", EUROS)
    for key, label in (
        ("ttc_per_class", "Coût TTC par classe"),
        ("ttc_per_school", "Coût TTC par école"),
        ("ttc_per_pupil", "Coût TTC par élève"),
    ):
        figure = _core(compared, key, label, EUROS)
        if figure.known:
            yield figure


def _funding(compared: ScenariosCompared) -> Iterator[Figure]:
    yield _core(compared, "grants", "Subventions", EUROS)
    for funder in funders(compared):
        values = tuple(granted(each, funder) for each in compared.runs)
        yield Figure(f"grant-{funder}", funder, EUROS, values, of="grants")
    yield _core(compared, "own_share_ht", "Part propre HT (solde)", EUROS)
    yield _of_runs(
        compared, "own_share_rate", "Part propre, en % de l'assiette", RATE, lambda each: each.run.own_share_rate
    )
    yield _core(compared, "fctva", "FCTVA attendu", EUROS)
    yield _core(compared, "net_cost", "Coût net (TTC moins subventions et FCTVA)", EUROS)


def _equity(compared: ScenariosCompared) -> Iterator[Figure]:
    yield _core(compared, "qpv_share", "Élèves de QPV équipés", RATE, SHARE_TO_RATE)
    yield _core(compared, "gini", "Indice de Gini de la dépense par élève", RATE, SHARE_TO_RATE)


def explained(compared: ScenariosCompared) -> list[str]:
    """What the measures of equity are, where there are schools to compare."""
    columns = compared.comparison.columns
    if not any(column.figures.schools for column in columns):
        return []
    qpv = any(column.figures.qpv_share is not None for column in columns)
    return [GINI_SENTENCE, QPV_SENTENCE if qpv else NO_QPV]


def funders(compared: ScenariosCompared) -> list[str]:
    """Of all the scenarios, in the order they come."""
    return list(dict.fromkeys(grant.funder_label for each in compared.runs for grant in each.grants))


def granted(each: ComparedRun, funder: str) -> int:
    return sum(grant.amount for grant in each.grants if grant.funder_label == funder)


def funding_rows(compared: ScenariosCompared) -> list[tuple[str, list[BudgetGrant | None]]]:
    """Each funder with its grant in each scenario; a funder who gives twice has two rows."""
    rows = []
    for funder in funders(compared):
        given = [[grant for grant in each.grants if grant.funder_label == funder] for each in compared.runs]
        rows += [(funder, list(row)) for row in zip_longest(*given)]
    return rows


def letter(rank: int) -> str:
    return LETTERS[rank]


def sentences(compared: ScenariosCompared) -> list[str]:
    """What each scenario means, in words; the others are told against the reference."""
    columns = compared.comparison.columns
    return [
        _meaning(each, column) + (_against(column, columns[0]) if rank else "")
        for rank, (each, column) in enumerate(zip(compared.runs, columns, strict=True))
    ]


def _meaning(each: ComparedRun, column: Column) -> str:
    run, figures = each.run, column.figures
    years = [row.exercise for row in each.exercises]
    when = f"en {years[0]}" if len(years) == 1 else f"de {years[0]} à {years[-1]}"
    reach = (
        f", pour {counted(figures.schools, 'école')}, {counted(figures.classes, 'classe')}"
        f" et {counted(figures.pupils, 'élève')}"
        if figures.schools
        else ""
    )
    share = f", soit {rate(run.own_share_rate)} de l'assiette" if run.own_share_rate is not None else ""
    low = (
        " C'est moins que les 20 % que demande l'article L1111-10 du CGCT."
        if own_share_low(run.own_share_ht, run.own_share_base)
        else ""
    )
    grants = f"Les subventions en couvrent {display_euros(run.grants)}" if run.grants else "Sans subvention"
    return (
        f"{display_euros(run.ttc)} TTC {when}{reach}. {grants} ; "
        f"il reste {display_euros(run.own_share_ht)} HT à la charge de la collectivité{share}.{low}"
    )


def _against(column: Column, reference: Column) -> str:
    gap = column.difference
    if gap is None:
        return ""
    parts = [_gap_of_cost(gap.ttc), _gap_of_share(gap.own_share_ht)]
    if gap.pupils:
        count = counted(abs(gap.pupils), "élève")
        parts.append(f"{count} de {'plus' if gap.pupils > 0 else 'moins'}")
    return f" Face à la référence : {', '.join(parts)}.{_pace(column, reference)}"


def _pace(column: Column, reference: Column) -> str:
    """Who is reached at the end of the first exercise, where it is not the same."""
    own, other = column.years[0], reference.years[0]
    if own.cumulative_pupils == other.cumulative_pupils:
        return ""
    count = counted(own.cumulative_pupils, "élève") if own.cumulative_pupils else "aucun élève"
    return f" Fin {own.exercise}, il équipe {count}, contre {integer(other.cumulative_pupils)}."


def _gap_of_cost(gap: int) -> str:
    if not gap:
        return "le même coût"
    return f"{display_euros(abs(gap))} TTC de {'plus' if gap > 0 else 'moins'}"


def _gap_of_share(gap: int) -> str:
    if not gap:
        return "la même part propre"
    return f"{display_euros(abs(gap))} HT de {'plus' if gap > 0 else 'moins'} à sa charge"
