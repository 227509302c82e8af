"""The proposal of a diagnosed school: computed by the rules, then adjusted with a reason, until both sides have signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from equipment.domain import proposal as core
from equipment.models import Pack, Proposal, ProposedPack, RuleSet
from equipment.queries.documents import rule_set_document
from equipment.queries.proposals import Book, book_of, proposed_for, rules_for, value_of
from equipment.services.catalogue import lock_rule_set
from equipment.services.reservations import release_all, release_surplus
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from schools import services as diagnostics
from schools.models import Diagnostic, SchoolClass
from schools.queries import content_lock

LONGEST_REASON = 250


class AdjustmentsAtStakeError(DomainError):
    """A new computation would undo these adjustments: asked first."""

    def __init__(self, packs: Sequence[core.Kept], labels: Mapping[str, str]) -> None:
        told = " ; ".join(f"« {labels.get(each.pack, each.pack)} » : {each.kept} ({each.reason})" for each in packs)
        super().__init__(
            f"La règle ne donne plus la même quantité pour {counted(len(packs), 'pack ajusté')} : {told}. "
            "Recalculer quand même abandonne ces ajustements."
        )


def compute_proposal(
    *, diagnostic: Diagnostic, rule_set: RuleSet, school_year: int, by: User | None, overwrite: bool = False
) -> Proposal:
    """The packs that the rules give on the classes of the year and the volunteers of the diagnostic. Adjustments stay where their rule
    gives as much as before; AdjustmentsAtStakeError where it does not, unless `overwrite`. DomainError quotes the rule that
    too many volunteers break. The rule set is locked where it is priced, as by any computation."""
    authority = diagnostic.school.authority
    with audit.action("equipment.proposal_computed", "Packs proposés", by=by, authority=authority, target=diagnostic):
        require_open(_held(diagnostic))
        if rule_set.authority_id != authority.pk:
            raise DomainError("Ces règles de dotation sont celles d'une autre collectivité.", field="rule_set")
        _require_classes(diagnostic, school_year)
        book = book_of(rule_set)
        proposed = proposed_for(diagnostic, book, school_year)
        _refuse_over(proposed.refusals, book)
        proposal = _proposal(diagnostic, rule_set, school_year, by)
        former = _rows(proposal)
        found = core.recompute([value_of(row) for row in former], proposed.given, book.groups)
        if found.at_stake and not overwrite:
            raise AdjustmentsAtStakeError(found.at_stake, {code: pack.label for code, pack in book.packs.items()})
        _write(proposal, former, found.packs, by=by)
        release_surplus(proposal=proposal, by=by)
        _lock_if_priced(rule_set, by)
    return proposal


def adjust(*, proposed_pack: ProposedPack, kept: int, reason: str, by: User | None) -> ProposedPack:
    """Another quantity than the rule's, and why."""
    authority = proposed_pack.proposal.diagnostic.school.authority
    with audit.action(
        "equipment.pack_adjusted", "Pack ajusté", by=by, authority=authority, target=proposed_pack, reason=reason
    ):
        row = _row(proposed_pack)
        book = book_of(row.proposal.rule_set)
        if kept:
            _refuse_both(row, book)
        if kept != row.by_rule and not reason.strip():
            raise DomainError("Un ajustement de la proposition est motivé.", field="reason")
        if kept == row.by_rule and row.by_rule == 0:
            raise DomainError("Un pack ajouté se retire, il ne se compte pas à 0.", field="kept")
        row.kept, row.reason = kept, "" if kept == row.by_rule else reason.strip()[:LONGEST_REASON]
        audit.save(instance=row, by=by, authority=authority, reason=reason)
        release_surplus(proposal=row.proposal, by=by)
    proposed_pack.refresh_from_db()
    return proposed_pack


def choose(*, proposed_pack: ProposedPack, by: User | None) -> ProposedPack:
    """The school takes this one among those that a rule leaves to its choice; the others are kept at 0."""
    authority = proposed_pack.proposal.diagnostic.school.authority
    with audit.action(
        "equipment.pack_chosen", "Pack choisi par l'école", by=by, authority=authority, target=proposed_pack
    ):
        row = _row(proposed_pack)
        groups = book_of(row.proposal.rule_set).groups
        if not groups.get(row.rule_code):
            raise DomainError("La règle de ce pack ne laisse pas de choix à l'école.")
        rows = _rows(row.proposal)
        found = core.choose([value_of(each) for each in rows], value_of(row), groups)
        _write(row.proposal, rows, found, by=by)
        release_surplus(proposal=row.proposal, by=by)
    proposed_pack.refresh_from_db()
    return proposed_pack


