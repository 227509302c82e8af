from django.conf import settings
from django.db import models

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import AuditEvent, audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.imports.enums import ImportState
from plan_numerique.jobs.models import Job
from plan_numerique.web.fields import CountField


class ColumnMapping(models.Model):
    """Which column of a file holds what, remembered for the next file with the same header. `columns`: field → column name."""

    authority = models.ForeignKey(
        Authority, models.CASCADE, related_name="import_mappings", verbose_name="collectivité"
    )
    kind = models.CharField("nature du fichier", max_length=60)
    header_digest = models.CharField("empreinte de l'en-tête", max_length=64)
    columns = models.JSONField("colonnes", default=dict)
    history = audited()

    class Meta:
        verbose_name = "correspondance de colonnes"
        verbose_name_plural = "correspondances de colonnes"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "kind", "header_digest"],
                name="import_mapping_unique",
                violation_error_message="Cette correspondance est déjà retenue.",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class ImportSession(models.Model):
    """One file that somebody sends: its columns told, checked, then applied whole, and undone as long as nothing rests on it.

    `kind` is that of its importer; `columns`: field → column name; `options`: what holds for every row (school year, plan…);
    `problems`: the first ones, as {line, column, value, message, accepted}; `event` holds every change it made."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="import_sessions", verbose_name="collectivité"
    )
    kind = models.CharField("nature", max_length=60)
    document = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="fichier")
    sheet = models.CharField("feuille", max_length=120, blank=True)
    columns = models.JSONField("colonnes", default=dict, blank=True)
    options = models.JSONField("valables pour tout le fichier", default=dict, blank=True)
    state = models.CharField("état", max_length=7, choices=ImportState.choices, default=ImportState.SENT)
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="import_session", verbose_name="tâche"
    )
    errors = models.ForeignKey(
        StoredDocument,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="lignes à corriger",
    )
    event = models.OneToOneField(
        AuditEvent, models.PROTECT, null=True, blank=True, related_name="import_session", verbose_name="événement"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="par"
    )
    at = models.DateTimeField("le", auto_now_add=True)
    rows = CountField("lignes", default=0)
    created = CountField("créées", default=0)
    updated = CountField("modifiées", default=0)
    unchanged = CountField("inchangées", default=0)
    left_out = CountField("hors périmètre", default=0)
    bad = CountField("en erreur", default=0)
    problems = models.JSONField("problèmes", default=list, blank=True)
    problem_count = CountField("nombre de problèmes", default=0)
    remarks = models.JSONField("remarques", default=list, blank=True)

    class Meta:
        verbose_name = "import"
        indexes = [models.Index(fields=["authority", "-at"], name="import_session_by_authority")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values),
                name="import_session_state_known",
                violation_error_message="L'état de l'import est inconnu.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[ImportState.APPLIED, ImportState.UNDONE])
                | models.Q(event__isnull=False),
                name="import_session_applied_has_event",
                violation_error_message="Un import appliqué garde l'événement qui tient ses changements.",
            ),
        ]

    def __str__(self) -> str:
        return self.document.filename
