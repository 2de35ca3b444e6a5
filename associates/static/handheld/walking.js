/**
 * What an act leads to within one task: `associates/picking/recording.py` and `associates/picking/scans.py` over
 * again, from the package. The task is a copy, and is changed; `play.js` puts it into the package.
 */

import { bagWords, countBags, putDown, readBag, where } from 'handheld/bagging.js';
import { here, isWalking, judge, key, left, looksOf, read, spotOf } from 'handheld/judge.js';
import { learn, NOTHING, remember, UNDOABLE } from 'handheld/learn.js';
import { elsewhere, lookFirst, proved } from 'handheld/proof.js';
import { BLANK, say } from 'handheld/say.js';
import { inHand, lookNext } from 'handheld/shown.js';

/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').ScanBody} ScanBody */
/** @typedef {import('./learn.js').Change} Change */
/** @typedef {import('./play.js').Said} Said */

const UNSEEN = ['not_found', 'wrong_item_at_location'];

/** @typedef {{heard: Heard, message: import('./types.js').Message | null, emptied: PackLine | null, sure: boolean, place: string}} Done `place`: where it waits now, in words. */

/** @param {Package} pkg @param {PackTask} task @param {Said} entry @returns {Done} */
export function take(pkg, task, entry) {
  const isHeld = task.state === 'taken';
  const isOver = entry.body['fence'] !== task.fence || isHeld;
  /** @type {Heard} */
  const heard = { kind: 'take', outcome: isOver ? 'superseded' : 'applied', sku: null, line: null, quantity: 0 };
  if (!isOver) {
    if (!task.here) Object.assign(task, { fence: task.fence + 1, wave: null, tote: null });
    own(pkg, task);
    return { heard, message: null, emptied: null, sure: true, place: '' };
  }
  const text = pkg.sentences.taken.replace('{who}', task.who);
  return { heard, message: { kind: 'wrong', text }, emptied: null, sure: true, place: '' };
}

/** @param {Package} pkg @param {PackTask} task */
export function own(pkg, task) {
  task.here = true;
  task.state = 'yours';
  task.who = pkg.due.name;
  if (task.stage === 'open') task.stage = 'claimed';
}

/** @param {Package} pkg @param {PackTask} task @param {Said} entry @returns {Done} */
export function scan(pkg, task, entry) {
  const body = /** @type {ScanBody} */ (entry.body);
  const mine = body.fence > 0 && task.fence === body.fence && task.here;
  if (mine && task.stage === 'open') task.stage = 'claimed';
  const { heard, change, sure, place = '' } = judged(pkg, task, body, mine, entry.told === 'applied');
  const line = task.lines.find((one) => one.line === heard.line) ?? null;
  const lesson = heard.outcome === 'applied' && line !== null ? learn(pkg, line, heard, change, entry) : null;
  if (heard.outcome === 'applied' && heard.kind !== 'undo') remember(pkg, task, heard, change, entry, lesson);
  if (mine) apply(pkg, task, line, change);
  const emptied = heard.kind === 'item' && heard.outcome === 'applied' && line !== null && left(line) === 0 ? line : null;
  const isBags = heard.kind === 'stage';
  const seen = isBags ? staging(pkg, task, heard, place, body.code ?? '') : scene(pkg, task, line, heard, change);
  if (heard.outcome === 'tote_first') seen.tote = change.words;
  return { heard, message: say(pkg.sentences, heard, seen), emptied, sure, place: isBags ? seen.place : '' };
}

/** @typedef {{heard: Heard, change: Change, sure: boolean, place?: string}} Verdict */

