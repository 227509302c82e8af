"""The money of the plans, once their budgets are computed: headings, grants the sources hope for, and, for the simulation
only, credits and expenses made up to show the pages, each of which says so."""

from datetime import date

from django.db import transaction

from governance import services
from governance.enums import ExpenseStage, FunderKind, SubsidyState
from governance.models import (
    Authorisation,
    BudgetLine,
    BudgetRun,
    Expense,
    FctvaRegime,
    Funder,
    FundingLine,
    Heading,
    Plan,
    Subsidy,
)
from governance.queries import latest_run
from governance.services import reference, subsidies
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.services import action

SIMULATED = "Simulation : fabriqué pour la démonstration"
LABELS = {"equipement": "Équipement", "ENT": "Espace numérique de travail"}
SIMULATION = "rennes"
VOTED_ON = {
    "metz": date(2015, 11, 26),
    "saint-etienne-metropole": date(2016, 6, 30),
}  # the acts that hope for the grants
HYPOTHESIS = "Hypothèse État 25 %"  # what Metz asks for; the other scenario counts on less


@transaction.atomic
def load_steering(authority: Authority) -> bool:
    """False where it is there already."""
    if Heading.objects.filter(authority=authority).exists() or not Plan.objects.filter(authority=authority).exists():
        return False
    with action("demo.steered", "Crédits et subventions de la démonstration", by=None, authority=authority):
        _headings(authority)
        _grants(authority)
        if authority.slug == SIMULATION:
            _simulated(Plan.objects.select_related("authority").get(authority=authority))
    return True


def _headings(authority: Authority) -> None:
    lines = BudgetLine.objects.filter(run__scenario__plan__authority=authority).order_by()
    for code, section in sorted(set(lines.values_list("heading", "section"))):
        accounts = set(lines.filter(heading=code, section=section).values_list("account", flat=True))
        reference.save_heading(
            instance=Heading(
                authority=authority,
                code=code,
                label=LABELS.get(code, code[:1].upper() + code[1:]),
                section=section,
                account=accounts.pop() if len(accounts) == 1 else "",
                source="Classement du produit",
            ),
            by=None,
        )


def _grants(authority: Authority) -> None:
    """Each funder a source names, as far as it goes: hoped for, with the amount it prints where it prints one."""
    for funder in Funder.objects.filter(authority=authority).order_by("pk"):
        plan = Plan.objects.filter(authority=authority).order_by("pk")[0]
        line = FundingLine.objects.filter(funder=funder, scenario__name=HYPOTHESIS).first()
        run = latest_run(line.scenario) if line else None
        row = run.grant_rows.filter(code=line.code).first() if run and line else None
        subsidies.save_subsidy(
            instance=Subsidy(
                plan=plan,
                funder=funder,
                funding_line=line,
                label=f"{plan.name} : {funder.name}"[:200],
                eligible_base=row.base if row else None,
                rate=line.rate if line else None,
                source=funder.source,
            ),
            by=None,
            since=VOTED_ON.get(authority.slug),
        )


def _simulated(plan: Plan) -> None:
    scenario = plan.scenarios.filter(yearly_cap_ttc__isnull=False).order_by("pk")[0]
    run = latest_run(scenario)
    assert run is not None
    services.save_owned(
        instance=FctvaRegime(authority=plan.authority, from_exercise=2023, lag_years=2, source="CGCT, L1615-6"), by=None
    )
    _expenses(run, _authorisation(plan, run))
    _granted(plan, run)


def _authorisation(plan: Plan, run: BudgetRun) -> Authorisation:
    credits = dict(run.credits.order_by("exercise").values_list("exercise", "ttc"))
    years = sorted(credits)
    authorisation = services.save_authorisation(
        instance=Authorisation(
            plan=plan,
            code="ap-simulation",
            label="Équipement des écoles (simulation)",
            amount=sum(credits.values()),
            first_exercise=years[0],
            last_exercise=years[-1],
            source=SIMULATED,
        ),
        by=None,
    )
    opening = services.Vote(0, date(2023, 2, 6), "Délibération simulée n° 1", source=SIMULATED)
    services.vote(authorisation=authorisation, decision=opening, amount=sum(credits.values()), credits=credits, by=None)
    revised = {**credits, years[-1]: credits[years[-1]] + 5_000_000}
    revision = services.Vote(
        1, date(2024, 2, 5), "Délibération simulée n° 2", "Hausse de prix supposée sur le dernier exercice", SIMULATED
    )
    services.vote(
        authorisation=authorisation, decision=revision, amount=sum(revised.values()), credits=revised, by=None
    )
    return Authorisation.objects.get(pk=authorisation.pk)


def _expenses(run: BudgetRun, authorisation: Authorisation) -> None:
    """What the scenario gives to three schools in each of two exercises: ordered in spring, paid in autumn."""
    for year in (2023, 2024):
        lines = run.lines.filter(exercise=year, section="investissement")
        schools = sorted(set(lines.exclude(school=None).values_list("school", flat=True)))[:3]
        for rank, school in enumerate(schools, 1):
            cost = lines.filter(school=school)
            ht, vat = sum(line.ht for line in cost), sum(line.vat for line in cost)
            origin = None
            for stage, day in (
                (ExpenseStage.COMMITMENT, date(year, 4, 3)),
                (ExpenseStage.INVOICE, date(year, 9, 18)),
                (ExpenseStage.PAYMENT, date(year, 10, 2)),
            ):
                origin = services.save_expense(
                    instance=Expense(
                        plan=authorisation.plan,
                        stage=stage,
                        piece=f"SIM-{year}-{rank:02d}-{stage[:3].upper()}",
                        exercise=year,
                        dated_on=day,
                        supplier="Tiers simulé",
                        label="Équipement d'une école (simulation)",
                        heading=cost[0].heading,
                        account=cost[0].account,
                        ht=ht,
                        vat=vat,
                        fctva=True,
                        authorisation=authorisation,
                        school_id=school,
                        origin=origin,
                        source=SIMULATED,
                    ),
                    by=None,
                )


def _granted(plan: Plan, run: BudgetRun) -> None:
    funder = services.save_owned(
        instance=Funder(authority=plan.authority, name="Financeur simulé", kind=FunderKind.OTHER, source=SIMULATED),
        by=None,
    )
    subsidy = subsidies.save_subsidy(
        instance=Subsidy(
            plan=plan, funder=funder, label="Demande simulée", eligible_base=run.ht, rate=200_000, source=SIMULATED
        ),
        by=None,
        since=date(2023, 1, 16),
    )
    asked = run.ht // 5
    for state, day, amount, number in (
        (SubsidyState.FILED, date(2023, 3, 1), asked, "SIM-1"),
        (SubsidyState.COMPLETE, date(2023, 3, 20), None, "SIM-1"),
        (SubsidyState.NOTIFIED, date(2023, 6, 12), asked, "SIM-1"),
        (SubsidyState.ADVANCE, date(2023, 11, 6), asked * 3 // 10, "SIM-1-A"),
    ):
        subsidies.record_step(subsidy=subsidy, state=state, on=day, amount=amount, reference=number, by=None)
