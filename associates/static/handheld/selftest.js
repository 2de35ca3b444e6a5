/** What the test of the scanner says of one scan: byte by byte, in words, and what to change. Pure. */

import { nameOf } from 'handheld/framing.js';
import { GS, lastDay, parse } from 'handheld/gs1.js';
import { language } from 'handheld/language.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Scan} Scan */
/** @typedef {import('./types.js').Wedge} Wedge */
/** @typedef {import('./gs1.js').ItemCode} ItemCode */

const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ');
const SHOWN = 120; // bytes; of what is longer the rest is counted

/**
 * @param {string} raw
 * @returns {{bytes: {hex: string, name: string, isControl: boolean}[], more: number}}
 */
export function bytes(raw) {
  const all = [...new TextEncoder().encode(raw)];
  return {
    bytes: all.slice(0, SHOWN).map((byte) => {
      const control = byte === 0x7f ? 'DEL' : CONTROLS[byte];
      const name = control ?? (byte === 0x20 ? t('space') : byte < 0x7f ? String.fromCharCode(byte) : '·');
      return { hex: byte.toString(16).toUpperCase().padStart(2, '0'), name, isControl: control !== undefined };
    }),
    more: Math.max(all.length - SHOWN, 0),
  };
}

/** @param {Scan} scan By which door it came. */
export function door(scan) {
  const end = { Enter: t('Enter at the end'), Tab: t('Tab at the end') }[scan.end] ?? t('nothing at the end');
  const gap = t('slowest key after {gap} ms', { gap: scan.gap });
  return {
    keys: `${t('as keys')}, ${end}, ${gap}`,
    text: t('as text, through the input method'),
    app: t('through the app around this page'),
    camera: t('by the camera'),
  }[scan.source];
}

/** @param {string} gtin14 The digits as they stand under the bars. */
function printed(gtin14) {
  if (gtin14.startsWith('000000')) return gtin14.slice(6);
  return gtin14.startsWith('0') ? gtin14.slice(1) : gtin14;
}

/** @param {string} iso @returns {string} */
function dated(iso) {
  const [year = 0, month = 1, day = 1] = iso.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).toLocaleDateString(language, {
    day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC',
  });
}

/** @param {ItemCode} item @param {number} year */
function itemWords(item, year) {
  const { fields, quantity } = item;
  const last = lastDay(item, year);
  const isContent = fields['01'] === undefined && fields['02'] !== undefined;
  return [
    isContent
      ? t('A case with {count} of GTIN {gtin}', { count: quantity, gtin: printed(item.gtin14) })
      : t('GTIN {gtin}', { gtin: printed(item.gtin14) }),
    !isContent && quantity > 1 && t('{count} units', { count: quantity }),
    item.others.length > 0 && item.gtin14.startsWith('02') && t('an item by weight or price: the last digits are not part of its number'),
    fields['10'] !== undefined && t('batch {batch}', { batch: fields['10'] }),
    fields['21'] !== undefined && t('serial number {serial}', { serial: fields['21'] }),
    last !== null && t('to be sold until {date}', { date: dated(last) }),
  ].filter((word) => typeof word === 'string');
}

/** @type {Record<NonNullable<Scan['invalid']>, () => string>} */
const REFUSED = {
  empty: () => t('Nothing but blanks. It is not used.'),
  too_long: () => t('Too long for a code of ours. It is not used.'),
  control_character: () => t('It holds control characters, or letters that cannot be seen. No code of ours has those, so it is not used.'),
  unfinished: () => t('Keys as fast as a scanner’s, but nothing that says where the code ends. It is not used.'),
};

/** @param {Scan} scan @param {number} year @returns {string} What we make of it. */
export function understood(scan, year) {
  if (scan.invalid !== null) return REFUSED[scan.invalid]();
  const code = parse(scan.code);
  if (code.kind === 'item') return `${itemWords(code, year).join(', ')}.`;
  if (/^https?:/i.test(scan.code)) return t('A web address without the number of an item. We do not open it. Scan the bars.');
  return t('A code that is no item’s: a shelf, a place, a badge, or a number of the store’s own.');
}

/** @param {Scan} scan */
export function symbology({ aim }) {
  return aim === null ? t('The scanner does not say what kind of code it is.') : t('{name} (symbology ]{aim})', { name: nameOf(aim), aim });
}

/**
 * What to change so that the next scan is better; empty if there is nothing to better.
 *
 * @param {Scan} scan
 * @param {Wedge} how What this device's scanner is said to add.
 * @returns {string[]}
 */
export function advice(scan, how) {
  const likelyGs = /^(?:\]..)?(?:01|02)[0-9]{14}.*?([^0-9A-Za-z])(?:10|17|21|15|37)/s.exec(scan.raw)?.[1];
  const isBroken = scan.invalid === null && parse(scan.code).kind === 'text' && /^\x1d?(?:01|02)[0-9]{14}/.test(scan.code);
  return [
    scan.invalid === 'unfinished' && t('The scanner sends no Enter at the end. Have it send one (suffix Enter, or CR), or choose “A short pause” below.'),
    scan.source === 'keys' && scan.gap > how.gap * 0.7 && t('The keys come slowly. If scans get lost, choose a slower scanner below.'),
    scan.source === 'keys' && scan.aim === null && scan.invalid === null && t('Have the scanner send its symbology (“AIM code ID”), if it can: then no code is taken for another.'),
    scan.source !== 'keys' && /[\r\n]$/.test(scan.raw) && t('The line end is taken off; there is nothing to change.'),
    isBroken && likelyGs !== undefined && likelyGs !== GS && t('The scanner sends {sign} where GS belongs. Write {sign} under “Sent in place of GS” below.', { sign: likelyGs }),
    isBroken && likelyGs === undefined && t('This looks like a GS1 code whose fields run into each other. Have the scanner send GS (or FNC1).'),
    scan.invalid === 'control_character' && /[^\r]\r+[^\r\n]/.test(scan.raw) && t('If this came from two codes at once, have the scanner send them one by one.'),
  ].filter((word) => typeof word === 'string');
}
