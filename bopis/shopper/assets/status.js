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
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
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
  const names = [...page.querySelectorAll("[data-part]")].map((one) => one.getAttribute("data-part") ?? "");
  const now = [...document.querySelectorAll("[data-part]")].map((one) => one.getAttribute("data-part") ?? "");
  if (names.join() !== now.join()) {
    const open = [...document.querySelectorAll("details[open]")].map((one) => one.id);
    main.replaceChildren(.../** @type {HTMLElement} */ (page.querySelector("main")).childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  } else {
    for (const name of names) {
      const old = part(document, name);
      const fresh = part(page, name);
      if (old && fresh && old.innerHTML !== fresh.innerHTML) {
        fresh.classList.add("fresh");
        old.replaceWith(document.adoptNode(fresh));
      }
    }
    const count = page.querySelector("#told > summary");
    if (count) document.querySelector("#told > summary")?.replaceChildren(...count.childNodes);
  }
  document.title = page.title;
  seq = page.querySelector("[data-seq]")?.getAttribute("data-seq") ?? seq;
  shownAt = Date.now();
  if (headline(document) !== before) say(headline(document));
}

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
