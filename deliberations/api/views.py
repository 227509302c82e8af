from typing import Any

from django.db import transaction

from deliberations import filtersets, permissions, queries, services
from deliberations.api import serializers
from deliberations.models import Ballot
from plan_numerique.web import versions
from plan_numerique.web.api import EntityViewSet

OF_SITTING = "sitting__assembly__authority"
OF_ACT = "act__sitting__assembly__authority"


class LegalSettingViewSet(EntityViewSet):
    """Read only: the law is kept in the technical administration."""

    permission, authority_path = permissions.VIEW, ""
    rows = staticmethod(queries.visible_legal_settings)
    serializer_class, filterset_class = serializers.LegalSettingSerializer, filtersets.LegalSettingFilter


class AssemblyViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_assemblies)
    serializer_class, filterset_class = serializers.AssemblySerializer, filtersets.AssemblyFilter
    save_service, delete_service = staticmethod(services.save_assembly), staticmethod(services.delete_assembly)


class MandateViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "assembly__authority"
    rows = staticmethod(queries.visible_mandates)
    serializer_class, filterset_class = serializers.MandateSerializer, filtersets.MandateFilter
    save_service, delete_service = staticmethod(services.save_mandate), staticmethod(services.delete_mandate)


class SittingViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "assembly__authority"
    rows = staticmethod(queries.visible_sittings)
    serializer_class, filterset_class = serializers.SittingSerializer, filtersets.SittingFilter
    save_service, delete_service = staticmethod(services.save_sitting), staticmethod(services.delete_sitting)


class OfSittingViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, OF_SITTING
    save_service, delete_service = staticmethod(services.save_of_sitting), staticmethod(services.delete_of_sitting)


class PresenceViewSet(OfSittingViewSet):
    rows = staticmethod(queries.visible_presences)
    serializer_class, filterset_class = serializers.PresenceSerializer, filtersets.PresenceFilter
    save_service = staticmethod(services.save_of_attendance)


class ProxyViewSet(OfSittingViewSet):
    rows = staticmethod(queries.visible_proxies)
    serializer_class, filterset_class = serializers.ProxySerializer, filtersets.ProxyFilter
    save_service = staticmethod(services.save_of_attendance)


class SecretaryViewSet(OfSittingViewSet):
    rows = staticmethod(queries.visible_secretaries)
    serializer_class, filterset_class = serializers.SecretarySerializer, filtersets.SecretaryFilter


class AttendanceChangeViewSet(OfSittingViewSet):
    rows = staticmethod(queries.visible_attendance_changes)
    serializer_class, filterset_class = serializers.AttendanceChangeSerializer, filtersets.AttendanceChangeFilter


class PassageRangeViewSet(OfSittingViewSet):
    rows = staticmethod(queries.visible_passage_ranges)
    serializer_class, filterset_class = serializers.PassageRangeSerializer, filtersets.PassageRangeFilter


class ActViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, OF_SITTING
    rows = staticmethod(queries.visible_acts)
    serializer_class, filterset_class = serializers.ActSerializer, filtersets.ActFilter
    save_service, delete_service = staticmethod(services.save_act), staticmethod(services.delete_act)


class OfActViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, OF_ACT
    save_service, delete_service = staticmethod(services.save_of_act), staticmethod(services.delete_of_act)


class ReporterViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_reporters)
    serializer_class, filterset_class = serializers.ReporterSerializer, filtersets.ReporterFilter


class ActClauseViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_clauses)
    serializer_class, filterset_class = serializers.ActClauseSerializer, filtersets.ActClauseFilter
    save_service, delete_service = staticmethod(services.save_clause), staticmethod(services.delete_clause)


class ActIdentifierViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_identifiers)
    serializer_class, filterset_class = serializers.ActIdentifierSerializer, filtersets.ActIdentifierFilter
    save_service = staticmethod(services.save_identifier)


class BallotViewSet(OfActViewSet):
    """A write gives the whole vote, names included, through the same service as the page; PATCH without `votes` keeps them."""

    serializer_class, filterset_class = serializers.BallotSerializer, filtersets.BallotFilter
    delete_service = staticmethod(services.delete_ballot)

    @staticmethod
    def rows(user: Any) -> Any:
        return queries.visible_ballots(user).prefetch_related("votes")

    def _write(self, serializer: Any, instance: Any) -> None:
        data = dict(serializer.validated_data)
        act = data.pop("act", None)
        if instance._state.adding:
            instance.act = act
        self._require(instance)
        with transaction.atomic():
            self._require_match(instance)
            held = "votes" not in data and serializer.partial
            votes = _held(instance) if held else serializers.named_votes(data.pop("votes", []))
            serializer.instance = services.record_vote(act=instance.act, fields=data, votes=votes, by=self.request.user)
            self.version = versions.version_of(serializer.instance)


def _held(ballot: Ballot) -> list[Any]:
    rows = ballot.votes.select_related("mandate").order_by("position", "pk")
    return [(row.mandate, row.choice, row.with_proxy) for row in rows]


class VoteViewSet(EntityViewSet):
    """Read only: names are written with their ballot."""

    permission, authority_path = permissions.VIEW, "ballot__act__sitting__assembly__authority"
    rows = staticmethod(queries.visible_votes)
    serializer_class, filterset_class = serializers.VoteSerializer, filtersets.VoteFilter


class StatedAmountViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_stated_amounts)
    serializer_class, filterset_class = serializers.StatedAmountSerializer, filtersets.StatedAmountFilter


class StatedBudgetViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_stated_budgets)
    serializer_class, filterset_class = serializers.StatedBudgetSerializer, filtersets.StatedBudgetFilter


class StatedBudgetLineViewSet(OfActViewSet):
    authority_path = f"budget__{OF_ACT}"
    rows = staticmethod(queries.visible_stated_budget_lines)
    serializer_class, filterset_class = serializers.StatedBudgetLineSerializer, filtersets.StatedBudgetLineFilter
    save_service, delete_service = staticmethod(services.save_budget_line), staticmethod(services.delete_budget_line)


class StatedGrantViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_stated_grants)
    serializer_class, filterset_class = serializers.StatedGrantSerializer, filtersets.StatedGrantFilter


class StatedProductViewSet(OfActViewSet):
    rows = staticmethod(queries.visible_stated_products)
    serializer_class, filterset_class = serializers.StatedProductSerializer, filtersets.StatedProductFilter
