from django.urls import reverse

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.views import Action, DetailPage


class CouncilPage(DetailPage):
    def history(self, name: str) -> list[Action]:
        """The link to the history, for who may read it."""
        if not self.may(VIEW_HISTORY, self.object):
            return []
        return [Action("Historique", reverse(name, args=[self.object.pk]), "history")]
