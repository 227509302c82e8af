from django.db.models import TextChoices

from equipment.domain import lifecycle, rules


class Category(TextChoices):
    COMPUTER = "computer", "Ordinateur"
    LAPTOP = "laptop", "Ordinateur portable"
    TABLET = "tablet", "Tablette"
    PROJECTOR = "projector", "Vidéoprojecteur"
    DISPLAY = "display", "Écran ou tableau"
    NETWORK = "network", "Réseau"
    PRINTING = "printing", "Impression"
    FURNITURE = "furniture", "Mobilier ou chariot"
    ACCESSORY = "accessory", "Accessoire"
    SERVICE = "service", "Logiciel ou service"
    OTHER = "other", "Autre"


class Section(TextChoices):
    INVESTMENT = "investissement", "Investissement"
    OPERATING = "fonctionnement", "Fonctionnement"


class RulePer(TextChoices):
    CLASS = rules.PER_CLASS, "Par classe"
    VOLUNTEER_CLASS = rules.PER_VOLUNTEER_CLASS, "Par classe volontaire"
    PUPIL = rules.PER_PUPIL, "Par élève"
    SCHOOL = rules.PER_SCHOOL, "Par école"
    FLOOR = rules.PER_FLOOR, "Par étage"
    PLAN = rules.PER_PLAN, "Pour l'ensemble du plan"


class DeviceState(TextChoices):
    STOCK = lifecycle.STOCK, "En stock"
    IN_SERVICE = lifecycle.IN_SERVICE, "En service"
    BROKEN = lifecycle.BROKEN, "En panne"
    REPAIR = lifecycle.REPAIR, "En réparation"
    LOANED = lifecycle.LOANED, "Prêté"
    REQUALIFIED = lifecycle.REQUALIFIED, "Requalifié"
    DISPOSED = lifecycle.DISPOSED, "Réformé"
    LOST = lifecycle.LOST, "Perdu"
