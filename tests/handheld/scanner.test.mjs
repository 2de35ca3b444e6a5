/** From what a scanner sends to a code, and what the test of the scanner says of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { aimOf, AS_SOLD, frame, nameOf } from 'handheld/framing.js';
import { Scanner } from 'handheld/scanner.js';
import { advice, bytes, symbology, understood } from 'handheld/selftest.js';

const GS = '\x1d';
const MILK = '04006381333931';

test('what is around a code is taken off, and its symbology is heard', () => {
  /** @type {[string, Partial<typeof AS_SOLD>, string | null, string, string | null, string | null][]} */
  const cases = [
    ['4006381333931\r\n', {}, null, '4006381333931', null, null],
    ['<4006381333931>', { prefix: '<', suffix: '>' }, null, '4006381333931', null, null],
    [']E04006381333931', {}, null, '4006381333931', 'E0', null],
    [']E496385074', {}, null, '00000096385074', 'E4', null], // no UPC-E
    ['96385074', {}, 'E4', '00000096385074', 'E4', null],
    [`]C101${MILK}10AB~21X`, { gs: '~' }, null, `${GS}01${MILK}10AB${GS}21X`, 'C1', null],
    ['L~12', { gs: '~' }, null, 'L~12', null, null], // the label of a shelf, which is no GS1
    ['   ', {}, null, '   ', null, 'empty'],
    ['x'.repeat(4000), {}, null, 'x'.repeat(4000), null, 'too_long'],
    ['\x1b[2J', {}, null, '\x1b[2J', null, 'control_character'],
  ];
  for (const [raw, how, aim, code, told, invalid] of cases) {
    assert.deepEqual(frame(raw, { ...AS_SOLD, ...how }, aim), { code, aim: told, invalid }, JSON.stringify(raw));
  }
});

test('whatever arrives is framed, and framed again says the same', () => {
  let seed = 7;
  const random = (/** @type {number} */ below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const parts = [']C1', ']E0', ']d2', '01', MILK, '10', GS, '~', '\r', '\x00', 'é', 'https://x/01/', ' ', 'BG', '9'];
  for (let n = 0; n < 2000; n += 1) {
    const raw = Array.from({ length: random(7) }, () => parts[random(parts.length)]).join('');
    const once = frame(raw, { ...AS_SOLD, gs: '~' });
    if (once.invalid !== null || /^[\]\s]|\s$/.test(once.code)) continue;
    assert.equal(frame(once.code, AS_SOLD).code, once.code, JSON.stringify(raw));
  }
});

test('a symbology has many names', () => {
  const names = ['ean_8', 'LABEL-TYPE-EAN13', 'upc_a', 'LABEL-TYPE-EAN128', 'GS1 DataMatrix', 'code_39'];
  assert.deepEqual(names.map(aimOf), ['E4', 'E0', 'E0', 'C1', 'd2', null]);
  assert.deepEqual(['E4', 'C1', 'd0', '?'].map(nameOf), ['EAN-8', 'GS1-128', 'DataMatrix', '?']);
});

/** @param {string} raw @param {Partial<import('../../associates/static/handheld/types.js').Scan>} [more] */
function heard(raw, more = {}) {
  const { code, aim, invalid } = frame(raw, AS_SOLD);
  return { raw, code, aim, invalid, source: /** @type {const} */ ('keys'), at: 0, gap: 4, end: 'Enter', ...more };
}

test('the test of the scanner shows every byte', () => {
  const { bytes: shown, more } = bytes(`A ${GS}é\x7f${'x'.repeat(130)}`);
  assert.deepEqual(shown.slice(0, 6).map(({ hex, name }) => `${hex} ${name}`), ['41 A', '20 space', '1D GS', 'C3 ·', 'A9 ·', '7F DEL']);
  assert.deepEqual(shown.filter((one) => one.isControl).map((one) => one.name), ['GS', 'DEL']);
  assert.deepEqual([shown.length, more], [120, 16]);
});

test('the test of the scanner says what we make of it, and what to change', () => {
  assert.equal(understood(heard('4006381333931'), 2026), 'GTIN 4006381333931.');
  assert.match(understood(heard(`]C101${MILK}10B7`), 2026), /^GTIN 4006381333931, .*batch B7/);
  assert.match(understood(heard('https://shop.example/x'), 2026), /We do not open it/);
  assert.match(understood(heard('\x1b[2J'), 2026), /control characters/);
  assert.match(symbology(heard(']E04006381333931')), /EAN or UPC \(symbology \]E0\)/);
  assert.deepEqual(advice(heard(']E04006381333931'), AS_SOLD), []);
  assert.match(advice(heard('4006381333931', { gap: 45 }), AS_SOLD).join(), /slowly.*AIM code ID/);
  assert.match(advice(heard(`01${MILK}10AB~21X`), AS_SOLD).join(), /sends ~ where GS belongs/);
});

test('a clock that runs out before the last key costs no scan', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  /** @type {[string, string | null][]} */
  const told = [];
  const scanner = new Scanner(({ code, invalid }) => told.push([code, invalid]), () => AS_SOLD);
  /** @param {string} key @param {number} at */
  const press = (key, at) => {
    const event = { key, timeStamp: at, target: null, preventDefault() {}, stopImmediatePropagation() {} };
    scanner.key(/** @type {KeyboardEvent} */ (/** @type {unknown} */ (event)));
  };
  for (const [n, digit] of [...'96385074'].entries()) press(digit, 1000 + 4 * n);
  t.mock.timers.tick(10_000); // busy: Enter was pressed in time, and is only now at hand
  press('Enter', 1032);
  t.mock.timers.tick(100);
  assert.deepEqual(told, [['96385074', 'unfinished'], ['96385074', null]]);
});
