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
    MOTION = "motion", "Motion ou vœu"
    INFORMATION = "information", "Communication sans vote"


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
    ALSACE_MOSELLE_UNDER = "alsace_moselle_under", "Délai de convocation sous le seuil, Alsace-Moselle"
    ALSACE_MOSELLE_URGENT = "alsace_moselle_urgent", "Délai de convocation en urgence sous le seuil, Alsace-Moselle"
    ALSACE_MOSELLE_SECOND = "alsace_moselle_second", "Écart avant la seconde convocation, Alsace-Moselle"
    SUMMARY_NOTE_FROM = "summary_note_from", "Seuil de population pour la note de synthèse"
    PUBLIC_BALLOT_SHARE = "public_ballot_share", "Scrutin public : une part des présents sur"
    SECRET_BALLOT_SHARE = "secret_ballot_share", "Scrutin secret : une part des présents sur"
    LIST_DAYS = "list_days", "Délai de la liste des délibérations"
    MINUTES_DAYS = "minutes_days", "Délai de publication du procès-verbal arrêté"
    ELECTRONIC_FROM = "electronic_from", "Seuil de population pour la publication électronique"


class Regime(TextChoices):
    """Which rules convene the assembly (CGCT L2541-1 and -2 for Alsace and Moselle)."""

    COMMON = "common", "Droit commun"
    ALSACE_MOSELLE = "alsace_moselle", "Alsace-Moselle"


class PublicationMode(TextChoices):
    """How acts are made public (CGCT L2131-1); the last two are open to communes under 3 500 inhabitants."""

    ELECTRONIC = "electronic", "Publication électronique"
    POSTING = "posting", "Affichage"
    PAPER = "paper", "Publication sur papier"


class Side(TextChoices):
    MAJORITY = "majority", "Majorité"
    OPPOSITION = "opposition", "Opposition"


class MandateEnd(TextChoices):
    TERM = "term", "Fin du mandat"
    RESIGNATION = "resignation", "Démission"
    DEATH = "death", "Décès"
    VACATED = "vacated", "Démission d'office ou annulation"


class SittingState(TextChoices):
    DRAFT = "draft", "En préparation"
    CONVENED = "convened", "Convoquée"
    OPEN = "open", "En cours"
    CLOSED = "closed", "Levée"


class ProxyState(TextChoices):
    GIVEN = "given", "Donné"
    REVOKED = "revoked", "Révoqué"
    REFUSED = "refused", "Refusé"


class EntryKind(TextChoices):
    """What a clerk enters while the assembly sits."""

    OPENED = "opened", "Ouverture de la séance"
    CLOSED = "closed", "Levée de la séance"
    PRESENCE = "presence", "Appel nominal"
    ARRIVAL = "arrival", "Arrivée"
    DEPARTURE = "departure", "Départ"
    RETURN = "return", "Retour"
    MOVE_UNDONE = "move_undone", "Mouvement annulé"
    WITHDRAWAL = "withdrawal", "Retrait pour la délibération"
    WITHDRAWAL_UNDONE = "withdrawal_undone", "Retrait annulé"
    PROXY = "proxy", "Pouvoir"
    PROXY_REVOKED = "proxy_revoked", "Révocation d'un pouvoir"
    PROXY_REFUSED = "proxy_refused", "Refus d'un pouvoir"
    ITEM_OPENED = "item_opened", "Examen d'une affaire"
    ITEM_MOVED = "item_moved", "Ordre de passage"
    ITEM_WITHDRAWN = "item_withdrawn", "Affaire retirée"
    ITEM_ADJOURNED = "item_adjourned", "Affaire ajournée"
    ITEM_RESTORED = "item_restored", "Affaire rétablie"
    ITEM_ADDED = "item_added", "Affaire ajoutée"
    BALLOT = "ballot", "Mode de scrutin"
    VOTE = "vote", "Vote d'un membre"
    VOTES = "votes", "Votes de plusieurs membres"
    TALLY = "tally", "Décompte"
    RESULT = "result", "Proclamation du résultat"
    RESULT_REOPENED = "result_reopened", "Scrutin rouvert"
    NOTE = "note", "Débats"


class BallotMethod(TextChoices):
    """Ordinary, or as a part of the members present asks (CGCT L2121-21)."""

    HANDS = "hands", "Scrutin ordinaire"
    PUBLIC = "public", "Scrutin public"
    SECRET = "secret", "Scrutin secret"


class VisaStage(TextChoices):
    SERVICE = "service", "Service"
    LEGAL = "legal", "Affaires juridiques"
    FINANCE = "finance", "Finances"
    MANAGEMENT = "management", "Direction générale"
    MAYOR = "mayor", "Maire ou président"


class VisaState(TextChoices):
    WAITING = "waiting", "En attente"
    GIVEN = "given", "Visé"
    RETURNED = "returned", "Renvoyé"


class Opinion(TextChoices):
    FAVOURABLE = "favourable", "Favorable"
    RESERVED = "reserved", "Favorable avec réserves"
    UNFAVOURABLE = "unfavourable", "Défavorable"
    NONE = "none", "Sans avis"


class Answer(TextChoices):
    PRESENT = "present", "Sera présent"
    ABSENT = "absent", "Sera absent"
    PROXY = "proxy", "Donne pouvoir"


class CouncilDocumentKind(TextChoices):
    CONVOCATION = "convocation", "Convocation et ordre du jour"
    EXTRACT = "extrait", "Extrait du registre des délibérations"
    MINUTES = "proces_verbal", "Procès-verbal"
    LIST = "liste", "Liste des délibérations examinées"
    REGISTER = "registre", "Registre des délibérations"
    CERTIFICATE = "certificat", "Certificat de caractère exécutoire"


class TransmissionState(TextChoices):
    PREPARED = "prepared", "Préparée"
    SENT = "sent", "Remise à l'opérateur"
    ACKNOWLEDGED = "acknowledged", "Accusé reçu"
    REFUSED = "refused", "Anomalie signalée"
