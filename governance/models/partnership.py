from django.db import models
from django.db.models import F, Q

from governance.enums import CommitmentDomain, ConventionState, PartnerKind
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.models import School


class Partner(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="partners", verbose_name="collectivité")
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=12, choices=PartnerKind.choices, default=PartnerKind.OTHER)
    role = models.TextField("rôle dans le plan", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "partenaire"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="partner_name_unique",
                violation_error_message="La collectivité a déjà un partenaire de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Convention(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="conventions", verbose_name="collectivité")
    title = models.CharField("titre", max_length=200)
    partners = models.ManyToManyField(Partner, blank=True, related_name="conventions", verbose_name="partenaires")
    other_parties = models.CharField(
        "autres parties",
        max_length=250,
        blank=True,
        help_text="Nommées sans être des partenaires de la liste : communes, OGEC.",
    )
    purpose = models.TextField("objet", blank=True)
    state = models.CharField("état", max_length=10, choices=ConventionState.choices, default=ConventionState.DRAFT)
    school_year = YearField("année scolaire", null=True, blank=True)
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    approved_on = models.DateField("approuvée le", null=True, blank=True)
    signed_on = models.DateField("signée le", null=True, blank=True)
    schools = models.ManyToManyField(School, blank=True, related_name="conventions", verbose_name="écoles concernées")
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited(m2m_fields=[partners, schools])

    class Meta:
        verbose_name = "convention"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "title"],
                name="convention_title_unique",
                violation_error_message="La collectivité a déjà une convention de ce titre.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="convention_dates_in_order",
                violation_error_message="La fin de la convention ne précède pas son début.",
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(approved_on=None) | Q(signed_on__gte=F("approved_on")),
                name="convention_signed_after_approval",
                violation_error_message="Une convention n'est pas signée avant d'être approuvée.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ConventionCommitment(models.Model):
    """Who does what: one party, one domain, one commitment."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="commitments", verbose_name="convention")
    position = CountField("rang", default=1, lowest=1)
    party = models.CharField("qui s'engage", max_length=250)
    domain = models.CharField("domaine", max_length=12, choices=CommitmentDomain.choices)
    text = models.TextField("engagement")
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "engagement"
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "position"],
                name="convention_commitment_position_unique",
                violation_error_message="Un autre engagement de la convention a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]
