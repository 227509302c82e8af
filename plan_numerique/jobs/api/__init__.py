from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from plan_numerique.accounts.models import User
from plan_numerique.jobs import permissions, queries, services
from plan_numerique.jobs.filtersets import JobFilter
from plan_numerique.jobs.models import Job
from plan_numerique.web.api import EntityViewSet


class JobSerializer(serializers.ModelSerializer[Job]):
    percent = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Vide tant que la quantité est inconnue."
    )
    document_url = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id", "kind", "label", "authority", "created_by", "status", "progress_done", "progress_total", "progress_text",
            "percent", "message", "result_url", "document_url", "cancel_requested", "attempts", "created_at",
            "started_at", "heartbeat_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_document_url(self, job: Job) -> str | None:
        return reverse("document", args=[job.document_id]) if job.document_id else None


class JobDetailSerializer(JobSerializer):
    traceback = serializers.SerializerMethodField(help_text="Pour l'administrateur ; vide pour les autres.")

    class Meta:
        model = Job
        fields = (*JobSerializer.Meta.fields, "traceback")
        read_only_fields = fields

    @extend_schema_field(serializers.CharField)
    def get_traceback(self, job: Job) -> str:
        return job.traceback if permissions.MANAGE.granted(self.context["request"].user, job.authority) else ""


class JobViewSet(EntityViewSet):
    """Jobs are made by what starts them; here they are followed, restarted and cancelled."""

    permission = permissions.VIEW
    write_permission = permissions.VIEW
    rows = staticmethod(queries.visible_jobs)  # type: ignore[assignment]
    serializer_class = JobDetailSerializer
    filterset_class = JobFilter
    http_method_names = ["get", "post", "head", "options"]

    def get_serializer_class(self) -> type[JobSerializer]:
        return JobSerializer if self.action == "list" else JobDetailSerializer

    @extend_schema(exclude=True)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise MethodNotAllowed(request.method or "")

    def _managed(self) -> Job:
        job: Job = self.get_object()
        if not queries.may_manage(self.request.user, job):
            raise PermissionDenied
        return job

    @extend_schema(request=None, responses=JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        return Response(self.get_serializer(services.retry(job=self._managed(), by=cast(User, request.user))).data)

    @extend_schema(request=None, responses=JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:
        return Response(self.get_serializer(services.cancel(job=self._managed(), by=cast(User, request.user))).data)


routes = [("jobs", JobViewSet)]
