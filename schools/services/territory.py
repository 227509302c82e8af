"""The writes of the app: each one action, kept in the trail."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority, Membership, User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from schools import queries
from schools.enums import WITHOUT_LEVEL, Level
from schools.models import (
    Commune,
    FormerUai,
    Headcount,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)
from schools.services.frozen_years import refuse_frozen, refuse_frozen_class

LEVEL_ORDER = (*Level.values, WITHOUT_LEVEL)


def save_commune(
    *, instance: Commune, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Commune:
    return save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)


def delete_commune(*, instance: Commune, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_school(*, instance: School, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> School:
    return save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)


def delete_school(*, instance: School, by: User | None, reason: str = "") -> None:
    """With its sites, classes and assignments; a person left with no school of the authority loses the role."""
    authority = instance.authority
    with audit.action(
        "schools.school_deleted", "Suppression", by=by, authority=authority, target=instance, reason=reason
    ):
        for year in instance.classes.order_by("school_year").values_list("school_year", flat=True).distinct():
            refuse_frozen(authority, year)
        for assignment in instance.assignments.select_related("school__authority", "user"):
            unassign(instance=assignment, by=by)
        audit.delete(instance=instance, by=by, authority=authority)


def set_priority_district(*, objects: Sequence[School], inside: bool, by: User | None) -> str:
    """All or none; returns the sentence to show."""
    changed = [school for school in objects if school.priority_district != inside]
    label = "Classement en QPV" if inside else "Retrait du QPV"
    with transaction.atomic():
        for authority, schools in groupby(sorted(changed, key=lambda s: s.authority_id), key=lambda s: s.authority):
            with audit.action("schools.priority_district", label, by=by, authority=authority):
                for school in schools:
                    school.priority_district = inside
                    save_school(instance=school, by=by)
    return f"{_counted(len(changed), 'école modifiée', 'écoles modifiées')} : {label.lower().replace('qpv', 'QPV')}."


def set_volunteer(*, objects: Sequence[SchoolClass], volunteer: bool, by: User | None) -> str:
    """All or none; returns the sentence to show."""
    changed = [each for each in objects if each.volunteer != volunteer]
    label = "Classes volontaires" if volunteer else "Classes non volontaires"
    ordered = sorted(changed, key=lambda each: each.school.authority_id)
    with transaction.atomic():
        for authority, classes in groupby(ordered, key=lambda each: each.school.authority):
            with audit.action("schools.volunteer", label, by=by, authority=authority):
                for each in classes:
                    each.volunteer = volunteer
                    save_class(instance=each, by=by)
    return f"{_counted(len(changed), 'classe modifiée', 'classes modifiées')}."


def confirm_headcounts(*, objects: Sequence[SchoolClass], by: User | None) -> str:
    """Computed or carried over until now, known from now on. All or none; returns the sentence to show."""
    changed = [each for each in objects if each.estimated]
    ordered = sorted(changed, key=lambda each: each.school.authority_id)
    with transaction.atomic():
        for authority, classes in groupby(ordered, key=lambda each: each.school.authority):
            with audit.action("schools.headcounts_confirmed", "Effectifs confirmés", by=by, authority=authority):
                for each in classes:
                    each.estimated = False
                    save_class(instance=each, by=by)
    return f"{_counted(len(changed), 'classe confirmée', 'classes confirmées')}."


def _counted(number: int, one: str, many: str) -> str:
    return f"Aucune {one}" if not number else f"{number} {one if number == 1 else many}"


def save_former_uai(
    *, instance: FormerUai, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> FormerUai:
    return save_in_authority(instance, instance.school.authority, "school__authority", by=by, reason=reason)


def save_social_index(
    *, instance: SocialIndex, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> SocialIndex:
    return save_in_authority(instance, instance.school.authority, "school__authority", by=by, reason=reason)


def save_site(*, instance: Site, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Site:
    return save_in_authority(instance, instance.school.authority, "school__authority", by=by, reason=reason)


def delete_of_school(
    *, instance: FormerUai | SocialIndex | Site | SchoolClass, by: User | None, reason: str = ""
) -> None:
    if isinstance(instance, SchoolClass):
        refuse_frozen_class(instance)
    signed = queries.signed_with(instance) if isinstance(instance, SchoolClass | Site) else None
    if signed is not None:
        raise DomainError(f"« {instance} » ne peut pas être supprimé : le diagnostic « {signed} », validé, en parle.")
    audit.delete(instance=instance, by=by, authority=instance.school.authority, reason=reason)


def save_room(*, instance: Room, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Room:
    return save_in_authority(instance, instance.site.school.authority, "site__school__authority", by=by, reason=reason)


def delete_room(*, instance: Room, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.site.school.authority, reason=reason)


def save_class(
    *,
    instance: SchoolClass,
    by: User | None,
    headcounts: Mapping[str, int] | None = None,
    reason: str = "",
    m2m: Mapping[str, Any] | None = None,
) -> SchoolClass:
    """`headcounts`: pupils by level, "" for pupils of no stated level; a level left out is removed. None leaves them all."""
    authority = instance.school.authority
    unknown = sorted(set(headcounts or {}) - set(LEVEL_ORDER))
    if unknown:
        raise DomainError(f"« {unknown[0]} » n'est pas un niveau : {', '.join(Level.values)}.", field="headcounts")
    verb, label = ("created", "Création") if instance._state.adding else ("updated", "Modification")
    code = f"schools.schoolclass_{verb}"
    with audit.action(code, label, by=by, authority=authority, target=instance, reason=reason):
        refuse_frozen_class(instance)
        save_in_authority(instance, authority, "school__authority", by=by, reason=reason)
        if headcounts is not None:
            _set_headcounts(instance, authority, headcounts, by)
    return instance


def _set_headcounts(
    instance: SchoolClass, authority: Authority, headcounts: Mapping[str, int], by: User | None
) -> None:
    present = {row.level: row for row in Headcount.objects.filter(school_class=instance)}
    for level, row in present.items():
        if level not in headcounts:
            audit.delete(instance=row, by=by, authority=authority)
    for level in sorted(headcounts, key=LEVEL_ORDER.index):
        row = present.get(level) or Headcount(school_class=instance, level=level)
        if row._state.adding or row.pupils != headcounts[level]:
            row.pupils = headcounts[level]
            audit.save(instance=row, by=by, authority=authority)


def save_headcount(
    *, instance: Headcount, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Headcount:
    path = "school_class__school__authority"
    stored = (
        SchoolClass.objects.filter(headcounts=instance.pk).select_related("school__authority") if instance.pk else ()
    )
    for school_class in {instance.school_class, *stored}:
        refuse_frozen_class(school_class)
    return save_in_authority(instance, instance.school_class.school.authority, path, by=by, reason=reason)


def delete_headcount(*, instance: Headcount, by: User | None, reason: str = "") -> None:
    refuse_frozen_class(instance.school_class)
    audit.delete(instance=instance, by=by, authority=instance.school_class.school.authority, reason=reason)


def save_stated_count(
    *, instance: StatedCount, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> StatedCount:
    return save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)


def delete_stated_count(*, instance: StatedCount, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def assign(
    *,
    school: School,
    by: User | None,
    user: User | None = None,
    email: str = "",
    full_name: str = "",
    is_director: bool = False,
    reason: str = "",
) -> SchoolAssignment:
    """Give a person, known or by e-mail, a school, and the role « École » in its authority. Once more changes the direction."""
    authority = school.authority
    label = "Affectation à une école"
    with audit.action("schools.assigned", label, by=by, authority=authority, target=school, reason=reason):
        person = user or _person(email, full_name, authority, by)
        if not Membership.objects.filter(user=person, role=Role.SCHOOL, authority=authority).exists():
            role = Membership(user=person, role=Role.SCHOOL, authority=authority)
            audit.save(instance=role, by=by, authority=authority)
        assignment = SchoolAssignment.objects.filter(school=school, user=person).first()
        assignment = assignment or SchoolAssignment(school=school, user=person)
        assignment.is_director = is_director
        return audit.save(instance=assignment, by=by, authority=authority)


def _person(email: str, full_name: str, authority: Authority, by: User | None) -> User:
    """The account of that e-mail, made without a password when it is new: its owner sets one by « Mot de passe oublié »."""
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found:
        return found
    person = User(email=email.strip().lower(), full_name=full_name)
    person.set_unusable_password()
    try:
        return audit.save(instance=person, by=by, authority=authority)
    except ValidationError as error:
        messages = error.message_dict if hasattr(error, "error_dict") else {"email": error.messages}
        raise DomainError(" ".join(text for texts in messages.values() for text in texts), field="email") from None


def unassign(*, instance: SchoolAssignment, by: User | None, reason: str = "") -> None:
    """Take the school back; with the last one of the authority goes the role « École » there."""
    authority, person = instance.school.authority, instance.user
    label = "Fin d'affectation à une école"
    with audit.action("schools.unassigned", label, by=by, authority=authority, target=instance.school, reason=reason):
        audit.delete(instance=instance, by=by, authority=authority)
        if not SchoolAssignment.objects.filter(user=person, school__authority=authority).exists():
            for role in Membership.objects.filter(user=person, role=Role.SCHOOL, authority=authority):
                audit.delete(instance=role, by=by, authority=authority)
