"""From bytes to parsed JSON, strictly: UTF-8, no NaN, no key written twice in an object, no number out of reach.

A byte order mark, which spreadsheet macros write, is let through. A repeated key is a problem at that key, in its object.
"""

import json
from collections import Counter
from typing import Any, NoReturn

from governance.domain.document.readers import Report, key_path, quoted
from plan_numerique.shared.errors import Problem


class _NotANumberError(ValueError):
    pass


def parse(raw: bytes) -> tuple[Any, list[Problem]]:
    """The document and its repeated keys, whose last value stands; None and one problem at `$` where it is not JSON."""
    report = Report()
    repeated = _RepeatedKeys()
    try:
        data = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=repeated.to_dict)
    except UnicodeDecodeError as error:
        report.add("$", f"le document n'est pas en UTF-8 (octet {error.start + 1})")
    except json.JSONDecodeError as error:
        report.add("$", f"JSON illisible, ligne {error.lineno}, colonne {error.colno}")
    except _NotANumberError as error:
        report.add("$", f"JSON illisible : {error} n'est pas un nombre")
    except RecursionError:
        report.add("$", "document trop imbriqué")
    except ValueError:
        report.add("$", "un nombre du document est trop long")
    else:
        repeated.tell(data, report)
        return data, report.problems
    return None, report.problems


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumberError(name)


class _RepeatedKeys:
    """Notes the objects that write a key twice while they are parsed, then finds where they are."""

    def __init__(self) -> None:
        self._found: list[tuple[dict[str, Any], list[str]]] = []

    def to_dict(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            times = Counter(name for name, _ in pairs)
            self._found.append((value, [name for name in value if times[name] > 1]))
        return value

    def tell(self, data: Any, report: Report) -> None:
        """A repeated key inside a value that a later one replaces is not told: its object is nowhere in the document."""
        keys_of = {id(value): names for value, names in self._found}
        todo = [("", data)] if self._found else []
        while todo:
            path, value = todo.pop()
            for name in keys_of.get(id(value), ()):
                report.add(key_path(path, name), f"clé répétée {quoted(name)}")
            if isinstance(value, dict):
                todo.extend((key_path(path, name), each) for name, each in value.items())
            elif isinstance(value, list):
                todo.extend((f"{path}[{position}]", each) for position, each in enumerate(value))
