from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ent.enums import Payer, Stage
from ent.models.offer import Offer, Provider
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.fields import CentsField, CountField, YearField
from schools.models import School


class Subscription(models.Model):
    """One payer, one school year, one price for some schools. Without an offer the price is not known."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="ent_subscriptions", verbose_name="collectivité"
    )
    label = models.CharField("intitulé", max_length=160)
    school_year = YearField("année scolaire")
    offer = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, related_name="subscriptions", verbose_name="offre"
    )
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
        verbose_name="fournisseur",
        help_text="Seulement quand le prix n'est pas connu : sinon, l'offre le dit.",
    )
    payer = models.CharField("payeur", max_length=10, choices=Payer.choices)
    payer_name = models.CharField("nom du payeur", max_length=120, blank=True)
    state = models.CharField("étape", max_length=10, choices=Stage.choices, default=Stage.PILOT)
    stated_pupils = CountField(
        "effectif annoncé",
        null=True,
        blank=True,
        help_text="Nombre d'élèves donné pour l'ensemble, quand il n'est pas connu école par école.",
    )
    counted_on = models.DateField("effectif compté le", null=True, blank=True)
    announced_ttc = CentsField("coût annoncé TTC", null=True, blank=True)
    announced_approximate = models.BooleanField(
        "coût annoncé approché", default=False, help_text="La source écrit « environ »."
    )
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "abonnement à l'ENT"
        verbose_name_plural = "abonnements à l'ENT"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "label", "school_year"],
                name="ent_subscription_unique",
                violation_error_message="La collectivité a déjà un abonnement de ce nom cette année scolaire.",
            ),
            models.CheckConstraint(
                condition=Q(offer=None) | Q(provider=None),
                name="ent_subscription_provider_once",
                violation_error_message="Le fournisseur est celui de l'offre : ne pas le donner en plus.",
            ),
            models.CheckConstraint(
                condition=~Q(payer=Payer.AUTRE) | ~Q(payer_name=""),
                name="ent_subscription_payer_named",
                violation_error_message="Quand le payeur est « Autre », donner son nom.",
            ),
            models.CheckConstraint(
                condition=Q(announced_ttc=None) | ~Q(source=""),
                name="ent_subscription_announced_sourced",
                violation_error_message="Un coût annoncé cite sa source.",
            ),
            models.CheckConstraint(
                condition=Q(announced_approximate=False) | Q(announced_ttc__isnull=False),
                name="ent_subscription_approximate_amount",
                violation_error_message="Un coût annoncé « environ » a un montant.",
            ),
            models.CheckConstraint(
                condition=Q(quote="") | ~Q(source=""),
                name="ent_subscription_quote_sourced",
                violation_error_message="Une citation a sa source.",
            ),
        ]
        indexes = [models.Index(fields=["authority", "school_year"])]

    def __str__(self) -> str:
        return f"{self.label}, {school_year_label(self.school_year)}"

    def clean(self) -> None:
        problems = {}
        if self.authority_id:
            if self.offer and self.offer.provider.authority_id != self.authority_id:
                problems["offer"] = "Cette offre est celle d'une autre collectivité."
            if self.provider and self.provider.authority_id != self.authority_id:
                problems["provider"] = "Ce fournisseur est celui d'une autre collectivité."
        if self.offer and self.school_year and not _covers(self.offer, self.school_year):
            until = f" au {self.offer.ends_on:%d/%m/%Y}" if self.offer.ends_on else ""
            problems.setdefault(
                "offer",
                f"L'offre vaut du {self.offer.starts_on:%d/%m/%Y}{until} : elle ne couvre pas l'année scolaire "
                f"{school_year_label(self.school_year)}.",
            )
        if problems:
            raise ValidationError(problems)


def _covers(offer: Offer, school_year: int) -> bool:
    """Whether the offer holds on some day of the school year, from 1 September to 31 August."""
    first, last = date(school_year, 9, 1), date(school_year + 1, 8, 31)
    return offer.starts_on <= last and (offer.ends_on is None or offer.ends_on >= first)


class SubscribedSchool(models.Model):
    """A school in a subscription; without `pupils`, those of its classes that school year count."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="subscribed", verbose_name="abonnement")
    school = models.ForeignKey(School, models.PROTECT, related_name="ent_subscribed", verbose_name="école")
    pupils = CountField(
        "élèves", null=True, blank=True, help_text="Vide : l'effectif des classes de l'école cette année-là."
    )
    history = audited()

    class Meta:
        verbose_name = "école abonnée"
        verbose_name_plural = "écoles abonnées"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "school"],
                name="ent_subscribed_school_unique",
                violation_error_message="Cette école est déjà dans l'abonnement.",
            )
        ]

    def __str__(self) -> str:
        return str(self.school)

    def clean(self) -> None:
        if self.school_id and self.subscription_id and self.school.authority_id != self.subscription.authority_id:
            raise ValidationError({"school": f"« {self.school} » n'est pas une école de la collectivité."})
