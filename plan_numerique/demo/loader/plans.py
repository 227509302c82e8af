"""Plans, scenarios, funders, partners, conventions and committees."""

from collections.abc import Callable
from typing import Any

from equipment.models import RuleSet
from governance.models import (
    AnnouncedAmount,
    Authorisation,
    Committee,
    Convention,
    ConventionCommitment,
    Funder,
    FundingLine,
    LumpSum,
    Partner,
    Phase,
    Plan,
    PlanCommitment,
    RecurringCost,
    Scenario,
    ScenarioPhase,
    ScenarioSchool,
    Seat,
)
from governance.services import rows as services
from governance.services import scenarios
from plan_numerique.accounts.models import Authority
from plan_numerique.audit import services as audit
from plan_numerique.demo.loader import files
from plan_numerique.demo.loader.catalogue import rules_of_document
from plan_numerique.demo.loader.files import cents, rate, text
from schools.models import School

STATES = {"done": "done", "current": "running", "planned": "prepared"}
NATURES = {"realised": "realised", "announced": "announced", "simulation": "simulation"}
TOPICS = {"trigger_commune": "trigger", "trigger_education_nationale": "trigger"}
FUNDER_KINDS = {"eu": "europe", "state": "state", "region": "region", "department": "department"}
PARTNER_KINDS = {"region": "authority", "epci": "authority"}
CONVENTION_STATES = {"to_present": "draft", "approved": "authorised", "authorised": "authorised"}
DOMAINS = (
    ("Maintenance", "maintenance"),
    ("Assurance", "insurance"),
    ("Mise en sécurité", "insurance"),
    ("travaux", "works"),
    ("internet", "connection"),
    ("Pilotage", "steering"),
    ("Formation", "training"),
    ("Acquisition", "equipment"),
)
SIMULATION = "Simulation : les prix unitaires sont des hypothèses, sans valeur de marché."


def load_governance(
    authority: Authority, data: dict[str, Any], schools: dict[str, School], rule_set: RuleSet | None
) -> list[Scenario]:
    governance = data["governance"]
    funders = {row["code"]: _funder(authority, row) for row in governance["funders"]}
    partners = {row["name"]: _partner(authority, row) for row in governance["partners"]}
    for row in governance["conventions"]:
        _convention(authority, row, partners, schools, governance["responsibilities"])
    for row in governance["committees"]:
        _committee(authority, row)
    return [
        scenario
        for row in governance["plans"]
        for scenario in _scenarios(_plan(authority, row), row, schools, rule_set, funders)
    ]


def _plan(authority: Authority, row: dict[str, Any]) -> Plan:
    period = row["period"]
    plan = services.save_owned(
        instance=Plan(
            authority=authority,
            name=row["name"],
            starts=period["start"],
            ends=period["end"],
            period=period["label"],
            state=STATES.get(row["phases"][-1]["state"], "prepared") if row["phases"] else "prepared",
            summary=row.get("summary") or "",
            objectives="\n".join(row["objectives"]),
            source=row["source"],
        ),
        by=None,
    )
    _phases(plan, row)
    _commitments(plan, row)
    _authorisations(plan, row)
    return plan


def _phases(plan: Plan, row: dict[str, Any]) -> None:
    for position, phase in enumerate(row["phases"], start=1):
        part = Phase(
            plan=plan,
            position=position,
            label=phase["name"],
            starts=phase["start"],
            ends=phase["end"],
            state=STATES[phase["state"]],
            description=phase.get("note") or "",
            source=phase["source"],
            quote=phase["quote"],
        )
        services.save_plan_part(instance=part, by=None)


def _authorisations(plan: Plan, row: dict[str, Any]) -> None:
    for item in row.get("authorisations") or []:
        part = Authorisation(
            plan=plan,
            code=item["code"],
            label=item["label"],
            section=item["section"],
            amount=cents(item["amount"]),
            first_exercise=item["exercises"][0],
            last_exercise=item["exercises"][-1],
            note=text(item.get("note"), "La source ne dit ni HT ni TTC." if item["tax_basis"] == "unknown" else ""),
            source=item["source"],
            quote=text(item["quote"], item.get("managed_quote")),
        )
        services.save_plan_part(instance=part, by=None)


