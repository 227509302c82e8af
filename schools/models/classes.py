from django.db import models

from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.enums import ClassKind, Level
from schools.models.school import School


class SchoolClass(models.Model):
    """A class of one school year; its levels and pupils are its headcounts."""

    school = models.ForeignKey(School, models.CASCADE, related_name="classes", verbose_name="école")
    school_year = YearField("année scolaire")
    name = models.CharField("nom", max_length=60)
    kind = models.CharField("dispositif", max_length=10, choices=ClassKind.choices, default=ClassKind.ORDINAIRE)
    volunteer = models.BooleanField("volontaire", default=False)
    estimated = models.BooleanField(
        "répartition calculée",
        default=False,
        help_text="Niveaux et effectifs répartis par calcul, non relevés dans la classe.",
    )
    history = audited()

    class Meta:
        verbose_name = "classe"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "school_year", "name"],
                name="school_class_name_unique",
                violation_error_message="L'école a déjà une classe de ce nom cette année-là.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.school})"


class Headcount(models.Model):
    """Pupils of one level in one class: counts only, never a name. No level: a ULIS, or a count known for the class alone."""

    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="headcounts", verbose_name="classe")
    level = models.CharField(
        "niveau", max_length=3, choices=Level.choices, blank=True, help_text="Vide pour un dispositif sans niveau."
    )
    pupils = CountField("élèves", highest=200)
    history = audited()

    class Meta:
        verbose_name = "effectif"
        constraints = [
            models.UniqueConstraint(
                fields=["school_class", "level"],
                name="headcount_level_unique",
                violation_error_message="Ce niveau est déjà compté dans la classe.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.level or 'Sans niveau'} : {self.pupils}"
