from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission(
    "schools.view",
    "Voir les écoles, classes et effectifs",
    roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL, Role.ELECTED},
)
EDIT = Permission(
    "schools.edit", "Modifier les écoles, classes et effectifs", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
EDIT_SITE = Permission(
    "schools.edit_site", "Modifier les sites et les salles", roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN}
)
VIEW_PEOPLE = Permission(
    "schools.view_people", "Voir les personnes affectées aux écoles", roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL}
)
ASSIGN = Permission("schools.assign", "Affecter des personnes aux écoles", roles={Role.ADMINISTRATOR, Role.EDUCATION})
