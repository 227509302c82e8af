import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from governance.enums import ExpenseStage
from governance.models import Expense, FctvaRegime
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    RateColumn,
    YearColumn,
    YesNoColumn,
)

STAGE_TONES: dict[str, str] = {
    ExpenseStage.COMMITMENT: "info",
    ExpenseStage.INVOICE: "neutral",
    ExpenseStage.PAYMENT: "success",
}


def _link(name: str, pk: int, label: object) -> str:
    return format_html('<a href="{}">{}</a>', reverse(f"governance:{name}", args=[pk]), label)


class ExpenseTable(EntityTable):
    hidden = ("plan", "section", "ht", "vat", "authorisation", "school", "act", "fctva", "source")
    piece = tables.Column("Pièce")
    stage = BadgeColumn(verbose_name="Étape", tones=STAGE_TONES)
    exercise = YearColumn("Exercice")
    dated_on = DayColumn(verbose_name="Date")
    ht, vat, ttc = EurosColumn("HT"), EurosColumn("TVA"), EurosColumn("TTC")
    fctva = YesNoColumn("FCTVA")

    class Meta(EntityTable.Meta):
        model = Expense
        fields = (
            "piece", "stage", "exercise", "dated_on", "supplier", "label", "heading", "section", "account", "ht", "vat", "ttc",
            "authorisation", "school", "act", "fctva", "plan", "source",
        )  # fmt: skip

    def render_piece(self, value: str, record: Expense) -> str:
        return _link("expense_detail", record.pk, value)

    def value_piece(self, value: str) -> str:
        return value


class FctvaRegimeTable(EntityTable):
    from_exercise = YearColumn("À partir de l'exercice")
    lag_years = tables.Column("Versement")
    rate = RateColumn("Taux")

    class Meta(EntityTable.Meta):
        model = FctvaRegime
        fields = ("from_exercise", "authority", "lag_years", "rate", "source")

    def render_from_exercise(self, value: int, record: FctvaRegime) -> str:
        return _link("fctvaregime_detail", record.pk, value)

    def value_from_exercise(self, value: int) -> int:
        return value

    def render_lag_years(self, value: int) -> str:
        return LAGS.get(value, str(value))


LAGS = {0: "l'année même (n)", 1: "l'année suivante (n + 1)", 2: "deux ans après (n + 2)"}
"""When the FCTVA of a year's spending is received (L1615-6)."""
