"""The passages of a text: written, moved, taken away."""

from collections.abc import Mapping
from typing import Any

from deliberations.models import ActClause
from deliberations.services.rows import OF_CLAUSE, delete_row, save_row
from deliberations.services.texts import MOST_CLAUSES, checked_text, hold_text, text_changed
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def save_clause(
    *, instance: ActClause, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> ActClause:
    """A new one placed where another stands pushes it, and those after it, one further."""
    act = instance.act
    with audit.action(
        "deliberations.clause_saved",
        "Texte de l'acte",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
        reason=reason,
    ):
        hold_text(act)
        instance.text = checked_text(instance.text, rich=instance.rich)
        if instance._state.adding:
            _place(instance, by)
        save_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
        text_changed(act, by)
    return instance


def _place(clause: ActClause, by: User | None) -> None:
    """Where asked, the others pushed; at the end at the latest."""
    held = clause.act.clauses.order_by("-position")
    if len(held) >= MOST_CLAUSES:
        raise DomainError(f"Un acte a au plus {MOST_CLAUSES} passages.", field="position")
    clause.position = min(clause.position, held[0].position + 1 if held else 1)
    rows = [row for row in held if row.position >= clause.position]
    if rows and rows[-1].position == clause.position:
        for row in rows:
            row.position += 1
            save_row(OF_CLAUSE, instance=row, by=by)


def delete_clause(*, instance: ActClause, by: User | None, reason: str = "") -> None:
    act = instance.act
    with audit.action(
        "deliberations.clause_deleted",
        "Passage supprimé",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
        reason=reason,
    ):
        hold_text(act)
        delete_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
        text_changed(act, by)


def move_clause(*, clause: ActClause, up: bool, by: User | None) -> bool:
    """One place up or down; False at the end of the text, where there is nowhere to go."""
    act = clause.act
    with audit.action(
        "deliberations.clause_moved", "Passage déplacé", by=by, authority=act.sitting.assembly.authority, target=act
    ):
        hold_text(act)
        clause.refresh_from_db()
        near = act.clauses.filter(**{f"position__{'lt' if up else 'gt'}": clause.position})
        other: ActClause | None = near.order_by("-position" if up else "position").first()
        if other is None:
            return False
        free = (act.clauses.order_by("-position").values_list("position", flat=True).first() or 0) + 1
        here, there = clause.position, other.position
        for row, place in ((clause, free), (other, here), (clause, there)):
            row.position = place
            save_row(OF_CLAUSE, instance=row, by=by)
        text_changed(act, by)
    return True
