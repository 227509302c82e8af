"""Every figure of the plan that is a link equals the sum of the rows of the list it opens, page after page, to the cent."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import time_machine
from django.test import Client
from django.test.html import Element, parse_html
from django.urls import resolve

from governance import services, tasks
from governance.models import Authorisation, ProgrammePhase
from plan_numerique.shared.money import display_euros, round_ratio
from plan_numerique.web.templatetags.web import integer
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.credits import decision
from tests.factories.equipment import DeviceFactory
from tests.factories.governance_comparison import two_paces
from tests.factories.subsidies import granted


def a_chain(plan: Any, authorisation: Authorisation | None, year: int, ht: int, **values: Any) -> None:
    """A commitment, its invoice, a payment of a part of it and a credit note."""
    amounts = (("commitment", ht), ("invoice", ht - 10_033), ("payment", ht - 20_001), ("payment", -1_003))
    for stage, cents in amounts:
        row = spend.ExpenseFactory.build(
            plan=plan, authority=plan.authority, authorisation=authorisation, exercise=year, dated_on=date(year, 5, 3),
            stage=stage, ht=cents, vat=cents // 5, ttc=cents + cents // 5, **values,
        )  # fmt: skip
        services.save_expense(instance=row, by=None)


def money_of(plan: Any, school: Any) -> Authorisation:
    """An authorisation voted twice and what is spent with and without it."""
    authorisation = spend.voted(plan, {2016: 500_000, 2017: 300_000, 2018: 400_000})
    services.vote(
        authorisation=authorisation, decision=decision(1, date(2017, 6, 1)), amount=1_300_000,
        credits={2016: 500_000, 2017: 300_000, 2018: 500_000}, by=None,
    )  # fmt: skip
    authorisation = Authorisation.objects.get(pk=authorisation.pk)
    a_chain(plan, authorisation, 2016, 133_337, fctva=True, school=school)
    a_chain(plan, authorisation, 2017, 77_777, heading="câblage & réseau")
    a_chain(plan, None, 2016, 45_459, heading="")
    a_chain(plan, None, 2018, 33_331, heading="ent", section="fonctionnement")
    spend.FctvaRegimeFactory(authority=plan.authority, from_exercise=2010)
    return authorisation


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(date(2024, 9, 2), tick=False):
        yield


@pytest.fixture
def steered(authority: Any, compute: Any, django_capture_on_commit_callbacks: Any) -> SimpleNamespace:
    """A plan conducted for two years: two scenarios computed, one adopted, its first phase running, money voted and spent."""
    slow, fast = two_paces(authority)
    make.StatedPerimeterFactory(scenario=fast)
    slow.yearly_cap_ttc = 260_000
    slow.save()
    for scenario in (slow, fast):
        make.LumpSumFactory(scenario=scenario, heading="câblage & réseau", amount_ht=33_333, exercise=2017, fctva=True)
        make.RecurringCostFactory(scenario=scenario, code="ent-2", per="pupil", section="fonctionnement")
        make.FundingLineFactory(scenario=scenario, rate=101_010)
        compute(scenario)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.start_optimisation(scenario=slow, objective="pupils", seconds=5, by=None)
    services.adopt_scenario(scenario=slow, by=None)
    plan = slow.plan
    phase = ProgrammePhase.objects.filter(plan=plan).order_by("exercise")[0]
    services.start_phase(phase=phase, on=date(2016, 9, 1), by=None)
    school = slow.runs.get().schools.filter(exercise_entered=phase.exercise)[0].school
    assert school is not None
    services.record_equipped(phase=phase, schools=[school], equipped_on=date(2016, 10, 1), by=None)
    item = authority.item_types.get()
    item.life_years = 5
    item.save()
    for year in (2016, 2021, 2024):
        DeviceFactory(item_type=item, acquired_on=date(year, 5, 4), school=school)
    for amount in (100_001, 33_333):
        granted(plan, amount=amount)
    return SimpleNamespace(
        plan=plan, slow=slow, fast=fast, phase=phase, school=school, authorisation=money_of(plan, school),
        run=slow.runs.get(),
    )  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A number that is a link. `label` says where it stands: caption, head of the row, head of the column."""

    label: str
    text: str
    address: str


