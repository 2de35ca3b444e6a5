/** What the handheld shows by itself is what the server answers: scenarios recorded from it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { step } from 'handheld/play.js';

const file = process.env['RECORDED'];
const scenarios = file === undefined ? [] : JSON.parse(readFileSync(file, 'utf8'));

/**
 * An answer without what the device cannot know: what the record says of an item once some are
 * missing, what somebody should count because of it, and how a place is spoken of that was looked
 * at again and again.
 *
 * @param {any} answer
 * @param {import('../../associates/static/handheld/types.js').Package} pkg
 * @param {Set<string | null>} doubted Items of which some were missing, or asked about.
 */
function comparable(answer, pkg, doubted) {
  const { next_state, data, message } = structuredClone(answer);
  const items = Object.values(pkg.items);
  const task = pkg.tasks.find((one) => one.task_id === data.task_id);
  const line = task?.lines.find((one) => one.line === data.question?.line);
  if (line !== undefined && pkg.items[line.sku]?.left === null) data.question = null;
  const often = items.flatMap((item) => item.places.filter((place) => (place.looks ?? 0) > 1).map(at));
  const counted = data.counts?.flatMap((/** @type {any} */ card) => card.places) ?? [];
  for (const place of [data.place, data.question?.place, ...(data.other_places ?? []), ...counted]) {
    if (place && often.includes(at(place))) place.words = '';
  }
  // What a short asks to have counted gets its number from the server; a graver reason may come with it.
  const known = pkg.due.counts.filter((one) => !doubted.has(one.sku)).map((one) => one.count_id);
  data.counts = data.counts?.filter((/** @type {any} */ card) => known.includes(card.count_id));
  if (often.length > 0) data.other_places?.sort((/** @type {any} */ a, /** @type {any} */ b) => (at(a) < at(b) ? -1 : 1));
  return { next_state, data, message };
}

/** @param {{zone: string, aisle: string, bay: string, shelf: string}} place */
function at({ zone, aisle, bay, shelf }) {
  return [zone, aisle, bay, shelf].join('/');
}

/**
 * Whether the walk passes elsewhere for a line from now on: its first look was not where we send
 * people. The order of the walk is the server's.
 *
 * @param {import('../../associates/static/handheld/types.js').Package} pkg
 * @param {any} entry
 */
function movesTheWalk(pkg, entry) {
  const task = pkg.tasks.find((one) => entry.path.includes(one.task_id));
  const line = task?.lines.find((one) => one.line === entry.body.line);
  const isFirst = !task?.acts.some((act) => act.line === line?.line && act.place !== null);
  const [known] = pkg.items[line?.sku ?? '']?.places ?? [];
  if (!isFirst || !['look', 'miss'].includes(entry.body.kind)) return false;
  return !entry.body.place || known === undefined || at(entry.body.place) !== at(known);
}

for (const { name, pkg, acts } of scenarios) {
  test(name, () => {
    let now = pkg;
    const doubted = new Set();
    for (const [n, { entry, answer }] of acts.entries()) {
      const before = structuredClone(now);
      const played = step(now, entry);
      assert.deepEqual(now, before, 'a step leaves the package before it as it was');
      const where = `act ${n + 1}: ${JSON.stringify(entry)}`;
      assert.notEqual(played.answer, null, where);
      const { kind, outcome, line, quantity } = answer.receipt;
      // A code that the package lacks: the server is asked, and may know it.
      if (!played.sure && played.heard?.outcome === 'unknown_code') {
        if (outcome === 'applied') return;
      } else if (played.sure || kind !== 'zero_check') {
        if (movesTheWalk(now, entry)) return;
        const { sku: _, ...heard } = /** @type {any} */ (played.heard);
        if (played.sure) assert.deepEqual(heard, { kind, outcome, line, quantity }, where);
        if (kind === 'short' || kind === 'zero_check' || kind === 'undo') doubted.add(played.heard?.sku);
        assert.deepEqual(comparable(played.answer, played.pkg, doubted), comparable(answer, played.pkg, doubted), where);
      }
      now = played.pkg;
    }
  });
}

test('there is something to compare', { skip: file === undefined }, () => {
  assert.ok(scenarios.flatMap((/** @type {any} */ one) => one.acts).length > 20);
});
