from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.models import Expense, FctvaRegime
from governance.services import delete_expense, save_expense
from plan_numerique.audit.admin import AuditedAdmin

REASON = "Administration technique"


@admin.register(Expense)
class ExpenseAdmin(AuditedAdmin):
    """Through the services of expenses, which keep the sums of authorisations."""

    list_display = ("piece", "stage", "exercise", "plan", "label")
    list_select_related = ("plan",)
    search_fields = ("piece", "label", "supplier")
    raw_id_fields = ("plan", "authorisation", "school", "device", "origin")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_expense(instance=obj, by=request.user, reason=REASON)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_expense(instance=obj, by=request.user, reason=REASON)  # type: ignore[arg-type]


@admin.register(FctvaRegime)
class FctvaRegimeAdmin(AuditedAdmin):
    list_display = ("from_exercise", "authority", "lag_years", "rate")
    list_select_related = ("authority",)
