"""The words of the budget as dated data: accounts of the M57 chart, headings of an authority, its FCTVA regime."""

from django.db import models
from django.db.models import F, Q

from governance.enums import Section
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, RateField, YearField


class Account(models.Model):
    """An account of the M57 chart, the same for every authority. `verified`: a source we read says it (domain-rules 5.2)."""

    code = models.CharField("compte", max_length=12)
    label = models.CharField("intitulé", max_length=200)
    section = models.CharField("section", max_length=14, choices=Section.choices)
    revenue = models.BooleanField("recette", default=False)
    fctva = models.BooleanField("ouvre droit au FCTVA", default=False)
    valid_from = YearField("premier exercice", default=2024)
    valid_to = YearField("dernier exercice", null=True, blank=True)
    verified = models.BooleanField("vérifié", default=False)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="account_code_unique",
                violation_error_message="Ce compte existe déjà à partir de cet exercice.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="account_years_in_order",
                violation_error_message="Le dernier exercice d'un compte ne précède pas le premier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Heading(models.Model):
    """A heading of an authority's plans: the code that cost lines carry, its name, where it usually falls."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="headings", verbose_name="collectivité")
    code = models.CharField("code", max_length=60, help_text="Tel qu'il est porté sur les lignes : materiel, cablage…")
    label = models.CharField("intitulé", max_length=160)
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.INVESTMENT)
    account = models.CharField("compte habituel", max_length=12, blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "poste"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"],
                name="heading_code_unique",
                violation_error_message="La collectivité a déjà un poste de ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class FctvaRegime(models.Model):
    """When the FCTVA of an exercise's spending is received: the same year, the next, or the one after (L1615-6)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="fctva_regimes", verbose_name="collectivité")
    from_exercise = YearField("à partir de l'exercice")
    lag_years = CountField("délai (années)", default=2, highest=2, help_text="0, 1 ou 2 ans après la dépense.")
    rate = RateField("taux", default=164_040)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "régime du FCTVA"
        verbose_name_plural = "régimes du FCTVA"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "from_exercise"],
                name="fctva_regime_unique",
                violation_error_message="La collectivité a déjà un régime à partir de cet exercice.",
            )
        ]

    def __str__(self) -> str:
        return f"FCTVA à partir de {self.from_exercise}"
