"""Past school years: frozen, their classes and headcounts no longer change; opened again with a reason."""

from django.utils import timezone

from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label, school_year_of
from schools.models import FrozenYear, SchoolClass


def refuse_frozen(authority: Authority, school_year: int) -> None:
    """DomainError where the year is frozen in this authority."""
    frozen = FrozenYear.objects.filter(authority=authority, school_year=school_year).first()
    if frozen is not None:
        raise DomainError(
            f"L'année scolaire {school_year_label(school_year)} est figée depuis le {timezone.localtime(frozen.frozen_at):%d/%m/%Y} :"
            " la rouvrir pour corriger ses classes ou ses effectifs.",
            field="school_year",
        )


def refuse_frozen_class(instance: SchoolClass) -> None:
    """As it is stored and as it would be: a class neither leaves a frozen year nor enters one."""
    authority = instance.school.authority
    stored = SchoolClass.objects.filter(pk=instance.pk).values_list("school_year", flat=True) if instance.pk else ()
    for year in {instance.school_year, *stored}:
        refuse_frozen(authority, year)


def freeze_year(*, authority: Authority, school_year: int, by: User | None, reason: str = "") -> FrozenYear:
    label = f"Année scolaire {school_year_label(school_year)} figée"
    with audit.action("schools.year_frozen", label, by=by, authority=authority, reason=reason):
        if school_year > school_year_of(timezone.localdate()):
            raise DomainError(
                f"{school_year_label(school_year)} n'a pas commencé : on fige une année en cours ou passée.",
                field="school_year",
            )
        if not SchoolClass.objects.filter(school__authority=authority, school_year=school_year).exists():
            raise DomainError(
                f"Aucune classe n'est connue en {school_year_label(school_year)} : il n'y a rien à figer.",
                field="school_year",
            )
        row = FrozenYear(authority=authority, school_year=school_year, frozen_at=timezone.now(), by=by)
        return audit.save(instance=row, by=by, authority=authority)


def unfreeze_year(*, instance: FrozenYear, by: User | None, reason: str = "") -> None:
    if not reason.strip():
        raise DomainError("Rouvrir une année figée se motive : écrire pourquoi.", field="reason")
    label = f"Année scolaire {school_year_label(instance.school_year)} rouverte"
    with audit.action(
        "schools.year_unfrozen", label, by=by, authority=instance.authority, target=instance, reason=reason
    ):
        audit.delete(instance=instance, by=by, authority=instance.authority)
