from typing import Any

import django_filters
from django.db.models import QuerySet

from deliberations import queries
from deliberations.enums import Answer
from deliberations.models import Assembly, Convocation, Invitation, MemberContact, Sitting
from plan_numerique.web.filters import EntityFilter, YearFilter

WAITING = "waiting"


class MemberContactFilter(EntityFilter):
    search_fields = ("mandate__display_name",)
    scoped = {"assembly": queries.visible_assemblies, "mandate": queries.visible_mandates}
    without = ("email", "phone", "user")

    assembly = django_filters.ModelChoiceFilter(
        label="Assemblée", field_name="mandate__assembly", queryset=Assembly.objects.none()
    )

    class Meta:
        model = MemberContact
        fields = ("assembly", "mandate", "on_paper")


class ConvocationFilter(EntityFilter):
    search_fields = ("sitting__assembly__name", "sitting__place")
    scoped = {"assembly": queries.visible_assemblies, "sitting": queries.visible_sittings}
    without = ("number", "message", "agenda", "clear_days", "required_days", "document")

    assembly = django_filters.ModelChoiceFilter(
        label="Assemblée", field_name="sitting__assembly", queryset=Assembly.objects.none()
    )
    sent_at = YearFilter(label="Année d'envoi", field_name="sent_at")
    urgent = django_filters.BooleanFilter(label="En urgence", field_name="sitting__urgent")

    class Meta:
        model = Convocation
        fields = ("assembly", "sitting", "sent_at", "urgent")


class InvitationFilter(EntityFilter):
    search_fields = ("mandate__display_name",)
    scoped = {
        "sitting": queries.visible_sittings,
        "convocation": queries.visible_convocations,
        "mandate": queries.visible_mandates,
    }
    without = (
        "email", "token_digest", "expires_at", "sent_at", "error", "opened_at", "holder", "answered_at", "answered_by",
    )  # fmt: skip

    sitting = django_filters.ModelChoiceFilter(
        label="Séance", field_name="convocation__sitting", queryset=Sitting.objects.none()
    )
    answer = django_filters.ChoiceFilter(
        label="Réponse", choices=[*Answer.choices, (WAITING, "Sans réponse")], method="answered"
    )
    failed = django_filters.BooleanFilter(label="Envoi en échec", method="sending_failed")

    class Meta:
        model = Invitation
        fields = ("sitting", "convocation", "mandate", "answer", "failed")

    def answered(self, queryset: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        return queryset.filter(answer="" if value == WAITING else value)

    def sending_failed(self, queryset: QuerySet[Invitation], name: str, value: Any) -> QuerySet[Invitation]:
        return queryset.exclude(error="") if value else queryset.filter(error="")
