"""Amounts, the stated budget with its lines, and the grants."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from deliberations.domain.reading.proposals import Notes
from plan_numerique.shared.money import apply_rate, format_cents, round_to_euro

_MOST = 1500
_SIGN = re.compile(
    r"(?:(?P<scale>millions?|milliards?)\s?(?:d')?|(?P<kilo>[km])(?=€))?(?:€|(?<!\w)euros?(?!\w)|(?<!\w)eur(?!\w))"
    r"(?:\s?(?:(?P<ht>h\.?t\b\.?|hors\staxes?)|(?P<ttc>t\.?t\.?c\b\.?|toutes\staxes)))?"
)
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<whole>[0-9]{1,3}(?:[ .][0-9]{3}){1,4}|[0-9]{1,12})(?:,(?P<cents>[0-9]{1,3}))?\s?$"
)
_SCALES = {"million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9, "k": 10**3, "m": 10**6}
_RATE = re.compile(r"(?<![\w.,])(?P<rate>[0-9]{1,3}(?:[,.][0-9]{1,3})?)\s?$")
_SOIT = re.compile(r"[\s,(]{0,3}(?:soit|/|ou|\()?[\s:]{0,3}")
_GLOBAL = re.compile(r"total|global|montant|cout|operation|depense|s'eleve|estime")
_TOTAL = re.compile(
    r"(?<!\w)(?:montant\s|cout\s)?total(?:\sgeneral|\sde\sl'operation|\sdes\sdepenses)?(?:\s(?:h\.?t\.?|t\.?t\.?c\.?))?[\s:=]{0,6}(?=[0-9])"
)
_FUNDER = re.compile(
    r"(?<![\w-])(?:l'|d')?(?P<name>union\seuropeenne|europe|f\.?e\.?d\.?e\.?r|fse\+?|feader|leader|etat|region|conseil\sregional|departement|conseil\s(?:departemental|general)"
    r"|d\.?e\.?t\.?r|d\.?s\.?i\.?l|fnadt|fipd|prefecture|caisse\sdes\sdepots|banque\sdes\sterritoires|caf|caisse\sd'allocations\sfamiliales"
    r"|academie|rectorat|metropole|agglomeration|communaute\sde\scommunes|communaute\sd'agglomeration|agence\sde\sl'eau|ademe|anct)(?![\w-])(?:\s\([^()\n]{1,40}\))?"
)
_RATES = {200_000: "20", 196_000: "19.6", 100_000: "10", 85_000: "8.5", 70_000: "7", 55_000: "5.5", 21_000: "2.1"}
RATE_DEDUCED = "Taux non écrit : c'est celui que donnent les deux totaux."
BASE_DEDUCED = "Base non écrite : le total HT de l'acte."
_FAR = 140


@dataclass(frozen=True, slots=True)
class Amount:
    cents: int
    basis: str
    start: int
    end: int


def read_money(notes: Notes) -> None:
    amounts = list(islice(_amounts(notes.plain.folded), _MOST))
    for amount in amounts:
        row = {
            "label": _label(notes, amount),
            "amount": format_cents(amount.cents),
            "tax_basis": amount.basis or "unknown",
        }
        notes.add("amounts", row, [(amount.start, amount.end)])
    _read_totals(notes, amounts)
    _read_lines(notes, amounts)
    _read_vat(notes)
    _read_grants(notes, amounts)


def _amounts(folded: str) -> Iterator[Amount]:
    for sign in _SIGN.finditer(folded):
        before = max(0, sign.start() - 24)
        found = _FIGURE.search(folded[before : sign.start()])
        amount = _amount(found, sign, before) if found else None
        if amount:
            yield amount


def _amount(found: re.Match[str], sign: re.Match[str], before: int) -> Amount | None:
    whole = int(re.sub(r"[ .]", "", found["whole"]))
    scale = _SCALES.get(sign["scale"] or sign["kilo"] or "", 1)
    decimals = found["cents"] or ""
    cents = whole * 100 * scale + (int(decimals) * 100 * scale // 10 ** len(decimals) if decimals else 0)
    if (scale == 1 and len(decimals) > 2) or cents >= 10**14:
        return None
    return Amount(cents, "ht" if sign["ht"] else "ttc" if sign["ttc"] else "", before + found.start(), sign.end())


@dataclass(frozen=True, slots=True)
class _Rate:
    written: str
    start: int
    end: int


def _rates(folded: str) -> Iterator[_Rate]:
    for sign in re.finditer("%", folded):
        before = max(0, sign.start() - 9)
        found = _RATE.search(folded[before : sign.start()])
        if found and float(found["rate"].replace(",", ".")) <= 100:
            yield _Rate(found["rate"].replace(",", "."), before + found.start(), sign.end())


def _label(notes: Notes, amount: Amount) -> str:
    """The words of the line before the amount, the last ones where there are many."""
    text = notes.plain.text
    start = max(text.rfind("\n", 0, amount.start) + 1, text.rfind(". ", 0, amount.start) + 1, amount.start - 120)
    words = text[start : amount.start].strip(" \t:-–•.#\n").split()
    shown = " ".join(words).rstrip(" :")
    return shown[:200] or "Montant"


def _read_totals(notes: Notes, amounts: list[Amount]) -> None:
    """« un coût global de A € HT, soit B € TTC », « Total HT : A € »."""
    folded = notes.plain.folded
    for first, second in pairwise(amounts):
        joined = _SOIT.fullmatch(folded[first.end : second.start]) if second.start - first.end < 16 else None
        if (
            joined
            and {first.basis, second.basis} == {"ht", "ttc"}
            and _GLOBAL.search(folded, max(0, first.start - 90), first.start)
        ):
            for amount in (first, second):
                notes.add(f"budget.total_{amount.basis}", format_cents(amount.cents), [(amount.start, amount.end)])
    starts = {amount.start: amount for amount in amounts}
    for found in islice(_TOTAL.finditer(folded), 200):
        held = starts.get(found.end())
        basis = held.basis or _written_basis(found.group()) if held else ""
        if held and basis:
            notes.add(f"budget.total_{basis}", format_cents(held.cents), [(found.start(), held.end)])


def _written_basis(label: str) -> str:
    bare = label.replace(".", "")
    return "ttc" if "ttc" in bare else "ht" if re.search(r"\sht\b", bare) else ""


def _read_lines(notes: Notes, amounts: list[Amount]) -> None:
    """Two lines or more in a row, each a heading and its amount HT."""
    text = notes.plain.text
    block: list[tuple[Amount, str, int]] = []
    blocks = [block]
    for amount in amounts:
        start = text.rfind("\n", 0, amount.start) + 1
        end = text.find("\n", amount.end)
        after = text[amount.end : end if end >= 0 else len(text)].strip(" \t.;,")
        label = text[start : amount.start].strip(" \t:-–•#=")
        fits = amount.basis == "ht" and not after and 2 < len(label) < 160 and not label.casefold().startswith("total")
        if fits and (not block or not text[block[-1][0].end : start].strip(" \t.;,\n")):
            block.append((amount, label, start))
        elif block:
            block = [(amount, label, start)] if fits else []
            blocks.append(block)
    for rows in blocks:
        if len(rows) > 1:
            lines = [{"label": " ".join(label.split()), "ht": format_cents(amount.cents)} for amount, label, _ in rows]
            notes.add("budget.lines", lines, [(rows[0][2], rows[-1][0].end)], sure=False)


def _read_vat(notes: Notes) -> None:
    """The rate that the two totals give, where one legal rate does, to the cent or to the euro."""
    ht, ttc = notes.one("budget.total_ht"), notes.one("budget.total_ttc")
    if ht is None or ttc is None:
        return
    low, high = (int(value.replace(".", "")) for value in (ht, ttc))
    rates = [
        rate for rate in _RATES if high in (low + apply_rate(low, rate), round_to_euro(low + apply_rate(low, rate)))
    ]
    if len(rates) == 1:
        notes.deduce("budget.vat_rate", _RATES[rates[0]], ("budget.total_ht", "budget.total_ttc"), note=RATE_DEDUCED)


def _read_grants(notes: Notes, amounts: list[Amount]) -> None:
    """A funder, then its rate, then its amount: in a sentence (« à hauteur de 20 %, soit … ») or in a row of the financing plan."""
    folded, text = notes.plain.folded, notes.plain.text
    done, starts = 0, [amount.start for amount in amounts]
    base = notes.one("budget.total_ht")
    for found in islice(_rates(folded), _MOST):
        start = max(done, folded.rfind("\n\n", 0, found.start), found.start - 500)
        funders = _funders(folded, start, found.start)
        if not funders:
            continue
        amount = _amount_of(folded, amounts, starts, found, start)
        done = max(found.end, amount.end if amount else 0)
        shared = "chacun" in folded[found.end : done + 12]
        first = funders[0][0]
        names = [text[begin:end] for begin, end in funders]
        for name in names if shared or len(names) == 1 else [" et ".join(names)]:
            row = {"funder": " ".join(name.split()), "rate": found.written}
            if amount:
                row |= {"amount": format_cents(amount.cents), **({"base": base} if base else {})}
            note = BASE_DEDUCED if amount and base else ""
            notes.add("grants", row, [(first, done)], sure=False, note=note, asked=amount is not None)


def _funders(folded: str, start: int, until: int) -> list[tuple[int, int]]:
    found = {match["name"]: match for match in islice(_FUNDER.finditer(folded, start, until), 50)}
    return [(match.start("name"), match.end()) for match in found.values()]


def _amount_of(folded: str, amounts: list[Amount], starts: list[int], rate: _Rate, start: int) -> Amount | None:
    """That after the rate, before any other rate; in a row where the amount comes first, that one."""
    rank = bisect_left(starts, rate.end)
    after = amounts[rank] if rank < len(amounts) and starts[rank] - rate.end < _FAR else None
    between = folded[rate.end : after.start] if after else ""
    if after and "%" not in between and "\n" not in between:
        return after
    before = amounts[rank - 1] if rank else None
    if before and before.start > start and "\n" not in folded[before.start : rate.start]:
        return before
    if after and "%" not in between and not _FUNDER.search(between) and "\n\n" not in between:
        return after
    return None
