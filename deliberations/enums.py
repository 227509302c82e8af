from django.db.models import TextChoices


class AssemblyKind(TextChoices):
    MUNICIPAL = "conseil_municipal", "Conseil municipal"
    COMMUNITY = "conseil_communautaire", "Conseil communautaire"


class PresenceState(TextChoices):
    PRESENT = "present", "Présent"
    REPRESENTED = "represented", "Représenté"
    EXCUSED = "excused", "Excusé"
    ABSENT = "absent", "Absent"


class AttendanceEvent(TextChoices):
    ARRIVAL = "arrival", "Arrivée"
    DEPARTURE = "departure", "Départ"
    RETURN = "return", "Retour"
    WITHDRAWAL = "withdrawal", "Se retire pour la délibération"


class PassageKind(TextChoices):
    RANGE = "range", "Passage"
    WITHDRAWN = "withdrawn", "Retirée de l'ordre du jour"
    MOTION = "motion", "Motion"


class ActKind(TextChoices):
    DELIBERATION = "deliberation", "Délibération"
    NOTED = "prendre_acte", "Prise d'acte"


class ActNature(TextChoices):
    """@CTES natures (domain-rules 3.2)."""

    DE = "DE", "DE — Délibérations"
    AR = "AR", "AR — Actes réglementaires"
    AI = "AI", "AI — Actes individuels"
    CC = "CC", "CC — Contrats, conventions et avenants"
    BF = "BF", "BF — Documents budgétaires et financiers"
    AU = "AU", "AU — Autres"


class ActState(TextChoices):
    DRAFT = "draft", "Projet"
    ADOPTED = "adopted", "Adoptée"
    REJECTED = "rejected", "Rejetée"
    NOTED = "noted", "Pris acte"
    WITHDRAWN = "withdrawn", "Retirée"
    ADJOURNED = "adjourned", "Ajournée"


class ClauseKind(TextChoices):
    TITLE = "title", "Titre de l'exposé"
    PARAGRAPH = "paragraph", "Paragraphe de l'exposé"
    ITEM = "item", "Élément de liste de l'exposé"
    PREAMBLE = "preamble", "Formule"
    VISA = "visa", "Visa"
    CONSIDERANT = "considerant", "Considérant"
    ARTICLE = "article", "Article"


class IdentifierKind(TextChoices):
    INTERNAL = "internal", "Numéro interne"
    ORDER_NUMBER = "order_number", "Numéro d'ordre"
    ACTES = "actes", "Identifiant ACTES"
    OTHER = "other", "Autre"


class BallotMode(TextChoices):
    BY_NAME = "by_name", "Nominatif"
    TOTALS = "totals", "Totaux"
    RESULT_ONLY = "result_only", "Résultat seul"
    NOTED = "noted", "Prise d'acte sans vote"


class VoteChoice(TextChoices):
    FOR = "for", "Pour"
    AGAINST = "against", "Contre"
    ABSTAIN = "abstain", "Abstention"
    NOT_VOTING = "not_voting", "Ne prend pas part au vote"


class StatedResult(TextChoices):
    ADOPTED = "adopted", "Adopté"
    REJECTED = "rejected", "Rejeté"
    UNANIMOUS = "unanimous", "À l'unanimité"
    MAJORITY = "majority", "À la majorité"
    NOTED = "noted", "Pris acte"


class TaxBasis(TextChoices):
    HT = "ht", "HT"
    TTC = "ttc", "TTC"
    NONE = "none", "Sans objet"
    UNKNOWN = "unknown", "Non précisé"


class LegalCode(TextChoices):
    CONVOCATION_THRESHOLD = "convocation_threshold", "Seuil de population pour le délai de convocation"
    CONVOCATION_UNDER = "convocation_under", "Délai de convocation sous le seuil"
    CONVOCATION_FROM = "convocation_from", "Délai de convocation à partir du seuil"
    CONVOCATION_URGENT = "convocation_urgent", "Délai de convocation en urgence"
    SECOND_CONVOCATION = "second_convocation", "Écart avant la seconde convocation, faute de quorum"
    PROXIES_PER_HOLDER = "proxies_per_holder", "Pouvoirs par membre présent"
    PROXY_SITTINGS = "proxy_sittings", "Séances consécutives couvertes par un pouvoir"
