/** Whatever a scan meant is told four ways at once: a word, a picture, a tone and a buzz. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { KINDS, signal } from 'handheld/signals.js';

const LOUD = { sound: true, buzz: true };
/** @type {Record<string, any>} */
let page = {};
/** @type {number[]} */
let tones = [];
/** @type {number[][]} */
let buzzes = [];

/** @param {string} name */
function element(name) {
  const made = {
    name,
    attributes: /** @type {Record<string, string>} */ ({}),
    children: /** @type {any[]} */ ([]),
    textContent: '',
    hidden: true,
    className: '',
    setAttribute: (/** @type {string} */ key, /** @type {string} */ value) => { made.attributes[key] = value; },
    addEventListener: () => undefined,
    append: (/** @type {any[]} */ ...children) => made.children.push(...children),
    replaceChildren: (/** @type {any[]} */ ...children) => { made.children = children; },
    contains: () => false,
    focus: () => undefined,
  };
  return made;
}

/** @param {Record<string, unknown>} world */
function stand(world) {
  for (const [name, value] of Object.entries(world)) Object.defineProperty(globalThis, name, { value, configurable: true });
}

class Quiet {
  currentTime = 0;
  destination = {};
  resume = async () => undefined;
}

class Node_ {
  /** @param {unknown} _ @param {{frequency?: number}} how */
  constructor(_, { frequency }) {
    if (frequency !== undefined) tones.push(frequency);
  }

  connect = (/** @type {unknown} */ next) => next;
  start = () => undefined;
  stop = () => undefined;
}

beforeEach(() => {
  page = Object.fromEntries(['banner', 'news', 'alarm'].map((id) => [id, element(id)]));
  tones = [];
  buzzes = [];
  stand({
    Node: Object,
    document: { getElementById: (/** @type {string} */ id) => page[id], createElement: element, createElementNS: (/** @type {string} */ _, /** @type {string} */ name) => element(name), activeElement: null },
    navigator: { vibrate: (/** @type {number[]} */ buzz) => buzzes.push(buzz) },
    AudioContext: Quiet,
    OscillatorNode: Node_,
    GainNode: Node_,
    setTimeout: () => 0,
  });
});

test('no two kinds share a picture, a tone or a buzz, and none lacks one', () => {
  for (const of of /** @type {const} */ (['picture', 'tones', 'buzz'])) {
    const all = Object.values(KINDS).map((kind) => JSON.stringify(kind[of]));
    assert.equal(new Set(all).size, 3, of);
    assert.ok(!all.includes('[]') && !all.includes('""'), of);
  }
});

for (const kind of /** @type {const} */ (['good', 'wrong', 'info'])) {
  const message = { kind, text: 'What it meant.' };

  test(`${kind}: word, picture, tone and buzz together`, () => {
    signal(message, LOUD);

    const [picture, words] = page['banner'].children;
    assert.equal(page['banner'].hidden, false);
    assert.equal(page['banner'].className, kind);
    assert.ok(picture.children[0].attributes.d.startsWith('M'));
    assert.deepEqual(words.children, ['What it meant.']);
    assert.equal(page[kind === 'wrong' ? 'alarm' : 'news'].textContent, 'What it meant.');
    assert.deepEqual([tones, buzzes], [KINDS[kind].tones, [KINDS[kind].buzz]]);
  });

  test(`${kind}: what is switched off keeps still, and the rest is as it was`, () => {
    signal(message, { sound: false, buzz: true });
    signal(message, { sound: true, buzz: false });

    assert.deepEqual([tones, buzzes], [KINDS[kind].tones, [KINDS[kind].buzz]]);
    assert.equal(page['banner'].hidden, false);
  });
}

test('a device that may not sound or cannot buzz still shows what a scan meant', () => {
  const refuses = class {
    constructor() {
      throw new Error('no loudspeaker');
    }
  };
  stand({ AudioContext: refuses, OscillatorNode: refuses, navigator: {} });

  signal({ kind: 'wrong', text: 'This is rye bread.' }, LOUD);

  assert.equal(page['banner'].hidden, false);
  assert.equal(page['alarm'].textContent, 'This is rye bread.');
});
