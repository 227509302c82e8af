from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission("deliberations.view", "Voir le conseil", roles=TOWN_STAFF | {Role.ACADEMY, Role.ELECTED})
EDIT = Permission("deliberations.edit", "Modifier les actes et les séances", roles={Role.ADMINISTRATOR, Role.ASSEMBLY})
