/** What is on the page: one screen, drawn into its frame, and the focus where it belongs. */

import { sided } from 'handheld/hand.js';
import { showState } from 'handheld/status.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Screen} Screen */

const CLICK = 100; // ms: what a finger has pressed, it has pressed only when it is gone
const LEANS = 2000; // ms: after so long it is no tap, but a palm, or a glove at the edge

/** @type {Screen | null} What hears a scan. */
let shown = null;
/** @type {Screen | null} What is to be seen. */
let drawn = null;
let presses = 0;
let isPressed = false;
/** @type {(() => void) | null} What is to be seen as soon as no finger is on the page. */
let late = null;

/** @returns {Screen | null} The screen that a person is at. */
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
 * Under a finger nothing is drawn: its button would be gone, or another one be there.
 *
 * @param {Screen} screen
 * @param {string} state What kind of screen it is.
 * @param {boolean} isTextScanner Whether the scanner writes into a field, which has the focus then.
 */
export function draw(screen, state, isTextScanner) {
  shown = screen;
  late = () => put(screen, state, isTextScanner);
  if (!isPressed) free();
}

function free() {
  isPressed = false;
  late?.();
  late = null;
}

/** @param {number} ms After which nothing is under a finger, if no other press has begun. */
function freeIn(ms) {
  const press = presses;
  setTimeout(() => press === presses && free(), ms);
}

addEventListener('pointerdown', () => {
  isPressed = true;
  presses += 1;
  freeIn(LEANS);
}, { capture: true });
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => freeIn(CLICK), { capture: true });
addEventListener('click', () => {
  isPressed = false; // what it leads to is seen at once
}, { capture: true });

/** @param {Screen} screen @param {string} state @param {boolean} isTextScanner */
function put(screen, state, isTextScanner) {
  const isNew = drawn === null || drawn.title !== screen.title;
  const before = document.activeElement;
  document.title = `${screen.title} · ${t('handheld')}`;
  if (screen !== drawn) {
    at('top').replaceChildren(...screen.top);
    at('screen').replaceChildren(...screen.main);
    at('thumb').replaceChildren(...sided(screen.thumb));
  }
  if (isNew) scrollTo(0, 0); // it is read from its first word
  drawn = screen;
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
