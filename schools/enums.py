from django.db.models import TextChoices


class SchoolKind(TextChoices):
    MATERNELLE = "maternelle", "Maternelle"
    ELEMENTAIRE = "elementaire", "Élémentaire"
    PRIMAIRE = "primaire", "Primaire"
    SPECIALISEE = "specialisee", "Établissement spécialisé"


class Sector(TextChoices):
    PUBLIC = "public", "Public"
    PRIVATE = "prive", "Privé sous contrat"


class Level(TextChoices):
    TPS = "TPS", "TPS"
    PS = "PS", "PS"
    MS = "MS", "MS"
    GS = "GS", "GS"
    CP = "CP", "CP"
    CE1 = "CE1", "CE1"
    CE2 = "CE2", "CE2"
    CM1 = "CM1", "CM1"
    CM2 = "CM2", "CM2"


WITHOUT_LEVEL = ""


class ClassKind(TextChoices):
    ORDINAIRE = "ordinaire", "Ordinaire"
    ULIS = "ulis", "ULIS"
    UPE2A = "upe2a", "UPE2A"
    AUTRE = "autre", "Autre dispositif"


class EducationPriority(TextChoices):
    NONE = "", "Hors éducation prioritaire"
    REP = "REP", "REP"
    REP_PLUS = "REP+", "REP+"


class Connection(TextChoices):
    UNKNOWN = "", "Inconnue"
    NONE = "none", "Aucune"
    ADSL = "adsl", "ADSL ou VDSL"
    SDSL = "sdsl", "SDSL"
    FIBRE = "fibre", "Fibre"
    RADIO = "radio", "4G, 5G ou satellite"


class SchoolStatus(TextChoices):
    OPEN = "open", "Ouverte"
    CLOSED = "closed", "Fermée"