def add_pack(*, proposal: Proposal, pack: Pack, kept: int, reason: str, by: User | None) -> ProposedPack:
    """A pack that no rule gives the school (a device for an ULIS, say)."""
    authority = proposal.diagnostic.school.authority
    with audit.action(
        "equipment.pack_added", "Pack ajouté", by=by, authority=authority, target=proposal, reason=reason
    ):
        require_open(_held(proposal.diagnostic))
        if pack.authority_id != authority.pk:
            raise DomainError("Ce pack est d'une autre collectivité.", field="pack")
        if kept < 1:
            raise DomainError("On ajoute au moins un pack.", field="kept")
        if not reason.strip():
            raise DomainError("Un pack ajouté à la proposition est motivé.", field="reason")
        if ProposedPack.objects.filter(proposal=proposal, pack=pack, rule_code="").exists():
            raise DomainError(f"« {pack} » est déjà ajouté : changer sa quantité.", field="pack")
        row = ProposedPack(proposal=proposal, pack=pack, kept=kept, reason=reason.strip()[:LONGEST_REASON])
        return audit.save(instance=row, by=by, authority=authority, reason=reason)


def remove_pack(*, instance: ProposedPack, by: User | None, reason: str = "") -> None:
    """One added by hand; one that a rule gives is kept at 0 instead, with a reason."""
    authority = instance.proposal.diagnostic.school.authority
    with audit.action(
        "equipment.pack_removed", "Pack retiré", by=by, authority=authority, target=instance, reason=reason
    ):
        row = _row(instance)
        if row.rule_code:
            raise DomainError("Un pack donné par une règle ne se retire pas : le retenir à 0, avec un motif.")
        audit.delete(instance=row, by=by, authority=authority, reason=reason)
        release_surplus(proposal=row.proposal, by=by)


