from django.db.models import TextChoices


class ImportState(TextChoices):
    SENT = "sent", "Colonnes à indiquer"
    CHECKED = "checked", "Vérifié, à importer"
    APPLIED = "applied", "Importé"
    UNDONE = "undone", "Annulé"
