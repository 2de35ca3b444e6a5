/** The log: what is written down goes up in order, once, whatever becomes of the network. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { disk } from './platform.mjs';

/** @typedef {typeof import('../../associates/static/handheld/log.js')} Log */
/** @typedef {import('../../associates/static/handheld/types.js').LogEntry} LogEntry */

let tabs = 0;
/** @type {any[]} What was uploaded, one body a request. */
let uploads = [];
/** @type {Map<string, any>} What the server has, by id. */
let has = new Map();
/** @type {string[]} What the person is told. */
let told = [];
/** @type {(entries: any[]) => any[]} */
let receipts = taken;

/** @param {any[]} entries */
function taken(entries) {
  for (const entry of entries) has.set(entry.scan_id, entry);
  return entries.map(({ scan_id }) => ({ scan_id, status: 'applied', text: '' }));
}

/** @param {number} status @param {unknown} body */
const answer = (status, body) => Promise.resolve(new Response(JSON.stringify(body), { status }));

/** @type {(body: any) => Promise<Response>} */
let network = (body) => answer(200, { receipts: receipts(body.entries), answer: null });

beforeEach(() => {
  disk.wipe();
  [uploads, told, has, receipts] = [[], [], new Map(), taken];
  network = (body) => answer(200, { receipts: receipts(body.entries), answer: null });
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.fetch = (_, init) => {
    const body = JSON.parse(String(init?.body));
    uploads.push(body);
    return network(body);
  };
});
afterEach(() => mock.timers.reset());

/** The page, opened once more. @returns {Promise<Log>} */
async function tab() {
  tabs += 1;
  const log = await import(`handheld/log.js?tab=${tabs}`);
  await log.open(() => {});
  return log;
}

const listener = {
  receipted: () => {},
  refused: (/** @type {{detail: string}} */ problem) => told.push(problem.detail),
  waits: (/** @type {string} */ text) => told.push(text),
  changed: () => {},
};

/** @param {Log} log @param {number} count */
async function scan(log, count) {
  for (let n = 0; n < count; n += 1) await log.write(log.draft('tasks/T/scans', { n }, null));
}

/** @param {any} body @returns {number[]} */
const numbers = (body) => body.entries.map((/** @type {LogEntry} */ entry) => entry.device_seq);

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test('it goes up in order, fifty at a time, and no more of it once there is a receipt', async () => {
  const log = await tab();
  await scan(log, 120);
  assert.equal(log.unsent(), 120);
  await log.flush(listener);
  await log.flush(listener);
  assert.deepEqual(uploads.map(numbers), [range(1, 50), range(51, 100), range(101, 120)]);
  assert.deepEqual(uploads.map((body) => body.held), [1, 51, 101]);
  assert.equal(log.unsent(), 0);
});

test('an upload that is cut goes up again, and a receipt that was lost changes nothing', async () => {
  const log = await tab();
  await scan(log, 3);
  let cuts = 2;
  network = (body) => {
    const said = receipts(body.entries);
    cuts -= 1;
    return cuts >= 0 ? Promise.reject(new TypeError('Failed to fetch')) : answer(200, { receipts: said, answer: null });
  };
  await log.flush(listener);
  assert.equal(log.unsent(), 3);
  for (let n = 0; n < 20 && log.unsent() > 0; n += 1) {
    mock.timers.tick(30_000);
    await log.flush(listener);
  }
  assert.deepEqual(uploads.map(numbers), [range(1, 3), range(1, 3), range(1, 3)]);
  assert.equal(has.size, 3);
  assert.equal(log.unsent(), 0);
});

test('what the server asks for again later comes again first, and what it says is said once', async () => {
  const log = await tab();
  await scan(log, 3);
  let isBusy = true;
  receipts = (entries) => taken(entries).map((one, n) => (isBusy && entries[n].device_seq === 2 ? { ...one, status: 'later', text: 'Not yet.' } : one));
  await log.flush(listener);
  await log.flush(listener);
  isBusy = false;
  await log.flush(listener);
  assert.deepEqual(uploads.map(numbers), [[1, 2, 3], [2], [2]]);
  assert.deepEqual(told, ['Not yet.']);
  assert.equal(log.unsent(), 0);
});

test('of two tabs one sends at a time, and the other learns of it', async () => {
  const [one, other] = [await tab(), await tab()];
  await scan(one, 60);
  await scan(other, 5);
  await Promise.all([one.flush(listener), other.flush(listener)]);
  assert.deepEqual(uploads.flatMap(numbers), range(1, 65), 'each once, in order');
  await other.flush(listener);
  assert.equal(other.unsent() + one.unsent(), 0);
  assert.equal(uploads.length, 2);
});

