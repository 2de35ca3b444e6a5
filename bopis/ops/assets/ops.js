// @ts-check
// What these pages gain by a script: tables that sort, filter and copy, and news without a reload.
// Without it they are the same pages, with the same forms and a link to each table as CSV.

const EVERY = 5000;

/** What a person did to each table, so that fresh rows are shown the same way.
 * @type {Map<string, {column: number, down: boolean, filter: string}>} */
const chosen = new Map();

/** @param {Element} cell */
const words = (cell) => (cell.textContent ?? "").replace(/\s+/g, " ").trim();

/** A spreadsheet would run a cell that begins so.
 * @param {string} text */
const inert = (text) => (/^[=+\-@\t\r\0\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text);

/** @param {HTMLTableElement} table */
const heads = (table) => [...table.tHead?.rows[0]?.cells ?? []];

/** @param {HTMLTableElement} table */
function csv(table) {
  const keep = heads(table).map((cell) => cell.hasAttribute("data-sort"));
  const shown = [...table.rows].filter((row) => !row.hidden);
  return shown
    .map((row) => [...row.cells].filter((_, at) => keep[at]).map((cell) => `"${inert(words(cell)).replaceAll('"', '""')}"`).join(","))
    .join("\r\n");
}

/** @param {HTMLTableElement} table */
function apply(table) {
  const how = chosen.get(table.id);
  const body = table.tBodies[0];
  if (!how || !body) return;
  const needle = how.filter.toLowerCase();
  for (const row of body.rows) row.hidden = needle !== "" && !words(row).toLowerCase().includes(needle);
  for (const [at, head] of heads(table).entries()) {
    if (at === how.column) head.setAttribute("aria-sort", how.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  if (how.column < 0) return;
  /** @param {HTMLTableRowElement} row */
  const by = (row) => {
    const cell = row.cells[how.column];
    return cell?.dataset["by"] ?? (cell ? words(cell) : "");
  };
  const sorted = [...body.rows].sort((a, b) => by(a).localeCompare(by(b), undefined, { numeric: true }));
  body.append(...(how.down ? sorted.reverse() : sorted));
}

/** @param {HTMLTableElement} table */
function equip(table) {
  if (table.dataset["equipped"]) return;
  table.dataset["equipped"] = "yes";
  const how = chosen.get(table.id) ?? { column: -1, down: false, filter: "" };
  chosen.set(table.id, how);
  for (const [at, head] of heads(table).entries()) {
    if (!head.hasAttribute("data-sort")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words(head);
    button.addEventListener("click", () => {
      how.down = how.column === at && !how.down;
      how.column = at;
      apply(table);
    });
    head.replaceChildren(button);
  }
  const tools = document.querySelector(`[data-tools="${table.id}"]`);
  if (tools) {
    const filter = document.createElement("input");
    filter.type = "search";
    filter.id = `${table.id}-filter`;
    filter.placeholder = "Type to filter";
    filter.setAttribute("aria-label", "Type to filter this table");
    filter.value = how.filter;
    filter.addEventListener("input", () => {
      how.filter = filter.value;
      apply(table);
    });
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "btn slim";
    copy.textContent = "Copy as CSV";
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(csv(table));
      say("Copied.");
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy as CSV"), 1500);
    });
    tools.prepend(filter, copy);
  }
  apply(table);
}

/** @param {ParentNode} root */
function equipAll(root) {
  for (const table of root.querySelectorAll("table[data-table]")) equip(/** @type {HTMLTableElement} */ (table));
}

/** @param {string} text */
function say(text) {
  const news = document.getElementById("news");
  if (news) news.textContent = text;
}

/** What the server last sent of each part, before this script touched it.
 * @type {Map<string, string>} */
const sent = new Map();

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    if (answer.redirected) location.reload(); // signed out meanwhile
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = Number(document.querySelector("#needs [data-count]")?.getAttribute("data-count") ?? 0);
  for (const part of page.querySelectorAll("[data-live]")) {
    const here = document.getElementById(part.id);
    const fresh = part.innerHTML;
    if (!here || sent.get(part.id) === fresh) continue;
    const busy = here.matches(":active") || here.contains(document.activeElement) || here.querySelector("details[open]");
    if (busy) continue; // never under somebody's hands; the next look brings it
    sent.set(part.id, fresh);
    here.replaceChildren(...part.childNodes);
    equipAll(here);
  }
  const now = Number(document.querySelector("#needs [data-count]")?.getAttribute("data-count") ?? 0);
  if (now > before) say(`${document.querySelector("#needs h1")?.textContent}.`);
}

for (const part of document.querySelectorAll("[data-live]")) sent.set(part.id, part.innerHTML);
equipAll(document);
document.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
const outcome = document.getElementById("outcome");
if (outcome) {
  outcome.focus(); // so that it is read out; and loading the page again does not say it again
  const here = new URL(location.href);
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}
if (sent.size) setInterval(() => look().catch(() => say("No connection. This page is as it was.")), EVERY);
