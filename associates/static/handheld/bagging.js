/** Bags: `associates/bagging/bags.py` and `associates/bagging/packing.py` over again, from the package. Pure. */

/** @typedef {import('./types.js').BagOut} BagOut */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').Sentences} Sentences */

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SPREAD = 0x9e3779b97f4a7c15n;
const CODE = new RegExp(`^BG[${LETTERS}]{10}$`);

/**
 * The code of a bag's label, as the server makes it of the act that counted the bags.
 *
 * @param {string} scanId
 * @param {number} number
 */
export function bagCode(scanId, number) {
  let bits = BigInt(`0x${scanId.replaceAll('-', '')}`) + BigInt(number) * SPREAD;
  let code = 'BG';
  for (let n = 0; n < 10; n += 1, bits >>= 5n) code += LETTERS[Number(bits & 31n)];
  return code;
}

/** @param {string} text What was scanned or typed. @returns {string | null} The code of a bag, if it reads like one. */
export function readBag(text) {
  const meant = text.trim().toUpperCase().replace(/[- ]/g, '');
  return CODE.test(meant) ? meant : null;
}

/**
 * So many bags: new ones after those that there are; what is too many, goes from the end.
 *
 * @param {BagOut[]} had
 * @param {number} wanted
 * @param {string} scanId
 * @returns {BagOut[]}
 */
export function countBags(had, wanted, scanId) {
  const first = (had.at(-1)?.number ?? 0) + 1;
  const more = Array.from({ length: Math.max(wanted - had.length, 0) }, (_, n) => first + n);
  return [...had.slice(0, wanted), ...more.map((number) => ({ number, code: bagCode(scanId, number), place: '' }))];
}

/**
 * Put bags down at a place; without codes, all that stand nowhere yet.
 *
 * @param {Package} pkg
 * @param {PackTask} task Its bags are changed.
 * @param {string} place Its label.
 * @param {string[]} codes
 * @returns {{refused: Outcome | null, moved: number, left: number}}
 */
export function putDown(pkg, task, place, codes) {
  const { bags } = task;
  if (bags.length === 0) return { refused: pkg.bagging.labels ? 'bags_first' : null, moved: 0, left: 0 };
  const meant = codes.map(readBag);
  if (meant.some((code) => bags.every((bag) => bag.code !== code))) return { refused: 'wrong_bag', moved: 0, left: 0 };
  const unplaced = bags.filter((bag) => bag.place === '');
  const all = unplaced.length > 0 ? unplaced : bags;
  const moved = codes.length > 0 ? bags.filter((bag) => meant.includes(bag.code)) : all;
  task.bags = bags.map((bag) => (moved.includes(bag) ? { ...bag, place } : bag));
  return { refused: null, moved: moved.length, left: unplaced.filter((bag) => !moved.includes(bag)).length };
}

/** @param {Sentences} words @param {string[]} several */
function listed(words, several) {
  return words.and.replace('{most}', several.slice(0, -1).join(', ')).replace('{last}', several.at(-1) ?? '');
}

/** Bags by their numbers. @param {Sentences} words @param {number[]} numbers */
export function bagWords(words, numbers) {
  if (numbers.length === 0) return '';
  if (numbers.length === 1) return words.bag.replace('{number}', String(numbers[0]));
  return words.bags.replace('{numbers}', listed(words, numbers.map(String)));
}

/** Where an order waits: its place, or each bag's. @param {Sentences} words @param {BagOut[]} bags @param {string} place */
export function where(words, bags, place) {
  /** @type {Map<string, number[]>} */
  const spots = new Map();
  for (const bag of bags) spots.set(bag.place || place, [...(spots.get(bag.place || place) ?? []), bag.number]);
  if (spots.size <= 1) return [...spots.keys()][0] ?? place;
  return listed(words, [...spots].map(([label, numbers]) => `${label} (${bagWords(words, numbers)})`));
}
