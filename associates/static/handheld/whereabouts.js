/**
 * How likely an item is at one of its places, and how that is said: `inventory/layout/whereabouts.py`
 * and `associates/handheld/place_wording.py` over again, from the package. Between looks time stands
 * still, for a device's clock may show anything: one look is a second after the other. Pure.
 */

import { key, spotOf } from 'handheld/judge.js';
import { filled } from 'handheld/words.js';

/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackPlace} PackPlace */
/** @typedef {import('./types.js').Place} Place */
/** @typedef {import('./types.js').Sentences} Sentences */

const HALF_LIFE = 14 * 86_400; // s
const KEEP = 0.8;
const REFILLED = 86_400;
const FIRST = { shelf: 0.7, display: 0.5, backroom: 0.35 };
const UNPLANNED = 0.2;
const STILL_EMPTY = 0.25;
const KINDS = Object.keys(FIRST);

/** @typedef {{pkg: Package, places: PackPlace[], now: number}} Item The places of one, at one moment. */

/** The moment of the next look at any of them. @param {Package} pkg @param {PackPlace[]} places @returns {Item} */
export function moment(pkg, places) {
  return { pkg, places, now: 1 + Math.max(Date.parse(pkg.as_of) / 1000, ...places.map(({ learned_at }) => learned_at ?? 0)) };
}

/** @param {number | null} since @param {number} now */
function faded(since, now) {
  return since === null || since >= now ? 1 : 0.5 ** ((now - since) / HALF_LIFE);
}

/** @param {PackPlace} place @param {number} now */
function odds(place, now) {
  const left = faded(place.learned_at, now);
  const [found, missed] = [place.found * left, place.missed * left];
  const chance = (found + (place.planned ? FIRST[place.kind] : UNPLANNED)) / (found + missed + 1);
  return isMissed(place) && now - (place.missed_at ?? 0) < REFILLED ? chance * STILL_EMPTY : chance;
}

/** Whether it was missed there, and not found since. @param {PackPlace} place */
function isMissed({ found_at, missed_at }) {
  return missed_at !== null && (found_at === null || missed_at > found_at);
}

/** @param {PackPlace} place @param {number} now @returns {'untried' | keyof Sentences['sure']} */
function sure(place, now) {
  if (place.found_at === null && place.missed_at === null) return place.planned ? 'untried' : 'hardly';
  const chance = odds(place, now);
  return chance >= 0.75 ? 'sure' : chance >= 0.5 ? 'likely' : chance >= 0.25 ? 'maybe' : 'hardly';
}

/** @param {Sentences} words @param {PackPlace} place @param {number} now */
function howSure(words, place, now) {
  const word = sure(place, now);
  if (word === 'untried') return words.untried;
  const { found_at, found_day, missed_day } = place;
  const isSince = found_at === null ? words.missed_day : words.missed_since;
  const seen = found_at === null ? '' : filled(words.found_day, { day: found_day });
  const since = isMissed(place) ? filled(isSince, { day: missed_day, before: found_day }) : seen;
  return since === '' ? `${words.sure[word]}.` : filled(words.sure_since, { sure: words.sure[word], since });
}

/** Where to look next, and why. @param {Sentences} words @param {PackPlace} place */
export function lookThere(words, place) {
  const reason = place.planned ? words.planned_there : words.maybe_there;
  const why = place.found_at === null ? reason : filled(words.found_there, { day: place.found_day });
  return filled(words.look_next, { where: filled(words.where[place.kind], { signs: signs(words, place) }), why });
}

/** @param {Sentences} words @param {Place} place */
function signs(words, place) {
  const names = /** @type {const} */ (['aisle', 'bay', 'shelf']);
  return names.flatMap((name) => (place[name] === '' ? [] : [words.signs[name].replace(`{${name}}`, place[name])])).join(', ');
}

/** What to do before an item of a place is scanned; blank: nothing. @param {Package} pkg @param {PackPlace} place */
export function scanFirst(pkg, place) {
  const isSure = pkg.shelf_first === 'unsure' && sure(place, moment(pkg, [place]).now) === 'sure';
  if (!place.is_labelled || pkg.shelf_first === 'never' || isSure) return '';
  return filled(pkg.sentences.scan_first, { signs: signs(pkg.sentences, place) });
}

/**
 * The places after another look at one of them.
 *
 * @param {Item} item
 * @param {string[]} spot
 * @param {string} kind Of a place that is new to us.
 * @param {boolean} isFound
 */
export function looked({ pkg, places, now }, spot, kind, isFound) {
  const day = pkg.sentences.today;
  const [aisles, label] = [key(spot), Object.values(pkg.labels).some((one) => key(spotOf(one)) === key(spot))];
  const next = places.map((place) => {
    if (key(spotOf(place)) !== aisles) return place;
    const left = KEEP * faded(place.learned_at, now);
    const [found, missed] = [place.found * left + Number(isFound), place.missed * left + Number(!isFound)];
    const seen = isFound ? { found_at: now, found_day: day } : { missed_at: now, missed_day: day };
    return said(pkg, { ...place, found, missed, learned_at: now, ...seen }, now);
  });
  if (isFound && places.every((place) => key(spotOf(place)) !== aisles)) {
    const [zone = '', aisle = '', bay = '', shelf = ''] = spot;
    const about = { zone, aisle, bay, shelf, kind: /** @type {Place['kind']} */ (kind), words: '', planned: false, is_labelled: label };
    next.push(said(pkg, { ...about, found: 1, missed: 0, learned_at: now, found_at: now, missed_at: null, found_day: day, missed_day: '' }, now));
  }
  return ranked(next, now);
}

/** The places once a look at one of them is taken back. @param {Item} item @param {string[]} spot @param {number} at When it was. */
export function unlooked({ pkg, places, now }, spot, at) {
  const next = places.flatMap((place) => {
    const [isFound, isGone] = [place.found_at === at, place.missed_at === at];
    if (key(spotOf(place)) !== key(spot) || !(isFound || isGone)) return [place];
    const changed = { ...place };
    if (isFound) Object.assign(changed, { found: Math.max(place.found - 1, 0), found_at: null });
    if (isGone) Object.assign(changed, { missed: Math.max(place.missed - 1, 0), missed_at: null });
    const neverWas = !changed.planned && changed.found === 0 && changed.found_at === null;
    return neverWas ? [] : [said(pkg, changed, now)];
  });
  return ranked(next, now);
}

/** @param {Package} pkg @param {PackPlace} place @param {number} now */
function said(pkg, place, now) {
  return { ...place, words: howSure(pkg.sentences, place, now) };
}

/** The likeliest first; of equals the one where it was found last. @param {PackPlace[]} places @param {number} now */
function ranked(places, now) {
  /** @param {PackPlace} place */
  const rank = (place) => [-odds(place, now), -(place.found_at ?? 0), KINDS.indexOf(place.kind), ...spotOf(place)];
  return places.sort((a, b) => {
    const [one, other] = [rank(a), rank(b)];
    const at = one.findIndex((value, n) => value !== other[n]);
    return at < 0 ? 0 : /** @type {any} */ (one[at]) < /** @type {any} */ (other[at]) ? -1 : 1;
  });
}
