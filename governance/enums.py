from django.db.models import TextChoices


class PlanState(TextChoices):
    PREPARED = "prepared", "En préparation"
    RUNNING = "running", "En cours"
    DONE = "done", "Achevé"


class ScenarioState(TextChoices):
    DRAFT = "draft", "Brouillon"
    COMPUTED = "computed", "Calculé"
    ADOPTED = "adopted", "Adopté"
    ARCHIVED = "archived", "Archivé"


class Strategy(TextChoices):
    """How the wizard of a scenario brings schools in; the phases say it whole, this only says which step comes next."""

    BY_SCHOOL = "by_school", "École par école, dans l'ordre de priorité"
    BY_LEVEL = "by_level", "Niveau par niveau"
    BY_CLASS = "by_class", "Classe par classe"
    PILOT = "pilot", "Écoles pilotes, puis toutes"


class ScenarioNature(TextChoices):
    """Where the figures of a scenario come from."""

    PROJECT = "project", "Projet"
    ANNOUNCED = "announced", "Annoncé par une source"
    REALISED = "realised", "Réalisé"
    SIMULATION = "simulation", "Simulation"


class Section(TextChoices):
    INVESTMENT = "investissement", "Investissement"
    OPERATION = "fonctionnement", "Fonctionnement"


class RecurringPer(TextChoices):
    PUPIL = "pupil", "par élève"
    CLASS = "class", "par classe"
    SCHOOL = "school", "par école"
    PLAN = "plan", "pour le plan"


class FunderKind(TextChoices):
    STATE = "state", "État"
    REGION = "region", "Région"
    DEPARTMENT = "department", "Département"
    EUROPE = "europe", "Union européenne"
    OTHER = "other", "Autre"


class GrantBase(TextChoices):
    HT = "ht", "HT"
    TTC = "ttc", "TTC"


class BaseCapPer(TextChoices):
    NONE = "", "Sans plafond d'assiette"
    CLASS = "class", "par classe"
    SCHOOL = "school", "par école"
    PUPIL = "pupil", "par élève"


class GrantState(TextChoices):
    EXPECTED = "expected", "Pressenti"
    REQUESTED = "requested", "Sollicité"
    NOTIFIED = "notified", "Notifié"
    PAID = "paid", "Versé"


class RunState(TextChoices):
    RUNNING = "running", "En cours"
    DONE = "done", "Terminé"
    FAILED = "failed", "Échoué"


class LineKind(TextChoices):
    ITEM = "item", "Article"
    LUMP_SUM = "lump_sum", "Montant global"
    RECURRING = "recurring", "Coût récurrent"


class Severity(TextChoices):
    ERROR = "error", "Erreur"
    WARNING = "warning", "Attention"
    INFO = "info", "Information"


class PartnerKind(TextChoices):
    EDUCATION = "education", "Éducation nationale et réseau Canopé"
    UNIVERSITY = "university", "Enseignement supérieur"
    AUTHORITY = "authority", "Collectivité"
    CLUSTER = "cluster", "Filière et technopole"
    SUPPLIER = "supplier", "Fournisseur"
    ASSOCIATION = "association", "Association"
    OTHER = "other", "Autre"


class ConventionState(TextChoices):
    DRAFT = "draft", "À présenter"
    AUTHORISED = "authorised", "Signature autorisée"
    SIGNED = "signed", "Signée"
    ENDED = "ended", "Échue"


class CommitmentDomain(TextChoices):
    EQUIPMENT = "equipment", "Équipement"
    WORKS = "works", "Travaux"
    INSURANCE = "insurance", "Assurance et sécurité"
    TRAINING = "training", "Formation et accompagnement"
    CONNECTION = "connection", "Connexion"
    MAINTENANCE = "maintenance", "Maintenance"
    STEERING = "steering", "Pilotage"
    OTHER = "other", "Autre"


class PlanTopic(TextChoices):
    ROLLOUT = "rollout", "Montée en charge"
    PERIMETER = "perimeter", "Périmètre"
    PRIORITY = "priority", "Priorités"
    VOLUNTEERS = "volunteers", "Volontariat"
    DIAGNOSTIC = "diagnostic", "Diagnostic"
    TRIGGER = "trigger", "Déclencheurs d'un diagnostic"
    MAINTENANCE = "maintenance", "Maintenance"
    TRAINING = "training", "Formation"
    EVALUATION = "evaluation", "Évaluation"
    HANDICAP = "handicap", "Handicap"
    SECOND_LIFE = "second_life", "Seconde vie"
    METHOD = "method", "Méthode"
    OTHER = "other", "Autre"


class CommitteeKind(TextChoices):
    COPIL = "copil", "Comité de pilotage"
    COTECH = "cotech", "Comité technique"
    OPERATORS = "operators", "Opérateurs de terrain"
    OTHER = "other", "Autre"


class MeetingState(TextChoices):
    PLANNED = "planned", "Prévue"
    OPENED = "opened", "Ouverte"
    CLOSED = "closed", "Close"


class DecisionEffect(TextChoices):
    NONE = "none", "Sans effet sur le plan"
    ADOPTS_SCENARIO = "adopts_scenario", "Arrête le programme (adopte le scénario)"
    FREEZES_RANKING = "freezes_ranking", "Arrête la liste des écoles retenues"


class Objective(TextChoices):
    """What the optimiser seeks first (domain.optimise)."""

    PUPILS = "pupils", "Le plus d'élèves"
    EQUITY = "equity", "L'équité : QPV et REP, IPS faible, jamais équipées"


class PlaceMove(TextChoices):
    """What a proposal of the optimiser does to a school, beside the ranked order."""

    EARLIER = "earlier", "Plus tôt"
    LATER = "later", "Plus tard"
    JOINS = "joins", "Entre dans le plan"
    LEAVES = "leaves", "Sort du plan"
    SAME = "same", "Sans changement"


class PhaseState(TextChoices):
    """Of a phase of the programme."""

    PLANNED = "planned", "Prévue"
    RUNNING = "running", "En cours"
    DONE = "done", "Achevée"


class Verdict(TextChoices):
    """What follows a pilot cohort."""

    NONE = "", "Pas encore décidé"
    GO = "go", "Généraliser"
    NO_GO = "no_go", "Ne pas généraliser"


class VersionKind(TextChoices):
    """What a vote does to an authorisation (domain-rules 5.1)."""

    OPENING = "opening", "Ouverture"
    REVISION = "revision", "Révision"
    CARRY_OVER = "carry_over", "Report de crédits de paiement"
    CLOSING = "closing", "Clôture"


class ExpenseStage(TextChoices):
    COMMITMENT = "commitment", "Engagement"
    INVOICE = "invoice", "Facture"
    PAYMENT = "payment", "Paiement"


class SubsidyState(TextChoices):
    ENVISAGED = "envisaged", "Envisagée"
    FILED = "filed", "Déposée"
    COMPLETE = "complete", "Dossier complet"
    NOTIFIED = "notified", "Notifiée"
    ADVANCE = "advance", "Acompte reçu"
    SETTLED = "settled", "Soldée"
    REFUSED = "refused", "Refusée"


class DocumentKind(TextChoices):
    """What is drawn from a plan and kept (`PlanDocument`)."""

    COMPARISON = "comparison", "Comparaison de scénarios"
    FUNDING_PLAN = "funding_plan", "Plan de financement"
    CREDITS_TABLE = "credits_table", "Tableau des AP/CP"
    POSTING = "posting", "Affiche du plan de financement"
