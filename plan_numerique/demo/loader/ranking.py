"""The ranking of the call to practise on: what the committee thinks of two applications, and one place given against the score."""

from django.db import transaction

from governance import queries, services
from schools.enums import Stage, Verdict
from schools.models import Campaign
from schools.services import give_opinion

MADE_UP = "Motif fabriqué pour la démonstration : les locaux sont câblés cet été."
MARKS = ("8", "6")


@transaction.atomic
def load_ranking(campaign: Campaign) -> None:
    """Once: nothing where the lead has given a place already."""
    if campaign.departures.exists():
        return
    rows = queries.ranking_of(campaign).rows
    criterion = campaign.criteria.filter(kind=Stage.COMMITTEE).first()
    for row, mark in zip(rows, MARKS, strict=False):
        if criterion is not None:
            give_opinion(
                application=row.application,
                stage=Stage.COMMITTEE,
                verdict=Verdict.FAVOURABLE,
                marks={criterion.pk: (mark, "Simulation")},
                by=None,
            )
    if len(rows) > 2:
        services.set_departure(application=rows[-1].application, position=2, reason=MADE_UP, by=None)
