"""One draft open in two tabs and on two devices: what is typed in one is not lost by the other, and nothing is overwritten untold."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.test_pages_accessible import violations

SAVED = re.compile(r"^Enregistré à \d\d h \d\d$")
TITLE, PROJECT = "Titre du projet", "Projet pédagogique"


def expect_saved(page: Page) -> None:
    expect(page.locator("[data-draft-status]")).to_have_text(SAVED)


def type_in_two_tabs_without_network(page: Page) -> None:
    """A tab is closed before the network comes back; the other sends what both typed. All is put back at the end."""
    other = page.context.new_page()
    other.goto(page.url)
    kept = page.get_by_label(TITLE).input_value(), page.get_by_label(PROJECT).input_value()
    page.context.set_offline(True)
    other.get_by_label(TITLE).fill("Titre d'un onglet")
    page.get_by_label(PROJECT).fill("Texte de l'autre onglet")
    expect(page.get_by_label(TITLE)).to_have_value("Titre d'un onglet")
    expect(page.locator("[data-draft-status]")).to_contain_text("Hors ligne : 2 saisies gardées")
    other.close()
    page.context.set_offline(False)
    expect_saved(page)
    page.reload()
    expect(page.get_by_label(TITLE)).to_have_value("Titre d'un onglet")
    expect(page.get_by_label(PROJECT)).to_have_value("Texte de l'autre onglet")
    page.get_by_label(TITLE).fill(kept[0])
    page.get_by_label(PROJECT).fill(kept[1])
    expect_saved(page)


def type_on_two_devices(first: Page, other: Page) -> None:
    """The page of the other device was opened before the first one wrote: it is told, and chooses. What the first wrote stays."""
    other.goto(first.url)
    title, project = first.get_by_label(TITLE).input_value(), first.get_by_label(PROJECT).input_value()
    first.get_by_label(TITLE).fill("Le premier titre")
    expect_saved(first)
    other.get_by_label(TITLE).fill("Le second titre")
    field = other.locator('[data-typed="f-project"]')
    expect(field).to_contain_text("répondu entre-temps, dans un autre onglet ou par une autre personne")
    expect(field).to_contain_text("« Le premier titre »")
    assert violations(other) == []
    other.reload()
    expect(other.get_by_label(TITLE)).to_have_value("Le second titre")
    other.get_by_role("link", name="Vérifier et déposer").click()
    expect(field.get_by_role("button", name="Garder ma saisie")).to_be_visible()
    field.get_by_role("button", name="Reprendre l'autre").click()
    expect(other.get_by_label(TITLE)).to_have_value("Le premier titre")
    expect(field.get_by_role("button")).to_have_count(0)
    other.get_by_label(TITLE).fill(title)
    expect_saved(other)
    first.get_by_label(PROJECT).fill("Le premier texte")
    expect_saved(first)
    other.get_by_label(PROJECT).fill("Le second texte")
    field = other.locator('[data-typed="f-summary"]')
    expect(field).to_contain_text("« Le premier texte »")
    other.get_by_label(PROJECT).fill(project)  # typing on does not choose
    field.get_by_role("button", name="Garder ma saisie").click()
    expect_saved(other)
    first.reload()
    expect(first.get_by_label(PROJECT)).to_have_value(project)
