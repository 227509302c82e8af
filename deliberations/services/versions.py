"""The text of an act at a moment, kept whole; and its return to one of them."""

from typing import Any

from django.db.models import Max
from django.utils import timezone

from deliberations.models import Act, ActClause, ActVersion
from deliberations.queries.versions import KEPT, digest_of, snapshot, text_of_version
from deliberations.services.rows import OF_ACT, OF_CLAUSE, delete_row, save_row
from deliberations.services.texts import hold_text, text_changed
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def keep_version(*, act: Act, reason: str = "", by: User | None) -> ActVersion:
    """The present text as the next version; the last one, where nothing changed since."""
    authority = act.sitting.assembly.authority
    with audit.action("deliberations.version_kept", "Version gardée", by=by, authority=authority, target=act):
        Act.objects.select_for_update().get(pk=act.pk)
        text = snapshot(act)
        last: ActVersion | None = act.versions.order_by("-number").first()
        if last is not None and digest_of(text_of_version(last)) == digest_of(text):
            return last
        number = act.versions.aggregate(last=Max("number"))["last"] or 0
        version = ActVersion(
            act=act, number=number + 1, reason=reason[:300], created_at=timezone.now(), created_by=by, **text
        )
        version.full_clean(exclude=["clauses"])
        version.save()
    return version


def restore_version(*, version: ActVersion, by: User | None) -> Act:
    """The act takes the text of the version; what it had is kept as a version first."""
    act = version.act
    authority = act.sitting.assembly.authority
    with audit.action(
        "deliberations.version_restored",
        f"Retour à la version {version.number}",
        by=by,
        authority=authority,
        target=act,
    ):
        hold_text(act)
        if digest_of(text_of_version(version)) == digest_of(snapshot(act)):
            raise DomainError(f"Le texte est déjà celui de la version {version.number}.")
        keep_version(act=act, reason=f"Avant le retour à la version {version.number}", by=by)
        if act.title != version.title:
            act.title = version.title
            save_row(OF_ACT, instance=act, by=by)
        _write_clauses(act, version.clauses, by)
        keep_version(act=act, reason=f"Retour à la version {version.number}", by=by)
        text_changed(act, by)
    return act


def _write_clauses(act: Act, wanted: list[dict[str, Any]], by: User | None) -> None:
    """In place, so that a passage that did not change keeps its history."""
    held = list(act.clauses.order_by("position"))
    for row in held[len(wanted) :]:
        delete_row(OF_CLAUSE, instance=row, by=by)
    last = held[-1].position if held else 0
    for rank, fields in enumerate(wanted):
        row = held[rank] if rank < len(held) else ActClause(act=act, position=last + rank + 1)
        if row._state.adding or any(getattr(row, name) != fields[name] for name in KEPT):
            for name in KEPT:
                setattr(row, name, fields[name])
            save_row(OF_CLAUSE, instance=row, by=by)
