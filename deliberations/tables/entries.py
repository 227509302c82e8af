from typing import Any

import django_tables2 as tables

from deliberations.models import SittingEntry
from plan_numerique.web.tables import EntityTable, IntegerColumn

LONGEST = 200
SAID = {
    "act": "acte", "member": "membre", "members": "membres", "giver": "mandant", "holder": "mandataire",
    "choice": "vote", "proxy": "avec pouvoir", "group": "groupe", "all": "tous", "others": "les autres", "mode": "mode",
    "method": "scrutin", "requested_by": "demandé par", "for": "pour", "against": "contre", "abstain": "abstentions",
    "not_voting": "sans prendre part", "blank": "blancs et nuls", "states": "présences", "at": "heure", "before": "avant",
    "change": "mouvement", "event": "mouvement", "reason": "motif", "text": "note", "title": "intitulé", "kind": "nature",
    "stated_result": "résultat", "chair_vote": "vote du président",
}  # fmt: skip


class SittingEntryTable(EntityTable):
    sitting = tables.Column(linkify=("deliberations:sitting_detail", {"pk": tables.A("sitting_id")}))
    sequence = IntegerColumn(verbose_name="Rang")
    payload = tables.Column(verbose_name="Saisie", orderable=False)
    by = tables.Column(verbose_name="Par", order_by=("by__full_name", "by__email"))

    class Meta(EntityTable.Meta):
        model = SittingEntry
        fields = ("sitting", "sequence", "at", "kind", "payload", "by")
        order_by = ("-at", "-sequence")

    def render_payload(self, value: dict[str, Any]) -> str:
        """Members and acts by their number: a journal says what was sent."""
        said = [f"{SAID.get(name, name)} : {each}" for name, each in value.items() if each not in (None, "", False)]
        text = ", ".join(said)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def value_payload(self, value: dict[str, Any]) -> str:
        return ", ".join(f"{SAID.get(name, name)} : {each}" for name, each in value.items() if each is not None)