def _commitments(plan: Plan, row: dict[str, Any]) -> None:
    method = [{"topic": "method", "text": line, "source": row["source"], "quote": ""} for line in row["method"]]
    for position, item in enumerate([*row["commitments"], *method], start=1):
        part = PlanCommitment(
            plan=plan,
            position=position,
            topic=TOPICS.get(item["topic"], item["topic"]),
            text=item["text"],
            source=item.get("source") or "",
            quote=item.get("quote") or "",
        )
        services.save_plan_part(instance=part, by=None)


def _scenarios(
    plan: Plan, row: dict[str, Any], schools: dict[str, School], rule_set: RuleSet | None, funders: dict[str, Funder]
) -> list[Scenario]:
    return [
        _scenario(plan, row, item, files.read(item["document"]), schools, rule_set, funders)
        for item in row["scenarios"]
    ]


def _scenario(
    plan: Plan,
    row: dict[str, Any],
    item: dict[str, Any],
    document: dict[str, Any],
    schools: dict[str, School],
    rule_set: RuleSet | None,
    funders: dict[str, Funder],
) -> Scenario:
    simulated = item["status"] == "simulation"
    if document.get("rules") and not simulated:
        rule_set = rules_of_document(plan.authority, item["name"], document, row["source"])
    fctva = document.get("fctva")
    scenario = scenarios.save_scenario(
        instance=Scenario(
            plan=plan,
            name=item["name"],
            hypothesis="\n".join(item["notes"]),
            nature=NATURES[item["status"]],
            strategy="by_level" if any(phase.get("levels") for phase in document.get("phases", [])) else "by_school",
            first_exercise=document["exercises"][0],
            last_exercise=document["exercises"][-1],
            school_year=2022 if simulated else None,
            rule_set=rule_set if document.get("rules") else None,
            price_revision_rate=rate(document.get("price_revision_rate")),
            yearly_cap_ttc=cents(document.get("yearly_cap_ttc")),
            fctva_rate=rate(fctva["rate"]) if fctva else None,
            fctva_lag_years=fctva["lag_years"] if fctva else 2,
            simulation_notice=SIMULATION if simulated else "",
            source=row["source"],
        ),
        by=None,
    )
    _perimeter(scenario, document, schools)
    _costs(scenario, document, schools, row["source"])
    _funding(scenario, document, funders)
    _announced(scenario, item)
    return scenario


def _perimeter(scenario: Scenario, document: dict[str, Any], schools: dict[str, School]) -> None:
    places = [
        ScenarioSchool(scenario=scenario, school=schools[row["id"]], priority_rank=row.get("priority_rank"))
        for row in document.get("schools", [])
    ]
    audit.create_many(instances=places, by=None, authority=scenario.plan.authority, label="Périmètre du scénario")
    for position, row in enumerate(document.get("phases", []), start=1):
        phase = ScenarioPhase(
            scenario=scenario,
            position=position,
            exercise=row["exercise"],
            covers_all=row.get("all", False),
            levels=row.get("levels", []),
        )
        named = [schools[uai] for uai in row.get("schools", [])]
        services.save_scenario_part(instance=phase, by=None, m2m={"schools": named})


def _costs(scenario: Scenario, document: dict[str, Any], schools: dict[str, School], source: str) -> None:
    for row in document.get("lump_sums", []):
        lump_sum = LumpSum(
            scenario=scenario,
            code=row["id"],
            label=row["label"],
            heading=row["heading"],
            section=row["section"],
            account=row.get("account", ""),
            amount_ht=cents(row["amount_ht"]),
            vat_rate=rate(row["vat_rate"]),
            exercise=row["exercise"],
            fctva=row.get("fctva", False),
            source=source,
        )
        services.save_scenario_part(instance=lump_sum, by=None)
    for row in document.get("recurring", []):
        recurring = RecurringCost(
            scenario=scenario,
            code=row["id"],
            label=row["label"],
            per=row["per"],
            unit_price_ht=cents(row["unit_price_ht"]),
            vat_rate=rate(row["vat_rate"]),
            heading=row["heading"],
            section=row["section"],
            account=row.get("account", ""),
            payer=row.get("payer", ""),
            exercises=row.get("exercises", []),
            source=source,
        )
        named = [schools[uai] for uai in row.get("schools", [])]
        services.save_scenario_part(instance=recurring, by=None, m2m={"schools": named})


