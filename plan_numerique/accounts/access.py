"""Who may do what, where: a permission names its roles, a membership gives a role somewhere. Explicit, and nothing by default."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from plan_numerique.accounts.enums import NARROW_ROLES, Role
from plan_numerique.accounts.models import Authority, District, Membership, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def memberships(user: "User | AnonymousUser") -> list[Membership]:
    """The user's roles, read once per user object."""
    if not user.is_authenticated or not user.is_active:
        return []
    cached: list[Membership] | None = getattr(user, "_memberships", None)
    if cached is None:
        cached = list(Membership.objects.filter(user_id=user.pk).select_related("authority", "district").order_by("pk"))
        user._memberships = cached
    return cached


def _covers(membership: Membership, authority: Authority) -> bool:
    if membership.authority_id:
        return membership.authority_id == authority.pk
    if membership.district:
        return membership.district.department == authority.department
    return membership.department == authority.department


def roles_in(user: "User | AnonymousUser", authority: Authority) -> set[str]:
    return {membership.role for membership in memberships(user) if _covers(membership, authority)}


def _authorities_of(held: Iterable[Membership]) -> Q:
    condition = Q(pk__in=[])
    for membership in held:
        if membership.authority_id:
            condition |= Q(pk=membership.authority_id)
        else:
            district = membership.district
            condition |= Q(department=district.department if district else membership.department)
    return condition


def visible_authorities(user: "User | AnonymousUser") -> QuerySet[Authority]:
    if user.is_authenticated and user.is_active and user.is_superuser:
        return Authority.objects.order_by("name", "pk")
    return Authority.objects.filter(_authorities_of(memberships(user))).order_by("name", "pk")


@dataclass(frozen=True)
class Permission:
    """One thing that may be done, and the roles that may do it. The superuser, who keeps the installation, may do everything."""

    code: str
    label: str
    roles: frozenset[str] | set[str] = field(default_factory=frozenset)

    def _held(self, user: "User | AnonymousUser") -> list[Membership]:
        return [membership for membership in memberships(user) if membership.role in self.roles]

    def anywhere(self, user: "User | AnonymousUser") -> bool:
        return _is_root(user) or bool(self._held(user))

    def granted(self, user: "User | AnonymousUser", authority: Authority) -> bool:
        return _is_root(user) or any(_covers(membership, authority) for membership in self._held(user))

    def authorities(self, user: "User | AnonymousUser") -> QuerySet[Authority]:
        """Authorities where the permission is held for every row: town roles and whole départements."""
        if _is_root(user):
            return Authority.objects.all()
        wide = [m for m in self._held(user) if m.role not in NARROW_ROLES and not m.district_id]
        return Authority.objects.filter(_authorities_of(wide))

    def narrow_authorities(self, user: "User | AnonymousUser") -> QuerySet[Authority]:
        """Authorities where the permission is held only for the rows given one by one (own schools, assigned work)."""
        return Authority.objects.filter(_authorities_of(m for m in self._held(user) if m.role in NARROW_ROLES))

    def districts(self, user: "User | AnonymousUser") -> QuerySet[District]:
        return District.objects.filter(pk__in=[m.district_id for m in self._held(user) if m.district_id])


def _is_root(user: "User | AnonymousUser") -> bool:
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


class Scope:
    """What a request may see, and the authority chosen in the header (none: all that are visible)."""

    def __init__(self, user: "User | AnonymousUser", chosen_id: Any = None) -> None:
        self.user = user
        self.authorities: list[Authority] = list(visible_authorities(user)) if user.is_authenticated else []
        chosen = [authority for authority in self.authorities if str(authority.pk) == str(chosen_id)]
        only = self.authorities if len(self.authorities) == 1 else []
        self.authority: Authority | None = (chosen or only or [None])[0]

    def wide_authority_ids(self, roles: Collection[str] = ()) -> list[int]:
        """Authorities where the user holds a role (one of these, if any is given) over every row, not only over some."""
        held = [m for m in memberships(self.user) if not roles or m.role in roles]
        wide = [m for m in held if m.role not in NARROW_ROLES and not m.district_id]
        return [a.pk for a in self.authorities if _is_root(self.user) or any(_covers(m, a) for m in wide)]

    @property
    def role_label(self) -> str:
        held = memberships(self.user)
        if self.authority:
            held = [membership for membership in held if _covers(membership, self.authority)]
        labels = dict.fromkeys(Role(membership.role).label for membership in held)
        return ", ".join(labels) or ("Installation" if _is_root(self.user) else "")