/** @param {Package} pkg @param {PackTask} task @param {ScanBody} body @param {boolean} mine @param {boolean} wasTold That it counts. @returns {Verdict} */
function judged(pkg, task, body, mine, wasTold) {
  const kind = body.kind ?? 'item';
  const at = body.line ?? null;
  if (kind === 'item' || kind === 'stage' || (kind === 'look' && body.place == null)) return scanned(pkg, task, body, mine, wasTold);
  /** @param {import('./types.js').Outcome} outcome @returns {Verdict} */
  const no = (outcome) => ({ heard: { kind, outcome, sku: null, line: at, quantity: 0 }, change: NOTHING, sure: true });
  if (!mine) return no('superseded');
  if (!isWalking(task)) return no('not_now');
  if (kind === 'undo') return undone(task, body, no);
  const line = task.lines.find((one) => one.line === at);
  if (line !== undefined && kind === 'zero_check' && body.empty != null) return checked(pkg, line, body.empty);
  if (line === undefined || left(line) === 0) return no('not_now');
  /** @type {Heard} */
  const heard = { kind, outcome: 'applied', sku: line.sku, line: line.line, quantity: 0 };
  if (kind === 'skip') return { heard, change: { ...NOTHING, skipped: 1 }, sure: true };
  const words = wasTold ? '' : lookFirst(pkg, task, line, body, inHand(pkg, task));
  if (words !== '') return { heard: { ...heard, outcome: 'shelf_first' }, change: { ...NOTHING, words }, sure: true };
  if (kind === 'short') {
    heard.quantity = Math.min(body.quantity ?? left(line), left(line));
    const spot = UNSEEN.includes(body.reason ?? 'not_found') ? whereNow(pkg, task, line) : null;
    return { heard, change: { ...NOTHING, short: heard.quantity, spot }, sure: true };
  }
  if ((kind === 'look' || kind === 'miss') && body.place != null) {
    const looks = looksOf(task.acts, line.line);
    const spot = spotOf(body.place);
    const teaches = !looks.missed.has(key(spot)) && !looks.found.has(key(spot));
    return { heard, change: { ...NOTHING, spot, kind: body.place.kind ?? 'shelf', teaches }, sure: true };
  }
  return no('not_now');
}

/** @param {Package} pkg @param {PackTask} task @param {ScanBody} body @param {boolean} mine @param {boolean} wasTold @returns {Verdict} */
function scanned(pkg, task, body, mine, wasTold) {
  let reading = read(pkg, body.code ?? '', task.lines.map((line) => line.sku));
  if (reading.is === 'item' && body.quantity != null) reading = { ...reading, quantity: body.quantity };
  const verdict = judge(task, reading, mine, body.line ?? null);
  const { heard, words } = proved(pkg, inHand(pkg, task), task, reading, verdict, wasTold || body.kind === 'look');
  const sure = reading.is !== 'stranger';
  if (heard.outcome !== 'applied') return { heard, change: words === '' ? NOTHING : { ...NOTHING, words }, sure };
  if (reading.is === 'tote') return { heard, change: NOTHING, sure };
  if (reading.is === 'bag') throw new Error('A bag by itself does nothing.');
  if (reading.is === 'place') {
    const place = pkg.staging[reading.code] ?? reading.code;
    const down = putDown(pkg, task, place, body.bags ?? []);
    if (down.refused !== null) return { heard: { ...heard, outcome: down.refused, quantity: 0 }, change: NOTHING, sure };
    if (down.left > 0) return { heard: { ...heard, quantity: down.moved }, change: NOTHING, sure, place };
    return { heard, change: { ...NOTHING, place: reading.code }, sure: false, place };
  }
  if (reading.is === 'shelf') {
    const { spot, kind } = reading;
    return { heard, change: { ...NOTHING, spot, kind, words: elsewhere(pkg, task, heard.line, reading) }, sure };
  }
  const line = task.lines.find((one) => one.line === heard.line);
  if (line === undefined) throw new Error('What was applied has a line.');
  const looks = looksOf(task.acts, line.line);
  const isNew = line.found === 0 || looks.at !== null || looks.missed.size > 0;
  const spot = body.kind !== 'look' && isNew ? whereNow(pkg, task, line) : null;
  return { heard, change: { ...NOTHING, found: heard.quantity, spot, kind: looks.kind }, sure };
}

/**
 * Where the person stands: where they say to be, else where the screen sent them; null: that place
 * has told us already in this walk, or nobody knows which it is.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {PackLine} line
 */
function whereNow(pkg, task, line) {
  const looks = looksOf(task.acts, line.line);
  const spot = here(looks, (pkg.items[line.sku]?.places ?? []).map(spotOf));
  return spot === null || looks.found.has(key(spot)) ? null : spot;
}

/** @param {Package} pkg @param {PackLine} line @param {boolean} empty @returns {Verdict} */
function checked(pkg, line, empty) {
  const item = pkg.items[line.sku];
  const isAsked = item !== undefined && item.left !== null && empty !== item.left <= 0;
  const heard = { kind: /** @type {const} */ ('zero_check'), outcome: /** @type {const} */ ('applied'), sku: line.sku, line: line.line, quantity: isAsked ? 1 : 0 };
  return { heard, change: { ...NOTHING }, sure: item !== undefined && item.left !== null };
}

