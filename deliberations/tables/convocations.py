import django_tables2 as tables

from deliberations.enums import Answer
from deliberations.models import Convocation, Invitation
from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, IntegerColumn, MomentColumn

ANSWER_TONES: dict[str, str] = {Answer.PRESENT: "success", Answer.PROXY: "info", Answer.ABSENT: "warning"}


class ConvocationTable(EntityTable):
    sitting = tables.Column(
        linkify=("deliberations:convocation_detail", {"pk": tables.A("pk")}),
        verbose_name="Séance",
        order_by="sitting__held_on",
    )
    number = IntegerColumn(verbose_name="Rang")
    sent_at = MomentColumn(verbose_name="Envoyée le")
    clear_days = IntegerColumn(verbose_name="Jours francs laissés")
    required_days = IntegerColumn(verbose_name="Jours francs exigés")
    invitation_count = IntegerColumn(verbose_name="Membres convoqués")

    class Meta(EntityTable.Meta):
        model = Convocation
        fields = ("sitting", "number", "sent_at", "clear_days", "required_days", "invitation_count")
        order_by = "-sent_at"


class InvitationTable(EntityTable):
    """Without any address: this list is exported."""

    mandate = tables.Column(
        linkify=("deliberations:invitation_detail", {"pk": tables.A("pk")}),
        verbose_name="Membre",
        order_by="mandate__rank",
    )
    held_on = DayColumn(accessor="convocation__sitting__held_on", verbose_name="Séance du")
    number = IntegerColumn(accessor="convocation__number", verbose_name="Convocation")
    sent_at = MomentColumn(verbose_name="Remise au serveur")
    opened_at = MomentColumn(verbose_name="Ouverte")
    answer = BadgeColumn(tones=ANSWER_TONES, verbose_name="Réponse")
    holder = tables.Column(verbose_name="Pouvoir donné à")
    answered_at = MomentColumn(verbose_name="Répondu")
    answered_by = tables.Column(verbose_name="Par")

    class Meta(EntityTable.Meta):
        model = Invitation
        fields = (
            "mandate", "held_on", "number", "sent_at", "opened_at", "answer", "holder", "answered_at", "answered_by",
        )  # fmt: skip
        order_by = ("-held_on", "mandate")
