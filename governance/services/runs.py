"""A run: opened with the exact document it computes, stored whole in one transaction, then never touched."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Max
from django.utils import timezone

from equipment.services import lock_rule_set
from governance import permissions
from governance.domain.plan import BudgetInput
from governance.domain.result import BudgetResult
from governance.domain.simulate import to_document
from governance.enums import RunState, ScenarioState
from governance.models import (
    BudgetAnnounced,
    BudgetCredit,
    BudgetExercise,
    BudgetFinding,
    BudgetGrant,
    BudgetGrantYear,
    BudgetLine,
    BudgetRefund,
    BudgetRun,
    BudgetSchool,
    CouncilReport,
    Scenario,
)
from governance.queries import canonical, digest_of, scenario_document
from governance.services.schools import budget_schools, stated_entered
from governance.services.wording import announced_label, base_label, rule_label
from plan_numerique.accounts.models import User
from plan_numerique.audit.services import action
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError

LINES_AT_ONCE = 2_000
LARGEST_TOTAL = 10**15
HUNDREDTHS = 100


def open_run(*, scenario: Scenario, by: User | None) -> BudgetRun:
    """The rule set is locked first: what is computed with it is what it will stay. Called inside the action that starts the job."""
    with action("governance.run_started", "Calcul demandé", by=by, authority=scenario.plan.authority, target=scenario):
        if scenario.rule_set:
            lock_rule_set(rule_set=scenario.rule_set, by=by)
        text = canonical(scenario_document(scenario))
        last = scenario.runs.aggregate(last=Max("number"))["last"] or 0
        return BudgetRun.objects.create(
            scenario=scenario,
            number=last + 1,
            asked_by=by,
            input=text,
            input_digest=digest_of(text),
            started_at=timezone.now(),
        )


def fail_run(*, run: BudgetRun, message: str) -> None:
    BudgetRun.objects.filter(pk=run.pk).exclude(state=RunState.DONE).update(
        state=RunState.FAILED, message=message, finished_at=timezone.now()
    )


def resume_run(*, run: BudgetRun) -> None:
    """A failed run whose job is started again is under way again."""
    BudgetRun.objects.filter(pk=run.pk, state=RunState.FAILED).update(
        state=RunState.RUNNING, message="", finished_at=None
    )


def store_run(*, run: BudgetRun, budget: BudgetInput, result: BudgetResult, by: User | None) -> BudgetRun:
    """Every row of the result, in the caller's transaction (`job.storing()`)."""
    if run.state == RunState.DONE:
        raise DomainError(f"{run} est déjà terminé : un résultat ne change plus.")
    if result.totals.ttc > LARGEST_TOTAL:
        raise DomainError("Le total dépasse dix mille milliards d'euros : vérifier les quantités et les prix.")
    scenario = run.scenario
    with action("governance.run_stored", "Budget calculé", by=by, authority=scenario.plan.authority, target=scenario):
        _store_lines(run, result)
        _store_parts(run, budget, result)
        _finish(run, result)
        if scenario.state == ScenarioState.DRAFT:
            scenario.state = ScenarioState.COMPUTED
            scenario.save(update_fields=["state"])
    return run


def _finish(run: BudgetRun, result: BudgetResult) -> None:
    funding = result.funding
    run.ht, run.vat, run.ttc = result.totals.ht, result.totals.vat, result.totals.ttc
    run.grants = funding.total
    run.own_share_base, run.own_share_ht = funding.own_share_base, funding.own_share_ht
    run.own_share_rate = None if funding.own_share_rate is None else funding.own_share_rate * HUNDREDTHS
    run.fctva, run.net_cost = sum(result.fctva.values()), result.net_cost
    run.schools_entered = sum(row.schools_entered for row in result.by_exercise)
    run.classes_entered = sum(run.by_exercise.values_list("classes", flat=True))
    run.pupils_entered = sum(row.pupils_entered for row in result.by_exercise)
    run.findings_count = len(result.findings)
    run.result_digest = digest_of(canonical(to_document(result)))
    run.state, run.message, run.finished_at = RunState.DONE, "", timezone.now()
    run.save()


def _store_lines(run: BudgetRun, result: BudgetResult) -> None:
    schools = dict(run.scenario.perimeter.values_list("school__uai", "school_id"))
    for lines in _chunks(_lines(run, result, schools)):
        BudgetLine.objects.bulk_create(lines)


def _chunks(rows: Iterator[BudgetLine]) -> Iterator[list[BudgetLine]]:
    while chunk := [row for _, row in zip(range(LINES_AT_ONCE), rows, strict=False)]:
        yield chunk


def _lines(run: BudgetRun, result: BudgetResult, schools: dict[str, int]) -> Iterator[BudgetLine]:
    for line in result.lines():
        yield BudgetLine(
            run=run,
            exercise=line.exercise,
            phase=line.phase,
            school_id=schools.get(line.school or ""),
            school_code=line.school or "",
            kind=line.kind,
            code=line.id,
            label=line.label,
            heading=line.heading,
            section=line.section,
            account=line.account,
            payer=line.payer,
            quantity=line.quantity,
            unit_price_ht=line.unit_price,
            ht=line.ht,
            vat=line.vat,
            ttc=line.ttc,
            renewal=line.renewal,
        )


