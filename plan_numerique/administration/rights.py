from deliberations import permissions as deliberations
from ent import permissions as ent
from equipment import permissions as equipment
from governance import permissions as governance
from plan_numerique.accounts import permissions as accounts
from plan_numerique.accounts.access import Permission
from plan_numerique.audit import permissions as audit
from plan_numerique.jobs import permissions as jobs
from schools import permissions as schools

MODULES = (schools, equipment, ent, governance, deliberations, accounts, audit, jobs)


def all_permissions() -> list[Permission]:
    return [value for module in MODULES for value in vars(module).values() if isinstance(value, Permission)]
