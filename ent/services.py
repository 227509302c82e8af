"""The writes of the app: each one action, kept in the trail."""

from collections.abc import Iterable, Mapping
from typing import Any

from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from schools.models import School


def save_provider(
    *, instance: Provider, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Provider:
    return save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)


def delete_provider(*, instance: Provider, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_offer(*, instance: Offer, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Offer:
    return save_in_authority(instance, instance.provider.authority, "provider__authority", by=by, reason=reason)


def delete_offer(*, instance: Offer, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.provider.authority, reason=reason)


def save_subscription(
    *,
    instance: Subscription,
    by: User | None,
    schools: Iterable[School] | None = None,
    reason: str = "",
    m2m: Mapping[str, Any] | None = None,
) -> Subscription:
    """`schools`: all those that the subscription is to hold, each kept with its count; None leaves them as they are."""
    wanted = None if schools is None else {school.pk: school for school in schools}
    foreign = next((s for s in (wanted or {}).values() if s.authority_id != instance.authority_id), None)
    if foreign:
        raise DomainError(f"« {foreign} » n'est pas une école de la collectivité.", field="schools")
    verb, label = ("created", "Création") if instance._state.adding else ("updated", "Modification")
    with audit.action(
        f"ent.subscription_{verb}", label, by=by, authority=instance.authority, target=instance, reason=reason
    ):
        save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)
        if wanted is not None:
            _set_schools(instance, wanted, by)
    return instance


def _set_schools(instance: Subscription, wanted: Mapping[int, School], by: User | None) -> None:
    present = {row.school_id: row for row in SubscribedSchool.objects.filter(subscription=instance)}
    for key, row in present.items():
        if key not in wanted:
            audit.delete(instance=row, by=by, authority=instance.authority)
    for key, school in wanted.items():
        if key not in present:
            row = SubscribedSchool(subscription=instance, school=school)
            audit.save(instance=row, by=by, authority=instance.authority)


def delete_subscription(*, instance: Subscription, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_subscribed_school(
    *, instance: SubscribedSchool, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> SubscribedSchool:
    return save_in_authority(instance, instance.subscription.authority, "subscription__authority", by=by, reason=reason)


def delete_subscribed_school(*, instance: SubscribedSchool, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.subscription.authority, reason=reason)
