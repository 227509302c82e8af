"""The output document of the budget (interchange 1): every key, in the order stated."""

from governance.domain.ledger import Amount
from governance.domain.result import BudgetResult, Finding, Funding, Ratios, SchoolRow
from plan_numerique.shared.money import format_cents


def to_document(result: BudgetResult) -> dict[str, object]:
    return {
        "totals": _amounts(result.totals),
        "by_exercise": [
            {
                "exercise": row.exercise,
                **_amounts(row.amount),
                "schools_entered": row.schools_entered,
                "classes_entered": row.classes_entered,
                "pupils_entered": row.pupils_entered,
            }
            for row in result.by_exercise
        ],
        "by_heading": [
            {"heading": heading, "section": section, **_amounts(amount)}
            for (heading, section), amount in result.by_heading.items()
        ],
        "by_section": [{"section": section, **_amounts(amount)} for section, amount in result.by_section.items()],
        "by_account": [{"account": account, **_amounts(amount)} for account, amount in result.by_account.items()],
        "by_payer": [{"payer": payer, **_amounts(amount)} for payer, amount in result.by_payer.items()],
        "by_school": [_school(row) for row in result.by_school],
        "quantities": [
            {"item": item, "exercise": exercise, "quantity": quantity}
            for (exercise, item), quantity in result.quantities.items()
        ],
        "payment_credits": [
            {"exercise": year, "ttc": format_cents(ttc)} for year, ttc in result.payment_credits.items()
        ],
        "funding": _funding(result.funding),
        "fctva": [{"exercise": year, "amount": format_cents(amount)} for year, amount in result.fctva.items()],
        "net_cost": format_cents(result.net_cost),
        "ratios": _ratios(result.ratios),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _amounts(amount: Amount) -> dict[str, str]:
    return {"ht": format_cents(amount.ht), "vat": format_cents(amount.vat), "ttc": format_cents(amount.ttc)}


def _school(row: SchoolRow) -> dict[str, object]:
    return {
        "school": row.school,
        "exercise_entered": row.exercise_entered,
        "ht": format_cents(row.ht),
        "vat": format_cents(row.vat),
        "ttc": format_cents(row.ht + row.vat),
    }


def _funding(funding: Funding) -> dict[str, object]:
    grants = [
        {
            "id": grant.id,
            "funder": grant.funder,
            "base": format_cents(grant.base),
            "amount": format_cents(grant.amount),
            "by_exercise": [
                {"exercise": exercise, "amount": format_cents(share)} for exercise, share in grant.by_exercise.items()
            ],
        }
        for grant in funding.grants
    ]
    return {
        "grants": grants,
        "total": format_cents(funding.total),
        "own_share_ht": format_cents(funding.own_share_ht),
        "own_share_rate": _or_null(funding.own_share_rate),
    }


def _ratios(ratios: Ratios) -> dict[str, str | None]:
    return {
        "ttc_per_class": _or_null(ratios.ttc_per_class),
        "ttc_per_school": _or_null(ratios.ttc_per_school),
        "ttc_per_pupil": _or_null(ratios.ttc_per_pupil),
    }


def _finding(finding: Finding) -> dict[str, str | None]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "expected": finding.expected,
        "stated": finding.stated,
        "difference": finding.difference,
    }


def _or_null(hundredths: int | None) -> str | None:
    return None if hundredths is None else format_cents(hundredths)
