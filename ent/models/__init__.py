from ent.models.offer import Offer, Provider
from ent.models.subscription import SubscribedSchool, Subscription

__all__ = ["Offer", "Provider", "SubscribedSchool", "Subscription"]
