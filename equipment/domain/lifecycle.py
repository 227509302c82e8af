"""Life of a device: which state may follow which, and which states count as in place in a school."""

STOCK = "stock"
IN_SERVICE = "in_service"
BROKEN = "broken"
REPAIR = "repair"
LOANED = "loaned"
REQUALIFIED = "requalified"
DISPOSED = "disposed"
LOST = "lost"

_AFTER = {
    STOCK: (IN_SERVICE, BROKEN, REPAIR, LOANED, REQUALIFIED, DISPOSED, LOST),
    IN_SERVICE: (STOCK, BROKEN, REPAIR, LOANED, REQUALIFIED, DISPOSED, LOST),
    BROKEN: (STOCK, IN_SERVICE, REPAIR, DISPOSED, LOST),
    REPAIR: (STOCK, IN_SERVICE, REQUALIFIED, DISPOSED, LOST),
    LOANED: (STOCK, IN_SERVICE, BROKEN, LOST),
    REQUALIFIED: (STOCK, IN_SERVICE, BROKEN, REPAIR, LOANED, DISPOSED, LOST),
    DISPOSED: (),
    LOST: (STOCK, IN_SERVICE, DISPOSED),
}
STATES = tuple(_AFTER)
ENTRY_STATES = (STOCK, IN_SERVICE, REQUALIFIED)
"""What a device may be when it is first recorded."""
IN_PLACE = (IN_SERVICE, REQUALIFIED, LOANED, BROKEN, REPAIR)
"""States in which a device still counts in the endowment of its school: what is under repair is not missing."""
FREE = (STOCK, REQUALIFIED)
"""States in which a device outside the schools is free to be given to one."""
MOVABLE = (STOCK, IN_SERVICE, BROKEN, REPAIR, LOANED, REQUALIFIED)
"""States in which a device can change place without changing state."""


def states_after(state: str) -> tuple[str, ...]:
    return _AFTER[state]


def may_follow(before: str, after: str) -> bool:
    """Whether a device goes from one state to the other; the same state is a change of place only."""
    return before in MOVABLE if before == after else after in _AFTER[before]
