"""Filters and tables of the administration pages."""

import django_tables2 as tables

from plan_numerique.accounts.models import Authority, Membership
from plan_numerique.accounts.permissions import MANAGE_MEMBERS
from plan_numerique.imports.filters import ImportedFilter
from plan_numerique.web.filters import EntityFilter, PeriodFilter
from plan_numerique.web.tables import EntityTable, IntegerColumn, MomentColumn


class AuthorityFilter(EntityFilter):
    search_fields = ("name", "siren", "insee")
    without = ("slug", "name", "siren", "insee", "population", "quorum_population", "accent", "logo", "notice")

    class Meta:
        model = Authority
        fields = ("kind", "department")


class AuthorityTable(EntityTable):
    name = tables.Column(linkify=("administration:authority_detail", {"pk": tables.A("pk")}))
    population = IntegerColumn()

    class Meta(EntityTable.Meta):
        model = Authority
        fields = ("name", "kind", "department", "siren", "insee", "population")


class MemberFilter(EntityFilter):
    search_fields = ("user__email", "user__full_name")
    scoped = {"authority": MANAGE_MEMBERS.authorities}
    without = ("user", "department", "district")
    imported = ImportedFilter()
    last_seen = PeriodFilter(field_name="user__last_login", label="Dernière connexion")

    class Meta:
        model = Membership
        fields = ("role", "authority")


class MemberTable(EntityTable):
    user = tables.Column(linkify=("administration:member_detail", {"pk": tables.A("pk")}), verbose_name="Personne")
    email = tables.EmailColumn(accessor="user__email", verbose_name="Adresse électronique")
    last_login = MomentColumn(accessor="user__last_login", verbose_name="Dernière connexion")

    class Meta(EntityTable.Meta):
        model = Membership
        fields = ("user", "email", "role", "authority", "last_login")
