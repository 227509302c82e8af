from django.db.models import TextChoices

from ent.domain import recurring


class Per(TextChoices):
    PUPIL = recurring.PER_PUPIL, "Par élève"
    CLASS = recurring.PER_CLASS, "Par classe"
    SCHOOL = recurring.PER_SCHOOL, "Par école"
    PLAN = recurring.PER_PLAN, "Forfait"


class Payer(TextChoices):
    COMMUNE = "commune", "Collectivité"
    ACADEMIE = "academie", "Éducation nationale"
    AUTRE = "autre", "Autre"


class Stage(TextChoices):
    SITE = "site", "Site école"
    PILOT = "pilote", "Pilote"
    GENERAL = "generalise", "Généralisé"