/** @param {PackTask} task @param {ScanBody} body @param {(outcome: 'not_now') => Verdict} no @returns {Verdict} */
function undone(task, body, no) {
  const last = task.acts.findLast((act) => UNDOABLE.includes(act.kind) && (body.undoes == null || act.scan_id === body.undoes));
  if (last === undefined) return { ...no('not_now'), heard: { ...no('not_now').heard, line: null } };
  task.acts = task.acts.filter((act) => act !== last);
  const { kind, line, sku, quantity } = last;
  const change = {
    ...NOTHING,
    found: kind === 'item' ? -quantity : 0,
    short: kind === 'short' ? -quantity : 0,
    skipped: kind === 'skip' ? -1 : 0,
    undoes: last,
  };
  return { heard: { kind: 'undo', outcome: 'applied', sku, line, quantity }, change, sure: true };
}

/** @param {Package} pkg @param {PackTask} task @param {PackLine | null} line @param {Change} change */
function apply(pkg, task, line, change) {
  own(pkg, task);
  if (line !== null) {
    line.found += change.found;
    line.short += change.short;
    line.skipped = Math.max(line.skipped + change.skipped, 0);
  }
  if (change.place !== null) task.stage = 'staged';
  else if (change !== NOTHING) task.stage = task.lines.every((one) => left(one) === 0) ? 'picked' : 'claimed';
}

/** @param {Package} pkg @param {PackTask} task @param {PackLine | null} line @param {Heard} heard @param {Change} change */
function scene(pkg, task, line, heard, change) {
  const names = Object.fromEntries(task.lines.map((one) => [one.sku, one.name]));
  const isOpen = line !== null && (heard.outcome !== 'wrong_item' || left(line) > 0);
  const { words } = change;
  const next = heard.kind === 'miss' && line !== null ? lookNext(pkg, task, line) : '';
  return {
    ...BLANK,
    state: task.stage,
    wanted: isOpen ? line.name : '',
    scanned: heard.sku === null ? words : (names[heard.sku] ?? pkg.items[heard.sku]?.name ?? heard.sku),
    asked: line?.asked ?? 0,
    found: line?.found ?? 0,
    short: line?.short ?? 0,
    left: line === null ? 0 : left(line),
    nothing_found: !task.lines.some((one) => one.found > 0),
    place: heard.outcome === 'shelf_first' ? words : next,
    tote: heard.outcome === 'tote_first' ? words : toteWords(pkg, task),
    who: whoElse(task),
    elsewhere: heard.kind === 'look' && heard.outcome === 'applied' ? words : '',
  };
}

/** @param {PackTask} task */
function whoElse(task) {
  return task.state === 'taken' ? task.who : '';
}

/**
 * Where the bags are, and which of them are still in somebody's hands.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {Heard} heard
 * @param {string} place The label of the place that was scanned; blank: none was.
 * @param {string} code What was scanned.
 */
function staging(pkg, task, heard, place, code) {
  const bag = readBag(code) === null ? null : read(pkg, code, []);
  const left = task.bags.filter((one) => one.place === '').map((one) => one.number);
  const words = pkg.sentences;
  return {
    ...BLANK,
    state: task.stage,
    nothing_found: !task.lines.some((one) => one.found > 0),
    place: task.stage === 'staged' ? where(words, task.bags, place) : heard.outcome === 'applied' ? place : '',
    bags: task.stage === 'staged' ? '' : bagWords(words, left),
    bag: bag?.is === 'bag' ? bagWords(words, [bag.number]) : '',
    other: bag?.is === 'bag' && bag.of.task_id !== task.task_id ? bag.of.number : '',
    tote: toteWords(pkg, task),
    who: whoElse(task),
  };
}

/** How many bags there are. @param {Package} pkg @param {PackTask} task @param {Said} entry @returns {Done} */
export function bagged(pkg, task, entry) {
  const quantity = Number(entry.body['count']);
  const mine = Number(entry.body['fence']) > 0 && task.fence === entry.body['fence'] && task.here;
  const outcome = !mine ? 'superseded' : task.stage === 'picked' ? 'applied' : 'not_now';
  if (outcome === 'applied') {
    own(pkg, task);
    task.bags = countBags(task.bags, quantity, entry.scan_id);
  }
  /** @type {Heard} */
  const heard = { kind: 'bags', outcome, sku: null, line: null, quantity };
  return { heard, message: say(pkg.sentences, heard, staging(pkg, task, heard, '', '')), emptied: null, sure: true, place: '' };
}

/** @param {Package} pkg @param {PackTask} task */
function toteWords(pkg, task) {
  const wave = task.wave === null ? undefined : pkg.waves[task.wave];
  return wave?.orders.find((order) => order.task_id === task.task_id)?.tote.words ?? '';
}
