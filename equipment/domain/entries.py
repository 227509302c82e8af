"""Who enters together: the classes of one school in one phase."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from schools.domain.columns import Column, integer_column
from schools.domain.table import SchoolTable


@dataclass(frozen=True, eq=False)
class Entries:
    """One row per school and phase, a school's rows together, earliest phase first.

    `classes` are the ranks in the table of the classes that enter, row after row; a row's begin at its `first_class`.
    """

    table: SchoolTable
    classes: Column
    first_class: Column
    school: Column

    def __len__(self) -> int:
        return len(self.school)

    @cached_property
    def opens_school(self) -> Column:
        """Whether the row is the first of its school."""
        return np.append(True, self.school[1:] != self.school[:-1])[: len(self)]

    @cached_property
    def _first_row(self) -> Column:
        return np.asarray(np.flatnonzero(self.opens_school)[np.cumsum(self.opens_school) - 1])

    @cached_property
    def class_count(self) -> Column:
        return np.diff(np.append(self.first_class, len(self.classes)))

    @cached_property
    def pupils(self) -> Column:
        return self.sum_by_row(self.table.class_pupils[self.classes])

    def sum_by_row(self, values: Column) -> Column:
        """Sum of a column of the entering classes over each row."""
        return np.add.reduceat(values, self.first_class) if len(self) else integer_column([])

    def sum_so_far(self, values: Column) -> Column:
        """Running sum of a column of rows within each school."""
        running = np.cumsum(values)
        before_school = (running - values)[self._first_row]
        return np.asarray(running - before_school)


def entries_of(table: SchoolTable, classes: Column, row_key: Column) -> Entries:
    """Entries of classes sorted by school and phase, a row for each run of equal keys."""
    opens_row = np.append(True, row_key[1:] != row_key[:-1])[: len(row_key)]
    first_class = np.flatnonzero(opens_row)
    return Entries(table, classes, first_class, table.class_school[classes[first_class]])
