"""Which rows a user may see, and which may be chosen as the parent of a new row."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from deliberations import permissions
from deliberations.enums import ActState, SittingState
from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Ballot,
    LegalSetting,
    Mandate,
    PassageRange,
    Presence,
    Proxy,
    Reporter,
    Secretary,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
    Vote,
)
from deliberations.queries.register import DELIBERATED
from plan_numerique.accounts.models import Authority

SET_ASIDE = (ActState.WITHDRAWN, ActState.ADJOURNED)


def seen(user: Any) -> QuerySet[Authority]:
    return permissions.VIEW.authorities(user)


def editable_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT.authorities(user)


def visible_legal_settings(user: Any) -> QuerySet[LegalSetting]:
    """The law is the same for all who see the council."""
    return LegalSetting.objects.all() if permissions.VIEW.anywhere(user) else LegalSetting.objects.none()


def visible_assemblies(user: Any) -> QuerySet[Assembly]:
    return (
        Assembly.objects.select_related("authority")
        .annotate(mandate_count=Count("mandates", distinct=True), sitting_count=Count("sittings", distinct=True))
        .filter(authority__in=seen(user))
    )


def editable_assemblies(user: Any) -> QuerySet[Assembly]:
    return Assembly.objects.filter(authority__in=editable_authorities(user)).order_by("name")


def visible_mandates(user: Any) -> QuerySet[Mandate]:
    return Mandate.objects.select_related("assembly__authority").filter(assembly__authority__in=seen(user))


def editable_mandates(user: Any) -> QuerySet[Mandate]:
    return Mandate.objects.filter(assembly__authority__in=editable_authorities(user)).order_by("rank", "pk")


def visible_sittings(user: Any) -> QuerySet[Sitting]:
    return (
        Sitting.objects.select_related("assembly__authority", "chair")
        .annotate(act_count=Count("acts"))
        .filter(assembly__authority__in=seen(user))
    )


def editable_sittings(user: Any) -> QuerySet[Sitting]:
    return (
        Sitting.objects.select_related("assembly__authority")
        .filter(assembly__authority__in=editable_authorities(user))
        .order_by("-held_on", "pk")
    )


def visible_presences(user: Any) -> QuerySet[Presence]:
    return Presence.objects.select_related("mandate", "sitting__assembly__authority").filter(
        sitting__assembly__authority__in=seen(user)
    )


def visible_proxies(user: Any) -> QuerySet[Proxy]:
    """Announced before the sitting: those who read its drafts. Once it is over, a part of its record."""
    convened = Q(sitting__assembly__authority__in=permissions.VIEW_CONVENED.authorities(user))
    return Proxy.objects.select_related("giver", "holder", "sitting__assembly__authority").filter(
        convened | Q(sitting__assembly__authority__in=seen(user)) & over("sitting__")
    )


def visible_secretaries(user: Any) -> QuerySet[Secretary]:
    return Secretary.objects.select_related("mandate", "sitting__assembly__authority").filter(
        sitting__assembly__authority__in=seen(user)
    )


def visible_attendance_changes(user: Any) -> QuerySet[AttendanceChange]:
    return AttendanceChange.objects.select_related("mandate", "sitting__assembly__authority").filter(
        sitting__assembly__authority__in=seen(user)
    )


def visible_passage_ranges(user: Any) -> QuerySet[PassageRange]:
    return PassageRange.objects.select_related("sitting__assembly__authority").filter(
        sitting__assembly__authority__in=seen(user)
    )


def over(to_sitting: str) -> Q:
    """The sitting is closed, or was recorded afterwards."""
    return Q(**{f"{to_sitting}state": SittingState.CLOSED}) | Q(**{f"{to_sitting}past": True})


def shown_acts(user: Any, to_act: str = "") -> Q:
    """A draft is the staff's; the elected read it once the sitting is convened, the others once the assembly has decided, or has sat
    without deciding. `to_act` leads from the row to its act."""
    authority = f"{to_act}sitting__assembly__authority__in"
    convened = [SittingState.CONVENED, SittingState.OPEN, SittingState.CLOSED]
    met = Q(**{f"{to_act}state__in": DELIBERATED}) | Q(**{f"{to_act}state__in": SET_ASIDE}) & over(f"{to_act}sitting__")
    return (
        Q(**{authority: permissions.VIEW_DRAFTS.authorities(user)})
        | Q(**{authority: permissions.VIEW_CONVENED.authorities(user), f"{to_act}sitting__state__in": convened})
        | Q(**{authority: seen(user)}) & met
    )


def visible_acts(user: Any) -> QuerySet[Act]:
    return Act.objects.select_related("sitting__assembly__authority", "plan", "scenario", "ballot").filter(
        shown_acts(user)
    )


def editable_acts(user: Any) -> QuerySet[Act]:
    return (
        Act.objects.select_related("sitting__assembly__authority")
        .filter(sitting__assembly__authority__in=editable_authorities(user))
        .order_by("-sitting__held_on", "passage", "pk")
    )


def of_act(user: Any) -> Q:
    return shown_acts(user, "act__")


def visible_reporters(user: Any) -> QuerySet[Reporter]:
    return Reporter.objects.select_related("mandate", "act__sitting__assembly__authority").filter(of_act(user))


def visible_clauses(user: Any) -> QuerySet[ActClause]:
    return ActClause.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def visible_identifiers(user: Any) -> QuerySet[ActIdentifier]:
    return ActIdentifier.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def _told(user: Any, to_ballot: str = "") -> Q:
    """A vote under way is the clerks'; the others read it once proclaimed."""
    clerks = Q(**{f"{to_ballot}act__sitting__assembly__authority__in": editable_authorities(user)})
    under_way = {f"{to_ballot}act__sitting__state": SittingState.OPEN, f"{to_ballot}proclaimed_at": None}
    return shown_acts(user, f"{to_ballot}act__") & (clerks | ~Q(**under_way))


def visible_ballots(user: Any) -> QuerySet[Ballot]:
    return Ballot.objects.select_related("act__sitting__assembly__authority").filter(_told(user))


def visible_votes(user: Any) -> QuerySet[Vote]:
    return Vote.objects.select_related("mandate", "ballot__act__sitting__assembly__authority").filter(
        _told(user, "ballot__")
    )


def visible_stated_amounts(user: Any) -> QuerySet[StatedAmount]:
    return StatedAmount.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def visible_stated_budgets(user: Any) -> QuerySet[StatedBudget]:
    return StatedBudget.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def editable_stated_budgets(user: Any) -> QuerySet[StatedBudget]:
    return StatedBudget.objects.select_related("act").filter(
        act__sitting__assembly__authority__in=editable_authorities(user)
    )


def visible_stated_budget_lines(user: Any) -> QuerySet[StatedBudgetLine]:
    return StatedBudgetLine.objects.select_related("budget__act__sitting__assembly__authority").filter(
        shown_acts(user, "budget__act__")
    )


def visible_stated_grants(user: Any) -> QuerySet[StatedGrant]:
    return StatedGrant.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def visible_stated_products(user: Any) -> QuerySet[StatedProduct]:
    return StatedProduct.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))
