"""Reading the trail: events a user may see, and the versions of one row as differences."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent, EventBound
from plan_numerique.audit.permissions import VIEW_TRAIL
from plan_numerique.web.versions import shown


def visible_events(user: Any) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("by", "authority")
    return events if user.is_superuser else events.filter(authority__in=VIEW_TRAIL.authorities(user))


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """One version of a row: what was done, by whom, why, and the fields that changed."""

    date: datetime
    who: User | None
    title: str
    reason: str
    changes: list[Change]


WHAT = {"+": "Création", "~": "Modification", "-": "Suppression"}


def _shown(field: "models.Field[Any, Any]", record: Any) -> str:
    return shown(field, getattr(record, field.attname, None))


def _changes(record: Any, previous: Any) -> list[Change]:
    tracked = type(record).tracked_fields
    changed = [
        field
        for field in tracked
        if previous is None or getattr(record, field.attname) != getattr(previous, field.attname)
    ]
    return [
        Change(str(field.verbose_name), _shown(field, previous), _shown(field, record))
        for field in changed
        if not field.primary_key and (previous is not None or getattr(record, field.attname) not in (None, "", False))
    ]


def _version(record: Any, previous: Any, *, named: bool = False) -> Version:
    event, kind = record.audit_event, record.history_type
    label = event.label if event else WHAT[kind]
    return Version(
        date=record.history_date,
        who=record.history_user,
        title=f"{WHAT[kind]} : {record.instance}" if named else label,
        reason=event.reason if event else "",
        changes=[] if kind == "-" else _changes(record, previous if kind == "~" else None),
    )


def versions_of(instance: Any, limit: int = 100) -> list[Version]:
    """Latest first."""
    records = list(instance.history.select_related("history_user", "audit_event").order_by("-history_id")[: limit + 1])
    return [
        _version(record, records[rank + 1] if rank + 1 < len(records) else None)
        for rank, record in enumerate(records[:limit])
    ]


def versions_of_parts(records: "QuerySet[Any]", limit: int = 100) -> list[Version]:
    """Of the rows that live on the page of another, from their histories: named, latest first."""
    rows = list(records.select_related("history_user", "audit_event").order_by("-history_id")[:limit])
    former: dict[Any, Any] = {}
    found = []
    for record in reversed(rows):
        version = _version(
            record, former.get(record.id) or (record.prev_record if record.history_type == "~" else None)
        )
        found.append(replace(version, title=f"{version.title} : {record.instance}"))
        former[record.id] = record
    return found[::-1]


def changes_of(event: AuditEvent, limit: int = 200) -> list[Version]:
    """Every change that one action made, over all models."""
    found: list[Version] = []
    for history in apps.get_models():
        if issubclass(history, EventBound):
            records = (
                history.objects.filter(audit_event=event)
                .select_related("history_user", "audit_event")
                .order_by("history_id")
            )
            found += [_version(record, record.prev_record, named=True) for record in records[: limit - len(found)]]
    return found
