from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission("equipment.view", "Voir l'équipement", roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL, Role.ELECTED})
EDIT = Permission(
    "equipment.edit",
    "Tenir le parc : appareils, mouvements, comptes",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN},
)
EDIT_CATALOGUE = Permission(
    "equipment.edit_catalogue",
    "Modifier les articles, les prix, les packs et les règles de dotation",
    roles={Role.ADMINISTRATOR, Role.EDUCATION},
)
PROPOSE = Permission(
    "equipment.propose",
    "Proposer les packs d'un diagnostic et réserver le stock",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN},
)
