"""What one import did is taken back, exactly, from the versions held to its event: created rows go, changed ones come back as they were,
deleted ones come back with their key. Everything is looked at before anything is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent, EventBound
from plan_numerique.imports.importer import Change, Importer
from plan_numerique.imports.writing import BATCH, batches, told, update_rows
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted

KEPT = " Rien n'est annulé."


@dataclass
class Done:
    """What the event did to the rows of one model, by key: the first and the last of its versions (`history_id`)."""

    model: type[Model]
    created: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    deleted: list[Any] = field(default_factory=list)
    first: dict[Any, int] = field(default_factory=dict)
    last: dict[Any, int] = field(default_factory=dict)

    @property
    def versions(self) -> Any:
        return self.model.history  # type: ignore[attr-defined]

    @property
    def names(self) -> list[str]:
        kept = {each.attname for each in self.versions.model.tracked_fields}
        return [each.attname for each in self.model._meta.concrete_fields if each.attname in kept]


def what_was_done(importer: Importer, event: AuditEvent) -> list[Done]:
    """By model, in the importer's order; a row made and deleted by the same import is no longer anywhere."""
    found = []
    for model in importer.models:
        done = Done(model)
        kinds: dict[Any, tuple[str, str]] = {}
        key = model._meta.pk.attname
        versions = done.versions.filter(audit_event=event).order_by("history_id")
        for pk, number, kind in versions.values_list(key, "history_id", "history_type").iterator():
            done.first.setdefault(pk, number)
            done.last[pk] = number
            first, _ = kinds.get(pk, (kind, kind))
            kinds[pk] = (first, kind)
        for pk, (first, last) in kinds.items():
            if first == "+" and last != "-":
                done.created.append(pk)
            elif first != "+":
                (done.deleted if last == "-" else done.changed).append(pk)
        done.changed.sort(key=lambda pk, done=done: -done.last[pk])  # type: ignore[misc]
        found.append(done)
    return found


def require_undoable(importer: Importer, event: AuditEvent, found: Sequence[Done]) -> None:
    """DomainError names what was done since on what the event made."""
    back = {done.model: set(done.deleted) for done in found}
    for done in found:
        _require_unchanged(event, done)
    for done in found:
        _require_nothing_built(done, event, importer.beside)
    for done in found:
        for changes in former_changes(done):
            _require_targets(done.model, [change.former for change in changes if change.former], back)
            if reason := importer.refuse_undo(changes):
                raise DomainError(f"{reason.rstrip('.')}.{KEPT}")
        for changes in created_changes(done):
            if reason := importer.refuse_undo(changes):
                raise DomainError(f"{reason.rstrip('.')}.{KEPT}")


def _require_unchanged(event: AuditEvent, done: Done) -> None:
    """A created row that somebody deleted since is as it would be; any other row must be as the import left it."""
    moved: list[Any] = []
    names: list[str] = []
    for keys in batches([*done.created, *done.changed]):
        stored = done.model._base_manager.select_for_update().in_bulk(keys)
        versions = done.versions.in_bulk([done.last[pk] for pk in keys])
        created = set(done.created)
        for pk in keys:
            row, version = stored.get(pk), versions[done.last[pk]]
            if row is None and pk in created:
                continue
            if row is None or any(getattr(row, name) != getattr(version, name) for name in done.names):
                moved.append(pk)
                names.append(name_of(row or version.instance))
    for keys in batches(done.deleted):
        there = done.model._base_manager.filter(pk__in=keys)
        moved += [row.pk for row in there]
        names += [name_of(row) for row in there]
    if moved:
        raise DomainError(f"{told(_since(event, done, moved), names)}{KEPT}")


def _since(event: AuditEvent, done: Done, keys: Sequence[Any]) -> str:
    """Another import, where one did it: it would have to be undone first."""
    rows = done.model._meta.verbose_name_plural
    later = (
        done.versions.filter(**{f"{done.model._meta.pk.attname}__in": keys[:BATCH]})
        .filter(history_id__gt=min(done.last.values()), audit_event__import_session__isnull=False)
        .exclude(audit_event=event)
        .values_list("audit_event__import_session__document__filename", flat=True)
        .first()
    )
    if later:
        return f"Un import plus récent (« {later} ») a changé des données de celui-ci ({rows})"
    return f"Des données ont changé depuis ({rows})"


def _require_nothing_built(done: Done, event: AuditEvent, beside: Sequence[type[Model]] = ()) -> None:
    names: list[str] = []
    pointing = [each for each in _pointing(done.model) if each.model not in beside]
    for keys in batches(done.created):
        for each in pointing:
            rows = each.model._base_manager.filter(**{f"{each.name}__in": list(keys)})
            if hasattr(each.model._meta, "simple_history_manager_attribute"):
                own = Done(each.model).versions.filter(audit_event=event)
                rows = rows.exclude(pk__in=own.values(each.model._meta.pk.attname))
            names += [f"{name_of(row)} ({each.model._meta.verbose_name})" for row in rows[:BATCH]]
    if names:
        raise DomainError(f"{told('Des données reposent sur ce qui a été créé', names)}{KEPT}")


