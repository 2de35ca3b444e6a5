/**
 * The handheld without a server: what an act leads to, by what the package knows. The same answers
 * as the server's own, word for word; `tests/handheld` replays recorded scenarios through both.
 *
 * Where the package cannot know (a code of an item that is not due, a count, the counter), the step
 * is not `sure`: while there is a network the server is asked, and without one the person is told
 * that it is kept. Pure: a step returns a new package and leaves the old one as it was.
 */

import { here, isWalking, judge, key, left, looksOf, read, spotOf } from 'handheld/judge.js';
import { learn, NOTHING, remember, UNDOABLE } from 'handheld/learn.js';
import { elsewhere, looseOf, proved } from 'handheld/proof.js';
import { BLANK, say } from 'handheld/say.js';
import { atRest, inHand, listed, lookNext, shown } from 'handheld/shown.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').PackLine} PackLine */
/** @typedef {import('./types.js').PackTask} PackTask */
/** @typedef {import('./types.js').ScanBody} ScanBody */
/** @typedef {import('./learn.js').Change} Change */

/** @typedef {Pick<Entry, 'scan_id' | 'scanned_at' | 'path' | 'body'> & {told?: import('./types.js').Outcome | null}} Said */
/**
 * @typedef {{pkg: Package, answer: Answer | null, heard: Heard | null, sure: boolean}} Step
 *   `answer` is null where the server alone can say; `heard` is what the person is told.
 */

const UNSEEN = ['not_found', 'wrong_item_at_location'];

/**
 * Return where the entries lead from the package, the oldest first.
 *
 * @param {Package} pkg
 * @param {Said[]} entries
 * @returns {Step}
 */
export function play(pkg, entries) {
  /** @type {Step} */
  let last = { pkg, answer: null, heard: null, sure: false };
  for (const entry of entries) last = step(last.pkg, entry);
  return last;
}

/**
 * @param {Package} pkg
 * @param {Said} entry
 * @returns {Step}
 */
export function step(pkg, entry) {
  const [what = '', id = '', verb = ''] = entry.path.split('/');
  const unknown = { pkg, answer: null, heard: null, sure: false };
  if (what === 'put-backs' && 'quantity' in entry.body) return unknown; // in part: what becomes of the rest
  if (what === 'put-backs') return putBack(pkg, decodeURIComponent(id), String(entry.body['code'] ?? '')) ?? unknown;
  if (what === 'counts') return counted(pkg, id);
  const named = what === 'tasks' ? pkg.tasks.find((task) => task.task_id === id) : undefined;
  if (named === undefined || (verb !== 'scans' && verb !== 'take')) return unknown;
  if (pkg.bagging.labels && entry.body['kind'] === 'stage') return unknown; // bag by bag: the server counts them
  const before = verb === 'scans' ? meant(pkg, named, /** @type {ScanBody} */ (entry.body)) : named;
  const task = structuredClone(before);
  const own = { ...pkg, tasks: pkg.tasks.map((one) => (one === before ? task : one)), items: { ...pkg.items } };
  const said = before === named ? entry : { ...entry, body: { ...entry.body, fence: task.fence } };
  const done = verb === 'take' ? take(own, task, entry) : scan(own, task, said);
  own.due = listed(own, task);
  if (done === null) return unknown;
  const { heard, emptied, message } = done;
  if (heard.kind === 'stage' && heard.outcome === 'applied') {
    own.tasks = own.tasks.filter((one) => one !== task);
    own.waves = stagedIn(own.waves, task);
    const next = shown(own, { ...task, here: false }, message);
    if (next.next_state !== 'tasks') return { pkg: own, answer: next, heard, sure: done.sure };
    const data = { ...own.due, number: task.number, place: own.staging[done.place] ?? '' };
    return { pkg: own, answer: { next_state: 'staged', data, message }, heard, sure: done.sure };
  }
  return { pkg: own, answer: shown(own, task, message, emptied), heard, sure: done.sure };
}

/** @param {Package['waves']} waves @param {PackTask} task @returns {Package['waves']} */
function stagedIn(waves, task) {
  const wave = task.wave === null ? undefined : waves[task.wave];
  if (task.wave === null || wave === undefined) return waves;
  const orders = wave.orders.map((order) => (order.task_id === task.task_id ? { ...order, state: /** @type {const} */ ('staged') } : order));
  return { ...waves, [task.wave]: { ...wave, orders } };
}

/**
 * Which order of the wave a scan is of: an item that the one on the screen does not want may be what
 * another tote still needs, and what is taken back is what was done last, in whichever tote.
 *
 * @param {Package} pkg
 * @param {PackTask} task
 * @param {ScanBody} body
 * @returns {PackTask}
 */
export function meant(pkg, task, body) {
  const kind = body.kind ?? 'item';
  const mine = body.fence > 0 && task.fence === body.fence && task.here;
  const others = mine ? inHand(pkg, task).filter((one) => one !== task) : [];
  if (others.length === 0 || (kind !== 'item' && kind !== 'stage' && kind !== 'undo')) return task;
  if (kind === 'undo') {
    const acts = [task, ...others].filter(isWalking).flatMap((one) => one.acts.map((act) => ({ one, act })));
    const named = acts.filter(({ act }) => UNDOABLE.includes(act.kind) && (body.undoes == null || act.scan_id === body.undoes));
    return named.sort((a, b) => b.act.nth - a.act.nth)[0]?.one ?? task;
  }
  const skus = [task, ...others].flatMap((one) => one.lines.map((line) => line.sku));
  const reading = read(pkg, body.code ?? '', skus);
  if (reading.is === 'tote') return looseOf(pkg, [task, ...others])?.task ?? task;
  if (reading.is !== 'item' || kind === 'stage') return task;
  const item = { ...reading, quantity: body.quantity ?? reading.quantity };
  return [task, ...others].find((one) => judge(one, item, true, body.line ?? null).outcome === 'applied') ?? task;
}

