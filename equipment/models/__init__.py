from equipment.models.catalogue import ItemType, Pack, PackLine, Price
from equipment.models.park import Device, Movement, ParkCount
from equipment.models.proposals import Proposal, ProposedPack, Reservation
from equipment.models.rules import AllocationRule, RuleSet

__all__ = [
    "AllocationRule",
    "Device",
    "ItemType",
    "Movement",
    "Pack",
    "PackLine",
    "ParkCount",
    "Price",
    "Proposal",
    "ProposedPack",
    "Reservation",
    "RuleSet",
]
