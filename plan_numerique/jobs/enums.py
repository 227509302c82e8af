from django.db.models import TextChoices


class JobStatus(TextChoices):
    """`failed`: the rules refused, the message says why. `errored`: a fault of the software, the traceback says where."""

    QUEUED = "queued", "En attente"
    RUNNING = "running", "En cours"
    SUCCEEDED = "succeeded", "Terminée"
    FAILED = "failed", "Refusée"
    ERRORED = "errored", "En erreur"
    CANCELLED = "cancelled", "Annulée"


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)
RESTARTABLE = (JobStatus.FAILED, JobStatus.ERRORED, JobStatus.CANCELLED)
