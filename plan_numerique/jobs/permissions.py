from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import Role

VIEW = Permission("jobs.view", "Suivre les tâches", roles=frozenset(Role))
MANAGE = Permission(
    "jobs.manage", "Relancer ou annuler la tâche d'un autre, en lire la trace technique", roles={Role.ADMINISTRATOR}
)
