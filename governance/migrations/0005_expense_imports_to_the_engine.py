"""The imports of expenses, their remembered columns and their trail go to the one engine (`plan_numerique.imports`); nothing is lost."""

from django.db import migrations

KIND, FIXED = "governance.expenses", "_fixed"
MODEL, SESSION = "governance.expenseimport", "imports.importsession"
IMPORTED = "governance.expenses_imported"
STATES = {"applied": "applied", "undone": "undone"}


def columns_of(told):
    return {name: column for name, column in told.items() if not name.endswith(FIXED)}


def options_of(told):
    return {name.removesuffix(FIXED): str(value) for name, value in told.items() if name.endswith(FIXED) and value}


def move(apps, schema_editor):
    move_mappings(apps)
    move_imports(apps)


def move_mappings(apps):
    old, new = apps.get_model("governance", "ColumnMapping"), apps.get_model("imports", "ColumnMapping")
    versions = apps.get_model("governance", "HistoricalColumnMapping")
    kept = apps.get_model("imports", "HistoricalColumnMapping")
    keys = {}
    for row in old.objects.order_by("pk"):
        found = {"authority_id": row.authority_id, "kind": KIND, "header_digest": row.header_digest}
        made, _ = new.objects.get_or_create(**found, defaults={"columns": columns_of(row.columns)})
        keys[row.pk] = made.pk
    for row in versions.objects.filter(id__in=keys).order_by("history_id"):
        kept.objects.create(
            id=keys[row.id],
            authority_id=row.authority_id,
            kind=KIND,
            header_digest=row.header_digest,
            columns=columns_of(row.columns),
            history_date=row.history_date,
            history_change_reason=row.history_change_reason,
            history_type=row.history_type,
            history_user_id=row.history_user_id,
            audit_event_id=row.audit_event_id,
        )


def move_imports(apps):
    old, new = apps.get_model("governance", "ExpenseImport"), apps.get_model("imports", "ImportSession")
    events = apps.get_model("audit", "AuditEvent")
    for row in old.objects.select_related("plan", "job").order_by("pk"):
        trail = events.objects.filter(target_type=MODEL, target_id=str(row.pk))
        event = trail.filter(verb=IMPORTED).order_by("-pk").first() or lost_event(events, row)
        done = row.state in STATES
        bad = row.rows - row.created - row.updated - row.unchanged
        session = new.objects.create(
            authority_id=row.plan.authority_id,
            kind=KIND,
            document_id=row.document_id,
            columns=columns_of(row.columns),
            options={"plan": str(row.plan_id), **options_of(row.columns)},
            state=STATES.get(row.state) or ("checked" if row.columns and row.rows else "sent"),
            job_id=row.job_id,
            errors_id=row.job.document_id if row.job else None,
            event=event if done else None,
            by_id=row.by_id,
            rows=row.rows,
            created=row.created,
            updated=row.updated,
            unchanged=row.unchanged,
            bad=max(bad, 0),
            problems=row.problems,
            problem_count=len(row.problems),
        )
        new.objects.filter(pk=session.pk).update(at=row.at)
        trail.update(target_type=SESSION, target_id=str(session.pk))


def lost_event(events, row):
    """An import applied or undone keeps an event, even one older than the trail."""
    if row.state not in STATES:
        return None
    return events.objects.create(
        verb=IMPORTED,
        label="Import de dépenses",
        authority_id=row.plan.authority_id,
        by_id=row.by_id,
        target_type=MODEL,
        target_id=str(row.pk),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_decision_freezes_ranking"),
        ("imports", "0001_initial"),
    ]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
