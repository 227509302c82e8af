from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission("ent.view", "Voir l'ENT", roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL, Role.ELECTED})
EDIT = Permission("ent.edit", "Modifier l'ENT", roles={Role.ADMINISTRATOR, Role.EDUCATION})
