/** What is on the page: one screen, drawn into its frame, and the focus where it belongs. */

import { sided } from 'handheld/hand.js';
import { showState } from 'handheld/status.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Screen} Screen */

const CLICK = 100; // ms: what a finger has pressed, it has pressed only when it is gone
const LEANS = 2000; // ms: after so long it is no tap, but a palm, or a glove at the edge

/** @type {Screen | null} */
let shown = null;
let tap = Promise.resolve();

addEventListener('pointerdown', () => {
  tap = new Promise((resolve) => {
    for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(resolve, CLICK), { once: true });
    setTimeout(resolve, LEANS);
  });
}, { capture: true });

/** What nobody has asked for waits until no finger is on the page: it would take away the button under it. */
export function lifted() {
  return tap;
}

/** @returns {Screen | null} The screen that is on the page. */
export function onPage() {
  return shown;
}

/** @param {string} id */
export function at(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/**
 * @param {Screen} screen
 * @param {string} state What kind of screen it is.
 * @param {boolean} isTextScanner Whether the scanner writes into a field, which has the focus then.
 */
export function draw(screen, state, isTextScanner) {
  const isNew = shown === null || shown.title !== screen.title;
  const before = document.activeElement;
  document.title = `${screen.title} · ${t('handheld')}`;
  if (screen !== shown) {
    at('top').replaceChildren(...screen.top);
    at('screen').replaceChildren(...screen.main);
    at('thumb').replaceChildren(...sided(screen.thumb));
  }
  shown = screen;
  at('thumb').hidden = screen.thumb.length === 0;
  document.body.dataset['state'] = state;
  showState();
  const again = before !== null && !before.isConnected ? counterpart(before, isNew) : null;
  if (again !== null) again.focus({ preventScroll: true });
  else if (isNew) focus(isTextScanner);
}

/** What stands now where something stood that had the focus. @param {Element} before @param {boolean} isNew @returns {HTMLElement | null} */
function counterpart(before, isNew) {
  if (before.id !== '') return document.getElementById(before.id);
  if (isNew) return null;
  /** @param {Element} one */
  const name = (one) => one.getAttribute('aria-label') ?? one.textContent;
  return [...document.querySelectorAll(before.localName)].filter((one) => one instanceof HTMLElement).find((one) => name(one) === name(before)) ?? null;
}

/** Put the focus where a screen reader starts to read, or where text scanners write. @param {boolean} isTextScanner */
function focus(isTextScanner) {
  const wanted = document.querySelector('[data-focus]') ?? document.querySelector('h1');
  if (isTextScanner && !(wanted instanceof HTMLInputElement)) {
    at('wedge').focus({ preventScroll: true });
  } else if (wanted instanceof HTMLElement) {
    if (!(wanted instanceof HTMLInputElement)) wanted.tabIndex = -1;
    wanted.focus({ preventScroll: true });
  }
}
