from django.db import models

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class StatedCount(models.Model):
    """A figure that a source only gives as a count (45 schools, 161 classes), kept as such and never turned into rows."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="stated_counts", verbose_name="collectivité")
    code = models.SlugField("code", max_length=60)
    label = models.CharField("intitulé", max_length=160)
    value = CountField("valeur")
    unit = models.CharField("unité", max_length=40, blank=True)
    period = models.CharField("période ou date", max_length=60, blank=True)
    approximate = models.BooleanField("approché", default=False)
    computed = models.BooleanField("calculé par nous", default=False)
    source = models.CharField("source", max_length=250)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "compte d'une source"
        verbose_name_plural = "comptes des sources"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"],
                name="stated_count_unique",
                violation_error_message="Ce compte est déjà relevé pour la collectivité.",
            )
        ]

    def __str__(self) -> str:
        return self.label
