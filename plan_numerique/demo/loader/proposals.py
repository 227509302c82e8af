"""Packs for the synthetic diagnostics, by the rules of their authority, and what its stock can give them."""

from contextlib import suppress

from equipment.models import Proposal
from equipment.queries import rules_for
from equipment.services import compute_proposal, reserve_stock
from plan_numerique.accounts.models import Authority
from plan_numerique.shared.errors import DomainError
from schools.enums import DiagnosticState
from schools.models import Diagnostic, SchoolClass


def load_proposals(authority: Authority) -> list[Proposal]:
    """For the diagnostics that no side has signed and that have no packs yet: a second run adds what is missing."""
    rows = Diagnostic.objects.filter(school__authority=authority, proposal=None, state=DiagnosticState.OPEN)
    rows = rows.filter(town_signed_at=None, academy_signed_at=None).select_related("school__authority", "campaign")
    return [found for row in rows.order_by("pk") if (found := propose(row))]


def propose(diagnostic: Diagnostic) -> Proposal | None:
    """Called before a diagnostic is signed. None where the authority has no rules, or the school no class."""
    rule_set = rules_for(diagnostic)
    classes = SchoolClass.objects.filter(school=diagnostic.school)
    volunteered = diagnostic.volunteers.values_list("school_year", flat=True).first()
    year = volunteered or classes.order_by("-school_year").values_list("school_year", flat=True).first()
    if rule_set is None or year is None:
        return None
    proposal = compute_proposal(diagnostic=diagnostic, rule_set=rule_set, school_year=year, by=None)
    with suppress(DomainError):  # the stock may hold nothing of it: the packs stand all the same
        reserve_stock(proposal=proposal, by=None)
    return proposal
