"""What a diagnostic leads to: the packs that the rules propose, those kept after adjustment, and the devices set aside for them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from equipment.models.catalogue import ItemType, Pack
from equipment.models.park import Device
from equipment.models.rules import RuleSet
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.models import Diagnostic


class Proposal(models.Model):
    """The packs proposed for a diagnosed school by one rule set, on the classes of one school year."""

    diagnostic = models.OneToOneField(Diagnostic, models.CASCADE, related_name="proposal", verbose_name="diagnostic")
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="proposals", verbose_name="règles de dotation")
    school_year = YearField("année scolaire des classes")
    computed_at = models.DateTimeField("calculée le", editable=False)
    history = audited()

    class Meta:
        verbose_name = "proposition d'équipement"
        verbose_name_plural = "propositions d'équipement"

    def __str__(self) -> str:
        return f"Proposition — {self.diagnostic.school}"

    def clean(self) -> None:
        known = self.rule_set_id and self.diagnostic_id
        if known and self.rule_set.authority_id != self.diagnostic.school.authority_id:
            raise ValidationError({"rule_set": "Ces règles de dotation sont celles d'une autre collectivité."})


class ProposedPack(models.Model):
    """A pack of a proposal: how many by the rules, how many kept. `rule_code` is the rule that gave it, empty for one added by hand."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="packs", verbose_name="proposition")
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="proposed", verbose_name="pack")
    rule_code = models.SlugField("règle", max_length=60, blank=True)
    by_rule = CountField("selon la règle", default=0, highest=100_000)
    kept = CountField("retenu", default=0, highest=100_000)
    reason = models.CharField("motif de l'ajustement", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "pack proposé"
        verbose_name_plural = "packs proposés"
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "pack", "rule_code"],
                name="proposed_pack_once",
                violation_error_message="Ce pack est déjà dans la proposition.",
            ),
            models.CheckConstraint(
                condition=Q(kept=F("by_rule")) | ~Q(reason=""),
                name="proposed_pack_adjusted_with_reason",
                violation_error_message="Un ajustement de la proposition est motivé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kept} {self.pack}"


class Reservation(models.Model):
    """A device in stock (a requalified computer, most often) set aside for a diagnosed school until it is installed."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="reservations", verbose_name="proposition")
    device = models.ForeignKey(Device, models.PROTECT, related_name="reservations", verbose_name="appareil")
    item_type = models.ForeignKey(ItemType, models.PROTECT, related_name="+", verbose_name="au titre de l'article")
    reserved_at = models.DateTimeField("réservé le", editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="par"
    )
    released_at = models.DateTimeField("libéré le", null=True, blank=True, editable=False)
    release_reason = models.CharField("motif de la libération", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "réservation"
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(released_at=None),
                name="reservation_device_once",
                violation_error_message="Cet appareil est déjà réservé.",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | ~Q(release_reason=""),
                name="reservation_release_told",
                violation_error_message="La libération d'un appareil est motivée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} — {self.proposal.diagnostic.school}"
