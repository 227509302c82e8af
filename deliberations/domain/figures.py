"""Figures of the plan that an act writes as [[clé]]: what may be named, where a text names them, and how each reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from plan_numerique.shared.money import display_euros

NAMED = re.compile(r"\[\[([^\[\]\n]*)\]\]")
NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class Figure:
    """`block` ones are tables: they stand by themselves and are written in HTML."""

    label: str
    block: bool = False


FIGURES: Mapping[str, Figure] = {
    "montant-ht": Figure("Montant hors taxes"),
    "montant-tva": Figure("Montant de la TVA"),
    "montant-ttc": Figure("Montant toutes taxes comprises"),
    "subventions": Figure("Total des subventions attendues"),
    "part-propre": Figure("Part propre hors taxes"),
    "taux-part-propre": Figure("Taux de la part propre"),
    "fctva": Figure("FCTVA attendu"),
    "cout-net": Figure("Coût net"),
    "credits-de-paiement": Figure("Total des crédits de paiement"),
    "autorisation-votee": Figure("Autorisation de programme votée"),
    "ecoles": Figure("Nombre d'écoles"),
    "classes": Figure("Nombre de classes"),
    "eleves": Figure("Nombre d'élèves"),
    "exercices": Figure("Exercices budgétaires"),
    "plan": Figure("Nom du plan"),
    "scenario": Figure("Nom du scénario"),
    "tableau-financement": Figure("Plan de financement, tableau", block=True),
    "tableau-exercices": Figure("Dépenses par exercice, tableau", block=True),
    "tableau-credits": Figure("Crédits de paiement par exercice, tableau", block=True),
    "tableau-revision": Figure("Crédits votés, payés et nouveaux par exercice, tableau", block=True),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """Cents; `share` of the base, in ten-thousandths of a percent."""

    funder: str
    amount: int
    share: int | None


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Of one run; amounts in cents, rates in ten-thousandths of a percent. `years`: (exercise, HT, TTC, schools);
    `credits`: (exercise, TTC); `voted`: (exercise, credits of the authorisations voted so far, paid on them)."""

    plan: str
    scenario: str
    ht: int
    vat: int
    ttc: int
    grants_total: int
    own: int
    own_rate: int | None
    base: int
    fctva: int
    net: int
    schools: int
    classes: int
    pupils: int
    grants: Sequence[Grant] = field(default=())
    years: Sequence[tuple[int, int, int, int]] = field(default=())
    credits: Sequence[tuple[int, int]] = field(default=())
    voted: Sequence[tuple[int, int, int]] = field(default=())


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `key` is what stands between the brackets, and then `text` is the whole of it with them."""

    text: str
    key: str | None = None


def parts_of(text: str) -> list[Part]:
    """Joined again, they give the text."""
    parts, end = [], 0
    for found in NAMED.finditer(text):
        if found.start() > end:
            parts.append(Part(text[end : found.start()]))
        parts.append(Part(found[0], found[1]))
        end = found.end()
    return [*parts, Part(text[end:])] if end < len(text) else parts


def keys_in(text: str) -> list[str]:
    """Each once, in the order of the text, known or not."""
    return list(dict.fromkeys(part.key for part in parts_of(text) if part.key is not None))


def unknown_keys(text: str) -> list[str]:
    return [key for key in keys_in(text) if key not in FIGURES]


def resolve_html(html: str, figures: Mapping[str, str]) -> str:
    """In HTML already escaped; a figure that is not known yet stays between brackets, by its name."""
    return "".join(part.text if part.key is None else _shown(part.key, figures) for part in parts_of(html))


def _shown(key: str, figures: Mapping[str, str]) -> str:
    known = FIGURES.get(key)
    if known is None:
        return f"[[{key}]]"
    text = figures.get(key)
    if not text:
        return f"<strong>[{escape(known.label)} : pas encore calculé]</strong>"
    return text if known.block else escape(text)


def resolve_text(text: str, figures: Mapping[str, str]) -> str:
    """In plain text; tables and unknown figures are named between brackets."""
    return "".join(part.text if part.key is None else _named(part.key, figures) for part in parts_of(text))


def _named(key: str, figures: Mapping[str, str]) -> str:
    known = FIGURES.get(key)
    text = figures.get(key)
    return text if known is not None and text and not known.block else f"[{known.label if known else key}]"


def texts_of(plan: PlanFigures) -> dict[str, str]:
    """Every figure as an act writes it: plain text, or HTML for the tables."""
    years = [year for year, *_ in plan.years]
    return {
        "montant-ht": display_euros(plan.ht),
        "montant-tva": display_euros(plan.vat),
        "montant-ttc": display_euros(plan.ttc),
        "subventions": display_euros(plan.grants_total),
        "part-propre": display_euros(plan.own),
        "taux-part-propre": _rate(plan.own_rate),
        "fctva": display_euros(plan.fctva),
        "cout-net": display_euros(plan.net),
        "credits-de-paiement": display_euros(sum(amount for _, amount in plan.credits)),
        "autorisation-votee": display_euros(sum(voted for _, voted, _ in plan.voted)) if plan.voted else "",
        "ecoles": _count(plan.schools),
        "classes": _count(plan.classes),
        "eleves": _count(plan.pupils),
        "exercices": _span(years),
        "plan": plan.plan,
        "scenario": plan.scenario,
        "tableau-financement": _financing(plan),
        "tableau-exercices": _years(plan),
        "tableau-credits": _credits(plan),
        "tableau-revision": _revision(plan),
    }


def _count(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def _rate(value: int | None) -> str:
    """200 000 is « 20 % »."""
    if value is None:
        return ""
    whole, rest = divmod(abs(value), 10_000)
    digits = f"{rest:04d}".rstrip("0")
    return f"{'-' * (value < 0)}{whole}{',' * bool(digits)}{digits}{NARROW}%"


def _span(years: Sequence[int]) -> str:
    if not years:
        return ""
    return str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}"


def _financing(plan: PlanFigures) -> str:
    rows = [(grant.funder, display_euros(grant.amount), _rate(grant.share) or "—") for grant in plan.grants]
    rows.append(("Part propre de la collectivité", display_euros(plan.own), _rate(plan.own_rate) or "—"))
    total = ("Total hors taxes", display_euros(plan.base), _rate(1_000_000) if plan.base else "—")
    return _table("Plan de financement (montants hors taxes)", ("Financement", "Montant", "Part"), [*rows, total])


def _years(plan: PlanFigures) -> str:
    rows = [
        (str(year), _count(schools), display_euros(ht), display_euros(ttc)) for year, ht, ttc, schools in plan.years
    ]
    total = ("Total", _count(plan.schools), display_euros(plan.ht), display_euros(plan.ttc))
    head = ("Exercice", "Écoles équipées", "Montant HT", "Montant TTC")
    return _table("Dépenses par exercice budgétaire", head, [*rows, total])


def _credits(plan: PlanFigures) -> str:
    rows = [(str(year), display_euros(amount)) for year, amount in plan.credits]
    total = ("Total", display_euros(sum(amount for _, amount in plan.credits)))
    head = ("Exercice", "Crédits de paiement TTC")
    return _table("Crédits de paiement par exercice", head, [*rows, total]) if rows else ""


def _revision(plan: PlanFigures) -> str:
    """Empty where nothing was voted, or nothing is computed: there is no revision to tell."""
    new, held = dict(plan.credits), {year: (voted, paid) for year, voted, paid in plan.voted}
    if not (new and held):
        return ""
    figures = [(year, *held.get(year, (0, 0)), new.get(year, 0)) for year in sorted(new.keys() | held.keys())]
    rows = [(str(year), *map(display_euros, cents)) for year, *cents in figures]
    total = ("Total", *(display_euros(sum(column)) for column in list(zip(*figures, strict=True))[1:]))
    head = ("Exercice", "Crédits votés", "Payé", "Nouveaux crédits")
    return _table("Révision des crédits de paiement par exercice, montants TTC", head, [*rows, total])


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The last row is the total. Only what a clean text may hold (queries.rich)."""
    first = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{_cells(row, strong=row is rows[-1])}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str], *, strong: bool) -> str:
    held = [f"<strong>{escape(cell)}</strong>" if strong else escape(cell) for cell in row]
    return f'<th scope="row">{held[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in held[1:])
