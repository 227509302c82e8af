from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW_AUTHORITY = Permission(
    "accounts.view_authority", "Voir la fiche de la collectivité", roles=TOWN_STAFF | {Role.ACADEMY, Role.ELECTED}
)
EDIT_AUTHORITY = Permission("accounts.edit_authority", "Modifier la collectivité", roles={Role.ADMINISTRATOR})
MANAGE_MEMBERS = Permission(
    "accounts.manage_members", "Gérer les utilisateurs et leurs rôles", roles={Role.ADMINISTRATOR}
)