def _store_parts(run: BudgetRun, budget: BudgetInput, result: BudgetResult) -> None:
    stated = stated_entered(run, result)
    BudgetExercise.objects.bulk_create(
        BudgetExercise(
            run=run,
            exercise=row.exercise,
            ht=row.amount.ht,
            vat=row.amount.vat,
            ttc=row.amount.ttc,
            schools=row.schools_entered,
            classes=row.classes_entered - stated[row.exercise],
            pupils=row.pupils_entered,
        )
        for row in result.by_exercise
    )
    BudgetCredit.objects.bulk_create(
        BudgetCredit(run=run, exercise=year, ttc=ttc) for year, ttc in result.payment_credits.items()
    )
    BudgetRefund.objects.bulk_create(
        BudgetRefund(run=run, exercise=year, amount=amount) for year, amount in result.fctva.items()
    )
    BudgetSchool.objects.bulk_create(budget_schools(run, budget, result), batch_size=LINES_AT_ONCE)
    _store_grants(run, budget, result)
    _store_findings(run, budget, result)
    _store_announced(run, result)


def _store_grants(run: BudgetRun, budget: BudgetInput, result: BudgetResult) -> None:
    rules = {rule.id: rule for rule in budget.funding}
    order = {rule.id: position for position, rule in enumerate(budget.funding)}
    grants = BudgetGrant.objects.bulk_create(
        BudgetGrant(
            run=run,
            position=order[grant.id],
            code=grant.id,
            funder_label=grant.funder,
            base_label=base_label(rules[grant.id])[:250],
            rule=rule_label(rules[grant.id])[:250],
            base=grant.base,
            amount=grant.amount,
        )
        for grant in result.funding.grants
    )
    BudgetGrantYear.objects.bulk_create(
        BudgetGrantYear(grant=row, exercise=year, amount=amount)
        for row, grant in zip(grants, result.funding.grants, strict=True)
        for year, amount in grant.by_exercise.items()
    )


def _store_findings(run: BudgetRun, budget: BudgetInput, result: BudgetResult) -> None:
    """The core names schools and announced amounts by their code; here they get their name."""
    names = _names(run, budget)
    BudgetFinding.objects.bulk_create(
        BudgetFinding(
            run=run,
            position=position,
            code=finding.code,
            severity=finding.severity,
            message=_named(finding.message, names),
            path=finding.path,
            expected=finding.expected or "",
            stated=finding.stated or "",
            difference=finding.difference or "",
        )
        for position, finding in enumerate(result.findings)
    )


def _names(run: BudgetRun, budget: BudgetInput) -> dict[str, str]:
    schools = run.scenario.perimeter.values_list("school__uai", "school__name")
    funders = {rule.id: rule.funder for rule in budget.funding}
    announced = {row.key: announced_label(row.key, funders) for row in budget.announced}
    return {**{uai: f"{name} ({uai})" for uai, name in schools}, **funders, **announced}


def _named(message: str, names: dict[str, str]) -> str:
    code = message.partition("« ")[2].partition(" »")[0]
    return message.replace(f"« {code} »", f"« {names[code]} »", 1) if code in names else message


def _store_announced(run: BudgetRun, result: BudgetResult) -> None:
    """An amount that differs has a finding that says by how much; one without is the computed amount."""
    funders = dict(run.scenario.funding_lines.values_list("code", "funder__name"))
    gaps = {
        finding.path: _cents(finding.difference) for finding in result.findings if finding.path.startswith("announced")
    }
    BudgetAnnounced.objects.bulk_create(
        BudgetAnnounced(
            run=run,
            position=position,
            label=(row.label or announced_label(row.key, funders))[:200],
            key=row.key,
            announced=row.amount,
            computed=row.amount - gaps.get(f"announced[{position}]", 0),
            difference=gaps.get(f"announced[{position}]", 0),
            approximate=row.approximate,
            source=row.source,
        )
        for position, row in enumerate(run.scenario.announced_amounts.order_by("position", "pk"))
    )


def _cents(difference: str | None) -> int:
    return int((difference or "0").replace(".", ""))


def store_council_report(
    *, run: BudgetRun, job: Job, content: bytes, title: str, filename: str, by: Any
) -> StoredDocument:
    """In the caller's transaction (`job.storing()`)."""
    authority = run.scenario.plan.authority
    with action(
        "governance.report_made", "Rapport pour le conseil établi", by=by, authority=authority, target=run.scenario
    ):
        document = documents.store(
            roles=permissions.VIEW.roles,
            authority=authority,
            title=title[:200],
            kind="council_report",
            filename=filename,
            media_type="application/pdf",
            content=content,
            by=by,
        )
        CouncilReport.objects.create(run=run, document=document, job=job, created_at=timezone.now())
    return document