def _pointing(model: type[Model]) -> Iterator[Field]:
    """Foreign keys to this model, from any other, hidden ones included; versions point at everything and hold nothing."""
    for each in model._meta.get_fields(include_hidden=True):
        pointing = getattr(each, "field", None)
        reverse = each.auto_created and not each.concrete and (each.one_to_many or each.one_to_one)
        if reverse and pointing is not None and not _is_version(pointing.model):
            yield pointing


def _is_version(model: type[Model]) -> bool:
    return issubclass(model, EventBound) or hasattr(model, "m2m_history_id")


def _require_targets(model: type[Model], rows: Sequence[Model], back: dict[type[Model], set[Any]]) -> None:
    """A row does not come back to what was deleted meanwhile."""
    for each in model._meta.concrete_fields:
        target = each.related_model
        if not each.is_relation or target is None or isinstance(target, str):
            continue
        wanted = {row.pk: getattr(row, each.attname) for row in rows if getattr(row, each.attname) is not None}
        there = set(target._base_manager.filter(pk__in=set(wanted.values())).values_list("pk", flat=True))
        there |= back.get(target, set())
        if lost := [name_of(row) for row in rows if row.pk in wanted and wanted[row.pk] not in there]:
            what = f"Des lignes renvoyaient à ce qui a été supprimé depuis ({each.verbose_name})"
            raise DomainError(f"{told(what, lost)}{KEPT}")


def former_changes(done: Done) -> Iterator[list[Change]]:
    """Rows changed, the last written first, then rows deleted: as the import left them, with what they were before."""
    key = done.model._meta.pk.attname
    for keys in (*batches(done.changed), *batches(done.deleted)):
        before: dict[Any, int] = {}
        earlier = done.versions.filter(**{f"{key}__in": keys}).order_by("history_id")
        for pk, number in earlier.values_list(key, "history_id"):
            if number < done.first[pk]:
                before[pk] = number
        versions = done.versions.in_bulk([*before.values(), *(done.last[pk] for pk in keys)])
        if lost := [pk for pk in keys if pk not in before]:
            rows = [name_of(versions[done.last[pk]].instance) for pk in lost]
            raise DomainError(f"{told('Rien ne dit ce que ces lignes étaient avant', rows)}{KEPT}")
        gone = set(done.deleted)
        yield [Change(versions[done.last[pk]].instance, versions[before[pk]].instance, gone=pk in gone) for pk in keys]


def created_changes(done: Done) -> Iterator[list[Change]]:
    for keys in batches(done.created):
        there = done.model._base_manager.in_bulk(keys)
        yield [Change(there[pk]) for pk in keys if pk in there]


def take_back(importer: Importer, found: Sequence[Done], *, by: User | None) -> int:
    """New rows go first and give their keys up, then changed rows, then deleted ones: the way back of `write_changes`."""
    count, followed = 0, _Followed(importer)
    for done in reversed(found):
        for changes in created_changes(done):
            rows = [change.instance for change in changes]
            _record_deleted(done, rows, by)
            leaving = done.model._base_manager.filter(pk__in=[row.pk for row in rows])
            leaving._raw_delete(using=leaving.db)
            count += followed.add([Change(row, gone=True) for row in rows])
    for done in found:
        for changes in former_changes(done):
            turned = [Change(each.former, None if each.gone else each.instance) for each in changes if each.former]
            update_rows(done.model, [each for each in turned if each.former is not None], by)
            new = [each.instance for each in turned if each.former is None]
            if new:
                bulk_create_with_history(new, done.model, batch_size=BATCH, default_user=by)
            count += followed.add(turned)
    importer.written(followed.changes, by=by)
    return count


class _Written(Importer):
    """What an action that is not an import wrote: its models, and nothing that follows."""

    def __init__(self, models: Sequence[type[Model]]) -> None:
        self.models = tuple(models)  # type: ignore[misc]


def undo(event: AuditEvent, models: Sequence[type[Model]], *, by: User | None) -> int:
    """Any action undone as an import is: `models`, parents first, are those it wrote. In the caller's transaction; gives the number of
    rows put back. DomainError names what was done on them since."""
    written = _Written(models)
    found = what_was_done(written, event)
    require_undoable(written, event, found)
    return take_back(written, found, by=by)


class _Followed:
    """What `Importer.written` is told once, at the end: a balance is right when every row is back, not half way. Kept for the importers
    that follow only, so that the undoing of the others holds one batch at a time."""

    def __init__(self, importer: Importer) -> None:
        self.kept = type(importer).written is not Importer.written
        self.changes: list[Change] = []

    def add(self, changes: list[Change]) -> int:
        if self.kept:
            self.changes += changes
        return len(changes)


def _record_deleted(done: Done, rows: Sequence[Model], by: User | None) -> None:
    """Nothing refers to these rows: they go without looking for what hangs on them, so their versions are written here."""
    kind, now = done.versions.model, timezone.now()
    kind.objects.bulk_create(
        [
            kind(
                history_date=now,
                history_user=by,
                history_type="-",
                **{each.attname: getattr(row, each.attname) for each in kind.tracked_fields},
            )
            for row in rows
        ],
        batch_size=BATCH,
    )


def name_of(row: Model) -> str:
    """Its own; its number where that takes a row that is no longer there."""
    try:
        return str(row)
    except ObjectDoesNotExist:
        return f"{row._meta.verbose_name} n° {row.pk}"


def summary(count: int) -> str:
    return f"Import annulé : {counted(count, 'ligne')} remise{'s' if count > 1 else ''} comme avant."