Row = dict[str, str]
NUMBER = re.compile(r"-?\d{1,3}(\u202f\d{3})*(,\d\d)?(\u202f€)?( sur \d+)?")
SENTENCE = re.compile(r"Voir les (\d{1,3}(?:\u202f\d{3})*) \D*")


def parts(node: Element, *names: str) -> Iterator[Element]:
    """The elements of these names below a node, in the order of the page."""
    for child in node.children:
        if isinstance(child, Element):
            if child.name in names:
                yield child
            yield from parts(child, *names)


def given(node: Element, name: str) -> str:
    return str(dict(node.attributes).get(name) or "")


def text_of(node: Element) -> str:
    words = "".join(child if isinstance(child, str) else f" {text_of(child)} " for child in node.children)
    return re.sub(r"[ \n]+", " ", words).strip()


def rows_of(table: Element) -> list[Row]:
    heads, *rows = [[text_of(cell) for cell in parts(row, "th", "td")] for row in parts(table, "tr")]
    return [dict(zip(heads, row, strict=False)) for row in rows]


def figures(page: Element) -> list[Figure]:
    """Those of the cells of tables, of the tiles (whose label is the link), and of sentences."""
    found, known = [], set()
    for table in parts(page, "table"):
        caption = " ".join(text_of(part) for part in parts(table, "caption"))
        heads = [
            text_of(cell)
            for cell in parts(next(parts(table, "tr")), "th")
            for _ in range(int(given(cell, "colspan") or 1))
        ]
        for row in parts(table, "tr"):
            cells = [cell for cell in row.children if isinstance(cell, Element)]
            for rank, cell in enumerate(cells):
                for link in parts(cell, "a"):
                    known.add(id(link))
                    label = f"{caption} / {text_of(cells[0])} / {heads[rank] if rank < len(heads) else ''}"
                    found.append(Figure(label, text_of(link), given(link, "href")))
    for tile in (part for part in parts(page, "li") if given(part, "class") == "tile"):
        name, shown = [part for part in parts(tile, "span") if given(part, "class") in ("label", "figure")]
        for link in parts(name, "a"):
            known.add(id(link))
            found.append(Figure(f"tuile / {text_of(link)} /", text_of(shown), given(link, "href")))
    for link in parts(page, "a"):
        if id(link) not in known:
            told = SENTENCE.fullmatch(text_of(link))
            found.append(Figure("texte", told[1] if told else text_of(link), given(link, "href")))
    return [figure for figure in found if NUMBER.fullmatch(figure.text)]


@dataclass(frozen=True)
class Opened:
    """A list as its export gives it, or the first table of the part of a page that a link points to."""

    client: Client
    address: str
    label: str
    rows: list[Row]


def main_of(client: Client, address: str) -> Element:
    response = client.get(address)
    assert response.status_code == 200, address
    return next(parts(parse_html(response.content.decode()), "main"))


def exported(client: Client, address: str) -> list[Row]:
    joint = "&" if urlsplit(address).query else "?"
    columns = "&columns=quantity,ht,vat,ttc" if "/lignes/" in address else ""
    response = client.get(f"{address}{joint}format=csv{columns}")
    assert response.status_code == 200, address
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def behind(client: Client, address: str) -> list[Row]:
    bare, _, fragment = address.partition("#")
    if not fragment or resolve(urlsplit(bare).path).url_name == "renewals":
        return exported(client, bare)
    part = next(part for part in parts(main_of(client, bare), "section", "article") if given(part, "id") == fragment)
    return rows_of(next(parts(part, "table")))


def cents(text: str) -> int:
    """« 1 234,50 € » or « 1234,50 »; nothing is 0."""
    digits = re.sub(r"[^\d,-]", "", text)
    return round(float(digits.replace(",", ".")) * 100) if digits else 0


def summed(rows: list[Row], column: str) -> int:
    return sum(cents(row[column]) for row in rows)


Measure = Callable[[Opened], str]


def total(column: str) -> Measure:
    return lambda found: display_euros(summed(found.rows, column))