def save_proposed_pack(
    *, instance: ProposedPack, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> ProposedPack:
    """What the API writes: a new row is a pack added by hand, a stored one is adjusted."""
    if instance._state.adding:
        return add_pack(
            proposal=instance.proposal, pack=instance.pack, kept=instance.kept, reason=instance.reason, by=by
        )
    return adjust(proposed_pack=instance, kept=instance.kept, reason=instance.reason, by=by)


def set_volunteers(*, diagnostic: Diagnostic, classes: Sequence[SchoolClass], by: User | None) -> Diagnostic:
    """DomainError where the rules allow fewer volunteers in the school, the rule quoted; without rules any number may."""
    authority = diagnostic.campaign.authority
    with audit.action(
        "schools.diagnostic_volunteers", "Classes volontaires", by=by, authority=authority, target=diagnostic
    ):
        row = diagnostics.set_volunteers(diagnostic=diagnostic, classes=classes, by=by)
        rule_set = rules_for(row)
        if rule_set is not None:
            book = book_of(rule_set)
            _refuse_over(proposed_for(row, book, row.campaign.school_year).refusals, book)
        return row


def cancel_diagnostic(*, diagnostic: Diagnostic, reason: str, by: User | None) -> Diagnostic:
    """What the stock kept for the school is free again."""
    authority = diagnostic.campaign.authority
    with audit.action(
        "schools.diagnostic_cancelled",
        "Diagnostic abandonné",
        by=by,
        authority=authority,
        target=diagnostic,
        reason=reason,
    ):
        row = diagnostics.cancel_diagnostic(diagnostic=diagnostic, reason=reason, by=by)
        release_all(diagnostic=row, reason=f"Diagnostic abandonné : {reason.strip()}", by=by)
        return row


def require_open(diagnostic: Diagnostic) -> None:
    locked = content_lock(diagnostic)
    if locked:
        raise DomainError(f"{locked} Les réservations restent ouvertes.")


def _held(diagnostic: Diagnostic) -> Diagnostic:
    """As it is now, held until the end of the transaction: a signature may have come meanwhile."""
    return Diagnostic.objects.select_for_update(of=("self",)).get(pk=diagnostic.pk)


def _require_classes(diagnostic: Diagnostic, school_year: int) -> None:
    year = school_year_label(school_year)
    if not SchoolClass.objects.filter(school=diagnostic.school_id, school_year=school_year).exists():
        raise DomainError(
            f"« {diagnostic.school} » n'a pas de classe connue en {year} : les règles n'ont rien à compter.",
            field="school_year",
        )
    if diagnostic.volunteers.exclude(school_year=school_year).exists():
        raise DomainError(f"Les classes volontaires du diagnostic ne sont pas de {year}.", field="school_year")


def _refuse_over(refusals: Sequence[core.Refusal], book: Book) -> None:
    for refusal in refusals:
        told = book.rules[refusal.rule]
        quoted = f"« {told.quote} »" if told.quote else f"« {told.sentence} »"
        raise DomainError(
            f"{counted(refusal.volunteers, 'classe volontaire')} pour {refusal.limit} au plus : {quoted} (règle {refusal.rule}). "
            f"En retirer, par exemple {', '.join(refusal.left_out)}.",
            field="volunteers",
        )


def _proposal(diagnostic: Diagnostic, rule_set: RuleSet, school_year: int, by: User | None) -> Proposal:
    row = Proposal.objects.filter(diagnostic=diagnostic).first() or Proposal(diagnostic=diagnostic)
    row.rule_set, row.school_year, row.computed_at = rule_set, school_year, timezone.now()
    return audit.save(instance=row, by=by, authority=diagnostic.school.authority)


def _rows(proposal: Proposal) -> list[ProposedPack]:
    return list(ProposedPack.objects.filter(proposal=proposal).select_related("pack").order_by("pk"))


def _row(proposed_pack: ProposedPack) -> ProposedPack:
    """As stored, in an open diagnostic, which is held first: whoever wrote before has then ended."""
    require_open(_held(proposed_pack.proposal.diagnostic))
    rows = ProposedPack.objects.select_related("pack", "proposal__rule_set", "proposal__diagnostic__school__authority")
    row = rows.filter(pk=proposed_pack.pk).first()
    if row is None:
        raise DomainError(f"« {proposed_pack.pack} » n'est plus dans la proposition.")
    return row


def _write(proposal: Proposal, former: Sequence[ProposedPack], packs: Sequence[core.Kept], *, by: User | None) -> None:
    authority = proposal.diagnostic.school.authority
    stored = {(row.rule_code, row.pack.code): row for row in former}
    wanted = {(each.rule, each.pack) for each in packs}
    for key, row in stored.items():
        if key not in wanted:
            audit.delete(instance=row, by=by, authority=authority)
    codes = Pack.objects.filter(authority=authority, code__in={each.pack for each in packs}).in_bulk(field_name="pk")
    by_code = {pack.code: pack for pack in codes.values()}
    for each in packs:
        found = stored.get((each.rule, each.pack))
        if found is not None and value_of(found) == each:
            continue
        if each.pack not in by_code:
            raise DomainError(f"Le pack « {each.pack} » des règles n'est plus au catalogue.")
        row = found or ProposedPack(proposal=proposal, pack=by_code[each.pack], rule_code=each.rule)
        row.by_rule, row.kept, row.reason = each.by_rule, each.kept, each.reason
        audit.save(instance=row, by=by, authority=authority)


def _refuse_both(row: ProposedPack, book: Book) -> None:
    """Two packs of rules that exclude one another are never both kept."""
    group = book.groups.get(row.rule_code, "")
    if not group:
        return
    others = [code for code, name in book.groups.items() if name == group and code != row.rule_code]
    for other in _rows(row.proposal):
        if other.rule_code in others and other.kept:
            told = book.rules[row.rule_code]
            raise DomainError(
                f"« {told.quote or told.sentence} » : « {other.pack} » est déjà retenu. Choisir l'un ou l'autre.",
                field="kept",
            )


def _lock_if_priced(rule_set: RuleSet, by: User | None) -> None:
    """A set without all its prices stays open, and what it proposes is not costed whole."""
    try:
        rule_set_document(rule_set)
    except DomainError:
        return
    lock_rule_set(rule_set=rule_set, by=by)
