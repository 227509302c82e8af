from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW_TRAIL = Permission("audit.view", "Lire le journal", roles={Role.ADMINISTRATOR})
VIEW_HISTORY = Permission("audit.history", "Lire l'historique d'un objet", roles=TOWN_STAFF | {Role.ACADEMY})
