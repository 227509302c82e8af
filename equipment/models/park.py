from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from equipment.enums import Category, DeviceState
from equipment.models.catalogue import ItemType
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField
from schools.models import Room, School


class Device(models.Model):
    """One item of the park. Its state and place only change through a movement (`services.move_device`)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="devices", verbose_name="collectivité")
    item_type = models.ForeignKey(ItemType, models.PROTECT, related_name="devices", verbose_name="article")
    inventory_number = models.CharField("n° d'inventaire", max_length=40)
    serial = models.CharField("n° de série", max_length=80, blank=True)
    state = models.CharField("état", max_length=12, choices=DeviceState.choices, default=DeviceState.STOCK)
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="devices", verbose_name="école"
    )
    room = models.ForeignKey(Room, models.SET_NULL, null=True, blank=True, related_name="devices", verbose_name="salle")
    place = models.CharField("emplacement", max_length=120, blank=True, help_text="Réserve, chariot, bureau, atelier…")
    acquired_on = models.DateField("acquis le", null=True, blank=True)
    purchase_ht = CentsField("prix d'achat HT", null=True, blank=True)
    supplier = models.CharField("fournisseur", max_length=120, blank=True)
    warranty_until = models.DateField("garantie jusqu'au", null=True, blank=True)
    note = models.TextField("note", blank=True)
    history = audited()

    class Meta:
        verbose_name = "appareil"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "inventory_number"],
                name="device_inventory_unique",
                violation_error_message="Ce numéro d'inventaire est déjà celui d'un autre appareil.",
            ),
            models.CheckConstraint(
                condition=models.Q(room=None) | models.Q(school__isnull=False),
                name="device_room_with_school",
                violation_error_message="Une salle se donne avec son école.",
            ),
            models.CheckConstraint(
                condition=models.Q(warranty_until=None)
                | models.Q(acquired_on=None)
                | models.Q(warranty_until__gte=models.F("acquired_on")),
                name="device_warranty_after_purchase",
                violation_error_message="Une garantie ne finit pas avant l'achat.",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state"]),
            models.Index(fields=["authority", "school", "item_type", "state"]),
            models.Index(fields=["authority", "acquired_on"]),
        ]

    def __str__(self) -> str:
        return self.inventory_number

    def clean(self) -> None:
        errors = {}
        if self.item_type_id and self.item_type.authority_id != self.authority_id:
            errors["item_type"] = "L'article est d'une autre collectivité."
        if self.school_id and self.school.authority_id != self.authority_id:
            errors["school"] = "L'école est d'une autre collectivité."
        if self.room_id and self.school_id and self.room.site.school_id != self.school_id:
            errors["room"] = f"La salle « {self.room} » n'est pas dans l'école choisie."
        if errors:
            raise ValidationError(errors)


class Movement(models.Model):
    """A change of state or place of a device. Append-only: written by `services.move_device`, never changed."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="movements", verbose_name="appareil")
    at = models.DateTimeField("date", auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="auteur"
    )
    from_state = models.CharField("état avant", max_length=12, choices=DeviceState.choices, blank=True)
    to_state = models.CharField("état après", max_length=12, choices=DeviceState.choices)
    from_school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="école avant"
    )
    to_school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="école après"
    )
    from_place = models.CharField("emplacement avant", max_length=220, blank=True)
    to_place = models.CharField("emplacement après", max_length=220, blank=True)
    reason = models.CharField("motif", max_length=500, blank=True)

    class Meta:
        verbose_name = "mouvement"
        indexes = [models.Index(fields=["device", "-at"])]

    def __str__(self) -> str:
        return f"{self.device} : {self.get_to_state_display()}"


class ParkCount(models.Model):
    """Items that a source gives only as a count, kept as such and never turned into devices."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="park_counts", verbose_name="collectivité")
    label = models.CharField("intitulé", max_length=160)
    category = models.CharField("catégorie", max_length=12, choices=Category.choices)
    item_type = models.ForeignKey(
        ItemType, models.PROTECT, null=True, blank=True, related_name="park_counts", verbose_name="article"
    )
    quantity = CountField("quantité")
    as_of = models.CharField("date ou période", max_length=60, blank=True)
    approximate = models.BooleanField("approché", default=False)
    note = models.TextField("note", blank=True)
    source = models.CharField("source", max_length=250)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "compte du parc"
        verbose_name_plural = "comptes du parc"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "label", "as_of"],
                name="park_count_unique",
                violation_error_message="Ce compte est déjà relevé à cette date.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.item_type_id and self.item_type.authority_id != self.authority_id:
            raise ValidationError({"item_type": "L'article est d'une autre collectivité."})
