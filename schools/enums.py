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


class Step(TextChoices):
    """Where a school stands in the plan, in order; each is reached on a day, told by what reached it."""

    CANDIDATE = "candidate", "Candidate"
    RETAINED = "retained", "Retenue"
    DIAGNOSED = "diagnosed", "Diagnostiquée"
    PLANNED = "planned", "Programmée"
    EQUIPPED = "equipped", "Équipée"
    TRAINED = "trained", "Formée"
    EVALUATED = "evaluated", "Évaluée"


class RollOverState(TextChoices):
    PREPARED = "prepared", "En préparation"
    APPLIED = "applied", "Faite"


class RollOverMove(TextChoices):
    """What a school's structure goes through at a rentrée."""

    OPEN_CLASS = "open_class", "Ouverture de classe"
    CLOSE_CLASS = "close_class", "Fermeture de classe"
    CHANGE_CLASS = "change_class", "Classe renommée ou niveaux changés"
    MERGE = "merge", "Fusion avec une autre école"
    NEW_UAI = "new_uai", "Changement d'UAI"
    CLOSE_SCHOOL = "close_school", "Fermeture de l'école"


class QuestionnaireKind(TextChoices):
    APPLICATION = "application", "Candidature"
    TECHNICAL = "technical", "Diagnostic technique"
    PEDAGOGICAL = "pedagogical", "Diagnostic pédagogique"


class QuestionnaireState(TextChoices):
    DRAFT = "draft", "En préparation"
    IN_USE = "in_use", "En service"
    RETIRED = "retired", "Remplacé"


class QuestionKind(TextChoices):
    TEXT = "text", "Texte court"
    LONG = "long", "Texte long"
    INTEGER = "integer", "Nombre entier"
    YES_NO = "yes_no", "Oui ou non"
    CHOICE = "choice", "Un choix"
    CHOICES = "choices", "Plusieurs choix"
    DATE = "date", "Date"


class CampaignState(TextChoices):
    DRAFT = "draft", "En préparation"
    PUBLISHED = "published", "Publiée"
    FROZEN = "frozen", "Liste arrêtée"


class TieRule(TextChoices):
    """What orders applications of the same score; the UAI comes last in each, so that an order is always whole."""

    SOCIAL_INDEX = "social_index", "À égalité : l'IPS le plus bas, puis le plus grand nombre d'élèves, puis l'UAI"
    PUPILS = "pupils", "À égalité : le plus grand nombre d'élèves, puis l'UAI"
    SUBMITTED = "submitted", "À égalité : la candidature déposée la première, puis l'UAI"


class CriterionKind(TextChoices):
    """Who gives the value: people of a stage, or live data."""

    IEN = "ien", "Note de l'IEN"
    TICE = "tice", "Note de l'équipe TICE"
    COMMITTEE = "committee", "Note du comité"
    PARK_AGE = "park_age", "Âge moyen de l'équipement (années)"
    EQUIPPED = "equipped", "Appareils en place pour 100 élèves"
    PRIORITY_DISTRICT = "priority_district", "Quartier prioritaire (0 ou 1)"
    EDUCATION_PRIORITY = "education_priority", "Éducation prioritaire (0, 1 REP, 2 REP+)"
    SOCIAL_INDEX = "social_index", "Indice de position sociale"
    BANDWIDTH = "bandwidth", "Débit de la connexion (Mbit/s)"


class ApplicationState(TextChoices):
    DRAFT = "draft", "Brouillon"
    SUBMITTED = "submitted", "Déposée"
    WITHDRAWN = "withdrawn", "Retirée"
    RETAINED = "retained", "Retenue"
    WAITING = "waiting", "Liste d'attente"
    REFUSED = "refused", "Non retenue"


class Stage(TextChoices):
    IEN = "ien", "Inspection (IEN)"
    TICE = "tice", "Équipe TICE, DSDEN"
    COMMITTEE = "committee", "Comité"


class Verdict(TextChoices):
    FAVOURABLE = "favourable", "Favorable"
    RESERVED = "reserved", "Réservé"
    UNFAVOURABLE = "unfavourable", "Défavorable"


class TriggerFamily(TextChoices):
    """Who triggers a diagnostic (Saint-Étienne Métropole, 30 June 2016, III-1)."""

    AUTHORITY = "authority", "La collectivité"
    EDUCATION = "education", "L'Éducation nationale"
    OWNER = "owner", "La commune ou l'OGEC"


class Trigger(TextChoices):
    """Why, in each of the three families."""

    AGEING_PARK = "ageing_park", "Matériel vieillissant (inventaire)"
    PRIORITY_DISTRICT = "priority_district", "Quartier « politique de la ville »"
    CALL = "call", "Candidature retenue à un appel à projets"
    TEAM_TRAINING = "team_training", "Formation d'équipe pédagogique"
    STAFF_CHANGE = "staff_change", "Changement de poste"
    STRUCTURE_CHANGE = "structure_change", "Modification de la structure de l'école"
    BUILDING = "building", "Construction, rénovation ou restructuration des espaces"


TRIGGERS_OF = {
    TriggerFamily.AUTHORITY: (Trigger.AGEING_PARK, Trigger.PRIORITY_DISTRICT, Trigger.CALL),
    TriggerFamily.EDUCATION: (Trigger.TEAM_TRAINING, Trigger.STAFF_CHANGE, Trigger.STRUCTURE_CHANGE),
    TriggerFamily.OWNER: (Trigger.BUILDING,),
}


class DiagnosticState(TextChoices):
    OPEN = "open", "En cours"
    SIGNED = "signed", "Validé des deux côtés"
    CANCELLED = "cancelled", "Abandonné"


class WorkNature(TextChoices):
    POWER = "power", "Courant fort"
    CABLING = "cabling", "Câblage réseau (courant faible)"
    WIFI = "wifi", "Wi-Fi"
    CONNECTION = "connection", "Raccordement internet"
    FIXING = "fixing", "Fixation des équipements"
    SECURITY = "security", "Mise en sécurité des locaux"
    SPACE = "space", "Aménagement de l'espace"
    OTHER = "other", "Autre"


class WorkState(TextChoices):
    TO_DO = "to_do", "À faire"
    DONE = "done", "Faits"
    DROPPED = "dropped", "Abandonnés"


class Payer(TextChoices):
    """Who does the works and pays for them (Saint-Étienne Métropole, III-4)."""

    AUTHORITY = "authority", "La collectivité"
    COMMUNE = "commune", "La commune"
    OGEC = "ogec", "L'OGEC"
    EDUCATION = "education", "L'Éducation nationale"
    OTHER = "other", "Un autre partenaire"
