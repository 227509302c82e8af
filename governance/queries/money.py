"""Who sees the rows of the money: credits, expenses, grants, and the words they are told in."""

from typing import Any

from django.db.models import QuerySet

from governance import permissions
from governance.models import (
    Account,
    Authorisation,
    AuthorisationVersion,
    Expense,
    FctvaRegime,
    FundingPosting,
    FundingPreset,
    Heading,
    Plan,
    PlanDocument,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)
from plan_numerique.accounts.models import Authority


def _seen(user: Any) -> QuerySet[Authority]:
    return permissions.VIEW_MONEY.authorities(user)


def money_authorities(user: Any) -> QuerySet[Authority]:
    """Where the user keeps the credits."""
    return permissions.EDIT_MONEY.authorities(user)


def money_plans(user: Any) -> QuerySet[Plan]:
    return Plan.objects.select_related("authority").filter(authority__in=money_authorities(user))


def money_authorisations(user: Any) -> QuerySet[Authorisation]:
    return Authorisation.objects.select_related("plan__authority").filter(plan__authority__in=money_authorities(user))


def money_subsidies(user: Any) -> QuerySet[Subsidy]:
    return Subsidy.objects.select_related("plan__authority", "funder").filter(
        plan__authority__in=money_authorities(user)
    )


def visible_authorisation_versions(user: Any) -> QuerySet[AuthorisationVersion]:
    return AuthorisationVersion.objects.select_related("authorisation__plan__authority").filter(
        authorisation__plan__authority__in=_seen(user)
    )


def visible_expenses(user: Any) -> QuerySet[Expense]:
    return Expense.objects.select_related("authority", "plan__authority", "school", "authorisation").filter(
        authority__in=_seen(user)
    )


def visible_subsidies(user: Any) -> QuerySet[Subsidy]:
    return Subsidy.objects.select_related("plan__authority", "funder").filter(plan__authority__in=_seen(user))


def visible_subsidy_steps(user: Any) -> QuerySet[SubsidyStep]:
    return (
        SubsidyStep.objects.select_related("subsidy__plan__authority", "document")
        .defer("document__content")
        .filter(subsidy__plan__authority__in=_seen(user))
    )


def visible_subsidy_deadlines(user: Any) -> QuerySet[SubsidyDeadline]:
    return SubsidyDeadline.objects.select_related("subsidy__plan__authority", "subsidy__funder").filter(
        subsidy__plan__authority__in=_seen(user)
    )


def visible_postings(user: Any) -> QuerySet[FundingPosting]:
    return (
        FundingPosting.objects.select_related("plan__authority", "run")
        .defer("run__input")
        .filter(plan__authority__in=_seen(user))
    )


def visible_plan_documents(user: Any) -> QuerySet[PlanDocument]:
    return (
        PlanDocument.objects.select_related("plan__authority", "document")
        .defer("document__content")
        .filter(plan__authority__in=_seen(user))
    )


def visible_headings(user: Any) -> QuerySet[Heading]:
    return Heading.objects.select_related("authority").filter(authority__in=_seen(user))


def visible_fctva_regimes(user: Any) -> QuerySet[FctvaRegime]:
    return FctvaRegime.objects.select_related("authority").filter(authority__in=_seen(user))


def visible_accounts(user: Any) -> QuerySet[Account]:
    """The chart is the same for everyone who sees the money of some authority."""
    return Account.objects.all() if permissions.VIEW_MONEY.anywhere(user) else Account.objects.none()


def visible_funding_presets(user: Any) -> QuerySet[FundingPreset]:
    return FundingPreset.objects.all() if permissions.VIEW_MONEY.anywhere(user) else FundingPreset.objects.none()
