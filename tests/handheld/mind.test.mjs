/** What the device knows: the newest that the server had to say, whatever was on its way before. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { disk } from './platform.mjs';

/** @typedef {typeof import('../../associates/static/handheld/mind.js')} Mind */
/** @typedef {typeof import('../../associates/static/handheld/log.js')} Log */

test('what is asked for while something older is on its way is fetched after it', async () => {
  disk.wipe();
  /** @type {((answer: Response) => void)[]} */
  const asked = [];
  globalThis.fetch = () => new Promise((resolve) => asked.push(resolve));
  /** @param {string} name */
  const arrives = async (name) => {
    asked.at(-1)?.(new Response(JSON.stringify({ tasks: [], due: { name } })));
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  };
  /** @type {Log} */
  const log = await import('handheld/log.js?tab=mind');
  await log.open(() => {});
  /** @type {Mind} */
  const mind = await import('handheld/mind.js?tab=mind');

  void mind.freshen(true);
  void mind.freshen(true); // somebody has answered meanwhile, say
  void mind.freshen(true);
  await arrives('older');
  assert.equal(asked.length, 2);
  await arrives('newer');

  assert.equal(mind.known()?.due.name, 'newer');
  assert.equal(asked.length, 2);
});
