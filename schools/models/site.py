from django.db import models

from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField
from schools.enums import Connection
from schools.models.school import School


class Site(models.Model):
    """A building of a school: floors, connection, secure storage."""

    school = models.ForeignKey(School, models.CASCADE, related_name="sites", verbose_name="école")
    name = models.CharField("nom", max_length=120)
    address = models.CharField("adresse", max_length=200, blank=True)
    floors = CountField("niveaux (étages)", default=1, lowest=0, highest=50)
    connection = models.CharField("connexion", max_length=8, choices=Connection.choices, blank=True)
    bandwidth = CountField("débit (Mbit/s)", null=True, blank=True, highest=1_000_000)
    cabled = models.BooleanField("classes câblées", null=True, blank=True)
    secure_storage = models.BooleanField("local sécurisé", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "site"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"],
                name="site_name_unique",
                violation_error_message="L'école a déjà un site de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} — {self.name}"


class Room(models.Model):
    site = models.ForeignKey(Site, models.CASCADE, related_name="rooms", verbose_name="site")
    name = models.CharField("nom", max_length=80)
    floor = models.IntegerField("étage", default=0)
    history = audited()

    class Meta:
        verbose_name = "salle"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="room_name_unique",
                violation_error_message="Le site a déjà une salle de ce nom.",
            ),
            models.CheckConstraint(
                condition=models.Q(floor__gte=-5, floor__lte=50),
                name="room_floor_sane",
                violation_error_message="Un étage va de -5 à 50.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
