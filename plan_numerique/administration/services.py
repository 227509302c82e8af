"""Writing the kernel's own rows (authorities, people, roles): above `audit`, which `accounts` may not import (docs/adr/0003)."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from plan_numerique.accounts.models import Authority, Membership, User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def save_authority(
    *, instance: Authority, by: User, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Authority:
    return audit.save(instance=instance, by=by, authority=instance if instance.pk else None, reason=reason)


def person(*, email: str, full_name: str, by: User | None, authority: Authority | None) -> User:
    """The account of that e-mail, made without a password when it is new: its owner sets one by « Mot de passe oublié »."""
    found = User.objects.filter(email__iexact=email).first()
    if found:
        return found
    user = User(email=email.lower(), full_name=full_name)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            return audit.save(instance=user, by=by, authority=authority)
    except IntegrityError:
        raise DomainError(f"« {email} » vient d'être créé par quelqu'un d'autre.", field="email") from None


def give_role(
    *,
    instance: Membership,
    email: str,
    full_name: str,
    by: User | None,
    reason: str = "",
    m2m: Mapping[str, Any] | None = None,
) -> Membership:
    with audit.action(
        "accounts.role_given", "Rôle attribué", by=by, authority=instance.authority, reason=reason
    ) as event:
        if not instance.user_id:
            instance.user = person(email=email, full_name=full_name, by=by, authority=instance.authority)
        event.target_label = f"{instance.user} — {instance.get_role_display()}"[:250]
        event.save(update_fields=["target_label"])
        return audit.save(instance=instance, by=by, authority=instance.authority)


def remove_role(*, instance: Membership, by: User, reason: str = "") -> None:
    if instance.user_id == by.pk and instance.role == "administrator":
        raise DomainError("On ne retire pas son propre rôle d'administration : demandez-le à une autre personne.")
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)
