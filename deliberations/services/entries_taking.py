"""One entry being taken: what it says, read against the sitting as it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import Enum
from typing import Any

from deliberations.domain.attendance import Attendance
from deliberations.domain.passage import Item, anchored, next_of
from deliberations.models import Act, AttendanceChange, Mandate, Proxy, Sitting
from deliberations.queries.conduct import SET_ASIDE, Floor, contradicted, floor_of, is_examined, is_proclaimed
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError

LONGEST_KEY = 2**63 - 1
SHORT, LONG = 300, 20_000


@dataclass
class Taking:
    """`said`: what the entry keeps beside what was sent, the item it was found to be about among others."""

    floor: Floor
    payload: Mapping[str, Any]
    at: datetime
    by: User | None
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def sitting(self) -> Sitting:
        return self.floor.sitting

    # What the payload says

    def key(self, name: str, value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LONGEST_KEY:
            raise DomainError(
                f"« {name} » : un numéro d'enregistrement est attendu, non « {shown(value)} ».", field=name
            )
        return value

    def member(self, name: str = "member") -> Mandate:
        return self.member_of(name, self.payload.get(name))

    def member_of(self, name: str, value: Any) -> Mandate:
        found = self.floor.members.get(self.key(name, value))
        if found is None:
            raise DomainError(
                f"Le membre n° {shown(value)} n'est pas en exercice dans l'assemblée le jour de la séance.", field=name
            )
        return found

    def act_named(self, name: str = "act") -> Act | None:
        """The item that the payload names, None where it names none."""
        value = self.payload.get(name)
        if value is None:
            return None
        found = self.floor.by_key.get(self.key(name, value))
        if found is None:
            raise DomainError(f"L'affaire n° {shown(value)} n'est pas à l'ordre du jour de la séance.", field=name)
        return found

    def item(self) -> Act:
        """The item named, or else the one under examination."""
        found = self.act_named() or self.floor.item
        if found is None:
            raise DomainError("Aucune affaire n'est à l'examen : en ouvrir une d'abord.", field="act")
        self.said["act"] = found.pk
        return found

    def text(self, name: str, *, most: int = SHORT, required: bool = False) -> str:
        value = self.payload.get(name, "")
        value = "" if value is None else value
        if not isinstance(value, str):
            raise DomainError(f"« {name} » : un texte est attendu, non « {shown(value)} ».", field=name)
        value = value.strip()
        if len(value) > most:
            raise DomainError(f"« {name} » : {most} caractères au plus, {len(value)} reçus.", field=name)
        if required and not value:
            raise DomainError(f"« {name} » : un texte est attendu.", field=name)
        return value

    def choice(self, name: str, values: type[Enum], *, empty: bool = False, default: str | None = None) -> str:
        value = self.payload.get(name, default)
        accepted = [str(each.value) for each in values]
        if empty and value in ("", None):
            return ""
        if not isinstance(value, str) or value not in accepted:
            told = ", ".join(accepted)
            raise DomainError(f"« {name} » : « {shown(value)} » n'est pas accepté ; valeurs : {told}.", field=name)
        return value

    def flag(self, name: str) -> bool:
        value = self.payload.get(name, False)
        if not isinstance(value, bool):
            raise DomainError(f"« {name} » : vrai ou faux est attendu, non « {shown(value)} ».", field=name)
        return value

    def count(self, name: str) -> int | None:
        value = self.payload.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:
            raise DomainError(f"« {name} » : un nombre de 0 à 1000 est attendu, non « {shown(value)} ».", field=name)
        return value

    def hour(self) -> time | None:
        value = self.payload.get("at")
        if value in (None, ""):
            return None
        try:
            return datetime.strptime(value if isinstance(value, str) else "", "%H:%M").time()  # noqa: DTZ007
        except ValueError:
            raise DomainError(f"Heure « {shown(value)} » illisible : « 18:42 » est attendu.", field="at") from None

    # Where it holds from

    def from_item(self) -> Act | None:
        """The item named; or the one under examination until its vote is proclaimed, then the next. None: from the opening."""
        named = self.act_named()
        if named is not None and not is_examined(named) and named.pk != next_of(self.floor.order):
            raise DomainError(
                f"L'affaire « {named} » n'est pas la prochaine : un mouvement se dit au moment où il a lieu.",
                field="act",
            )
        found = named or self._under_way()
        if found is None and any(is_examined(act) for act in self.floor.acts):
            raise DomainError(
                "Toutes les affaires sont examinées : aucun vote n'en dépend plus. Le dire par une note au procès-verbal."
            )
        if found is not None:
            self.said["act"] = found.pk
        return found

    def _under_way(self) -> Act | None:
        current = self.floor.item
        if current is not None and not is_proclaimed(current):
            return current
        if not any(is_examined(act) for act in self.floor.acts):
            return None
        coming = next_of(self.floor.order)
        return None if coming is None else self.floor.by_key[coming]

    def attendance(self, act: Act | None) -> Attendance:
        return self.floor.attendance(act)

    def check_proclaimed(self, since: Act | None) -> None:
        """A correction that a vote already proclaimed contradicts is refused. `since`: first item that it may change."""
        place = since.passage or 0 if since is not None else 0
        done = [act for act in self.floor.acts if is_proclaimed(act) and (act.passage or 0) >= place]
        if not done:
            return
        now = floor_of(self.sitting)
        told = contradicted(now, [act for act in done if now.attendance(act) != self.floor.attendance(act)])
        if told:
            raise DomainError(told)


def shown(value: object) -> str:
    return str(value)[:60]


def anchors_moved(
    floor: Floor, before: list[Item], after: list[Item], but: int
) -> tuple[list[AttendanceChange], list[Proxy]]:
    """Moves and proxies that hold from another item now that the order changed, ready to be saved."""

    def now(anchor: int | None) -> int | None:
        return None if anchor is None else anchored(before, after, anchor, but=but)

    changes, proxies = [], []
    for change in floor.changes:
        if change.event != "withdrawal" and (place := now(change.act_id)) != change.act_id:
            change.act_id = place
            changes.append(change)
    for proxy in floor.proxies:
        ends = now(proxy.from_act_id), now(proxy.until_act_id)
        if ends != (proxy.from_act_id, proxy.until_act_id):
            proxy.from_act_id, proxy.until_act_id = ends
            proxies.append(proxy)
    return changes, proxies


def require_pending(act: Act) -> None:
    if act.state in SET_ASIDE:
        raise DomainError(
            f"L'affaire « {act} » est {act.get_state_display().lower()} : la rétablir d'abord.", field="act"
        )
    if is_proclaimed(act):
        raise DomainError(f"Le résultat de l'affaire « {act} » est proclamé : rouvrir d'abord le scrutin.", field="act")


def names_in(members: Iterable[int], names: Mapping[int, str], *, most: int = 3) -> str:
    found = [names[member] for member in members]
    more = f" et {len(found) - most} autres" if len(found) > most else ""
    return ", ".join(found[:most]) + more
