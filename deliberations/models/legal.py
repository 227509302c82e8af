from django.db import models
from django.db.models import F, Q

from deliberations.enums import LegalCode
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class LegalSetting(models.Model):
    """A delay or threshold of the law over a period, the same for every authority. Without a first day it holds since ever known."""

    code = models.CharField("règle", max_length=30, choices=LegalCode.choices)
    value = CountField("valeur")
    unit = models.CharField("unité", max_length=40, blank=True)
    article = models.CharField("article", max_length=40)
    valid_from = models.DateField("en vigueur du", null=True, blank=True)
    valid_to = models.DateField("au", null=True, blank=True)
    source = models.CharField("source", max_length=250)
    verified = models.BooleanField("vérifiée sur le texte en vigueur", default=False)
    history = audited()

    class Meta:
        verbose_name = "règle de droit"
        verbose_name_plural = "règles de droit"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="legal_setting_start_unique",
                violation_error_message="La règle a déjà une valeur à partir de ce jour.",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_from=None),
                name="legal_setting_first_unique",
                violation_error_message="La règle a déjà une première valeur, sans date de début.",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="legal_setting_period_in_order",
                violation_error_message="Une règle ne cesse pas avant d'entrer en vigueur.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} : {self.value} {self.unit}".strip()
