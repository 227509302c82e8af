"""Where to write the name of a place of which only some points are known."""

from collections.abc import Iterable, Mapping


def middles(points: Iterable[tuple[int, float, float]]) -> Mapping[int, tuple[float, float, int]]:
    """By key, the mean latitude and longitude of its points (key, latitude, longitude), and how many they are."""
    sums: dict[int, tuple[float, float, int]] = {}
    for key, latitude, longitude in points:
        north, east, count = sums.get(key, (0.0, 0.0, 0))
        sums[key] = (north + latitude, east + longitude, count + 1)
    return {key: (north / count, east / count, count) for key, (north, east, count) in sums.items()}
