"""What the law and good sense refuse of a member's move, proxy or withdrawal, told as a sentence with its article; "" where nothing
does. Names are given by `Names`: the core knows members by their key."""

from collections.abc import Mapping

from deliberations.domain.attendance import Attendance
from plan_numerique.shared.wording import counted

Names = Mapping[int, str]
PROXY = "(CGCT, article L2121-20)"
WITHDRAWAL = "(CGCT, article L2131-11)"
ALTERNATE = "(CGCT, article L5211-6)"


def refuse_arrival(held: Attendance, member: int, names: Names) -> str:
    return f"{names[member]} est déjà en séance." if member in held.present else ""


def refuse_departure(held: Attendance, member: int, names: Names) -> str:
    return "" if member in held.present else f"{names[member]} n'est pas en séance : son départ est déjà compté."


def refuse_withdrawal(held: Attendance, member: int, names: Names) -> str:
    name = names[member]
    if member in held.withdrawn:
        return f"Le retrait de {name} pour cette affaire est déjà noté {WITHDRAWAL}."
    if member in held.proxies:
        holder = names[held.proxies[member]]
        return f"{name} a donné pouvoir à {holder} : dire que sa voix ne prend pas part au vote {WITHDRAWAL}."
    return "" if member in held.present else f"{name} n'est pas en séance : rien à retirer {WITHDRAWAL}."


def refuse_proxy(
    held: Attendance, giver: int, holder: int, names: Names, *, given: Mapping[int, int], most: int
) -> str:
    """`given`: every proxy in force, giver to holder, be it of use or not; `most`: how many one member may hold."""
    if giver == holder:
        return f"{names[giver]} ne se donne pas pouvoir à lui-même {PROXY}."
    return _refuse_giver(held, giver, names, given) or _refuse_holder(held, holder, names, given, most)


def _refuse_giver(held: Attendance, giver: int, names: Names, given: Mapping[int, int]) -> str:
    if giver in held.present:
        return f"{names[giver]} siège : seul un membre empêché d'assister à la séance donne pouvoir {PROXY}."
    if giver in held.replaced:
        return f"Le suppléant de {names[giver]} siège à sa place : ce pouvoir n'ajouterait aucune voix {ALTERNATE}."
    if giver not in (*held.proxies, *held.excused, *held.absent):
        return f"Un suppléant ne donne pas pouvoir : il siège en l'absence du titulaire {ALTERNATE}."
    if giver in given:
        return f"{names[giver]} a déjà donné pouvoir à {names[given[giver]]} : révoquer d'abord ce pouvoir {PROXY}."
    return ""


def _refuse_holder(held: Attendance, holder: int, names: Names, given: Mapping[int, int], most: int) -> str:
    if holder not in held.present:
        away = f" et a donné pouvoir à {names[held.proxies[holder]]}" if holder in held.proxies else ""
        return f"{names[holder]} ne siège pas{away} : seul un membre présent porte un pouvoir {PROXY}."
    if sum(other == holder for other in given.values()) >= most:
        whose = ", ".join(names[other] for other, by in given.items() if by == holder)
        number = counted(most, "pouvoir")
        return f"{names[holder]} porte déjà le pouvoir de {whose} : {number} au plus par membre {PROXY}."
    return ""
