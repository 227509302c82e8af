import django_tables2 as tables

from governance.enums import VersionKind
from governance.models import Authorisation, AuthorisationVersion
from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, EurosColumn, IntegerColumn, YearColumn

VERSION_TONES: dict[str, str] = {
    VersionKind.OPENING: "success",
    VersionKind.REVISION: "info",
    VersionKind.CARRY_OVER: "warning",
    VersionKind.CLOSING: "neutral",
}


class AuthorisationTable(EntityTable):
    label = tables.Column(linkify=("governance:authorisation_detail", {"pk": tables.A("pk")}))
    plan = tables.Column(linkify=("governance:plan_credits", {"pk": tables.A("plan_id")}))
    first_exercise, last_exercise = YearColumn(verbose_name="Du"), YearColumn(verbose_name="Au")
    amount = EurosColumn(verbose_name="Annoncé")
    voted = EurosColumn(verbose_name="Voté")
    committed = EurosColumn(verbose_name="Engagé")
    paid = EurosColumn(verbose_name="Payé")
    code = tables.Column()
    hidden = ("first_exercise", "last_exercise", "code")

    class Meta(EntityTable.Meta):
        model = Authorisation
        fields = (
            "label", "plan", "section", "first_exercise", "last_exercise", "amount", "voted", "committed", "paid", "code",
        )  # fmt: skip
        order_by = ("plan", "label")


class AuthorisationVersionTable(EntityTable):
    act = tables.Column(linkify=("governance:authorisation_detail", {"pk": tables.A("authorisation_id")}))
    authorisation = tables.Column()
    number = IntegerColumn(verbose_name="Version")
    kind = BadgeColumn(tones=VERSION_TONES)
    voted_on = DayColumn()
    amount = EurosColumn(verbose_name="AP")
    reason = tables.Column()

    class Meta(EntityTable.Meta):
        model = AuthorisationVersion
        fields = ("act", "authorisation", "number", "kind", "voted_on", "amount", "reason")
        order_by = ("-voted_on", "-number")
