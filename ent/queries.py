"""Which rows a user may see, and what subscriptions cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum

from ent import permissions
from ent.domain.cost import CostLine, SchoolCount, SubscriptionCost, subscription_cost
from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.accounts.models import Authority
from schools.models import School, SchoolClass
from schools.queries import visible_schools


def visible_subscriptions(user: Any) -> QuerySet[Subscription]:
    """Those of whole authorities; else those that hold a school this user sees."""
    seen = SubscribedSchool.objects.filter(school__in=visible_schools(user).values("pk")).values("subscription")
    whole = permissions.VIEW.authorities(user)
    rows = Subscription.objects.select_related("authority", "offer__provider", "provider")
    return rows.filter(Q(authority__in=whole) | Q(pk__in=seen))


def visible_subscribed_schools(user: Any) -> QuerySet[SubscribedSchool]:
    rows = SubscribedSchool.objects.select_related("subscription__authority", "subscription__offer", "school")
    whole = permissions.VIEW.authorities(user)
    return rows.filter(Q(subscription__authority__in=whole) | Q(school__in=visible_schools(user).values("pk")))


def visible_offers(user: Any) -> QuerySet[Offer]:
    whole, held = permissions.VIEW.authorities(user), visible_subscriptions(user).values("offer")
    return Offer.objects.select_related("provider__authority").filter(Q(provider__authority__in=whole) | Q(pk__in=held))


def visible_providers(user: Any) -> QuerySet[Provider]:
    whole = permissions.VIEW.authorities(user)
    through_offers = visible_subscriptions(user).values("offer__provider")
    held = visible_subscriptions(user).values("provider")
    return Provider.objects.select_related("authority").filter(
        Q(authority__in=whole) | Q(pk__in=through_offers) | Q(pk__in=held)
    )


def providers_listed(user: Any) -> QuerySet[Provider]:
    return visible_providers(user).annotate(offer_count=Count("offers"))


def subscriptions_listed(user: Any) -> QuerySet[Subscription]:
    """With `school_count`."""
    held = SubscribedSchool.objects.filter(subscription=OuterRef("pk")).order_by().values("subscription")
    count = Subquery(held.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return visible_subscriptions(user).annotate(school_count=count)


def editable_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT.authorities(user)


def editable_providers(user: Any) -> QuerySet[Provider]:
    return Provider.objects.filter(authority__in=permissions.EDIT.authorities(user)).order_by("name", "product", "pk")


def editable_offers(user: Any) -> QuerySet[Offer]:
    rows = Offer.objects.select_related("provider").filter(provider__authority__in=permissions.EDIT.authorities(user))
    return rows.order_by("provider__name", "-starts_on", "pk")


def editable_subscriptions(user: Any) -> QuerySet[Subscription]:
    rows = Subscription.objects.filter(authority__in=permissions.EDIT.authorities(user))
    return rows.order_by("-school_year", "label", "pk")


def subscribable_schools(user: Any) -> QuerySet[School]:
    return School.objects.filter(authority__in=permissions.EDIT.authorities(user)).order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class SchoolCost:
    """A school of a subscription: `counted` where its pupils come from its classes; `line` where its cost is known."""

    row: SubscribedSchool
    pupils: int | None
    counted: bool
    line: CostLine | None

    @property
    def ht(self) -> int | None:
        return self.line.ht if self.line else None

    @property
    def vat(self) -> int | None:
        return self.line.vat if self.line else None

    @property
    def ttc(self) -> int | None:
        return self.line.ttc if self.line else None


@dataclass(frozen=True, slots=True)
class Costed:
    """A subscription with its schools and its cost in cents; no cost where the price or a count is not known."""

    subscription: Subscription
    schools: tuple[SchoolCost, ...]
    cost: SubscriptionCost | None

    @property
    def pupils(self) -> int | None:
        """Of all its schools, else the count stated for the whole."""
        known = [each.pupils for each in self.schools if each.pupils is not None]
        if known and len(known) == len(self.schools):
            return sum(known)
        stated: int | None = self.subscription.stated_pupils
        return stated

    @property
    def ht(self) -> int | None:
        return self.cost.ht if self.cost else None

    @property
    def vat(self) -> int | None:
        return self.cost.vat if self.cost else None

    @property
    def ttc(self) -> int | None:
        return self.cost.ttc if self.cost else None

    @property
    def gap(self) -> int | None:
        """Announced less computed, as everywhere."""
        announced = self.subscription.announced_ttc
        return None if self.cost is None or announced is None else announced - self.cost.ttc


def subscription_costs(subscriptions: Iterable[Subscription]) -> dict[int, Costed]:
    """By primary key. One query, besides that of the subscriptions, which come with their offer."""
    wanted = list(subscriptions)
    held: dict[int, list[Any]] = {each.pk: [] for each in wanted}
    classes = SchoolClass.objects.filter(
        school=OuterRef("school"), school_year=OuterRef("subscription__school_year")
    ).order_by()
    per_school = classes.values("school")
    rows = (
        SubscribedSchool.objects.filter(subscription__in=list(held))
        .select_related("school")
        .annotate(
            counted_pupils=Subquery(per_school.annotate(n=Sum("headcounts__pupils")).values("n")),
            counted_classes=Subquery(per_school.annotate(n=Count("pk")).values("n")),
        )
        .order_by("school__name", "pk")
    )
    for row in rows:
        held[row.subscription_id].append(row)
    return {each.pk: _costed(each, held[each.pk]) for each in wanted}


def _costed(subscription: Subscription, rows: list[Any]) -> Costed:
    pupils = {row.pk: row.counted_pupils if row.pupils is None else row.pupils for row in rows}
    offer, cost = subscription.offer, None
    if offer is not None:
        cost = subscription_cost(
            per=offer.per,
            unit_price_ht=offer.unit_price_ht,
            vat_rate=offer.vat_rate,
            schools=[SchoolCount(str(row.pk), pupils[row.pk], row.counted_classes) for row in rows],
            stated_pupils=subscription.stated_pupils,
        )
    lines = {line.school: line for line in cost.lines} if cost else {}
    schools = tuple(
        SchoolCost(row, pupils[row.pk], row.pupils is None and pupils[row.pk] is not None, lines.get(str(row.pk)))
        for row in rows
    )
    return Costed(subscription, schools, cost)


@dataclass(frozen=True, slots=True)
class PayerYear:
    """What one payer bears in one school year; `unknown` subscriptions are not in the sums, None where all of them are."""

    school_year: int
    payer: str
    payer_label: str
    subscriptions: int
    schools: int
    pupils: int | None
    ht: int | None
    vat: int | None
    ttc: int | None
    unknown: int


def costs_by_year_and_payer(subscriptions: Iterable[Subscription]) -> list[PayerYear]:
    """Latest school year first. One query besides that of the subscriptions."""
    groups: dict[tuple[int, str], list[Costed]] = {}
    for costed in subscription_costs(subscriptions).values():
        key = (costed.subscription.school_year, costed.subscription.payer)
        groups.setdefault(key, []).append(costed)
    return [
        PayerYear(
            school_year=year,
            payer=payer,
            payer_label=group[0].subscription.get_payer_display(),
            subscriptions=len(group),
            schools=len({each.row.school_id for costed in group for each in costed.schools}),
            pupils=_sum_known(costed.pupils for costed in group),
            ht=_sum_known(costed.ht for costed in group),
            vat=_sum_known(costed.vat for costed in group),
            ttc=_sum_known(costed.ttc for costed in group),
            unknown=sum(costed.cost is None for costed in group),
        )
        for (year, payer), group in sorted(groups.items(), key=lambda item: (-item[0][0], item[0][1]))
    ]


def _sum_known(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
