"""What both sides of a diagnostic sign, as a digest, and when it last changed."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db.models import Q

from schools.models import Diagnostic, DiagnosticAnswer, Photo, SchoolClass, Site, Work
from schools.queries.answers import values_of
from schools.queries.diagnostics import HALVES

SIGNED_OF_WORK = ("site", "nature", "label", "payer", "payer_name", "amount_ht", "vat_rate", "estimate", "due_on")
"""How far works are goes on after the signatures, and is none of what is signed."""


def content_digest(row: Diagnostic) -> str:
    """SHA-256 of the trigger, the volunteers, the answers, the works and the photos. Five queries."""
    content: dict[str, Any] = {
        "diagnostic": [row.pk, row.family, row.trigger, row.reason, row.triggered_on, row.visit_on],
        "volunteers": sorted(row.volunteers.values_list("pk", flat=True)),
        "works": list(row.works.order_by("pk").values_list("pk", *SIGNED_OF_WORK)),
        "photos": list(row.photos.order_by("pk").values_list("pk", "document__sha256", "caption")),
        **{half: values_of(row, getattr(row.campaign, half)) for half in HALVES},
    }
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()


def signed_with(part: SchoolClass | Site) -> Diagnostic | None:
    """A diagnostic signed by a side that names the class as a volunteer, or works on the site."""
    named = Q(volunteers=part) if isinstance(part, SchoolClass) else Q(works__site=part)
    signed = Q(town_signed_at__isnull=False) | Q(academy_signed_at__isnull=False)
    return Diagnostic.objects.filter(named, signed).select_related("school", "campaign").first()


def changed_at(row: Diagnostic) -> datetime | None:
    """When the diagnostic, an answer, works or a photo last changed. One query."""
    tables = ((Diagnostic, "id"), (DiagnosticAnswer, "diagnostic"), (Work, "diagnostic"), (Photo, "diagnostic"))
    found: list[Any] = [
        model.history.filter(**{key: row.pk}).order_by().values_list("history_date", flat=True) for model, key in tables
    ]
    latest: datetime | None = found[0].union(*found[1:]).order_by("-history_date").first()
    return latest
