from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from stdnum.fr import siren as siren_number

from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.web.fields import CountField

department_code = RegexValidator(
    r"\A(0[0-9][0-9AB]|9[0-9]{2})\Z", "Code de département sur trois caractères : 086, 02A, 974."
)
hex_colour = RegexValidator(r"\A#[0-9a-f]{6}\Z", "Couleur sous la forme #1f4e79, en minuscules.")
insee_code = RegexValidator(r"\A[0-9][0-9AB][0-9]{3}\Z", "Code INSEE de commune sur cinq caractères : 86194.")


def validate_siren(value: str) -> None:
    if not siren_number.is_valid(value) or value != siren_number.compact(value):
        raise ValidationError(f"« {value} » n'est pas un numéro SIREN : neuf chiffres, clé de contrôle comprise.")


class Authority(models.Model):
    """A commune or an EPCI: the tenant that every business row reaches."""

    slug = models.SlugField("identifiant", unique=True)
    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=10, choices=AuthorityKind.choices)
    siren = models.CharField("SIREN", max_length=9, blank=True, validators=[validate_siren])
    insee = models.CharField("code INSEE", max_length=5, blank=True, validators=[insee_code])
    department = models.CharField("département", max_length=3, validators=[department_code])
    population = CountField("population", null=True, blank=True)
    quorum_population = CountField(
        "population de la plus grande commune",
        null=True,
        blank=True,
        help_text="Pour un EPCI : fixe le délai de convocation (CGCT L5211-1).",
    )
    accent = models.CharField("couleur", max_length=7, default="#1f5d7a", validators=[hex_colour])
    logo = models.FileField("logo", upload_to="logos/", blank=True)
    notice = models.CharField(
        "avertissement",
        max_length=400,
        blank=True,
        help_text="Affiché sur chaque page, par exemple pour une simulation.",
    )

    class Meta:
        verbose_name = "collectivité"
        verbose_name_plural = "collectivités"
        constraints = [
            models.UniqueConstraint(
                fields=["siren"],
                condition=~models.Q(siren=""),
                name="authority_siren_unique",
                violation_error_message="Ce SIREN est déjà celui d'une autre collectivité.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=AuthorityKind.values),
                name="authority_kind_known",
                violation_error_message="La nature d'une collectivité est commune ou EPCI.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class District(models.Model):
    """An IEN district (circonscription du premier degré): it crosses authorities."""

    department = models.CharField("département", max_length=3, validators=[department_code])
    name = models.CharField("nom", max_length=160)
    code = models.CharField("code", max_length=20, blank=True)

    class Meta:
        verbose_name = "circonscription"
        verbose_name_plural = "circonscriptions"
        constraints = [
            models.UniqueConstraint(
                fields=["department", "name"],
                name="district_name_unique",
                violation_error_message="Cette circonscription existe déjà dans le département.",
            )
        ]

    def __str__(self) -> str:
        return self.name
