/**
 * What a barcode says. The same as `inventory/codes/gtin.py` and `inventory/codes/gs1.py`, word for word: one
 * corpus of cases keeps the two alike. Pure: it looks nothing up, and it opens no address.
 *
 * @typedef {'empty' | 'too_long' | 'control_character'} Refusal
 * @typedef {{kind: 'noise', why: Refusal}} NoiseCode
 * @typedef {{kind: 'text', text: string, aim: string | null}} TextCode
 * @typedef {{kind: 'item', text: string, aim: string | null, gtin14: string, others: string[],
 *   quantity: number, fields: Record<string, string>}} ItemCode
 * @typedef {NoiseCode | TextCode | ItemCode} Code
 */

export const GS = '\x1d'; // FNC1 as scanners send it; in front, it says "this is GS1"
const LONGEST = 90; // characters of one code
const LONGEST_2D = 500; // of a web address, or of a code made of dots

/** How many digits an application identifier (AI) has, by its first two. @type {Map<string, number>} */
const WIDTH = new Map();
for (const [width, prefixes] of /** @type {[number, string][]} */ ([
  [2, '00 01 02 03 10 11 12 13 15 16 17 20 21 22 30 37 90 91 92 93 94 95 96 97 98 99'],
  [3, '23 24 25 40 41 42 71'],
  [4, '31 32 33 34 35 36 39 43 70 72 80 81 82'],
])) {
  for (const prefix of prefixes.split(' ')) WIDTH.set(prefix, width);
}