/** @typedef {{heard: Heard, message: import('./types.js').Message | null, emptied: PackLine | null, sure: boolean, place: string}} Done */

/** @param {Package} pkg @param {PackTask} task @param {Said} entry @returns {Done} */
function take(pkg, task, entry) {
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
function own(pkg, task) {
  task.here = true;
  task.state = 'yours';
  task.who = pkg.due.name;
  if (task.stage === 'open') task.stage = 'claimed';
}

/** @param {Package} pkg @param {PackTask} task @param {Said} entry @returns {Done} */
function scan(pkg, task, entry) {
  const body = /** @type {ScanBody} */ (entry.body);
  const mine = body.fence > 0 && task.fence === body.fence && task.here;
  if (mine && task.stage === 'open') task.stage = 'claimed';
  const { heard, change, sure } = judged(pkg, task, body, mine, entry.told === 'applied');
  const line = task.lines.find((one) => one.line === heard.line) ?? null;
  if (heard.outcome === 'applied' && line !== null) learn(pkg, line, heard, change, entry);
  if (heard.outcome === 'applied' && heard.kind !== 'undo') remember(pkg, task, heard, change, entry);
  if (mine) apply(pkg, task, line, change);
  const emptied = heard.kind === 'item' && heard.outcome === 'applied' && line !== null && left(line) === 0 ? line : null;
  return { heard, message: say(pkg.sentences, heard, scene(pkg, task, line, heard, change)), emptied, sure, place: change.place ?? '' };
}

/** @typedef {{heard: Heard, change: Change, sure: boolean}} Verdict */

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
  const judged = judge(task, reading, mine, body.line ?? null);
  const { heard, words } = proved(pkg, inHand(pkg, task), task, reading, judged, wasTold || body.kind === 'look');
  const sure = reading.is !== 'stranger';
  if (heard.outcome !== 'applied') return { heard, change: words === '' ? NOTHING : { ...NOTHING, words }, sure };
  if (reading.is === 'tote') return { heard, change: NOTHING, sure };
  if (reading.is === 'place') return { heard, change: { ...NOTHING, place: reading.code }, sure: false };
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
  if (isAsked) pkg.items[line.sku] = { ...item, asks: false };
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
  let place = heard.outcome === 'shelf_first' ? words : '';
  if (change.place !== null) place = pkg.staging[change.place] ?? change.place;
  if (heard.kind === 'miss' && line !== null) place = lookNext(pkg, task, line);
  return {
    state: task.stage,
    wanted: isOpen ? line.name : '',
    scanned: heard.sku === null ? words : (names[heard.sku] ?? pkg.items[heard.sku]?.name ?? heard.sku),
    asked: line?.asked ?? 0,
    found: line?.found ?? 0,
    short: line?.short ?? 0,
    left: line === null ? 0 : left(line),
    nothing_found: !task.lines.some((one) => one.found > 0),
    place,
    tote: heard.outcome === 'tote_first' ? words : toteWords(pkg, task),
    elsewhere: heard.kind === 'look' && heard.outcome === 'applied' ? words : '',
  };
}

/** @param {Package} pkg @param {PackTask} task */
function toteWords(pkg, task) {
  const wave = task.wave === null ? undefined : pkg.waves[task.wave];
  return wave?.orders.find((order) => order.task_id === task.task_id)?.tote.words ?? '';
}

/** @param {Package} pkg @param {string} id @param {string} code @returns {Step | null} */
function putBack(pkg, id, code) {
  const duty = pkg.due.put_backs.find((one) => one.duty_id === id);
  if (duty === undefined) return null;
  const reading = code === '' ? null : read(pkg, code, [duty.sku]);
  /** @type {Heard} */
  const heard = { kind: 'put_back', outcome: 'applied', sku: duty.sku, line: null, quantity: duty.quantity };
  if (reading?.is === 'item' && reading.sku !== duty.sku) Object.assign(heard, { outcome: 'wrong_item', sku: reading.sku, quantity: 0 });
  else if (reading !== null && reading.is !== 'item') {
    Object.assign(heard, { outcome: reading.is === 'stranger' ? 'unknown_code' : 'not_a_code', sku: null, quantity: 0 });
  }
  const next = { ...pkg };
  if (heard.outcome === 'applied') {
    next.due = { ...pkg.due, put_backs: pkg.due.put_backs.filter((one) => one !== duty) };
  }
  const scanned = heard.sku === null ? '' : (pkg.items[heard.sku]?.name ?? heard.sku);
  const message = say(pkg.sentences, heard, { ...BLANK, wanted: duty.name, scanned });
  return { pkg: next, answer: atRest(next, message), heard, sure: reading?.is !== 'stranger' };
}

/** A count is believed by the server alone. @param {Package} pkg @param {string} id @returns {Step} */
function counted(pkg, id) {
  const next = { ...pkg, due: { ...pkg.due, counts: pkg.due.counts.filter((one) => one.count_id !== id) } };
  return { pkg: next, answer: atRest(next, null), heard: null, sure: false };
}
