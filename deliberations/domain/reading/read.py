"""Reading of an extract: what the text gives, figure by figure, each with its phrase. What is not found is left out, never guessed."""

from deliberations.domain.reading.figures import read_figures
from deliberations.domain.reading.filing import read_filing
from deliberations.domain.reading.labels import labels_of
from deliberations.domain.reading.money import read_money
from deliberations.domain.reading.people import read_people
from deliberations.domain.reading.plain import plain_of
from deliberations.domain.reading.proposals import Notes, Reading

KEYS: dict[str, str] = {
    "act.title": "Objet",
    "act.order_number": "Numéro d'ordre",
    "act.internal": "Numéro de la délibération",
    "act.kind": "Nature de la décision",
    "session.date": "Date de la séance",
    "session.time": "Heure de la séance",
    "session.convocation_sent_on": "Convocation envoyée le",
    "session.secret": "Scrutin secret",
    "chair": "Présidence",
    "chair_quality": "Qualité du président",
    "secretaries": "Secrétaires de séance",
    "reporters": "Rapporteurs",
    "members.in_office": "Membres en exercice",
    "members.present": "Présents",
    "members.absent": "Absents",
    "members.excused": "Excusés",
    "members.represented": "Représentés (pouvoirs)",
    "members.quorum": "Quorum écrit",
    "members.present_names": "Noms des présents",
    "members.absent_names": "Noms des absents",
    "members.excused_names": "Noms des excusés",
    "members.proxies": "Pouvoirs",
    "vote.for": "Pour",
    "vote.against": "Contre",
    "vote.abstain": "Abstentions",
    "vote.not_voting": "Ne prennent pas part au vote",
    "vote.voices": "Voix",
    "vote.for_names": "Ont voté pour",
    "vote.against_names": "Ont voté contre",
    "vote.abstain_names": "Se sont abstenus",
    "vote.not_voting_names": "N'ont pas pris part au vote",
    "vote.with_proxy": "Noms suivis de « +1 pouvoir »",
    "vote.stated_result": "Résultat écrit",
    "identifiers.actes": "Identifiant ACTES",
    "identifiers.matter_code": "Matière (code)",
    "dates.transmitted_on": "Transmise le",
    "dates.received_on": "Reçue en préfecture le",
    "dates.posted_on": "Affichée le",
    "dates.published_on": "Publiée le",
    "budget.total_ht": "Total HT",
    "budget.total_ttc": "Total TTC",
    "budget.vat_rate": "Taux de TVA",
    "budget.lines": "Lignes du budget",
    "grants": "Subventions",
    "amounts": "Montants cités",
}
"""What may be read, in the order shown."""


def read_text(source: str) -> Reading:
    """Never raises, whatever the text; time grows with its length only."""
    notes = Notes(plain_of(source))
    labels = labels_of(notes.plain.folded)
    read_figures(notes, labels)
    read_people(notes, labels)
    read_filing(notes, labels)
    read_money(notes)
    return notes.reading(KEYS)
