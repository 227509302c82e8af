"""What a frozen list refuses: nothing that its score was made of changes any more."""

from django.db import transaction
from django.utils import timezone

from plan_numerique.shared.errors import DomainError
from schools.enums import CampaignState
from schools.models import Campaign


def refuse_frozen_campaign(campaign: Campaign) -> None:
    """Called inside the transaction of a write: the row is read again and held, so that no freeze comes between."""
    with transaction.atomic(savepoint=False):
        row = Campaign.objects.select_for_update(of=("self",)).select_related("frozen_by").get(pk=campaign.pk)
    if row.state != CampaignState.FROZEN or row.frozen_at is None:
        return
    day = f"{timezone.localtime(row.frozen_at):%d/%m/%Y}"
    by = f" par {row.frozen_by}" if row.frozen_by else ""
    raise DomainError(f"La liste de « {row} » est arrêtée depuis le {day}{by} : elle ne change plus.")
