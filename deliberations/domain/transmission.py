"""@CTES: what a package holds, its names, its two XML files (domain-rules 3.1, 3.4). Nothing here sends anything."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from deliberations.domain.actes import is_siren, parse_identifier
from deliberations.domain.latin import Written, one_line, to_latin

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
ENCODING = "ISO-8859-1"
NATURE_CODES = {"DE": "1", "AR": "2", "AI": "3", "CC": "4", "BF": "5", "AU": "6"}
LONGEST_NUMBER, LONGEST_OBJECT, DEEPEST_MATTER = 15, 499, 5
SIGNATURE_FILE = "99_SE"
_EMAIL = re.compile(r"[_a-zA-Z0-9\-]+(\.[_a-zA-Z0-9\-]+)*@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*\.[a-zA-Z]{2,6}")
_MATTER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,4}")


def clean_number(number: str) -> str:
    """In the letters that operators take, A-Z 0-9 and underscore, not cut: two numbers must not become one."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", number) if not unicodedata.combining(char))
    return re.sub(r"[^A-Z0-9]+", "_", bare.upper()).strip("_")


@dataclass(frozen=True, slots=True)
class Origin:
    """The authority as an envelope names it; `trigram` is that of the operator."""

    siren: str
    department: str
    district: str
    emitter: str
    trigram: str
    return_emails: tuple[str, ...]
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """The act as its message names it. `types`: code of the act's own document, then of each annex."""

    decided_on: date
    number: str
    nature: str
    matter: str
    title: str
    classified_on: date
    types: tuple[str, ...]

    @property
    def clean(self) -> str:
        return clean_number(self.number)


@dataclass(frozen=True, slots=True)
class FileNames:
    archive: str
    envelope: str
    message: str
    documents: tuple[str, ...]


def is_return_email(text: str) -> bool:
    """The address as the message of the ministry allows it: plain letters, no `+`."""
    return _EMAIL.fullmatch(text) is not None


def identifier_of(origin: Origin, filed: Filed) -> str:
    """It carries the day of the decision."""
    return f"{origin.department}-{origin.siren}-{filed.decided_on:%Y%m%d}-{filed.clean}-{filed.nature}"


def names_of(origin: Origin, filed: Filed, prepared_on: date, rank: int) -> FileNames:
    """They carry the day of preparation; `rank` numbers the envelopes of that day."""
    envelope = f"EACT--{origin.siren}--{prepared_on:%Y%m%d}-{rank}"
    base = f"{origin.department}-{origin.siren}-{prepared_on:%Y%m%d}-{filed.clean}-{filed.nature}-1-1"
    return FileNames(
        archive=f"{origin.trigram}-{envelope}.tar.gz",
        envelope=f"{envelope}.xml",
        message=f"{base}_0.xml",
        documents=tuple(f"{code}-{base}_{place}.pdf" for place, code in enumerate(filed.types, 1)),
    )


def object_of(title: str) -> Written:
    return one_line(title, LONGEST_OBJECT)


def faults_of(origin: Origin, filed: Filed) -> list[str]:
    """What would make the package false, in sentences."""
    found = [
        (
            not re.fullmatch("[0-9]{9}", origin.siren) or not is_siren(origin.siren),
            f"le SIREN « {origin.siren} » a une clé fausse",
        ),
        (not filed.clean, "l'acte n'a pas de numéro"),
        (
            len(filed.clean) > LONGEST_NUMBER,
            f"le numéro « {filed.number} » s'écrit « {filed.clean} » : {len(filed.clean)} caractères, "
            f"{LONGEST_NUMBER} au plus",
        ),
        (filed.nature not in NATURE_CODES, f"la nature « {filed.nature} » n'existe pas"),
        (
            not _MATTER.fullmatch(filed.matter),
            f"la matière « {filed.matter} » n'a pas la forme attendue, deux à cinq niveaux : 8.1"
            if filed.matter
            else "l'acte n'a pas de matière",
        ),
        (not object_of(filed.title).text, "l'acte n'a pas d'intitulé"),
    ]
    sentences = [sentence for wrong, sentence in found if wrong]
    if not sentences and parse_identifier(identifier_of(origin, filed)) is None:
        sentences.append(f"« {identifier_of(origin, filed)} » n'a pas la forme d'un identifiant ACTES")
    return sentences


def envelope_xml(origin: Origin, names: FileNames) -> bytes:
    root = _root("EnveloppeCLMISILL")
    emitter = _child(root, "Emetteur")
    identity = _child(
        emitter, "IDCL", Departement=origin.department, Arrondissement=origin.district, Nature=origin.emitter
    )
    identity.set(f"{{{INSEE}}}SIREN", origin.siren)
    contact = {"Nom": origin.contact_name, "Telephone": origin.contact_phone, "Email": origin.contact_email}
    if any(contact.values()):
        referent = _child(emitter, "Referent")
        for name, value in contact.items():
            if value:
                _child(referent, name).text = one_line(value, 100).text
    addresses = _child(root, "AdressesRetour")
    for address in origin.return_emails:
        _child(addresses, "Email").text = address
    _file(_child(_child(root, "FormulairesEnvoyes"), "Formulaire"), names.message)
    return _bytes(root)


def message_xml(filed: Filed, names: FileNames) -> bytes:
    root = _root("Acte")
    _set(
        root,
        Date=filed.decided_on.isoformat(),
        NumeroInterne=filed.clean,
        CodeNatureActe=NATURE_CODES[filed.nature],
    )
    for level, code in enumerate(filed.matter.split(".")[:DEEPEST_MATTER], 1):
        _child(root, f"CodeMatiere{level}", CodeMatiere=str(int(code)))
    _child(root, "Objet").text = object_of(filed.title).text
    _child(root, "ClassificationDateVersion").text = filed.classified_on.isoformat()
    document, *annexes = names.documents
    _file(_child(root, "Document"), document)
    held = _child(root, "Annexes", Nombre=str(len(annexes)))
    for name in annexes:
        _file(_child(held, "Annexe"), name)
    _child(root, "DocumentPapier").text = "N"
    return _bytes(root)


def main_type(codes: Sequence[str]) -> str:
    """The code of the act itself among those of its nature: the general one, which starts with 99."""
    own = [code for code in codes if code != SIGNATURE_FILE]
    return next((code for code in own if code.startswith("99_")), own[0] if own else "")


def _root(name: str) -> etree._Element:
    return etree.Element(f"{{{ACTES}}}{name}", nsmap={"actes": ACTES, "insee": INSEE})


def _child(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ACTES}}}{name}")
    _set(child, **attributes)
    return child


def _set(element: etree._Element, **attributes: str) -> None:
    for name, value in attributes.items():
        element.set(f"{{{ACTES}}}{name}", to_latin(value).text)


def _file(parent: etree._Element, name: str) -> None:
    _child(parent, "NomFichier").text = name


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding=ENCODING, pretty_print=True))  # type: ignore[arg-type]
