"""The call of the demonstration has a ranking: opinions of the committee, one place given against the score."""

from datetime import date
from typing import Any

from governance.queries import ranking_of
from plan_numerique.demo.loader.ranking import load_ranking
from schools.models import Departure
from tests.factories.projects import CriterionFactory
from tests.factories.ranking import applied, closed_campaign


def test_ranking_is_loaded_once(authority: Any) -> None:
    campaign = closed_campaign(authority)
    CriterionFactory(campaign=campaign, label="Cohérence")
    rows = [applied(campaign, acquired_on=date(2020 + rank, 1, 1)) for rank in range(3)]
    for _ in range(2):
        load_ranking(campaign)
    departure = Departure.objects.get()
    assert (departure.application, departure.position) == (rows[-1], 2)
    found = ranking_of(campaign).rows
    assert [len(row.opinions) for row in found] == [1, 0, 1]
