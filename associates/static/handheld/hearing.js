/** What this device is set to, and what its scanner says: there from the first screen on. */

import * as doors from 'handheld/doors.js';
import { at, onPage } from 'handheld/frame.js';
import { AS_SOLD } from 'handheld/framing.js';
import { hold } from 'handheld/hand.js';
import { Scanner } from 'handheld/scanner.js';
import { quiet, signal } from 'handheld/signals.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Scan} Scan */
/** @typedef {import('./types.js').Settings} Settings */

const KEPT = 'handheld.settings';

/** @type {Settings} */
export let settings = {
  sound: true,
  buzz: true,
  textScanner: false,
  hand: 'right',
  wedge: AS_SOLD,
  ...JSON.parse(localStorage.getItem(KEPT) ?? '{}'),
};

/** @param {Settings} wanted */
export function configure(wanted) {
  settings = wanted;
  hold(settings.hand);
  localStorage.setItem(KEPT, JSON.stringify(settings));
}

/** @param {Scan} scan */
function heard(scan) {
  quiet();
  const screen = onPage();
  if (scan.invalid === null && screen?.scanned === null) {
    signal({ kind: 'wrong', text: t('This screen takes no scan. Read it first.') }, settings);
  } else if (scan.invalid === null || screen?.isTest === true) screen?.scanned?.(scan);
  else if (scan.invalid !== 'unfinished') {
    signal({ kind: 'wrong', text: t('That was not a code. Scan it again.') }, settings);
  }
}

export const scanner = new Scanner(heard, () => settings.wedge);

hold(settings.hand);
at('wedge').setAttribute('aria-label', t('Scanner input'));
at('banner').setAttribute('aria-label', t('What the last scan meant'));
doors.open(scanner, /** @type {HTMLInputElement} */ (at('wedge')), () => settings.textScanner);
