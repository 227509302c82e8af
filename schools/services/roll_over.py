"""« Préparer la rentrée » : prepared line by line, then applied whole, and taken back as long as nothing rests on it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.audit.models import AuditEvent
from plan_numerique.imports import undoing
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from schools import queries
from schools.domain.roll_over import SAID, Rentree
from schools.enums import RollOverState, SchoolStatus
from schools.models import FormerUai, Headcount, RollOver, RollOverLine, School, SchoolClass
from schools.queries import Drawn
from schools.services.frozen_years import freeze_year, refuse_frozen

WRITTEN = (School, FormerUai, SchoolClass, Headcount)
"""What a rentrée writes beside itself, parents before children."""
MOST_NAMED = 5


def prepare_roll_over(*, authority: Authority, to_year: int, by: User | None, note: str = "") -> RollOver:
    """Refused where the year before has no class: there is nothing to carry over."""
    before = SchoolClass.objects.filter(school__authority=authority, school_year=to_year - 1)
    if not before.exists():
        raise DomainError(
            f"Aucune classe n'est connue en {school_year_label(to_year - 1)} : saisir ou importer cette année d'abord.",
            field="to_year",
        )
    row = RollOver(authority=authority, from_year=to_year - 1, to_year=to_year, note=note)
    return audit.save(instance=row, by=by, authority=authority)


def save_roll_over(
    *, instance: RollOver, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> RollOver:
    if instance._state.adding:
        return prepare_roll_over(authority=instance.authority, to_year=instance.to_year, by=by, note=instance.note)
    with audit.action("schools.rollover_updated", "Modification", by=by, authority=instance.authority, target=instance):
        stored = _held(instance)
        if (stored.authority_id, stored.to_year) != (instance.authority_id, instance.to_year):
            raise DomainError("Une rentrée préparée ne change ni d'année ni de collectivité.", field="to_year")
        return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_roll_over(*, instance: RollOver, by: User | None, reason: str = "") -> None:
    with audit.action(
        "schools.rollover_deleted", "Suppression", by=by, authority=instance.authority, target=instance, reason=reason
    ):
        _require_prepared(_held(instance))
        audit.delete(instance=instance, by=by, authority=instance.authority)


def save_line(
    *, instance: RollOverLine, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> RollOverLine:
    """A line that does not hold with the others is refused with what the rentrée says of it."""
    authority = instance.roll_over.authority
    with audit.action("schools.rollover_line", "Mouvement de rentrée", by=by, authority=authority, reason=reason):
        _require_prepared(_held(instance.roll_over))
        _require_kept(instance)
        _require_own(instance, authority)
        _require_said(instance)
        audit.save(instance=instance, by=by, authority=authority)
        refused = [each for each in queries.draw(instance.roll_over).rentree.refusals if each.movement == instance.pk]
        if refused:
            raise DomainError(refused[0].message)
    return instance


def _require_kept(line: RollOverLine) -> None:
    stored = RollOverLine.objects.filter(pk=line.pk).values_list("roll_over", flat=True) if line.pk else ()
    if set(stored) - {line.roll_over_id}:
        raise DomainError(
            "Un mouvement ne change pas de rentrée : le retirer, et l'ajouter à l'autre.", field="roll_over"
        )


def _require_said(line: RollOverLine) -> None:
    """Nothing but what its movement says; which movement it is, the model checks."""
    for name in sorted({each for said in SAID.values() for each in said} - set(SAID.get(line.move, ()))):
        if line.move in SAID and getattr(line, name):
            label = RollOverLine._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            raise DomainError(f"« {line.get_move_display()} » ne dit pas « {label} » : laisser vide.", field=name)


def _require_own(line: RollOverLine, authority: Authority) -> None:
    for name in ("school", "into"):
        school = getattr(line, name)
        if school is not None and school.authority_id != authority.pk:
            raise DomainError("Cette école n'est pas de la collectivité.", field=name)
    held = line.school_class
    if held is not None and (held.school_id != line.school_id or held.school_year != line.roll_over.from_year):
        raise DomainError(
            f"Cette classe n'est pas une classe de l'école en {school_year_label(line.roll_over.from_year)}.",
            field="school_class",
        )


def delete_line(*, instance: RollOverLine, by: User | None, reason: str = "") -> None:
    authority = instance.roll_over.authority
    with audit.action("schools.rollover_line", "Mouvement de rentrée retiré", by=by, authority=authority):
        _require_prepared(_held(instance.roll_over))
        audit.delete(instance=instance, by=by, authority=authority, reason=reason)


def _held(roll_over: RollOver) -> RollOver:
    return RollOver.objects.select_for_update().get(pk=roll_over.pk)


def _require_prepared(roll_over: RollOver) -> None:
    if roll_over.state != RollOverState.PREPARED:
        raise DomainError(f"La rentrée {roll_over.to_year} est faite : l'annuler d'abord pour la changer.")


def apply_roll_over(
    *, roll_over: RollOver, freeze: bool = False, keep_known: bool = False, by: User | None, reason: str = ""
) -> RollOver:
    """Classes of the new year with their headcounts carried over as a forecast; the year that ends is not touched, and is frozen
    where that is asked. `keep_known`: schools that already have classes in the new year are left as they are, instead of a refusal."""
    authority = roll_over.authority
    label = f"Rentrée {roll_over.to_year}"
    with (
        _alone(roll_over),
        audit.action(queries.ROLLED_OVER, label, by=by, authority=authority, target=roll_over, reason=reason),
    ):
        held = _held(roll_over)
        _require_prepared(held)
        refuse_frozen(authority, held.to_year)
        drawn = queries.draw(held)
        _require_whole(drawn, held, keep_known)
        _carry(drawn, held, by)
        _settle_schools(drawn.rentree, drawn, held, by)
        held.state, held.applied_at = RollOverState.APPLIED, timezone.now()
        audit.save(instance=held, by=by, authority=authority)
        if freeze and queries.frozen_year(authority, held.from_year) is None:
            freeze_year(authority=authority, school_year=held.from_year, by=by)
    return held


@contextmanager
def _alone(roll_over: RollOver) -> Iterator[None]:
    """Classes, schools or UAI written by somebody else between the reading and the writing are refused by the database."""
    try:
        yield
    except IntegrityError:
        raise DomainError(
            f"Des classes ou des écoles ont été ajoutées pendant la rentrée {roll_over.to_year} : rien n'est fait, recommencer."
        ) from None


def _require_whole(drawn: Drawn, roll_over: RollOver, keep_known: bool) -> None:
    if refusals := drawn.rentree.refusals:
        first = drawn.lines[refusals[0].movement]
        more = f" ({counted(len(refusals), 'mouvement refusé')} en tout)" if len(refusals) > 1 else ""
        raise DomainError(f"{first} : {refusals[0].message}{more}")
    if not drawn.rentree.classes:
        raise DomainError("Il n'y a aucune classe à reprendre : toutes les écoles ont déjà celles de la rentrée.")
    if drawn.known and not keep_known:
        names = sorted(drawn.schools[key].name for key in drawn.known)
        listed = ", ".join(f"« {name} »" for name in names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")
        classes = counted(sum(len(rows) for rows in drawn.known.values()), "classe")
        raise DomainError(
            f"{counted(len(names), 'école')} {'ont' if len(names) > 1 else 'a'} déjà {classes} en"
            f" {school_year_label(roll_over.to_year)} ({listed}) : accepter de les laisser telles quelles, ou retirer ces classes.",
            field="keep_known",
        )


def _carry(drawn: Drawn, roll_over: RollOver, by: User | None) -> None:
    authority, label = roll_over.authority, f"Classes de la rentrée {roll_over.to_year}"
    rows = [
        SchoolClass(
            school=drawn.schools[each.school],
            school_year=roll_over.to_year,
            name=each.name,
            kind=each.kind,
            estimated=True,
        )
        for each in drawn.rentree.classes
    ]
    classes = audit.create_many(instances=rows, by=by, authority=authority, label=label)
    counts = [
        Headcount(school_class=row, level=level, pupils=pupils)
        for row, each in zip(classes, drawn.rentree.classes, strict=True)
        for level, pupils in each.counts
    ]
    audit.create_many(instances=counts, by=by, authority=authority, label=label)


def _settle_schools(rentree: Rentree, drawn: Drawn, roll_over: RollOver, by: User | None) -> None:
    """Mergers and new UAI in the history of the school that goes on; the schools that leave are closed."""
    until = date(roll_over.to_year, *queries.RENTREE)
    for key, host in sorted(rentree.hosts.items()):
        absorbed = drawn.schools[key]
        _note_former(drawn.schools[host], absorbed.uai, until, f"Fusion avec « {absorbed.name} »", by)
    for key, uai in sorted(rentree.uais.items()):
        school = drawn.schools[key]
        former, school.uai = school.uai, uai
        audit.save(instance=school, by=by, authority=roll_over.authority)
        _note_former(school, former, until, f"Nouvel UAI à la rentrée {roll_over.to_year}", by)
    for key in rentree.closed_schools:
        school = drawn.schools[key]
        school.status = SchoolStatus.CLOSED
        audit.save(instance=school, by=by, authority=roll_over.authority)


def _note_former(school: School, uai: str, until: date, cause: str, by: User | None) -> None:
    """A UAI that somebody noted already stays as it was noted."""
    if FormerUai.objects.filter(school=school, uai=uai).exists():
        return
    row = FormerUai(school=school, uai=uai, until=until, cause=cause[:200])
    audit.save(instance=row, by=by, authority=school.authority)


def applied_event(roll_over: RollOver) -> AuditEvent | None:
    events = AuditEvent.objects.filter(
        verb=queries.ROLLED_OVER, target_type="schools.rollover", target_id=str(roll_over.pk)
    )
    return events.order_by("pk").last()


def undo_roll_over(*, roll_over: RollOver, by: User | None, reason: str = "") -> RollOver:
    """The new classes go, the schools come back as they were; refused where something was done on them since. A year frozen with it
    stays frozen."""
    authority = roll_over.authority
    label = f"Rentrée {roll_over.to_year} annulée"
    with audit.action("schools.roll_over_undone", label, by=by, authority=authority, target=roll_over, reason=reason):
        held = _held(roll_over)
        event = applied_event(held)
        if held.state != RollOverState.APPLIED or event is None:
            raise DomainError(f"La rentrée {held.to_year} n'est pas faite : il n'y a rien à annuler.")
        refuse_frozen(authority, held.to_year)
        undoing.undo(event, WRITTEN, by=by)
        held.state, held.applied_at = RollOverState.PREPARED, None
        audit.save(instance=held, by=by, authority=authority)
    return held
