from equipment.models.catalogue import ItemType, Pack, PackLine, Price
from equipment.models.park import Device, Movement, ParkCount
from equipment.models.rules import AllocationRule, RuleSet

__all__ = ["AllocationRule", "Device", "ItemType", "Movement", "Pack", "PackLine", "ParkCount", "Price", "RuleSet"]
