"""Loads the demonstration: one authority per data file, through services, once. What a file does not say is not filled in."""