/** Digits of the value where no separator is needed, by the first two digits of the AI. @type {Map<string, number>} */
const FIXED = new Map([
  ['00', 18], ['01', 14], ['02', 14], ['03', 14], ['20', 2], ['41', 13],
  ...['11', '12', '13', '15', '16', '17', '31', '32', '33', '34', '35', '36'].map((ai) => /** @type {[string, number]} */ ([ai, 6])),
]);
const VALUE = /^[!"#%-?A-Z_a-z]{1,90}$/;
const DIGITS = /^[0-9]+$/;
const LINK = /^[Hh][Tt]{2}[Pp][Ss]?:\/\/[^/?#]+(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/s;
const QUALIFIERS = ['22', '10', '21', '235']; // what may follow a GTIN in a path, in this order
const IS_GS1 = new Set(['C1', 'd2', 'e0', 'e1', 'e2', 'J1', 'Q3']);
const UNREADABLE =
  /[^ -~\xa1-\xac\xae-\u061b\u061d-\u167f\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe\uff00-\ufff8\x1d]/;

/** @param {string} body The digits before the check digit. */
export function checkDigit(body) {
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) {
    sum += Number(body[body.length - 1 - at]) * (at % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}

/** @param {string} text @returns {string | null} A GTIN of any length as 14 digits. */
export function normalize(text) {
  if (![8, 12, 13, 14].includes(text.length) || !DIGITS.test(text)) return null;
  return checkDigit(text.slice(0, -1)) === text.at(-1) ? text.padStart(14, '0') : null;
}

/** @param {string} text Eight digits: zeros were left out. @returns {string | null} */
export function fromUpcE(text) {
  const [body, last] = [text.slice(1, 6), text.slice(6, 7)];
  const whole =
    last < '3' ? `${body.slice(0, 2)}${last}0000${body.slice(2)}`
    : last === '3' ? `${body.slice(0, 3)}00000${body.slice(3)}`
    : last === '4' ? `${body.slice(0, 4)}00000${body.slice(4)}`
    : `${body}0000${last}`;
  return normalize(`0${whole}${text.slice(7)}`);
}

/**
 * Under which codes an item of varying weight or price may stand in the catalog: with zeros where
 * the weight or the price is, the longest number of an item first.
 *
 * @param {string} gtin14
 */
export function masked(gtin14) {
  if (!/^0(?:02|2[0-9])/.test(gtin14)) return [];
  const bodies = [4, 5, 6].map((zeros) => gtin14.slice(0, 13 - zeros).padEnd(13, '0'));
  const found = new Set(bodies.map((body) => body + checkDigit(body)));
  found.delete(gtin14);
  return [...found];
}

/** @param {string} text */
export function isLink(text) {
  return /^[Hh][Tt]{2}[Pp][Ss]?:\/\//.test(text);
}

/** @param {string} value @param {number | undefined} fixed */
function fits(value, fixed) {
  return fixed === undefined ? VALUE.test(value) : value.length === fixed && DIGITS.test(value);
}

/**
 * The fields of an element string by their AI; null if it is not one from end to end.
 *
 * @param {string} text
 * @returns {Record<string, string> | null}
 */
export function elements(text) {
  /** @type {Record<string, string>} */
  const found = {};
  for (let at = 0; at < text.length; ) {
    if (text[at] === GS) {
      at += 1;
      continue;
    }
    const width = WIDTH.get(text.slice(at, at + 2)) ?? 0;
    const ai = text.slice(at, at + width);
    if (width === 0 || ai.length < width || !DIGITS.test(ai)) return null;
    at += width;
    const fixed = FIXED.get(ai.slice(0, 2));
    const stop = text.indexOf(GS, at);
    const end = fixed !== undefined ? at + fixed : stop < 0 ? text.length : stop;
    const value = text.slice(at, end);
    if (!fits(value, fixed) || (found[ai] ?? value) !== value) return null;
    found[ai] = value;
    at = end;
  }
  return found;
}

/** @param {string} word */
function plain(word) {
  return word.replace(/%([0-7][0-9A-Fa-f])/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

/**
 * What a Digital Link says; null if it is another web address, or a compressed one.
 *
 * @param {string} url
 * @returns {Record<string, string> | null}
 */
export function linked(url) {
  const match = LINK.exec(url);
  if (match === null) return null;
  const words = (match[1] ?? '').split('/').slice(1).map(plain);
  if (words.at(-1) === '') words.pop();
  for (const [start, word] of words.entries()) {
    const found = word === '01' ? path(words.slice(start)) : null;
    if (found !== null) return { ...queried(match[2] ?? ''), ...found };
  }
  return null;
}

/** @param {string[]} words @returns {Record<string, string> | null} */
function path(words) {
  const keys = words.filter((_, at) => at % 2 === 0);
  const values = words.filter((_, at) => at % 2 === 1);
  if (keys.length !== values.length || !values.every((value) => VALUE.test(value))) return null;
  const wanted = QUALIFIERS.filter((key) => keys.slice(1).includes(key));
  if (keys.slice(1).join('/') !== wanted.join('/')) return null;
  return Object.fromEntries(keys.map((key, at) => [key, values[at] ?? '']));
}

/** @param {string} query @returns {Record<string, string>} */
function queried(query) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of query.split(/[&;]/)) {
    const stop = part.indexOf('=');
    const key = plain(stop < 0 ? part : part.slice(0, stop));
    const value = plain(stop < 0 ? '' : part.slice(stop + 1));
    const isAi = DIGITS.test(key) && key.length === WIDTH.get(key.slice(0, 2));
    if (isAi && !(key in found) && fits(value, FIXED.get(key.slice(0, 2)))) found[key] = value;
  }
  return found;
}

/**
 * Read one scan: an EAN or UPC, a GS1 element string, a Digital Link, or something else. It never
 * throws: a scan is a fact, and nonsense is one of the things it can be.
 *
 * @param {string} raw
 * @returns {Code}
 */
export function parse(raw) {
  if (raw.length > LONGEST_2D && [...raw].length > LONGEST_2D) return { kind: 'noise', why: 'too_long' };
  let text = raw.replace(/^[ \r\n\t]+|[ \r\n\t]+$/g, '');
  const aim = /^\]([A-Za-z][0-9A-Za-z])(?=.)/s.exec(text)?.[1] ?? null;
  if (aim !== null) text = text.slice(3);
  if (text.replaceAll(GS, '') === '') return { kind: 'noise', why: 'empty' };
  if (UNREADABLE.test(text)) return { kind: 'noise', why: 'control_character' };
  const isGs1 = (aim !== null && IS_GS1.has(aim)) || text.startsWith(GS);
  const is2d = isGs1 || isLink(text) || (aim !== null && 'Qd'.includes(aim.charAt(0)));
  if (text.length > LONGEST && !is2d) return { kind: 'noise', why: 'too_long' };
  if (isGs1) return said(text.replace(/^\x1d+|\x1d+$/g, ''), aim, elements(text));
  if (isLink(text)) return said(text, aim, linked(text));
  const [gtin14, ...others] = numbers(text, aim);
  if (gtin14 === undefined) return said(text, aim, elements(text));
  return { kind: 'item', text, aim, gtin14, others: [...others, ...masked(gtin14)], quantity: 1, fields: {} };
}

/**
 * What the digits of an EAN or a UPC may stand for. Eight of them with a leading zero are a UPC-E;
 * but they may be a GTIN-8 too, of those for use inside one store.
 *
 * @param {string} text @param {string | null} aim
 */
function numbers(text, aim) {
  const number = aim === 'E3' ? text.slice(0, 13) : text; // with an add-on behind it
  const isUpcE = aim !== 'E4' && /^0[0-9]{7}$/.test(number);
  return [isUpcE ? fromUpcE(number) : null, normalize(number)].filter((one) => one !== null);
}

/**
 * The fields of a GS1 code. A case that is no item itself says what it holds (02) and how many
 * (37); a count of loose units (30) belongs to items of varying measure, which begin with 9.
 *
 * @param {string} text @param {string | null} aim @param {Record<string, string> | null} fields
 * @returns {Code}
 */
function said(text, aim, fields) {
  const own = normalize(fields?.['01'] ?? '');
  const gtin14 = own ?? normalize(fields?.['02'] ?? '');
  if (fields === null || gtin14 === null) return { kind: 'text', text, aim };
  const counted = own === null ? fields['37'] : own.startsWith('9') ? fields['30'] : '';
  const quantity = /^0*[1-9][0-9]{0,7}$/.test(counted ?? '') ? Number(counted) : 1;
  return { kind: 'item', text, aim, gtin14, others: masked(gtin14), quantity, fields };
}

/**
 * The last day on which it may be sold (expiry, sell by, best before): `2026-12-31`, or null.
 *
 * @param {ItemCode} item
 * @param {number} year The present one: codes have two digits of a year, and mean the nearest.
 */
export function lastDay(item, year) {
  const days = ['15', '16', '17'].map((ai) => day(item.fields[ai] ?? '', year)).filter((one) => one !== null);
  return days.sort()[0] ?? null;
}

/** @param {string} text Six digits; day 00 is the last of its month. @param {number} year */
function day(text, year) {
  if (text === '') return null;
  const [short, month, date] = [0, 2, 4].map((at) => Number(text.slice(at, at + 2)));
  if (short === undefined || month === undefined || date === undefined) return null;
  const apart = short - (year % 100);
  const full = (Math.floor(year / 100) + (apart > 50 ? -1 : apart < -49 ? 1 : 0)) * 100 + short;
  const length = new Date(Date.UTC(full, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || date > length) return null;
  return `${full}-${text.slice(2, 4)}-${String(date === 0 ? length : date).padStart(2, '0')}`;
}

/**
 * What a scan is to whoever holds a list of codes: which of them it means, and how many units.
 *
 * @param {string} raw
 * @param {Record<string, number>} codes How many units each code stands for: GTINs as 14 digits,
 *   and whatever else is worn as a label.
 * @param {string} [today] `2026-11-22`, where the store is.
 * @returns {{parsed: Code, code: string | null, units: number, isPast: boolean}} `code` is null
 *   if it is none of the list.
 */
export function read(raw, codes, today) {
  const parsed = parse(raw);
  if (parsed.kind === 'noise') return { parsed, code: null, units: 0, isPast: false };
  const stands = parsed.kind === 'item' ? [parsed.gtin14, ...parsed.others] : [];
  const code = [...stands, parsed.text].find((one) => Object.hasOwn(codes, one)) ?? null;
  const units = code === null ? 0 : (codes[code] ?? 0) * (parsed.kind === 'item' ? parsed.quantity : 1);
  const last = parsed.kind === 'item' && today !== undefined ? lastDay(parsed, Number(today.slice(0, 4))) : null;
  return { parsed, code, units, isPast: last !== null && today !== undefined && last < today };
}
