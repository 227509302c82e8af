"""Members, proxies, quorum, convocation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from deliberations.domain.act import Act, Members, Names, Proxy
from deliberations.domain.legal import LegalRules
from deliberations.domain.names import distinct, keys_of, name_key
from deliberations.domain.result import Finding, Quorum, of_counts, of_texts
from plan_numerique.shared.calendar import clear_days
from plan_numerique.shared.wording import counted

PROXY_ARTICLE = "L2121-20"


def check_attendance(act: Act, quorum: Quorum, rules: LegalRules) -> Iterator[Finding]:
    yield from _check_sum(act.members)
    yield from _check_lists(act.members)
    yield from _check_duplicates(act.members)
    yield from _check_quorum(act, quorum)
    yield from check_proxies(act.members, rules)
    yield from _check_convocation(act, rules)


def is_whole(names: Sequence[object] | None, stated: int | None) -> bool:
    """Whether one may be missing from the list: it is known, and not shorter than its stated count."""
    return names is not None and (stated is None or len(names) >= stated)


def _check_sum(members: Members) -> Iterator[Finding]:
    away = members.excused if members.absent is None else members.absent
    if members.in_office is None or members.present is None or members.represented is None or away is None:
        return
    total = members.present + members.represented + away
    if total != members.in_office:
        message = (
            f"{counted(members.present, 'présent')}, {counted(members.represented, 'représenté')} et {counted(away, 'absent')} "
            f"font {counted(total, 'membre')}, "
            f"pour {members.in_office} en exercice."
        )
        yield of_counts("COUNT_MEMBERS", message, members.in_office, total)


def _check_lists(members: Members) -> Iterator[Finding]:
    lists: Sequence[tuple[str, int | None, Sequence[object] | None]] = (
        ("présent", members.present, members.present_names),
        ("absent", members.absent, members.absent_names),
        ("excusé", members.excused, members.excused_names),
        ("représenté", members.represented, members.proxies),
    )
    for label, stated, names in lists:
        if stated is not None and names is not None and stated != len(names):
            message = f"{counted(stated, f'{label} annoncé')}, la liste en nomme {len(names)}."
            yield of_counts("COUNT_LIST", message, len(names), stated)


def _check_duplicates(members: Members) -> Iterator[Finding]:
    givers = tuple(proxy.giver for proxy in members.proxies or ())
    lists: Sequence[Names] = (
        members.present_names,
        members.absent_names,
        members.excused_names,
        members.withdrawn_names,
        givers,
    )
    here = {*keys_of(members.present_names), *keys_of(givers)}
    away = {*keys_of(members.absent_names), *keys_of(members.excused_names)}
    twice = (here & away).union(*map(repeated_keys, lists))
    for key, name in distinct(name for names in lists for name in names or ()).items():
        if key in twice:
            message = f"« {name} » figure deux fois dans les listes de présence, ou à la fois présent et absent."
            yield of_texts("DUPLICATE_NAME", message, None, name)


def repeated_keys(names: Iterable[str] | None) -> set[str]:
    return {key for key, number in Counter(keys_of(names)).items() if number > 1}


def _check_quorum(act: Act, quorum: Quorum) -> Iterator[Finding]:
    if quorum.needed is None or quorum.present is None or quorum.reached or act.session.second_convocation:
        return
    message = (
        f"Le quorum n'est pas atteint : {counted(quorum.present, 'membre présent')}, {counted(quorum.needed, 'nécessaire')} ; "
        "les pouvoirs ne comptent pas (CGCT, article L2121-17)."
    )
    yield of_counts("QUORUM_NOT_REACHED", message, quorum.needed, quorum.present, "L2121-17")


def check_proxies(members: Members, rules: LegalRules) -> Iterator[Finding]:
    kept = []
    for proxy in members.proxies or ():
        if proxy.holder is not None and name_key(proxy.giver) == name_key(proxy.holder):
            message = f"« {proxy.giver} » se donne pouvoir à lui-même (CGCT, article L2121-20)."
            yield of_texts("PROXY_TO_SELF", message, None, proxy.giver, PROXY_ARTICLE)
        else:
            kept.append(proxy)
    yield from _check_holders(kept, members, rules)
    present = set(keys_of(members.present_names))
    for key, giver in distinct(proxy.giver for proxy in kept).items():
        if key in present:
            message = f"« {giver} » donne pouvoir alors qu'il est présent (CGCT, article L2121-20)."
            yield of_texts("PROXY_GIVER_PRESENT", message, None, giver, PROXY_ARTICLE)


def _check_holders(kept: Sequence[Proxy], members: Members, rules: LegalRules) -> Iterator[Finding]:
    holders = [proxy.holder for proxy in kept if proxy.holder is not None]
    held = Counter(keys_of(holders))
    present = set(keys_of(members.present_names))
    listed = is_whole(members.present_names, members.present)
    givers = keys_of(proxy.giver for proxy in kept)
    away = {*keys_of(members.absent_names), *keys_of(members.excused_names), *givers}
    for key, holder in distinct(holders).items():
        if held[key] > rules.proxies_per_holder:
            message = f"« {holder} » porte {held[key]} pouvoirs : un seul par membre (CGCT, article L2121-20)."
            yield of_counts("PROXY_HOLDER_TWICE", message, rules.proxies_per_holder, held[key], PROXY_ARTICLE)
        if key in away or (listed and key not in present):
            message = f"« {holder} » porte un pouvoir sans être présent (CGCT, article L2121-20)."
            yield of_texts("PROXY_HOLDER_ABSENT", message, None, holder, PROXY_ARTICLE)


def _check_convocation(act: Act, rules: LegalRules) -> Iterator[Finding]:
    sent_on, population = act.session.convocation_sent_on, act.authority.population
    if sent_on is None or population is None or act.session.second_convocation:
        return
    small = population < rules.threshold
    needed, article = (rules.clear_days_under, rules.article_under) if small else (rules.clear_days_from, "L2121-12")
    whole = small and rules.whole_days_under
    given = clear_days(sent_on, act.session.date) + whole
    if given < needed:
        message = (
            f"Convocation envoyée le {sent_on:%d/%m/%Y} : {counted(given, 'jour' if whole else 'jour franc')} avant la séance, "
            f"{counted(needed, 'nécessaire')} (CGCT, article {article})."
        )
        yield of_counts("CONVOCATION_DELAY", message, needed, given, article)