test('whatever is written goes up by itself, at whichever moment it was written', async () => {
  let seed = 11;
  const random = (/** @type {number} */ below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const ticks = async (/** @type {number} */ count) => {
    for (let n = 0; n < count; n += 1) await new Promise((done) => setImmediate(done));
  };
  network = async (body) => {
    await ticks(random(9));
    return answer(200, { receipts: receipts(body.entries), answer: null });
  };
  for (let round = 0; round < 8; round += 1) {
    disk.wipe();
    uploads = [];
    const tabs = [await tab(), await tab()];
    for (let n = 0; n < 12; n += 1) {
      const log = tabs[random(2)] ?? tabs[0];
      await log?.write(log.draft('tasks/T/scans', { n }, null));
      void log?.flush(listener); // as after every act: nobody waits for it, and nobody asks again
      await ticks(random(14));
    }
    await ticks(200);
    assert.deepEqual(uploads.flatMap(numbers), range(1, 12), 'each once, in order, and none forgotten');
  }
});

test('whoever is signed out keeps it all until somebody signs in', async () => {
  const log = await tab();
  await scan(log, 2);
  network = () => answer(401, { type: 'x:signed-out', title: '', detail: 'Sign in.', status: 401 });
  await log.flush(listener);
  assert.deepEqual(told, ['Sign in.']);
  assert.equal(uploads.length, 1, 'it is not tried again by itself');
  network = (body) => answer(200, { receipts: receipts(body.entries), answer: null });
  await log.flush(listener);
  assert.equal(has.size, 2);
  assert.equal(log.unsent(), 0);
});

test('a stranger between us and the server takes nothing from us', async () => {
  const log = await tab();
  await scan(log, 1);
  network = () => Promise.resolve(new Response('<h1>Free wifi</h1>', { status: 200 }));
  await log.flush(listener);
  network = () => answer(502, {});
  await log.flush(listener);
  assert.equal(log.unsent(), 1);
});

test('a full disk refuses the scan, and keeps what it had', async () => {
  const log = await tab();
  await scan(log, 2);
  disk.isFull = true;
  await assert.rejects(scan(log, 1), { name: 'QuotaExceededError' });
  assert.equal(log.unsent(), 2);
  disk.isFull = false;
  await scan(log, 1);
  assert.deepEqual(log.all().map((entry) => entry.device_seq), [1, 2, 3]);
});

test('what a browser clears comes back, and no number is given twice', async () => {
  const before = await tab();
  await scan(before, 4);
  receipts = (entries) => taken(entries.slice(0, 1));
  await before.flush(listener);
  disk.evict();
  const log = await tab();
  await scan(log, 1);
  assert.deepEqual(log.all().map((entry) => [entry.device_seq, entry.receipt]), [2, 3, 4, 5].map((n) => [n, undefined]));
  receipts = taken;
  await log.flush(listener);
  assert.deepEqual([...has.values()].map((entry) => entry.device_seq), [1, 2, 3, 4, 5]);
  disk.evict();
  assert.equal((await tab()).unsent(), 0, 'of what was sent there is no second copy');
});

test('what a browser clears under a running page is sent all the same, under numbers of its own', async () => {
  const log = await tab();
  await scan(log, 3);
  disk.evict();
  await scan(log, 2);
  await log.flush(listener);
  assert.deepEqual(uploads.flatMap(numbers), range(1, 5));
  disk.evict();
  await scan(log, 1);
  await log.flush(listener);
  assert.deepEqual([...has.values()].map((entry) => entry.device_seq), range(1, 6));
  assert.equal(log.unsent(), 0);
});

test('of what is too much at once, or takes too long, less is sent at once', async () => {
  const log = await tab();
  const refusals = [
    () => answer(413, { type: 'x:body-too-large', title: '', detail: 'Send less at once.', status: 413 }),
    () => Promise.resolve(new Response('<h1>413 Request Entity Too Large</h1>', { status: 413 })),
    () => Promise.reject(new DOMException('signal timed out', 'TimeoutError')),
  ];
  for (const refusal of refusals) {
    await scan(log, 20);
    uploads = [];
    network = (body) => (body.entries.length > 6 ? refusal() : answer(200, { receipts: receipts(body.entries), answer: null }));
    for (let n = 0; n < 4; n += 1) await log.flush(listener);
    assert.equal(log.unsent(), 0);
    assert.deepEqual(uploads.map((body) => body.entries.length), [20, 10, 5, 5, 5, 5]);
  }
  assert.deepEqual(told, [], 'nobody can do anything about it');
});

test('a server that is busy is asked again, and hears nothing twice', async () => {
  const log = await tab();
  await scan(log, 60);
  let busy = 0;
  network = (body) => {
    busy += 1;
    if (busy === 1) return answer(503, { type: 'x:unavailable', title: '', detail: 'Later.', status: 503 });
    if (busy === 3) return answer(429, { type: 'x:too-many', title: '', detail: 'Slower, please.', status: 429 });
    return answer(200, { receipts: receipts(body.entries), answer: null });
  };
  for (let n = 0; n < 3; n += 1) await log.flush(listener);
  assert.deepEqual(uploads.map(numbers), [range(1, 50), range(1, 50), range(51, 60), range(51, 60)]);
  assert.deepEqual(told, ['Slower, please.']);
  assert.equal(has.size, 60);
  assert.equal(log.unsent(), 0);
});

test('the log of an older page moves in whole, once, and is counted on from', async () => {
  const old = (/** @type {number} */ n) => ({ scan_id: `old-${n}`, device_seq: n, scanned_at: '2026-03-06T12:00:00Z', path: 'tasks/T/scans', body: {}, session: null, told: null });
  localStorage.setItem('handheld.log', JSON.stringify([old(7), old(8)]));
  localStorage.setItem('handheld.sequence', '8');
  const log = await tab();
  await scan(log, 1);
  assert.deepEqual(log.all().map((entry) => entry.device_seq), [7, 8, 9]);
  assert.equal(localStorage.getItem('handheld.log'), null);
  // The older page was opened once more, and has counted from the start.
  localStorage.setItem('handheld.log', JSON.stringify([old(8), { ...old(3), scan_id: 'new-3' }]));
  const again = await tab();
  await scan(again, 5);
  const all = again.all();
  assert.deepEqual(all.map((entry) => entry.device_seq), [7, 8, 9, 12, 13, 14, 15, 16, 17]);
  assert.equal(new Set(all.map((entry) => entry.scan_id)).size, all.length);
});

test('a clock that jumps neither mixes up what was done nor hides that it waits', async () => {
  const log = await tab();
  const { now } = Date;
  for (const hours of [0, 5, -30]) {
    const jump = new Date(now() + hours * 3_600_000);
    await log.write({ ...log.draft('tasks/T/scans', {}, null), scanned_at: log.ownTime(jump) });
  }
  assert.ok(log.waited() >= 0);
  await log.flush(listener);
  assert.deepEqual(uploads.map(numbers), [[1, 2, 3]]);
  const set = log.draft('tasks/T/scans', {}, null);
  await log.write({ ...set, scanned_at: log.ownTime(new Date(now() + 3_600_000)) });
  assert.ok(log.waited() > 3_000_000, 'it was written in what is the future now');
});

test('its own time says how far it is from UTC', async () => {
  const { ownTime } = await tab();
  const moment = new Date('2026-03-08T09:59:59.123Z');
  assert.equal(new Date(ownTime(moment)).getTime(), moment.getTime());
  assert.match(ownTime(moment), /^2026-03-0[789]T[0-9:.]+[+-][0-9]{2}:[0-9]{2}$/);
});

test('a package of another version, or one that cannot be played, holds nothing back', async () => {
  for (const pkg of [{ tasks: [] }, { shape: 1, tasks: [] }, { shape: 'ours', tasks: null }]) {
    disk.wipe();
    const log = await tab();
    const [mind, store] = [await import(`handheld/mind.js?tab=${tabs}`), await import(`handheld/store.js?tab=${tabs}`)];
    await scan(log, 2);
    const shape = pkg.shape === 'ours' ? mind.SHAPE : pkg.shape;
    await store.keep('package', { pkg: { ...pkg, shape }, upto: 0 });
    await mind.recall();
    assert.equal(mind.known(), null);
    assert.equal(mind.resumed(null), null, 'nothing is shown of it');
    mind.advance({ ...pkg, tasks: [null] });
    assert.equal(mind.ahead(log.draft('tasks/T/scans', {}, null), { next_state: 'tasks', data: {}, message: null }), null);
    await log.flush(listener);
    assert.equal(log.unsent(), 0);
  }
});

test('a newer page is loaded once all that a person has done is written down', async () => {
  const log = await tab();
  const { acting } = await import(`handheld/acting.js?tab=${tabs}`);
  const desk = { answer: () => ({ next_state: 'tasks', data: {}, message: null }), take: () => {}, say: () => {}, refused: () => {}, changed: () => {} };
  const acts = acting(desk);
  network = () => new Promise(() => {}); // in the middle of an upload
  acts.log('counter/X/retract', {});
  acts.log('put-backs/D/done', {});
  const had = await new Promise((done) => acts.after(() => done(disk.numbers())));
  assert.deepEqual(had, [1, 2]);
  network = (body) => answer(200, { receipts: receipts(body.entries), answer: null });
  disk.close();
  const again = await tab(); // and sends what the page before had under way
  await again.flush(listener);
  assert.equal(again.unsent(), 0);
  assert.deepEqual([...has.values()].map((entry) => entry.path), ['counter/X/retract', 'put-backs/D/done']);
  assert.equal(log.all().length, 2);
});
