/**
 * From what a scanner sends to the code it means: its prefix and suffix taken off, its symbology
 * understood, its stand-in for GS put right. Pure.
 */

import { elements, GS, parse } from 'handheld/gs1.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Wedge} Wedge */
/** @typedef {import('./types.js').Scan} Scan */

/** @type {Readonly<Wedge>} How a scanner comes out of its box, most of the time. */
export const AS_SOLD = { ends: 'key', prefix: '', suffix: '', gs: '', gap: 50 };

const GS1_CODES = new Set(['C1', 'd2', 'e0', 'e1', 'e2', 'J1', 'Q3']);

/** What symbology identifiers are called on the box of a scanner. @type {Record<string, string>} */
const NAMES = {
  A: 'Code 39', C: 'Code 128', E: t('EAN or UPC'), F: 'Codabar', G: 'Code 93', I: 'ITF', L: 'PDF417', Q: 'QR',
  X: t('another code'), d: 'DataMatrix', e: 'GS1 DataBar', z: 'Aztec', C1: 'GS1-128', E4: 'EAN-8', J1: 'GS1 DotCode',
  Q3: 'GS1 QR', d2: 'GS1 DataMatrix',
};

/** @param {string} aim */
export function nameOf(aim) {
  return NAMES[aim] ?? NAMES[aim.charAt(0)] ?? aim;
}

/**
 * The symbology by its other names: a browser's (`ean_8`), or a device maker's (`LABEL-TYPE-EAN128`).
 * Null where the name does not tell what we need to know.
 *
 * @param {string} name
 */
export function aimOf(name) {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (/ean128|gs1128/.test(plain)) return 'C1';
  if (/gs1datamatrix/.test(plain)) return 'd2';
  if (/gs1qr/.test(plain)) return 'Q3';
  if (/gs1databar/.test(plain)) return 'e0';
  if (/ean8$/.test(plain)) return 'E4';
  return /ean13|upc/.test(plain) ? 'E0' : null;
}

/**
 * @param {string} raw As it arrived.
 * @param {Wedge} how What this device's scanner adds to a code.
 * @param {string | null} [aim] What kind of code it was, if that was told apart from it.
 * @returns {{code: string, aim: string | null, invalid: Scan['invalid']}} `code` carries no
 *   symbology; where that said GS1 and it is an item's, it begins with GS.
 */
export function frame(raw, how, aim = null) {
  let text = raw.replace(/[\r\n\t]+$/, '');
  if (how.prefix !== '' && text.startsWith(how.prefix)) text = text.slice(how.prefix.length);
  if (how.suffix !== '' && text.endsWith(how.suffix)) text = text.slice(0, -how.suffix.length);
  const told = /^\]([A-Za-z][0-9A-Za-z])(?=.)/s.exec(text);
  if (told !== null) {
    aim = told[1] ?? null;
    text = text.slice(3);
  }
  text = separated(text, how.gs);
  const read = parse(aim === null ? text : `]${aim}${text}`);
  if (read.kind === 'noise') return { code: text, aim, invalid: read.why };
  if (read.kind === 'text') return { code: read.text, aim, invalid: null };
  const isGs1 = aim !== null && GS1_CODES.has(aim) && !text.startsWith(GS);
  return { code: isGs1 ? GS + text : unambiguous(text, aim), aim, invalid: null };
}

/**
 * Put GS where the scanner sends something else for it; only where that makes sense of the code, as
 * the label of a shelf may have the same sign in it.
 *
 * @param {string} code
 * @param {string} gs
 */
function separated(code, gs) {
  if (gs.length === 0 || !code.includes(gs)) return code;
  const mended = code.replaceAll(gs, GS);
  return elements(mended) === null ? code : mended;
}

/**
 * Say with zeros what the symbology said: an EAN-8 is no UPC-E, and digits of an issue are no item's.
 *
 * @param {string} code
 * @param {string | null} aim
 */
function unambiguous(code, aim) {
  if (aim === 'E4' && /^[0-9]{8}$/.test(code)) return code.padStart(14, '0');
  return aim === 'E3' && /^[0-9]{15,18}$/.test(code) ? code.slice(0, 13) : code;
}
