// @ts-check
// Keeps an order's page current. The page is whole without it: this only fetches the same page again
// when a fact has been recorded, and puts in what changed.

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const here = location.pathname.replace(/\/$/, "");
const STALE = 60_000;
let seq = document.querySelector("[data-seq]")?.getAttribute("data-seq") ?? "0";
let shownAt = Date.now();
let busy = false;
let again = false;

/** @param {ParentNode} page @param {string} name */
const part = (page, name) => page.querySelector(`[data-part="${name}"]`);
/** What the server sent of each part, whatever has been opened or filled in since. @param {ParentNode} page */
const parts = (page) => new Map([...page.querySelectorAll("[data-part]")].map((one) => [one.getAttribute("data-part") ?? "", one.innerHTML]));
let sent = parts(document);
/** @param {ParentNode} page */
const headline = (page) => page.querySelector("h1")?.textContent?.trim() ?? "";

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(here, { headers: { accept: "text/html" }, cache: "no-store" });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    await tap;
    show(page);
  } catch {
    // The line is down: the stream will say when it is back.
  } finally {
    busy = false;
    if (again) {
      again = false;
      setTimeout(refresh, 300);
    }
  }
}

/** @param {Document} page */
function show(page) {
  const before = headline(document);
  const putBack = underHand();
  const news = parts(page);
  if ([...news.keys()].join() !== [...sent.keys()].join()) {
    main.replaceChildren(.../** @type {HTMLElement} */ (page.querySelector("main")).childNodes);
  } else {
    for (const [name, html] of news) {
      const old = part(document, name);
      const fresh = part(page, name);
      if (!old || !fresh || sent.get(name) === html) continue;
      fresh.classList.add("fresh");
      old.replaceWith(document.adoptNode(fresh));
    }
    const count = page.querySelector("#told > summary");
    if (count) document.querySelector("#told > summary")?.replaceChildren(...count.childNodes);
  }
  putBack();
  sent = news;
  document.title = page.title;
  seq = page.querySelector("[data-seq]")?.getAttribute("data-seq") ?? seq;
  shownAt = Date.now();
  if (headline(document) !== before) say(headline(document));
}

/**
 * What somebody has opened, filled in and come to is theirs, whatever becomes of the page.
 *
 * @returns {() => void} Puts it back.
 */
function underHand() {
  const open = [...document.querySelectorAll("details[open]")].map((one) => one.id);
  const fields = [...main.querySelectorAll("input")].filter((one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked);
  const lists = [...main.querySelectorAll("select")].filter((one) => one.selectedIndex > 0);
  const at = document.activeElement;
  return () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const { id, value, checked } of fields) Object.assign(document.getElementById(id) ?? {}, { value, checked });
    for (const { id, value } of lists) Object.assign(document.getElementById(id) ?? {}, { value });
    if (!at || at.isConnected) return;
    const same = [...main.querySelectorAll(at.localName)].find((one) => one.id === at.id && one.textContent === at.textContent);
    /** @type {HTMLElement | undefined} */ (same)?.focus({ preventScroll: true });
  };
}

/** A button that is taken away under a finger is not pressed: what nobody has asked for waits for a while. */
let tap = Promise.resolve();
addEventListener("pointerdown", () => {
  tap = new Promise((done) => {
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(done, 100), { once: true }); // it is pressed after that
    setTimeout(done, 2000); // so long is no tap
  });
}, { capture: true });

/** @param {string} words */
function say(words) {
  const voice = document.querySelector("[data-say]");
  if (voice) voice.textContent = words;
}

function listen() {
  const stream = new EventSource(`${here}/live?after=${seq}`);
  stream.addEventListener("changed", refresh);
  stream.addEventListener("bye", () => {
    stream.close();
    setTimeout(listen, 1500 + Math.random() * 3000);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 15_000 + Math.random() * 15_000);
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - shownAt > STALE) refresh();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) refresh();
});
if ("EventSource" in window) listen();
