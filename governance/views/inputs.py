"""The data of a scenario as tables, section by section."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from governance.models import FundingLine, RecurringCost, Scenario, ScenarioPhase
from governance.queries.results import heading_label, heading_labels
from governance.services.wording import announced_label
from governance.views.sections import Editing, Rows, columns
from plan_numerique.shared.money import display_euros, parse_cents, parse_rate
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.templatetags.web import integer, rate, yes_no

SHOWN_SCHOOLS = 15


def input_sections(scenario: Scenario, editing: Editing) -> list[Rows]:
    labels = heading_labels(scenario.plan.authority_id)
    return [
        _perimeter(scenario, editing),
        _stated(scenario, editing),
        _phases(scenario, editing),
        _caps(scenario, editing),
        _lump_sums(scenario, editing, labels),
        _recurring(scenario, editing, labels),
        _funding(scenario, editing, labels),
        _announced(scenario, editing),
    ]


def _perimeter(scenario: Scenario, editing: Editing) -> Rows:
    places = scenario.perimeter.select_related("school__commune")
    count = places.count()
    rows = [
        editing.row(
            "scenarioschool",
            place.pk,
            (
                place.school,
                place.school.uai,
                place.school.commune,
                place.school.get_kind_display(),
                integer(place.priority_rank),
                place.group or "—",
            ),
            reverse("schools:school_detail", args=[place.school_id]),
        )
        for place in places.order_by("priority_rank", "school__name", "pk")[:SHOWN_SCHOOLS]
    ]
    more = f"{reverse('governance:scenarioschool_list')}?scenario={scenario.pk}" if count else ""
    return Rows(
        "perimetre",
        "Périmètre",
        columns("École", "UAI", "Commune", "Type", "#Rang de priorité", "Groupe"),
        rows,
        editing.add("scenarioschool"),
        "Ajouter une école",
        empty="Aucune école : les montants globaux et les coûts du plan se calculent sans périmètre.",
        more_url=more,
        more_label=f"Voir les {integer(count)} écoles" if count > 1 else "Voir l'école",
    )


def _stated(scenario: Scenario, editing: Editing) -> Rows:
    rows = [
        editing.row(
            "statedperimeter",
            row.pk,
            (
                row.label,
                row.get_kind_display(),
                integer(row.schools_count),
                integer(row.pupils),
                format_html('<span class="badge" data-tone="warning">{}</span>', "total annoncé"),
                row.source,
            ),
        )
        for row in scenario.stated_perimeters.order_by("code")
    ]
    return Rows(
        "perimetre-annonce",
        "Écoles connues en total seulement",
        columns("Intitulé", "Type", "#Écoles", "#Élèves", "Nature", "Source"),
        rows,
        editing.add("statedperimeter"),
        "Ajouter un total",
        empty="Aucun : toutes les écoles du scénario sont connues une à une.",
    )


def _phases(scenario: Scenario, editing: Editing) -> Rows:
    rows = [
        editing.row("scenariophase", phase.pk, (str(phase.exercise), _served(phase), _reached(phase)))
        for phase in scenario.phases.prefetch_related("schools", "classes__school").order_by("position", "pk")
    ]
    return Rows(
        "phases",
        "Montée en charge",
        columns("Exercice", "Rentrée servie", "Qui entre"),
        rows,
        editing.add("scenariophase"),
        "Ajouter une phase",
        empty="Aucune phase : aucune classe n'est équipée par les règles de dotation.",
    )


def _reached(phase: ScenarioPhase) -> str:
    names = [str(school) for school in phase.schools.all()]
    shown = ", ".join(names[:6]) + (f" et {len(names) - 6} autres écoles" if len(names) > 6 else "")
    parts = ["tout le périmètre"] if phase.covers_all else []
    parts += [f"niveaux {', '.join(phase.levels)}"] if phase.levels else []
    classes = [str(each) for each in phase.classes.all()]
    parts += [f"{len(classes)} classes : {', '.join(classes[:6])}{'…' if len(classes) > 6 else ''}"] if classes else []
    return " ; ".join([*parts, *([shown] if names else [])]) or "personne"


def _served(phase: ScenarioPhase) -> str:
    return school_year_label(phase.school_year) if phase.school_year else "celle de l'exercice"


def _caps(scenario: Scenario, editing: Editing) -> Rows:
    rows = [
        editing.row("scenariocap", cap.pk, (str(cap.exercise), display_euros(cap.amount)))
        for cap in scenario.caps.order_by("exercise")
    ]
    every = scenario.yearly_cap_ttc
    return Rows(
        "plafonds",
        "Plafonds par exercice",
        columns("Exercice", "#Plafond TTC"),
        rows,
        editing.add("scenariocap"),
        "Ajouter un plafond",
        empty="Aucun plafond propre à un exercice.",
        note=f"Plafond de chaque exercice sans plafond propre : {display_euros(every)} TTC."
        if every is not None
        else "",
    )


def _lump_sums(scenario: Scenario, editing: Editing, labels: dict[str, str]) -> Rows:
    rows = [
        editing.row(
            "lumpsum",
            row.pk,
            (
                row.label,
                str(row.exercise),
                heading_label(row.heading, labels),
                row.get_section_display(),
                row.account or "—",
                display_euros(row.amount_ht),
                rate(row.vat_rate),
                yes_no(row.fctva),
            ),
        )
        for row in scenario.lump_sums.order_by("exercise", "code")
    ]
    heads = columns("Intitulé", "Exercice", "Poste", "Section", "Compte", "#Montant HT", "#TVA", "FCTVA")
    return Rows(
        "montants",
        "Montants globaux",
        heads,
        rows,
        editing.add("lumpsum"),
        "Ajouter un montant",
        "Aucun montant global.",
    )


def _recurring(scenario: Scenario, editing: Editing, labels: dict[str, str]) -> Rows:
    rows = [
        editing.row(
            "recurringcost",
            row.pk,
            (
                row.label,
                f"{display_euros(row.unit_price_ht)} {row.get_per_display()}",
                rate(row.vat_rate),
                heading_label(row.heading, labels),
                row.get_section_display(),
                ", ".join(map(str, row.exercises)) or "tous",
                _for_whom(row),
                row.payer or "—",
            ),
        )
        for row in scenario.recurring_costs.prefetch_related("schools").order_by("code")
    ]
    heads = columns("Intitulé", "#Prix HT par an", "#TVA", "Poste", "Section", "Exercices", "Écoles", "Payeur")
    return Rows(
        "recurrents",
        "Coûts récurrents",
        heads,
        rows,
        editing.add("recurringcost"),
        "Ajouter un coût",
        "Aucun coût récurrent.",
    )


def _for_whom(row: RecurringCost) -> str:
    count = len(row.schools.all())
    return f"{count} école{'s' if count > 1 else ''}" if count else "toutes"


def _funding(scenario: Scenario, editing: Editing, labels: dict[str, str]) -> Rows:
    rows = [
        editing.row(
            "fundingline",
            row.pk,
            (
                row.funder,
                ", ".join(
                    [row.get_base_display(), *row.sections, *(heading_label(code, labels) for code in row.headings)]
                ),
                funding_rule(row),
                row.get_state_display(),
                row.source or "—",
            ),
            reverse("governance:funder_detail", args=[row.funder_id]),
        )
        for row in scenario.funding_lines.select_related("funder").order_by("position", "pk")
    ]
    return Rows(
        "financeurs",
        "Financements attendus",
        columns("Financeur", "Assiette", "Calcul", "État", "Source"),
        rows,
        editing.add("fundingline"),
        "Ajouter un financement",
        empty="Aucun financement attendu.",
        note="La part propre n'est jamais saisie : elle est le solde.",
        more_url=reverse("governance:scenario_presets", args=[scenario.pk]) if editing.allowed else "",
        more_label="Ajouter depuis un dispositif",
    )


def funding_rule(line: FundingLine) -> str:
    if line.rate is not None:
        share = f"{rate(line.rate)} de la base"
    elif line.amount is not None:
        share = display_euros(line.amount)
    else:
        share = ", puis ".join(_tier(tier) for tier in line.tiers)
    bounds = (("au moins", line.minimum), ("au plus", line.cap))
    return " ; ".join([share, *(f"{word} {display_euros(cents)}" for word, cents in bounds if cents is not None)])


def _tier(tier: dict[str, Any]) -> str:
    bound = "" if tier["up_to"] is None else f" jusqu'à {display_euros(parse_cents(tier['up_to']))}"
    return rate(parse_rate(tier["rate"])) + bound


def _announced(scenario: Scenario, editing: Editing) -> Rows:
    funders = dict(scenario.funding_lines.values_list("code", "funder__name"))
    rows = [
        editing.row(
            "announcedamount",
            row.pk,
            (
                row.label or announced_label(row.key, funders),
                announced_label(row.key, funders),
                f"{'environ ' if row.approximate else ''}{display_euros(row.amount)}",
                row.source or "—",
            ),
        )
        for row in scenario.announced_amounts.order_by("position", "pk")
    ]
    return Rows(
        "annonces",
        "Montants annoncés",
        columns("Montant", "Désigne", "#Annoncé", "Source"),
        rows,
        editing.add("announcedamount"),
        "Ajouter un montant annoncé",
        empty="Aucun montant annoncé.",
        note="Jamais utilisés par le calcul : gardés à côté du montant calculé, avec leur écart.",
    )
