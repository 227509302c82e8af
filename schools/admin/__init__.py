"""Each module registers its models."""

from schools.admin import calls, diagnostics, roll_over, territory

__all__ = ["calls", "diagnostics", "roll_over", "territory"]
