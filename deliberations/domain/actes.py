"""@CTES: identifier of an act, natures, national nomenclature of matters (domain-rules 3)."""

import re
from dataclasses import dataclass

_IDENTIFIER = re.compile(
    r"(?P<department>0[0-9][0-9AB]|9[0-9]{2})-(?P<siren>[0-9]{9})-(?P<day>[0-9]{8})"
    r"-(?P<number>[A-Za-z0-9_]{1,15})-(?P<nature>[A-Z]{2})(?P<message>-[0-9]-[0-9])?"
)
_MATTER = re.compile(r"[0-9]+(?:\.[0-9]+)+")

NATURES = {
    "DE": "Délibérations",
    "AR": "Actes réglementaires",
    "AI": "Actes individuels",
    "CC": "Contrats, conventions et avenants",
    "BF": "Documents budgétaires et financiers",
    "AU": "Autres",
}


@dataclass(frozen=True, slots=True)
class ActesIdentifier:
    """`day` is the date of the decision, eight digits that may be no real day; `message` is `-1-1` or empty."""

    department: str
    siren: str
    day: str
    number: str
    nature: str
    message: str


def parse_identifier(text: str) -> ActesIdentifier | None:
    found = _IDENTIFIER.fullmatch(text)
    return ActesIdentifier(**found.groupdict(default="")) if found else None


def is_siren(text: str) -> bool:
    """Luhn over the digits: from the right, every second one doubled."""
    digits = [int(char) for char in reversed(text)]
    return (sum(digits[0::2]) + sum(digit * 2 - 9 * (digit > 4) for digit in digits[1::2])) % 10 == 0


def matter_label(code: str) -> str | None:
    """National label of the first two levels, None where the code is not one of the nomenclature; further levels are local."""
    if not _MATTER.fullmatch(code):
        return None
    return MATTERS.get(".".join(code.split(".")[:2]))


THEMES = {
    "1": "Commande publique",
    "2": "Urbanisme",
    "3": "Domaine et patrimoine",
    "4": "Fonction publique",
    "5": "Institutions et vie politique",
    "6": "Libertés publiques et pouvoirs de police",
    "7": "Finances locales",
    "8": "Domaines de compétences par thèmes",
    "9": "Autres domaines de compétences",
}
MATTERS = {
    "1.1": "Marchés publics",
    "1.2": "Délégation de service public",
    "1.3": "Conventions de mandat",
    "1.4": "Autres types de contrats",
    "1.5": "Transactions / protocole d'accord transactionnel",
    "1.6": "Actes relatifs à la maîtrise d'œuvre",
    "1.7": "Actes spéciaux et divers",
    "2.1": "Documents d'urbanisme",
    "2.2": "Actes relatifs au droit d'occupation ou d'utilisation des sols",
    "2.3": "Droit de préemption urbain",
    "3.1": "Acquisitions",
    "3.2": "Aliénations",
    "3.3": "Locations",
    "3.4": "Limites territoriales",
    "3.5": "Autres actes de gestion du domaine public",
    "3.6": "Autres actes de gestion du domaine privé",
    "4.1": "Personnels titulaires et stagiaires de la FPT",
    "4.2": "Personnel contractuel",
    "4.3": "Fonction publique hospitalière",
    "4.4": "Autres catégories de personnels",
    "4.5": "Régime indemnitaire",
    "5.1": "Élection exécutif",
    "5.2": "Fonctionnement des assemblées",
    "5.3": "Désignation de représentants",
    "5.4": "Délégation de fonctions",
    "5.5": "Délégation de signature",
    "5.6": "Exercice des mandats locaux",
    "5.7": "Intercommunalité",
    "5.8": "Décision d'ester en justice",
    "6.1": "Police municipale",
    "6.2": "Pouvoir du président du conseil général",
    "6.3": "Pouvoir du président du conseil régional",
    "6.4": "Autres actes réglementaires",
    "6.5": "Actes pris au nom de l'État et soumis au contrôle hiérarchique",
    "7.1": "Décisions budgétaires",
    "7.2": "Fiscalité",
    "7.3": "Emprunts",
    "7.4": "Interventions économiques",
    "7.5": "Subventions",
    "7.6": "Contributions budgétaires",
    "7.7": "Avances",
    "7.8": "Fonds de concours",
    "7.9": "Prise de participation",
    "7.10": "Divers",
    "8.1": "Enseignement",
    "8.2": "Aide sociale",
    "8.3": "Voirie",
    "8.4": "Aménagement du territoire",
    "8.5": "Politique de la ville-habitat-logement",
    "8.6": "Emploi-formation professionnelle",
    "8.7": "Transports",
    "8.8": "Environnement",
    "8.9": "Culture",
    "9.1": "Autres domaines de compétences des communes",
    "9.2": "Autres domaines de compétences des départements",
    "9.3": "Autres domaines de compétences des régions",
    "9.4": "Vœux et motions",
}
