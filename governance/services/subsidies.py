"""The life of a grant and the posting of the financing plan. Steps are only ever added; a correction is one more step."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance import permissions
from governance.domain.subsidies import POSTING_DELAY, Step, live, refusal
from governance.enums import SubsidyState
from governance.models import BudgetRun, FundingPosting, Subsidy, SubsidyDeadline, SubsidyStep
from governance.queries.subsidies import steps_of
from governance.services.checks import require_same_parent
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError

M2M = Mapping[str, Any] | None

LARGEST_PROOF = 10 * 1024 * 1024
ZIPPED = b"PK\x03\x04"
PROOF_TYPES: dict[str, tuple[str, bytes]] = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIPPED),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ZIPPED),
    ".odt": ("application/vnd.oasis.opendocument.text", ZIPPED),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", ZIPPED),
}
ACCEPTED = ", ".join(suffix.removeprefix(".") for suffix in PROOF_TYPES)
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")


def save_subsidy(
    *, instance: Subsidy, by: User | None, reason: str = "", m2m: M2M = None, since: date | None = None
) -> Subsidy:
    """A new grant begins its life as envisaged, today or `since`; amounts notified and received come from its steps only."""
    require_same_parent(instance, "plan")
    creating = instance._state.adding
    authority = instance.plan.authority
    with audit.action(
        "governance.subsidy_created" if creating else "governance.subsidy_updated",
        "Création" if creating else "Modification",
        by=by,
        authority=authority,
        target=instance,
        reason=reason,
    ):
        if not creating:
            _keep_life(instance)
        audit.save(instance=instance, by=by, authority=authority)
        if creating:
            first = SubsidyStep(subsidy=instance, state=SubsidyState.ENVISAGED, on=since or timezone.localdate())
            audit.save(instance=first, by=by, authority=authority)
    return instance


def _keep_life(instance: Subsidy) -> None:
    """What its steps gave, as it is now: one may be recorded since the row in hand was read."""
    stored = Subsidy.objects.select_for_update().filter(pk=instance.pk).first()
    if stored is None:
        raise DeletedRowError(instance)
    instance.state, instance.granted, instance.received = stored.state, stored.granted, stored.received


def delete_subsidy(*, instance: Subsidy, by: User | None, reason: str = "") -> None:
    with transaction.atomic():
        list(Subsidy.objects.select_for_update().filter(pk=instance.pk).values_list("pk"))
        if instance.steps.exclude(state=SubsidyState.ENVISAGED).exists():
            raise DomainError("Une demande déposée reste en mémoire : elle ne se supprime plus.")
        audit.delete(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def record_step(
    *,
    subsidy: Subsidy,
    state: str,
    on: date,
    by: User | None,
    amount: int | None = None,
    reference: str = "",
    note: str = "",
    correction: bool = False,
    proof: tuple[str, bytes] | None = None,
    reason: str = "",
) -> SubsidyStep:
    """`amount` in cents: asked, notified or received; `proof` is (file name, bytes). A correction replaces the step of that state
    (for a payment, of that reference), which stays readable."""
    if state not in SubsidyState.values:
        raise DomainError("Étape inconnue.", field="state")
    authority = subsidy.plan.authority
    with audit.action(
        "governance.subsidy_step", "Étape de subvention", by=by, authority=authority, target=subsidy, reason=reason
    ):
        held = Subsidy.objects.select_for_update().get(pk=subsidy.pk)
        steps, step = steps_of(held), Step(state, on, amount, reference.strip())
        if why := refusal(steps, step, correction=correction, today=timezone.localdate()):
            raise DomainError(why.message, field=why.field)
        row = SubsidyStep(
            subsidy=subsidy, state=state, on=on, amount=amount, reference=step.reference, note=note,
            document=store_proof(subsidy=subsidy, proof=proof, by=by) if proof else None,
        )  # fmt: skip
        audit.save(instance=row, by=by, authority=authority)
        _follow(held, [*steps, step])
        subsidy.refresh_from_db()
    return row


def _follow(subsidy: Subsidy, steps: list[Step]) -> None:
    life = live(steps)
    subsidy.state, subsidy.granted, subsidy.received = life.state, life.granted, life.received
    if life.requested is not None:
        subsidy.requested = life.requested
    subsidy.save(update_fields=["state", "granted", "received", "requested"])


def store_proof(*, subsidy: Subsidy, proof: tuple[str, bytes], by: User | None) -> StoredDocument:
    """Kept as it is, never opened: its type is told by its name and its first bytes."""
    name, content = proof
    plain = FORBIDDEN.sub("", PurePosixPath(name.replace("\\", "/")).name)
    suffix = PurePosixPath(plain).suffix.lower()
    media_type, start = PROOF_TYPES.get(suffix, ("", b""))
    if not content:
        raise DomainError("Ce fichier est vide.", field="proof")
    if len(content) > LARGEST_PROOF:
        raise DomainError("Un justificatif pèse au plus 10 Mo.", field="proof")
    if not media_type or not content.startswith(start):
        raise DomainError(
            f"Un justificatif est un fichier {ACCEPTED}, et son contenu est bien de ce type.", field="proof"
        )
    return documents.store(
        roles=permissions.VIEW_MONEY.roles,
        authority=subsidy.plan.authority,
        title=f"Justificatif : {subsidy}"[:200],
        kind="subsidy_proof",
        filename=f"{PurePosixPath(plain).stem[:120]}{suffix}",
        media_type=media_type,
        content=content,
        by=by,
    )


def save_deadline(*, instance: SubsidyDeadline, by: User | None, reason: str = "", m2m: M2M = None) -> SubsidyDeadline:
    require_same_parent(instance, "subsidy")
    if instance.done_on and instance.done_on > timezone.localdate():
        raise DomainError("Ce qui est fait l'est à une date passée.", field="done_on")
    return audit.save(instance=instance, by=by, authority=instance.subsidy.plan.authority, reason=reason)


def delete_deadline(*, instance: SubsidyDeadline, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.subsidy.plan.authority, reason=reason)


def finish_deadline(*, deadline: SubsidyDeadline, by: User | None) -> SubsidyDeadline:
    """Today, unless it is done already; the rest of it stays as it is stored, whatever the row in hand was read from."""
    with transaction.atomic():
        stored = SubsidyDeadline.objects.select_for_update().filter(pk=deadline.pk).first()
        if stored is None:
            raise DeletedRowError(deadline)
        if stored.done_on is None:
            stored.done_on = timezone.localdate()
            save_deadline(instance=stored, by=by)
    deadline.refresh_from_db()
    return deadline


def save_posting(
    *, instance: FundingPosting, run: BudgetRun | None = None, by: User | None, reason: str = "", m2m: M2M = None
) -> FundingPosting:
    """Due fifteen days after execution starts (L1111-11). `run` is the computation shown, of a scenario of the plan; kept unless given."""
    require_same_parent(instance, "plan")
    if run is not None:
        instance.run = run
    if instance.run_id is None:
        raise DomainError("L'affiche présente un budget calculé : choisir un scénario calculé.", field="scenario")
    if instance.run.scenario.plan_id != instance.plan_id:
        raise DomainError("Ce calcul est celui d'un autre plan.", field="scenario")
    today = timezone.localdate()
    for name in ("posted_on", "online_on"):
        if (day := getattr(instance, name)) and day > today:
            raise DomainError("L'affichage est un fait : sa date n'est pas à venir.", field=name)
    if instance.started_on is not None:
        instance.due_on = _plus(instance.started_on)
    return audit.save(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def _plus(day: date) -> date:
    try:
        return day + POSTING_DELAY
    except OverflowError:
        raise DomainError("Cette date est hors du calendrier.", field="started_on") from None


def delete_posting(*, instance: FundingPosting, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.plan.authority, reason=reason)
