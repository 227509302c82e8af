"""The labels that head the lines, cells and lists of an extract, found in one pass over the folded text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_MOST_LABELS = 1500

# Endings « s », « (s) », « .e.s », « (e)s », « ·es ».
_S = r"(?:\(?[.·-]?e?\)?[.·-]?\(?s?\)?)"
_WHO = (
    rf"(?:(?:membre{_S}|conseiller{_S}|conseillere{_S}|elu{_S}|delegue{_S}|titulaire{_S}|suppleant{_S}|municipa(?:ux|les)|communautaires|"
    rf"metropolitains|mmes?|mm\.?|mesdames|messieurs|et|ayant\svoix\sdeliberative|du\sconseil)\s{{1,3}}){{0,5}}"
)
_NUMBER_OF = r"(?:nombre\s(?:total\s)?(?:de\s(?:la\s)?|d'|des\s)?)?(?:les\s)?(?:dont\s)?"
_BEING = r"(?:(?:etaient|etait|sont|est|ont\sete|s'etaient)\s)?"
_PREFECTURE = r"(?:en\s|a\sla\s|par\sla\s|de\sla\s)?(?:sous[- ])?prefecture|par\sle\srepresentant\sde\sl'etat"

KINDS: dict[str, str] = {
    "in_office": rf"{_NUMBER_OF}{_WHO}(?:legalement\s)?(?:en\s(?:exercice|fonctions?|activite))",
    "represented": (
        rf"{_NUMBER_OF}{_BEING}{_WHO}(?:(?:absent{_S}[ ,]{{0,2}})?(?:et\s)?(?:excuse{_S}[ ,]{{1,2}})?(?:et\s)?"
        rf"(?:represente{_S}|(?:ayant|ont|avaient|a)\s(?:donne|remis)\s(?:un\s)?(?:pouvoir|procuration|mandat){_S})"
        rf"|pouvoir{_S}(?:\s(?:donnes?|remis))?|procuration{_S}|mandats?(?!\w))"
    ),
    "excused": rf"{_NUMBER_OF}{_BEING}{_WHO}(?:absent{_S}[ ,]{{1,2}}(?:et\s)?)?excuse{_S}",
    "absent": rf"{_NUMBER_OF}{_BEING}{_WHO}absent{_S}(?:\snon\s(?:excuses?|represente{_S}))?",
    "present": rf"{_NUMBER_OF}{_BEING}{_WHO}present{_S}|{_NUMBER_OF}{_WHO}(?:assistant|ayant\sassiste|ayant\ssiege)(?:\sa\sla\sseance)?",
    "quorum": r"quorum",
    "cast": r"(?:nombre\sde\s)?suffrages?\sexprimes?|majorite\sabsolue",
    "for": r"(?:nombre\sde\s)?(?:(?:voix|votes?|ont\svote|suffrages?)\s)?pour",
    "against": r"(?:nombre\sde\s)?(?:(?:voix|votes?|ont\svote|suffrages?)\s)?contre",
    "abstain": rf"(?:nombre\sd')?abstention{_S}|(?:s'abstiennent|se\ssont\sabstenu{_S}|s'est\sabstenu{_S}|abstenu{_S})",
    "not_voting": (
        r"(?:ne\s(?:prend|prennent|prenant)\spas\spart\sau\svote|n'(?:a|ont|ayant)\spas\spris\spart\sau\svote|"
        r"(?:ne\s)?(?:participe|participent|participant)\spas\sau\svote|n'(?:a|ont)\spas\sparticipe\sau\svote|"
        r"n\.?p\.?p\.?v\.?|non[- ]participations?(?:\sau\svote)?|refus\sde\svote)"
    ),
    "voices": r"(?:nombre\sde\s|total\sdes\s)?(?:voix|votants|votes\sexprimables)",
    "givers": rf"mandant{_S}(?=\s{{0,3}}(?:$|\t|:))",
    "holders": rf"mandataire{_S}(?=\s{{0,3}}(?:$|\t|:))",
    "chair": r"president(?:e|\(e\))?\sde\s(?:la\s)?seance|presidence(?:\sde\s(?:la\s)?seance)?|president(?:e)?(?=\s{0,2}:)|seance\spresidee\spar",
    "secretary": rf"(?:nom\s)?(?:du\s|de\sla\s|des\s|le\s|la\s)?secretaire{_S}(?:\sde\s(?:la\s)?seance)?(?=\s{{0,3}}(?:$|\t|:|\())|secretaire{_S}\sde\s(?:la\s)?seance",
    "reporter": r"rapporteu(?:r|se|re)(?:\(?[.·]?e?\)?\(?s?\)?)",
    "convocation": r"date\s(?:de\s|d'envoi\s(?:de\s)?|d'envoi\sde\s)?(?:la\s)?convocation|convocation(?:\sdu|\sen\sdate\sdu|\sle|\senvoyee)?(?=[\s:\t])",
    "sitting_day": r"date\sde\s(?:la\s)?(?:seance|reunion)|seance\sdu|reunion\sdu",
    "received": (
        rf"(?:date\sde\s)?reception\s{{0,2}}(?:{_PREFECTURE})|recu{_S}\s(?:{_PREFECTURE})|acquitte{_S}\s(?:{_PREFECTURE})"
        rf"|accuse\s(?:de\s)?reception(?:\s(?:{_PREFECTURE}|du))?|acte\srecu\s(?:{_PREFECTURE})"
    ),
    "transmitted": rf"date\sde\s(?:la\s)?(?:tele)?transmission|(?:tele)?transmis{_S}(?=\s)|envoye{_S}\s(?:{_PREFECTURE})|depose{_S}\s(?:{_PREFECTURE})",
    "posted": rf"date\sd'affichage|affichage(?=[\s:\t])|affiche{_S}(?=[\s:\t])",
    "published": rf"date\sde\s(?:la\s)?(?:publication|mise\sen\sligne)|publication(?=[\s:\t])|publie{_S}(?=[\s:\t])|mise?\sen\sligne",
    "actes": r"identifiant\s(?:de\steletransmission|unique|actes|de\sl'acte|fast)|n\s?°\s?(?:de\s)?(?:teletransmission|d'acte|actes)",
    "matter": r"(?:reference\s)?nomenclature|(?:code\s)?matiere(?:\sde\sl'acte)?|classification",
    "order_number": r"(?:n\s?°|numero)\s?(?:d')?ordre",
    "internal": r"(?:n\s?°|numero)\s?identifiant|(?:(?:deliberation|dcm|dcc|dc|del|acte)[ \t]?)?(?:n\s?°s?\.?|numero)(?=[ \t:]{0,3}[\w])",
    "object": r"objet(?=\s{0,3}(?::|\t|-))",
    "result": r"resultats?\s(?:du\s)?(?:vote|scrutin)|resultat(?=\s{0,2}:)|decision(?=\s{0,2}:)|vote(?=\s{0,2}(?::|$))",
    "stop": (
        r"observations?(?=[\s:\t])|projet\sde\sdeliberation|service\s(?:referent|emetteur)|pour\s(?:extrait|ampliation|copie|le\smaire)"
        r"|vus?\s|considerant|expose|le\sconseil\s(?:municipal|communautaire|metropolitain|de\scommunaute)|ordre\sdu\sjour|certifie"
        r"|signe(?=[\s:\t])|lieu(?=\s{0,2}:)|il\sest\spropose|apres\s(?:en\savoir|avoir|discussion|lecture)|(?:madame|monsieur|m\.|mme)\s(?:le|la)\s(?:maire|president)"
        r"|le\s(?:maire|president|quorum)|soit\s|a\sl'unanimite|monsieur|formant|lesquels|conformement"
    ),
}
_FIRST = re.compile(
    r"(?<!\w)(?:nombre|les\s|dont\s|etai|sont\s|est\s|ont\s|s'|membre|conseiller|elu|delegue|titulaire|suppleant|municipa|communautaire|metropolitain"
    r"|mm|mesdames|messieurs|ayant|avaient|a\s|legalement|en\s|absent|excuse|represente|pouvoir|procuration|mandat|mandant|mandataire|present|quorum|suffrage"
    r"|majorite|voix|votant|vote|pour|contre|abst|se\s|ne\s|n'|n\.?p|non|participe|refus|total|president|presidence|seance|nom\s|du\s|de\s|des\s"
    r"|le\s|la\s|secretaire|rapporteu|date|convocation|reunion|reception|recu|acquitte|accuse|acte|transmis|tele|envoye|depose|affich|publi|mis"
    r"|identifiant|n\s?°|numero|matiere|reference|nomenclature|code|classification|deliberation|dc|del|objet|resultat|decision|observation"
    r"|projet|service|vu|considerant|expose|ordre|certifie|signe|lieu|il\s|apres|madame|monsieur|m\.|mme|soit|formant|lesquels|conformement)"
)
_LABEL = re.compile(
    "(?:" + "|".join(f"(?P<{kind}>{form})" for kind, form in KINDS.items()) + r")(?:(?<=°)|(?!\w))", re.MULTILINE
)
_MOST_TRIED = 12_000
_COUNTED = re.compile(
    r"(?:[ \t]{0,4}[:=.]{1,6})?[ \t]{0,6}[(\[]?\s?(?P<number>[0-9]{1,3})(?![0-9.,/°%€]?[0-9])(?![°%€])(?:\s?[)\]])?"
)
_NOBODY = re.compile(r"[ \t]{0,4}[:=][ \t]{0,4}(?P<word>neant|aucune?|zero)(?!\w)")
_LATER = re.compile(r"[ \t:]{0,4}\n\s{0,3}(?P<number>[0-9]{1,3})[ \t]{0,4}(?=\n|$)")


_OPENS, _SIGN, _INSIDE = "opens", "sign", "inside"
_SIGNS = frozenset(";,.)/(]-–—[")
_INTRODUCES = re.compile(r"[ \t]{0,3}[:=(]")
_FIGURE = re.compile(r" [0-9]")


@dataclass(frozen=True, slots=True)
class Label:
    """`start` and `end` are those of the words; `first` says that they open their line or cell; `until` is the start of the next."""

    kind: str
    start: int
    end: int
    first: bool
    until: int


@dataclass(frozen=True, slots=True)
class Count:
    value: int
    start: int
    end: int
    sure: bool


def labels_of(folded: str) -> list[Label]:
    """In the order of the text; `until` is where the next one starts. Within a line, only those that a sign or a figure follows."""
    found = list(islice(_found(folded), _MOST_LABELS))
    ends = [*(start for _, start, _, _ in found[1:]), len(folded)]
    return [Label(*label, until) for label, until in zip(found, ends, strict=False)]


def _found(folded: str) -> Iterator[tuple[str, int, int, bool]]:
    done = tried = 0
    for word in _FIRST.finditer(folded):
        start = word.start()
        head = _head(folded, start) if start >= done else ""
        if not head:
            continue
        tried += 1
        if tried > _MOST_TRIED:
            return
        match = _LABEL.match(folded, start)
        if match and (
            head == _OPENS
            or _INTRODUCES.match(folded, match.end())
            or (head == _SIGN and _FIGURE.match(folded, match.end()))
        ):
            done = match.end()
            yield match.lastgroup or "", start, done, head == _OPENS


def _head(folded: str, start: int) -> str:
    """How a word stands: first of its line or cell, after a sign, after a figure or « et »; empty elsewhere."""
    before = folded[max(0, start - 9) : start]
    opening = before[max(before.rfind("\n"), before.rfind("\t")) + 1 :]
    if not any(map(str.isalnum, opening)) and (len(opening) < len(before) or start < 9):
        return _OPENS
    bare = before.rstrip(" ")
    if bare[-1:] in _SIGNS:
        return _SIGN
    return _INSIDE if bare[-1:].isdigit() or bare.endswith(" et") else ""


def count_after(folded: str, label: Label) -> Count | None:
    """The number that a label introduces: right after it, or alone on the next line (to check)."""
    found = _COUNTED.match(folded, label.end)
    if found:
        return Count(int(found["number"]), found.start("number"), found.end(), sure=True)
    found = _NOBODY.match(folded, label.end)
    if found:
        return Count(0, found.start("word"), found.end(), sure=True)
    found = _LATER.match(folded, label.end) if label.first else None
    return Count(int(found["number"]), found.start("number"), found.end("number"), sure=False) if found else None
