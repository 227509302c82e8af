import pytest

from plan_numerique.shared.periods import french_dates


@pytest.mark.parametrize(
    "given, written",
    [
        ("2015-11-26", "26 novembre 2015"),
        ("2018-01-01", "1er janvier 2018"),
        ("2022-09", "septembre 2022"),
        ("au 2016-06-30, puis 2017-02", "au 30 juin 2016, puis février 2017"),
        ("2017-2018", "2017-2018"),
        ("2013-2018", "2013-2018"),
        ("2018-13-01", "2018-13-01"),
        ("2018-12-32", "2018-12-32"),
        ("12018-12-03", "12018-12-03"),
        ("2018", "2018"),
        ("", ""),
    ],
)
def test_dates_of_a_source_are_written_in_french(given: str, written: str) -> None:
    assert french_dates(given) == written
