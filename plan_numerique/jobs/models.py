from django.conf import settings
from django.db import models
from django.db.models import F, Q

from plan_numerique.accounts.models import Authority
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.enums import ACTIVE, JobStatus
from plan_numerique.web.fields import CountField


class Job(models.Model):
    """A piece of work done outside the request. This row is the truth; the message in the queue carries only its number."""

    kind = models.CharField("nature", max_length=80, help_text="Nom de la tâche Celery.")
    label = models.CharField("tâche", max_length=200)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="jobs", verbose_name="collectivité")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name="demandée par",
        help_text="Vide pour une tâche planifiée.",
    )
    arguments = models.JSONField("arguments", default=dict, blank=True, help_text="Des numéros, jamais des objets.")
    dedupe_key = models.CharField(
        "clé d'unicité", max_length=120, blank=True, help_text="Une seule tâche active par nature et par clé."
    )

    status = models.CharField("état", max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    attempts = CountField(
        "prises en charge", default=0, help_text="Sert aussi de jeton : un exécutant dépassé est refusé."
    )
    interruptions = CountField("interruptions", default=0)
    cancel_requested = models.BooleanField("annulation demandée", default=False)
    progress_done = CountField("fait", default=0)
    progress_total = CountField("à faire", default=0)
    progress_text = models.CharField("étape", max_length=200, blank=True)

    created_at = models.DateTimeField("demandée le")
    published_at = models.DateTimeField("mise en file le")
    started_at = models.DateTimeField("commencée le", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe de vie", null=True, blank=True)
    finished_at = models.DateTimeField("terminée le", null=True, blank=True)

    message = models.CharField("résultat", max_length=1000, blank=True)
    traceback = models.TextField("trace technique", blank=True)
    result_url = models.CharField("page du résultat", max_length=300, blank=True)
    document = models.ForeignKey(
        StoredDocument, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="document produit"
    )

    class Meta:
        verbose_name = "tâche"
        verbose_name_plural = "tâches"
        indexes = [
            models.Index(fields=["authority", "-created_at"], name="job_by_authority"),
            models.Index(fields=["status", "heartbeat_at"], name="job_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "dedupe_key"],
                condition=Q(status__in=ACTIVE) & ~Q(dedupe_key=""),
                name="job_one_active_per_key",
                violation_error_message="La même tâche est déjà en attente ou en cours.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=JobStatus.values),
                name="job_status_known",
                violation_error_message="L'état de la tâche est inconnu.",
            ),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.QUEUED)
                | Q(started_at__isnull=True, heartbeat_at__isnull=True, finished_at__isnull=True),
                name="job_queued_not_started",
                violation_error_message="Une tâche en attente n'a ni début ni fin.",
            ),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.RUNNING)
                | Q(started_at__isnull=False, heartbeat_at__isnull=False, finished_at__isnull=True, attempts__gte=1),
                name="job_running_started",
                violation_error_message="Une tâche en cours a un début, un signe de vie et pas de fin.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.ERRORED])
                | Q(started_at__isnull=False, finished_at__isnull=False),
                name="job_ended_has_times",
                violation_error_message="Une tâche terminée a un début et une fin.",
            ),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.CANCELLED) | Q(finished_at__isnull=False),
                name="job_cancelled_has_end",
                violation_error_message="Une tâche annulée a une fin.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[JobStatus.FAILED, JobStatus.ERRORED]) | ~Q(message=""),
                name="job_refusal_is_explained",
                violation_error_message="Une tâche refusée ou en erreur dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True)
                | Q(started_at__isnull=True)
                | Q(finished_at__gte=F("started_at")),
                name="job_ends_after_start",
                violation_error_message="La fin d'une tâche suit son début.",
            ),
            models.CheckConstraint(
                condition=Q(progress_done__lte=F("progress_total")),
                name="job_progress_within_total",
                violation_error_message="L'avancement ne dépasse pas le total.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def percent(self) -> int | None:
        """Whole percent, or nothing while the amount of work is unknown."""
        return self.progress_done * 100 // self.progress_total if self.progress_total else None
