/**
 * Where scans come in: keys, texts, and whatever holds this page.
 *
 * A page hears a scanner as keys, or as text from an input method (DataWedge's keystroke output is
 * one or the other). Android's intents do not reach a page; an app that shows this page hands them
 * on as one of the events below, or as Zebra's Enterprise Browser does.
 */

import { aimOf } from 'handheld/framing.js';

/** @typedef {import('./scanner.js').Scanner} Scanner */
/** @typedef {{data: string, type: string}} Given */

const QUIET = 100; // ms without more text: the code is whole
const MIN_LENGTH = 3;

/**
 * @param {Scanner} scanner
 * @param {HTMLInputElement} field Keeps the focus for scanners that hand over text, and never opens the on-screen keyboard.
 * @param {() => boolean} isText Whether this device has such a scanner.
 */
export function open(scanner, field, isText) {
  document.addEventListener('keydown', (event) => scanner.key(event), { capture: true });
  texts(scanner, field, isText);
  apps(scanner);
}

/** @param {Scanner} scanner @param {HTMLInputElement} field @param {() => boolean} isText */
function texts(scanner, field, isText) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const take = () => {
    clearTimeout(pause);
    const raw = field.value;
    field.value = '';
    if (raw.trim().length >= MIN_LENGTH) scanner.hear(raw, 'text');
  };
  field.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(take, QUIET);
  });
  // Text that comes at once and is none of a keyboard's guesses was scanned, wherever the focus is.
  document.addEventListener('beforeinput', (event) => {
    const data = event.data ?? '';
    const isGuess = event.inputType !== 'insertText' || event.isComposing;
    if (!isText() || event.target === field || isGuess || data.trim().length < MIN_LENGTH) return;
    event.preventDefault();
    scanner.hear(data, 'text');
  }, { capture: true });
  document.addEventListener('paste', (event) => {
    const data = event.clipboardData?.getData('text/plain') ?? '';
    const isTyped = event.target instanceof HTMLInputElement && event.target !== field;
    if (isTyped || data.trim().length < MIN_LENGTH) return;
    event.preventDefault();
    scanner.hear(data, 'text');
  });
  document.addEventListener('pointerup', () => {
    if (!isText()) return;
    setTimeout(() => {
      const focused = document.activeElement;
      if (!(focused instanceof HTMLInputElement || focused instanceof HTMLSelectElement)) field.focus({ preventScroll: true });
    });
  });
}

/** @param {unknown} value @returns {Given | null} */
function given(value) {
  if (typeof value !== 'object' || value === null) return null;
  const { data, type } = /** @type {Record<string, unknown>} */ (value);
  return typeof data === 'string' && data !== '' ? { data, type: typeof type === 'string' ? type : '' } : null;
}

/** @param {Scanner} scanner */
function apps(scanner) {
  const hear = (/** @type {unknown} */ value) => {
    const scan = given(value);
    if (scan !== null) scanner.hear(scan.data, 'app', { aim: aimOf(scan.type) });
  };
  document.addEventListener('handheld-scan', (event) => hear(event instanceof CustomEvent ? event.detail : null));
  addEventListener('message', (event) => {
    // Only from this page itself, which is where an app that shows it speaks from: no other window.
    if (event.source === window && event.origin === location.origin && event.data?.kind === 'handheld-scan') hear(event.data);
  });
  const zebra = /** @type {{EB?: {Barcode?: {enable?: (how: object, heard: (scan: unknown) => void) => void}}}} */ (globalThis).EB;
  zebra?.Barcode?.enable?.({}, hear);
}
