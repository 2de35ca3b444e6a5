/**
 * What the handheld says of a scan: which of the server's sentences, `associates/handheld/wording.py` over
 * again. The sentences themselves come with the package. Pure.
 */

import { filled } from 'handheld/words.js';

/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Sentences} Sentences */

/**
 * @typedef {{state: string, wanted: string, scanned: string, asked: number, found: number,
 *   short: number, left: number, nothing_found: boolean, place: string, tote: string,
 *   bags: string, bag: string, other: string, who: string, elsewhere: string}} Scene
 */

/** @type {Scene} */
export const BLANK = {
  state: 'claimed',
  wanted: '',
  scanned: '',
  asked: 0,
  found: 0,
  short: 0,
  left: 0,
  nothing_found: false,
  place: '',
  tote: '',
  bags: '',
  bag: '',
  other: '',
  who: '',
  elsewhere: '',
};

/**
 * @param {Sentences} words
 * @param {Heard} heard
 * @param {Scene} scene
 * @returns {Message}
 */
export function say(words, heard, scene) {
  const values = { ...scene, quantity: heard.quantity };
  if (heard.outcome !== 'applied') return { kind: 'wrong', text: filled(refused(words, heard, scene), values) };
  if (heard.kind === 'zero_check') {
    return { kind: 'info', text: heard.quantity > 0 ? words.to_be_counted : words.as_we_thought };
  }
  if (heard.kind === 'stage' && scene.bags !== '' && scene.state === 'picked') return { kind: 'good', text: filled(words.put_down, values) };
  const noted = scene.elsewhere !== '' ? words.elsewhere : heard.kind === 'put_back' && heard.quantity === 0 ? words.none_back : words.noted[heard.kind];
  if (noted !== undefined) return { kind: 'info', text: filled(noted, values) };
  return { kind: 'good', text: filled(words.good[heard.kind] ?? found(words, scene), values) };
}

/** @param {Sentences} words @param {Scene} scene */
function found(words, scene) {
  return counted(words, scene) + (scene.tote === '' ? '' : words.into_tote);
}

/** @param {Sentences} words @param {Scene} scene */
function counted(words, scene) {
  if (scene.state === 'picked') return scene.tote === '' ? words.last : words.last_of_tote;
  if (scene.left > 0) return words.found_some;
  return scene.asked === 1 ? words.found_one : words.found_all;
}

/** @param {Sentences} words @param {Heard} heard @param {Scene} scene @returns {string} */
function refused(words, heard, scene) {
  const { outcome } = heard;
  if (outcome === 'not_now') return notNow(words, heard, scene);
  if (outcome === 'wrong_bag' && scene.other !== '') return words.not_this_bag;
  if (outcome === 'superseded' && scene.who !== '') return words.who_has_it;
  if (outcome === 'too_many' && (scene.left > 0 || scene.short > 0)) {
    return scene.left > 0 ? words.by_the_case : words.noted_short;
  }
  if (outcome === 'too_many' && scene.asked === 1) return words.have_it;
  const found = scene.state === 'picked' ? words.all_found[outcome] : undefined;
  const special = heard.kind === 'count' ? words.not_counted[outcome] : found;
  if (special !== undefined) return special;
  if (outcome === 'wrong_item' && scene.wanted === '') return words.not_in_order;
  return words.wrong[outcome] ?? words.done_already;
}

/** @param {Sentences} words @param {Heard} heard @param {Scene} scene @returns {string} */
function notNow(words, heard, scene) {
  if (heard.kind === 'stage' && scene.nothing_found && scene.state === 'picked') return words.nothing_here;
  const gone = heard.kind === 'put_back' || heard.kind === 'count' ? undefined : words.gone[scene.state];
  if (gone !== undefined) return gone;
  if (heard.kind === 'look' && scene.state === 'picked') return words.no_shelf;
  if (heard.kind === 'stage' && scene.bag !== '' && scene.state === 'picked') return words.its_place_next;
  return words.not_now[heard.kind] ?? words.done_already;
}
