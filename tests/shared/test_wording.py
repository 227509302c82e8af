import pytest

from plan_numerique.shared.wording import counted


@pytest.mark.parametrize(
    "number, noun, said",
    [
        (0, "école", "0 école"),
        (1, "école créée", "1 école créée"),
        (2, "école créée", "2 écoles créées"),
        (1200, "élève", "1\u202f200 élèves"),
        (-1, "élève", "-1 élève"),
    ],
)
def test_a_noun_agrees_with_its_number(number, noun, said):
    assert counted(number, noun) == said
