/** What the handheld shows by itself is what the server answers: scenarios recorded from it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { step } from 'handheld/play.js';

const file = process.env['RECORDED'];
const scenarios = file === undefined ? [] : JSON.parse(readFileSync(file, 'utf8'));

/**
 * An answer without what the device cannot know: what the record says of an item once a shortage was
 * taken back after another look, and by when somebody should count what an act of ours has shown to
 * be wrong.
 *
 * @param {any} answer
 * @param {import('../../associates/static/handheld/types.js').Package} pkg
 */
function comparable(answer, pkg) {
  const { next_state, data, message } = structuredClone(answer);
  const task = pkg.tasks.find((one) => one.task_id === data.task_id);
  const line = task?.lines.find((one) => one.line === data.question?.line);
  if (line !== undefined && pkg.items[line.sku]?.left === null) data.question = null;
  const ours = Object.keys(pkg.causes ?? {});
  for (const card of data.counts ?? []) if (ours.includes(card.count_id)) card.due = '';
  return { next_state, data, message };
}

for (const { name, pkg, acts } of scenarios) {
  test(name, () => {
    let now = pkg;
    for (const [n, { entry, answer, counts }] of acts.entries()) {
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
        const { sku: _, ...heard } = /** @type {any} */ (played.heard);
        if (played.sure) assert.deepEqual(heard, { kind, outcome, line, quantity }, where);
        assert.deepEqual(comparable(played.answer, played.pkg), comparable(answer, played.pkg), where);
        if (counts !== undefined) assert.deepEqual(played.pkg.due.counts, comparable({ data: { counts } }, played.pkg).data.counts, where);
      }
      now = played.pkg;
    }
  });
}

test('there is something to compare', { skip: file === undefined }, () => {
  assert.ok(scenarios.flatMap((/** @type {any} */ one) => one.acts).length > 20);
});
