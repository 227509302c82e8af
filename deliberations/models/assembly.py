from django.db import models
from django.db.models import F, Q

from deliberations.enums import AssemblyKind
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class Assembly(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="assemblies", verbose_name="collectivité")
    name = models.CharField("nom", max_length=160)
    kind = models.CharField("nature", max_length=24, choices=AssemblyKind.choices, default=AssemblyKind.MUNICIPAL)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "assemblée"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="assembly_name_unique",
                violation_error_message="La collectivité a déjà une assemblée de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Mandate(models.Model):
    """A seat held by an elected person, named as published (« Mme Martine APERCÉ », « JP. ABELIN »). Never an e-mail, never a phone."""

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="mandates", verbose_name="assemblée")
    display_name = models.CharField("nom publié", max_length=120, help_text="Tel qu'il figure dans les actes.")
    civility = models.CharField("civilité", max_length=20, blank=True)
    initials = models.CharField("initiales", max_length=10, blank=True)
    first_name = models.CharField("prénom", max_length=80, blank=True)
    last_name = models.CharField("nom de famille", max_length=80, blank=True)
    rank = CountField("ordre du tableau", null=True, blank=True, lowest=1, highest=1000)
    function = models.CharField("fonction", max_length=120, blank=True)
    group = models.CharField("groupe politique", max_length=120, blank=True)
    starts_on = models.DateField("début du mandat", null=True, blank=True)
    ends_on = models.DateField("fin du mandat", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "mandat"
        constraints = [
            models.UniqueConstraint(
                fields=["assembly", "display_name", "starts_on"],
                name="mandate_start_unique",
                violation_error_message="Cette personne a déjà un mandat à cette date dans l'assemblée.",
            ),
            models.UniqueConstraint(
                fields=["assembly", "display_name"],
                condition=Q(starts_on=None),
                name="mandate_undated_unique",
                violation_error_message="Cette personne a déjà un mandat sans date dans l'assemblée.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="mandate_period_in_order",
                violation_error_message="Un mandat ne finit pas avant de commencer.",
            ),
        ]
        indexes = [models.Index(fields=["assembly", "rank"])]

    def __str__(self) -> str:
        return self.display_name
