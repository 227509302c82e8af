"""Numbers in a French sentence."""

NARROW = "\u202f"


def counted(number: int, noun: str) -> str:
    """« 1 école », « 1 200 écoles créées »: every word of the noun takes an s from 2 on, so none may have another plural."""
    words = " ".join(f"{word}s" for word in noun.split()) if abs(number) > 1 else noun
    return f"{number:,} {words}".replace(",", NARROW)
