from django.db import models

from deliberations.enums import EntryKind
from deliberations.models.sitting import Sitting
from plan_numerique.accounts.models import User
from plan_numerique.web.fields import CountField


class SittingEntry(models.Model):
    """One entry of a clerk while the assembly sits, in the order the server took them. `key` is made by the page: the same entry
    sent twice, after a lost connection, is taken once. Never changed: a correction is another entry."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="entries", verbose_name="séance")
    sequence = CountField("rang", lowest=1)
    key = models.UUIDField("clé")
    kind = models.CharField("nature", max_length=20, choices=EntryKind.choices)
    payload = models.JSONField("saisie", default=dict)
    at = models.DateTimeField("à")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="par")

    class Meta:
        verbose_name = "saisie en séance"
        verbose_name_plural = "saisies en séance"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "key"],
                name="sitting_entry_key_unique",
                violation_error_message="Cette saisie est déjà enregistrée.",
            ),
            models.UniqueConstraint(
                fields=["sitting", "sequence"],
                name="sitting_entry_sequence_unique",
                violation_error_message="Une autre saisie de la séance a déjà ce rang.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.sequence})"
