"""What is said of a class because of its school year: frozen, or carried over from the year before."""

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.services import UNDONE
from schools.models import FrozenYear, Headcount, SchoolClass

ROLLED_OVER = "schools.rolled_over"
"""Verb of the event that makes the classes of a rentrée."""
RENTREE = (9, 1)
"""Month and day from which a school has its new UAI."""


def in_frozen_year() -> Exists:
    """Of a class."""
    return Exists(
        FrozenYear.objects.filter(authority=OuterRef("school__authority"), school_year=OuterRef("school_year"))
    )


def is_carried() -> ExpressionWrapper:
    """Of a class: made by a rentrée and not told since (an import taken back tells nothing), so that its headcounts are those of the year
    before."""
    made = SchoolClass.history.filter(id=OuterRef("pk"), history_type="+", audit_event__verb=ROLLED_OVER)
    told = Headcount.history.filter(school_class_id=OuterRef("pk"))
    told = told.exclude(audit_event__verb__in=[ROLLED_OVER, UNDONE])
    told = told.exclude(audit_event__import_session__state=ImportState.UNDONE)
    return ExpressionWrapper(Q(estimated=True) & Exists(made) & ~Exists(told), output_field=BooleanField())
