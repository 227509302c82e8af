from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from plan_numerique.accounts.models import Authority, District
from plan_numerique.accounts.models.authority import insee_code
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.domain.uai import is_uai
from schools.enums import EducationPriority, SchoolKind, SchoolStatus, Sector


def validate_uai(value: str) -> None:
    if not is_uai(value):
        raise ValidationError(
            f"« {value} » n'est pas un UAI : sept chiffres puis la lettre de contrôle, par exemple 0861030C.",
            code="uai",
        )


class Commune(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="communes", verbose_name="collectivité")
    insee = models.CharField("code INSEE", max_length=5, validators=[insee_code])
    name = models.CharField("nom", max_length=120)
    population = CountField("population", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "commune"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "insee"],
                name="commune_insee_unique",
                violation_error_message="Cette commune est déjà dans la collectivité.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """A school or specialised establishment, known by its UAI; the hub of the product."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="schools", verbose_name="collectivité")
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="schools", verbose_name="commune")
    uai = models.CharField("UAI", max_length=8, validators=[validate_uai])
    name = models.CharField("nom", max_length=160)
    kind = models.CharField(
        "type", max_length=12, choices=SchoolKind.choices, blank=True, help_text="Vide quand la source ne le dit pas."
    )
    sector = models.CharField("secteur", max_length=8, choices=Sector.choices, default=Sector.PUBLIC)
    status = models.CharField("état", max_length=8, choices=SchoolStatus.choices, default=SchoolStatus.OPEN)
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    latitude = models.DecimalField(
        "latitude",
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        "longitude",
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    priority_district = models.BooleanField("quartier prioritaire (QPV)", default=False)
    education_priority = models.CharField(
        "éducation prioritaire", max_length=4, choices=EducationPriority.choices, blank=True
    )
    district = models.ForeignKey(
        District, models.SET_NULL, null=True, blank=True, related_name="schools", verbose_name="circonscription"
    )
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "école"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "uai"],
                name="school_uai_unique",
                violation_error_message="Une école de la collectivité porte déjà cet UAI.",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                name="school_coordinates_together",
                violation_error_message="Latitude et longitude se donnent ensemble.",
            ),
        ]
        indexes = [models.Index(fields=["authority", "name"])]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.commune_id and self.authority_id and self.commune.authority_id != self.authority_id:
            raise ValidationError({"commune": f"« {self.commune} » n'est pas une commune de la collectivité."})


class FormerUai(models.Model):
    """A UAI the school had before: a merger or a new registration."""

    school = models.ForeignKey(School, models.CASCADE, related_name="former_uais", verbose_name="école")
    uai = models.CharField("ancien UAI", max_length=8, validators=[validate_uai])
    until = models.DateField("jusqu'au")
    cause = models.CharField("motif", max_length=200, blank=True)
    history = audited()

    class Meta:
        verbose_name = "ancien UAI"
        verbose_name_plural = "anciens UAI"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "uai"],
                name="former_uai_unique",
                violation_error_message="Cet ancien UAI est déjà noté pour l'école.",
            )
        ]

    def __str__(self) -> str:
        return self.uai

    def clean(self) -> None:
        if self.school_id and self.uai == self.school.uai:
            raise ValidationError({"uai": f"« {self.uai} » est l'UAI actuel de l'école."})


class SocialIndex(models.Model):
    """Indice de position sociale of a school for one school year."""

    school = models.ForeignKey(School, models.CASCADE, related_name="social_indexes", verbose_name="école")
    school_year = YearField("année scolaire")
    value = models.DecimalField(
        "IPS", max_digits=4, decimal_places=1, validators=[MinValueValidator(40), MaxValueValidator(200)]
    )
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "indice de position sociale"
        verbose_name_plural = "indices de position sociale"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "school_year"],
                name="social_index_unique",
                violation_error_message="L'IPS de cette année est déjà saisi pour l'école.",
            )
        ]

    def __str__(self) -> str:
        return f"IPS {self.value} ({self.school_year})"


class SchoolAssignment(models.Model):
    """The schools a person of a school sees: director or teacher."""

    school = models.ForeignKey(School, models.CASCADE, related_name="assignments", verbose_name="école")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="school_assignments", verbose_name="personne"
    )
    is_director = models.BooleanField("direction", default=False)
    history = audited()

    class Meta:
        verbose_name = "affectation à une école"
        verbose_name_plural = "affectations aux écoles"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "user"],
                name="school_assignment_unique",
                violation_error_message="Cette personne est déjà affectée à l'école.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.school}"