def quantity(column: str) -> Measure:
    return lambda found: integer(summed(found.rows, column) // 100)


def count(found: Opened) -> str:
    return integer(len(found.rows))


def done(found: Opened) -> str:
    return f"{sum(row['État'] == 'Achevée' for row in found.rows)} sur {len(found.rows)}"


def spent(found: Opened) -> str:
    """The sum, or what is committed and not paid where a figure opens both."""
    if len(parse_qs(urlsplit(found.address).query).get("stage", [])) < 2:
        return display_euros(summed(found.rows, "TTC"))
    return display_euros(sum(cents(row["TTC"]) * (1 if row["Étape"] == "Engagement" else -1) for row in found.rows))


def per(column: str) -> Measure:
    """What the whole plan costs, over the classes, pupils or schools of the list."""

    def measure(found: Opened) -> str:
        whole = summed(exported(found.client, re.sub("ecoles/.*", "lignes/", found.address)), "TTC")
        return display_euros(round_ratio(whole, summed(found.rows, column) // 100 if column else len(found.rows)))

    return measure


def grants_of(found: Opened) -> list[Row]:
    """All but the last two rows: their total, and the own share."""
    return found.rows[:-2]


def granted_sum(found: Opened) -> str:
    return display_euros(summed(grants_of(found), "Montant"))


def of_funder(found: Opened) -> str:
    return display_euros(
        summed([row for row in grants_of(found) if re.search(rf"{row['Financement']}\b", found.label)], "Montant")
    )


def own_base(found: Opened) -> str:
    return display_euros(cents(found.rows[-1]["Base"]))


def own_share(found: Opened) -> str:
    return display_euros(cents(own_base(found)) - cents(granted_sum(found)))


def net_cost(found: Opened) -> str:
    ttc, grants, fctva = (cents(row["Montant"]) for row in found.rows[:3])
    return display_euros(ttc - grants - fctva)


def last_vote(found: Opened) -> str:
    return display_euros(summed([row for row in found.rows if row["Exercice"] != "Total"], "Après"))


LINES: dict[str, Measure] = {" HT": total("HT"), "TVA": total("TVA"), "": total("TTC")}
SCHOOLS: dict[str, Measure] = {
    "par classe": per("Classes"), "par élève": per("Élèves"), "par école": per(""), "Classes": quantity("Classes"),
    "Élèves": quantity("Élèves"), "": count,
}  # fmt: skip
FINANCING: dict[str, Measure] = {
    "/ Base de la part propre": own_base, "/ Part propre": own_share, "/ Total des subventions": granted_sum,
    "/ Subventions": granted_sum, "Financeur": of_funder,
}  # fmt: skip

NET_COST: dict[str, Measure] = {"Coût net": net_cost}
MEASURES: dict[tuple[str, str], dict[str, Measure]] = {
    ("home", "school_list"): {"Écoles": count},
    ("home", "schoolclass_list"): {"Classes": count, "Élèves": quantity("Élèves")},
    ("home", "device_list"): {"Appareils": count},
    ("plan_programme", "run_schools"): SCHOOLS,
    ("plan_programme", "run_lines"): LINES,
    ("plan_programme", "equippedschool_list"): {
        "/ Classes": quantity("Classes équipées"), "/ Élèves": quantity("Élèves"), "Écoles": count
    },
    ("plan_programme", "expense_list"): {"TTC": spent},
    ("plan_programme", "programmephase_list"): {"Phases achevées": done},
    ("programmeversion_detail", "run_lines"): LINES,
    ("plan_calendars", "run_lines"): {"Exercice": total("TTC")},
    ("plan_execution", "run_lines"): {"": total("TTC")},
    ("plan_execution", "expense_list"): {"": spent},
    ("plan_funding", "scenario_detail#financement"): FINANCING,
    ("plan_funding", "scenario_detail#cout-net"): {"Coût net": net_cost},
    ("renewals", "renewals#detail"): {"TTC": total("TTC")},
    ("renewals", "renewals#par-annee"): {"TTC": total("TTC")},
    ("renewals", "device_list"): {"Quantité": count},
    ("renewals", "run_lines"): {"Quantité": quantity("Quantité")},
    ("scenario_compare", "run_lines"): LINES,
    ("scenario_compare", "run_schools"): SCHOOLS,
    ("scenario_compare", "run_detail#financement"): FINANCING,
    ("scenario_compare", "run_detail#cout-net"): {"Coût net": net_cost},
    ("authorisation_detail", "expense_list"): {"Engagé": spent, "Payé": spent},
    ("authorisation_detail", "authorisation_detail#versions"): {"Voté": last_vote},
    ("authorisation_detail", "authorisation_detail#engagements"): {"Engagé": total("TTC")},
    ("authorisation_detail", "authorisation_detail#paiements"): {"Payé": total("TTC")},
    ("optimisation_detail", "optimisation_places"): {"Élèves": quantity("Élèves"), "Écoles": count},
    ("scenario_data", "scenarioschool_list"): {"texte": count},
    **{
        (page, of): measures
        for page in ("scenario_detail", "run_detail")
        for of, measures in (
            ("run_lines", LINES), ("run_schools", SCHOOLS), (f"{page}#financement", FINANCING), (f"{page}#cout-net", NET_COST),
        )
    },
}  # fmt: skip
"""(page, list, or part of a page): {words of the label: what the rows come to}. The first words that are there."""


def expected(client: Client, page: str, figure: Figure, lists: dict[str, list[Row]]) -> str:
    address = urljoin(page, figure.address)
    fragment = urlsplit(address).fragment
    to = f"{resolve(urlsplit(address).path).url_name}{f'#{fragment}' if fragment else ''}"
    known = MEASURES.get((str(resolve(urlsplit(page).path).url_name), to), {})
    for words, measure in known.items():
        if words in figure.label:
            if address not in lists:
                lists[address] = behind(client, address)
            try:
                return measure(Opened(client, address, figure.label, lists[address]))
            except KeyError as missing:
                return f"pas de colonne {missing} dans {[*lists[address][0]]}"
    return f"rien ne dit à quoi comparer {figure.label} -> {to}"


def pages(world: SimpleNamespace) -> list[str]:
    plan, slow, fast = world.plan, world.slow, world.fast
    found = [f"/plans/{plan.pk}/{name}" for name in ("", *PLAN_PAGES)]
    found += [
        f"/scenarios/{row.pk}/{name}" for row in (slow, fast) for name in ("", "donnees/", "calculs/", "optimisations/")
    ]
    found += [
        "/", "/renouvellements/", f"/calculs/{world.run.pk}/", f"/scenarios/comparer/?s={slow.pk}&s={fast.pk}",
        f"/scenarios/{fast.pk}/tableau/", f"/autorisations/{world.authorisation.pk}/", f"/phases-du-programme/{world.phase.pk}/",
        f"/optimisations/{slow.optimisations.get().pk}/", f"/programmes/{plan.programme_versions.get().pk}/",
        f"/depenses/{plan.expenses.order_by('pk')[0].pk}/", f"/subventions/{plan.subsidies.order_by('pk')[0].pk}/", *LISTS,
    ]  # fmt: skip
    return found


PLAN_PAGES = ("programme/", "credits/", "calendriers/", "execution/", "financement/", "documents/")
LISTS = (
    "/plans/", "/scenarios/", "/programmes/", "/phases-du-programme/", "/ecoles-equipees/", "/autorisations/",
    "/autorisations/votes/", "/depenses/", "/subventions/", "/optimisations/", "/calculs/", "/perimetres/", "/financeurs/",
)  # fmt: skip


@pytest.mark.parametrize("role", ["finance", "elected"])
def test_every_figure_is_the_sum_of_what_it_opens(client_as: Any, steered: SimpleNamespace, role: str) -> None:
    client, walked = client_as(role), 0
    lists: dict[str, list[Row]] = {}
    wrong: list[tuple[str, ...]] = []
    for page in pages(steered):
        for figure in figures(main_of(client, page)):
            walked += 1
            found = expected(client, page, figure, lists)
            if found != figure.text:
                wrong.append((page, figure.label, figure.address, figure.text, found))
    assert not wrong, "\n".join(map(str, wrong))
    assert walked > 250
