"""Thresholds of the law that the checks read. The calculator takes these values, written in its format (interchange 2); pages
take those of the dated settings in force on the day of the sitting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegalRules:
    """CGCT L2121-11, L2121-12 (clear days before a sitting, under and from `threshold` inhabitants), L2121-20. Where the law of Alsace
    and Moselle counts whole days under the threshold (L2541-2), `article_under` says so and `whole_days_under` is true."""

    threshold: int = 3_500
    clear_days_under: int = 3
    clear_days_from: int = 5
    proxies_per_holder: int = 1
    article_under: str = "L2121-11"
    whole_days_under: bool = False


FORMAT_RULES = LegalRules()
