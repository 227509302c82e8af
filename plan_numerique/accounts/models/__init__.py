from plan_numerique.accounts.models.authority import Authority, District
from plan_numerique.accounts.models.user import Membership, User

__all__ = ["Authority", "District", "Membership", "User"]
