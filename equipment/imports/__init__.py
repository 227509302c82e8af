"""The files about equipment that can be imported, in the order they are offered."""

from equipment.imports.devices import DeviceImporter
from equipment.imports.item_types import ItemTypeImporter
from plan_numerique.imports.importer import Importer

IMPORTERS: tuple[type[Importer], ...] = (DeviceImporter, ItemTypeImporter)

__all__ = ["IMPORTERS", "DeviceImporter", "ItemTypeImporter"]