def _funding(scenario: Scenario, document: dict[str, Any], funders: dict[str, Funder]) -> None:
    for position, row in enumerate(document.get("funding", []), start=1):
        line = FundingLine(
            scenario=scenario,
            position=position,
            code=row["id"],
            funder=funders[row["id"]],
            base=row.get("base", "ht"),
            headings=row.get("headings", []),
            sections=row.get("sections", []),
            rate=rate(row["rate"]) if row.get("rate") else None,
            amount=cents(row.get("amount")),
            source=funders[row["id"]].source,
        )
        services.save_scenario_part(instance=line, by=None)


def _announced(scenario: Scenario, item: dict[str, Any]) -> None:
    for position, row in enumerate(item["announced"], start=1):
        amount = AnnouncedAmount(
            scenario=scenario,
            position=position,
            key=row["key"],
            label=_announced_label(scenario, row["key"]),
            amount=cents(row["amount"]),
            approximate=bool(row["approximate"]),
            source=row["source"],
            quote=row["quote"],
        )
        services.save_scenario_part(instance=amount, by=None)


def _announced_label(scenario: Scenario, key: str) -> str:
    table, _, name = key.partition(".")
    if table == "grants":
        return f"Subvention : {scenario.funding_lines.select_related('funder').get(code=name).funder}"
    return {"totals.ht": "Total HT", "totals.vat": "TVA", "totals.ttc": "Total TTC"}.get(key, "")


def _funder(authority: Authority, row: dict[str, Any]) -> Funder:
    funder = Funder(
        authority=authority,
        name=row["name"],
        kind=FUNDER_KINDS[row["kind"]],
        frame=row.get("frame") or "",
        note=row.get("note") or "",
        source=row["source"],
    )
    saved: Funder = services.save_owned(instance=funder, by=None)
    return saved


def _partner(authority: Authority, row: dict[str, Any]) -> Partner:
    partner = Partner(
        authority=authority, name=row["name"], kind=PARTNER_KINDS.get(row["kind"], row["kind"]), source=row["source"]
    )
    saved: Partner = services.save_owned(instance=partner, by=None)
    return saved


def _convention(
    authority: Authority,
    row: dict[str, Any],
    partners: dict[str, Partner],
    schools: dict[str, School],
    responsibilities: list[dict[str, Any]],
) -> None:
    parties = [name for name in row["parties"] if name not in partners]
    convention = services.save_convention(
        instance=Convention(
            authority=authority,
            title=row["name"][:200],
            other_parties=text(" ; ".join(parties), limit=250),
            purpose=row["object"] or "",
            state=CONVENTION_STATES[row["state"]],
            school_year=files.school_year(row["school_year"]),
            approved_on=row["approved_on"],
            signed_on=row["signed_on"],
            note=text(row.get("note"), row.get("state_quote")),
            source=row["source"],
            quote=row["quote"],
        ),
        by=None,
        m2m={
            "partners": [partners[name] for name in row["parties"] if name in partners],
            "schools": [schools[uai] for uai in row["schools"]],
        },
    )
    if authority.kind == "epci" and not convention.commitments.exists():
        _responsibilities(convention, responsibilities)


def _responsibilities(convention: Convention, rows: list[dict[str, Any]]) -> None:
    position = 0
    for row in rows:
        for task in row["tasks"]:
            position += 1
            commitment = ConventionCommitment(
                convention=convention,
                position=position,
                party=row["actor"],
                domain=next((domain for word, domain in DOMAINS if word.lower() in task.lower()), "other"),
                text=task,
                source=row["source"],
                quote=row["quote"],
            )
            services.save_convention_part(instance=commitment, by=None)


def _committee(authority: Authority, row: dict[str, Any]) -> None:
    frequency: dict[str, Any] = row["frequency"] or {}
    save: Callable[..., Any] = services.save_owned
    committee = save(
        instance=Committee(
            authority=authority,
            name=row["name"],
            kind=row["kind"],
            role="\n".join(row["roles"]),
            frequency=frequency.get("label") or "",
            meetings_per_year_min=frequency.get("meetings_per_year_min"),
            meetings_per_year_max=frequency.get("meetings_per_year_max"),
            source=row["source"],
            quote=row["quote"],
        ),
        by=None,
    )
    for position, college in enumerate(row["colleges"], start=1):
        services.save_committee_part(
            instance=Seat(committee=committee, position=position, college=college["label"]), by=None
        )
