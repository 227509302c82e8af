"""A campaign ready to be ranked: its criteria, its schools, the meeting that freezes its list."""

from datetime import date
from decimal import Decimal
from typing import Any

from governance.enums import DecisionEffect
from governance.models import Decision
from governance.services import close_meeting
from plan_numerique.accounts.models import User
from schools.models import Application, Campaign
from tests.factories.equipment import DeviceFactory, ItemTypeFactory
from tests.factories.governance import AgendaItemFactory
from tests.factories.projects import ApplicationFactory, CampaignFactory, CriterionFactory, MarkFactory

CLOSED = {"opens_on": date(2026, 9, 1), "closes_on": date(2026, 10, 30)}


def closed_campaign(authority: Any, **values: Any) -> Campaign:
    """Criteria: a mark of the committee from 0 to 10 over 20 points, the age of the park from 0 to 8 years over 40."""
    campaign = CampaignFactory(authority=authority, **{**CLOSED, **values})
    CriterionFactory(campaign=campaign, label="Projet", position=1)
    CriterionFactory(
        campaign=campaign, label="Équipement ancien", position=2, kind="park_age", weight=40, full_value=Decimal(8)
    )
    return campaign


def applied(campaign: Campaign, *, mark: Any = None, acquired_on: date | None = None, **values: Any) -> Application:
    application = ApplicationFactory(campaign=campaign, **values)
    if mark is not None:
        MarkFactory(application=application, criterion=campaign.criteria.get(label="Projet"), value=Decimal(mark))
    if acquired_on is not None:
        item = ItemTypeFactory(authority=campaign.authority)
        DeviceFactory(item_type=item, school=application.school, acquired_on=acquired_on)
    return application


def deciding(campaign: Campaign, held_on: date = date(2026, 11, 20)) -> Decision:
    """A decision of an open meeting that freezes the list when it closes."""
    item = AgendaItemFactory(meeting__committee__authority=campaign.authority, meeting__held_on=held_on)
    item.meeting.state = "opened"
    item.meeting.save()
    return Decision.objects.create(
        item=item, text="La liste est arrêtée.", effect=DecisionEffect.FREEZES_RANKING, campaign=campaign
    )


def frozen(campaign: Campaign, by: User | None = None) -> Campaign:
    close_meeting(meeting=deciding(campaign).item.meeting, by=by)
    campaign.refresh_from_db()
    return campaign
