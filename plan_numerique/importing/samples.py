"""The model of a file: its header, one example, and in a workbook a sheet that says what each column takes."""

from typing import Any

from plan_numerique.imports.importer import Importer
from plan_numerique.tabular.formats import Format, write
from plan_numerique.tabular.writing import Sheet

FORMATS = {"xlsx": "Excel (XLSX)", "ods": "LibreOffice (ODS)", "csv": "CSV"}
HELP = ("Colonne", "Obligatoire", "Valeurs admises", "Exemple", "Aide")


def model_file(importer: Importer, kind: str) -> bytes:
    columns = importer.columns
    rows = [[column.example or None for column in columns]]
    helped: list[list[Any]] = [
        [column.label, "oui" if column.required else "non", column.accepted, column.example, column.help]
        for column in columns
    ]
    sheets = [Sheet(importer.label, [column.label for column in columns], rows), Sheet("Aide", HELP, helped)]
    return write(Format(kind), sheets)
