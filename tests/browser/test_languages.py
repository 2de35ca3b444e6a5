"""The handheld in French, from the first screen to the last: and no English in between."""

import re
from functools import cache

import pytest
from playwright.async_api import Browser, expect

from associates.handheld import devices
from associates.picking import pickings
from associates.picking.picking import How
from bopis.kernel import speech
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, OAT, PLACE, RYE, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
WORDS = """() => [document.title, ...[...document.querySelectorAll('body *')].flatMap((one) => [
    one.getAttribute('aria-label'),
    ...(one.closest('[lang]:not(html)') || ['SCRIPT', 'NOSCRIPT'].includes(one.tagName) ? []
        : [...one.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent)),
])].filter((text) => text?.trim())"""
"""Every text of the page, and every name that is only heard."""


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: it is about the floor alone."""
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


@cache
def english() -> re.Pattern[str]:
    """Return what matches each sentence that is another one in French, whatever it is about."""
    templates = [
        text
        for text, forms in speech.catalog("fr").items()
        if re.search("[a-z]", re.sub(r"{\w+}", "", text)) and text not in forms
    ]
    return re.compile("|".join(re.sub(r"\\\{\w+\\\}", ".+", re.escape(one)) for one in templates))


async def is_french(person: Handheld, name: str) -> None:
    await person.is_fit(name)
    assert await english_left(person) == [], name


async def english_left(person: Handheld) -> list[str]:
    texts = await person.page.evaluate(WORDS)
    said = [part.strip() for text in texts for part in text.split(" · ")]
    return [part for part in said if english().fullmatch(part)]


async def test_a_walk_in_french(browser: Browser, address: str, floor: Floor) -> None:
    await floor.open(oat=2, rye=1)
    await floor.do(pickings.configure, STORE, How(language="es"))
    async with handheld(browser, address, color_scheme="dark", locale="fr-CA") as person:
        await person.sees("Scannez ou tapez le code de configuration")
        assert await person.page.evaluate("document.documentElement.lang") == "fr"
        assert await english_left(person) == []
        await person.page.evaluate("document.getElementById('news').textContent = 'Found 1 of 2.'")
        assert await english_left(person) == ["Found 1 of 2."]
        await person.scan(await floor.do(devices.new_code, STORE))
        await person.page.locator("#name").fill("7")
        await person.tap("Configurer")
        await chooses_another(person)
        await person.scan("B0000009999")
        await person.is_told("wrong", "Nous ne connaissons pas ce badge. Réessayez.")
        await person.scan(ADA_BADGE)
        await person.sees("1 commande à préparer", "3 articles")
        assert await english_left(person) == []
        await picks(person)
        await stages(person)
        await person.page.get_by_role("button", name="Réglages").click()
        await person.sees("Quand on scanne")
        await is_french(person, "fr-4-settings")
        await person.tap("Ce qui est enregistré sur vous")
        await person.sees("Ce que vous avez scanné et touché")
        assert await english_left(person) == []

    [row] = await floor.rows("SELECT state, staging_code FROM pick_tasks")
    assert row == {"state": "staged", "staging_code": PLACE}


async def chooses_another(person: Handheld) -> None:
    """The store says what is spoken there; whoever has chosen on the device knows better."""
    await person.sees("Escanee su tarjeta")
    await person.tap("Français")
    await person.sees("Scannez votre badge")
    await person.page.reload()
    await person.sees("Scannez votre badge")  # it is kept
    await expect(person.page.get_by_role("button", name="Français")).to_have_attribute(
        "aria-pressed", "true"
    )


async def picks(person: Handheld) -> None:
    await person.page.locator("button.card").first.click()
    await person.sees("Allée", "Rye bread", "0 sur 1 trouvés", "Personne n")
    await is_french(person, "fr-1-walk")
    await person.scan(GTINS[RYE] + "9")
    await person.is_told(
        "wrong",
        speech.Speech("fr").t("We do not know this code. Scan the bars on the item itself."),
    )
    await person.tap("Pas ici")
    await person.sees("Il est abîmé ou usé")
    await is_french(person, "fr-2-short")
    await person.tap("Il est ici")
    await person.scan(GTINS[RYE])
    await person.is_told("good", "Trouvé.")
    await person.scan(GTINS[OAT])
    await person.is_told("good", "Trouvé\u00a0: 1 sur 2.")


async def stages(person: Handheld) -> None:
    await person.scan(GTINS[OAT])
    await person.is_told("good", speech.Speech("fr").t("That was the last one."))
    await person.sees("Posez-la à un emplacement de retrait.")
    await is_french(person, "fr-3-stage")
    await person.scan(PLACE)
    await person.is_told("good", "Prête à Counter A12.")
    await person.sees("Rien à préparer")
