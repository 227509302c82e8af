"""Mandates that end and those that follow; how members are reached."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Max

from deliberations.domain.numbering import FormatError, parse
from deliberations.enums import LegalCode, MandateEnd, PublicationMode
from deliberations.models import Assembly, Mandate, MemberContact, Sitting
from deliberations.queries.convening import convening_rules, population_of
from deliberations.queries.members import linkable_users
from deliberations.queries.rolls import sits_on
from deliberations.services.rows import OF_ASSEMBLY, OF_SITTING, delete_row, save_row
from deliberations.services.session import require_votes_kept
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.imports.importer import Change
from plan_numerique.shared.errors import DomainError

OF_CONTACT = "mandate__assembly__authority"


def save_assembly(
    *, instance: Assembly, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Assembly:
    try:
        parse(instance.number_format)
    except FormatError as error:
        raise DomainError(str(error), field="number_format") from None
    _check_publication(instance)
    saved: Assembly = save_row(OF_ASSEMBLY, instance=instance, by=by, reason=reason)
    return saved


def _check_publication(assembly: Assembly) -> None:
    """Posting and paper are chosen by communes under the threshold only."""
    if assembly.publication == PublicationMode.ELECTRONIC:
        return
    authority = assembly.authority
    rule = convening_rules(date.max).get(LegalCode.ELECTRONIC_FROM)
    population = population_of(authority)
    large = rule is not None and population is not None and population >= rule.value
    if rule is not None and (authority.kind == AuthorityKind.EPCI or large):
        raise DomainError(
            f"« {assembly.get_publication_display()} » n'est ouvert qu'aux communes de moins de {rule.value} habitants : "
            f"les actes se publient par voie électronique ({rule.cited}).",
            field="publication",
        )


def save_mandate(
    *, instance: Mandate, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Mandate:
    """Refused where it would change who voted what is proclaimed."""
    held = Mandate.objects.filter(pk=instance.pk).first() if instance.pk else None
    with transaction.atomic():
        saved: Mandate = save_row(OF_SITTING, instance=instance, by=by, reason=reason)
        _require_votes_kept((held, saved))
    return saved


def delete_mandate(*, instance: Mandate, by: User | None, reason: str = "") -> None:
    held = Mandate.objects.get(pk=instance.pk)
    with transaction.atomic():
        delete_row(OF_SITTING, instance=instance, by=by, reason=reason)
        _require_votes_kept((held, None))


def _require_votes_kept(*changed: tuple[Mandate | None, Mandate | None]) -> None:
    """`changed`: each as it was held, and as it is saved."""
    assemblies = {row.assembly_id for pair in changed for row in pair if row is not None}
    sittings = Sitting.objects.filter(assembly__in=assemblies, opened_at__isnull=False, past=False)
    for sitting in sittings.select_related("assembly__authority").order_by("held_on", "pk"):
        if any(_seat(held, sitting) != _seat(saved, sitting) for held, saved in changed):
            require_votes_kept(sitting)


def require_votes_kept_by(changes: Sequence[Change]) -> None:
    """After the mandates of a file are written, or taken back, in the caller's transaction."""
    pairs = [
        (change.instance, None) if change.gone else (change.former, change.instance)
        for change in changes
        if isinstance(change.instance, Mandate)
    ]
    _require_votes_kept(*cast(list[tuple[Mandate | None, Mandate | None]], pairs))


def _seat(mandate: Mandate | None, sitting: Sitting) -> tuple[int | None] | None:
    """What it holds at the sitting: nothing, a seat, or that of an alternate."""
    if mandate is None or mandate.assembly_id != sitting.assembly_id or not sits_on(mandate, sitting.held_on):
        return None
    return (mandate.alternate_for_id,)


def end_mandate(
    *, instance: Mandate, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Mandate:
    """`instance` bears its last day and the cause."""
    if instance.ends_on is None:
        raise DomainError("Dire le dernier jour du mandat.", field="ends_on")
    if not instance.end_reason:
        raise DomainError("Dire la cause de la fin du mandat.", field="end_reason")
    label = MandateEnd(instance.end_reason).label
    with audit.action(
        "deliberations.mandate_ended",
        f"Fin de mandat : {label.lower()}",
        by=by,
        authority=instance.assembly.authority,
        target=instance,
        reason=reason,
    ):
        return save_mandate(instance=instance, by=by, reason=reason)


def replace_mandate(
    *,
    mandate: Mandate,
    ends_on: date | None,
    end_reason: str,
    successor: Mapping[str, Any],
    same_rank: bool = False,
    by: User | None,
    reason: str = "",
) -> Mandate:
    """Ends a mandate and begins that of whoever takes the seat, at the end of the table unless told. `successor` are fields of
    Mandate; without a first day, the one after the last of the mandate."""
    if mandate.pk is not None and Mandate.objects.filter(replaces=mandate).exists():
        raise DomainError(f"« {mandate} » est déjà remplacé : le remplacement figure sur la page de l'assemblée.")
    with audit.action(
        "deliberations.mandate_replaced",
        "Remplacement d'un membre",
        by=by,
        authority=mandate.assembly.authority,
        target=mandate,
        reason=reason,
    ):
        mandate.ends_on, mandate.end_reason = ends_on, end_reason
        end_mandate(instance=mandate, by=by)
        rank = mandate.rank if same_rank else _after_the_last(mandate.assembly)
        following = _following(mandate, {**successor}, rank)
        return save_mandate(instance=following, by=by)


def _following(mandate: Mandate, fields: dict[str, Any], rank: int | None) -> Mandate:
    starts_on = fields.pop("starts_on", None) or _day_after(mandate.ends_on)
    if mandate.ends_on is not None and starts_on <= mandate.ends_on:
        raise DomainError(
            f"Le nouveau mandat commence après la fin de l'ancien, le {mandate.ends_on:%d/%m/%Y}.", field="starts_on"
        )
    return Mandate(
        assembly=mandate.assembly,
        replaces=mandate,
        commune=mandate.commune,
        alternate_for=mandate.alternate_for,
        starts_on=starts_on,
        rank=rank,
        **fields,
    )


def _day_after(day: date | None) -> date:
    if day is None or day == date.max:
        raise DomainError("Dire le dernier jour du mandat.", field="ends_on")
    return day + timedelta(days=1)


def _after_the_last(assembly: Assembly) -> int:
    return (assembly.mandates.aggregate(last=Max("rank"))["last"] or 0) + 1


def save_contact(
    *, instance: MemberContact, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> MemberContact:
    """The account is one of an elected member of the same authority, and answers for one mandate of an assembly."""
    assembly = instance.mandate.assembly
    if instance.user is not None:
        if not linkable_users(assembly.authority).filter(pk=instance.user.pk).exists():
            raise DomainError(
                f"« {instance.user} » n'a pas le rôle d'élu dans la collectivité « {assembly.authority} ».",
                field="user",
            )
        held = MemberContact.objects.filter(user=instance.user, mandate__assembly=assembly, mandate__ends_on=None)
        other = held.exclude(pk=instance.pk).select_related("mandate").first()
        if other is not None:
            raise DomainError(f"Ce compte est déjà celui de « {other.mandate} ».", field="user")
    saved: MemberContact = save_row(OF_CONTACT, instance=instance, by=by, reason=reason)
    return saved


def delete_contact(*, instance: MemberContact, by: User | None, reason: str = "") -> None:
    delete_row(OF_CONTACT, instance=instance, by=by, reason=reason)
