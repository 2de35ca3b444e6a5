"""The page that can be installed: what it weighs, what it keeps, what its headers allow."""

import base64
import hashlib
import re

import httpx

from associates.handheld import page
from bopis.kernel import pages, speech

WIRE = 100_000
"""Bytes of all that a device fetches to start, as they are sent."""


async def test_all_of_it_is_small(http: httpx.AsyncClient) -> None:
    """The app in English, and the largest of the other languages: nobody reads by two."""
    sent: dict[str, int] = {}
    whole = 0
    for address in [
        "/handheld",
        "/handheld/sw.js",
        "/handheld/manifest.webmanifest",
        *page.files(),
    ]:
        async with http.stream("GET", address, headers={"Accept": "text/html,*/*"}) as answer:
            assert answer.status_code == 200, address
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        packed = answer.headers.get("content-encoding") == "gzip"
        sent[address] = len(raw)
        whole += len((await http.get(address)).content) if packed else len(raw)

    words = {name: sent.pop(pages.asset(path)) for name, path in page.CATALOGS.items()}
    app = sum(sent.values())
    said = ", ".join(f"and {size:,} of {name}" for name, size in words.items())
    print(f"{app:,} bytes on the wire {said}; {whole:,} in all")  # noqa: T201 -- the figures
    assert app + max(words.values()) < WIRE


def test_no_two_sentences_have_one_sign() -> None:
    said = speech.said_in("fr", ".js")
    assert len(said) > 300
    assert len({page.sign(text) for text in said}) == len(said)


async def test_the_first_screen_waits_for_little(http: httpx.AsyncClient) -> None:
    html = (await http.get("/handheld", headers={"Accept": "text/html"})).text
    first = re.findall(r'<link rel="modulepreload" href="([^"]+)">', html)
    later = re.findall(r'<link rel="later" href="([^"]+)">', html)
    [entry] = re.findall(r'<script type="module" src="([^"]+)">', html)

    assert first[-1] == entry
    assert len(first) <= 20  # each costs a slow device some 5 ms
    assert sorted(first + later) == sorted(map(pages.asset, page.MODULES))
    assert sorted(page.needed("handheld/app.js")) == sorted(page.MODULES), "nothing is left over"


async def test_its_one_inline_script_is_let_in_by_its_hash(http: httpx.AsyncClient) -> None:
    answer = await http.get("/handheld", headers={"Accept": "text/html"})
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text)
    policy = answer.headers["content-security-policy"]

    [inline] = [text for about, text in scripts if "src=" not in about]
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy


async def test_the_service_worker_keeps_this_very_version(http: httpx.AsyncClient) -> None:
    html = (await http.get("/handheld", headers={"Accept": "text/html"})).text
    worker = await http.get("/handheld/sw.js")
    manifest = (await http.get("/handheld/manifest.webmanifest")).json()

    [version] = re.findall(r'data-version="(\w+)"', html)
    assert f"'{version}'" in worker.text
    assert worker.headers["service-worker-allowed"] == "/handheld"
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert all(address in worker.text for address in page.files())
    assert "types.js" not in worker.text
    for icon in manifest["icons"]:
        assert (await http.get(icon["src"])).status_code == 200
