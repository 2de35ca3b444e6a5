/** Try the scanner: what arrives, byte by byte, what we make of it, and what its settings should be. */

import { button, h, icon } from 'handheld/element.js';
import { AS_SOLD } from 'handheld/framing.js';
import { language } from 'handheld/language.js';
import { back } from 'handheld/parts.js';
import { camera } from 'handheld/screens/camera.js';
import * as selftest from 'handheld/selftest.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Scan} Scan */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').Settings} Settings */
/** @typedef {import('../types.js').Wedge} Wedge */

const KEPT = 5;

/** @param {string} raw */
function dump(raw) {
  const { bytes, more } = selftest.bytes(raw);
  return h(
    'ol',
    { class: 'bytes', 'aria-label': n('1 byte', '{count} bytes', bytes.length + more) },
    ...bytes.map(({ hex, name, isControl }) => h('li', { class: isControl ? 'control' : '' }, h('b', {}, name), h('span', {}, hex))),
    more > 0 && h('li', { class: 'control' }, h('b', {}, t('and {count} more', { count: more }))),
  );
}

/** @param {Scan} scan @param {Wedge} how */
function report(scan, how) {
  const advised = selftest.advice(scan, how);
  return h(
    'li',
    { class: scan.invalid === null ? '' : 'refused' },
    h('p', {}, icon(scan.invalid === null ? 'check' : 'cross'), h('b', {}, selftest.understood(scan, new Date().getFullYear()))),
    h('p', { class: 'quiet' }, `${n('1 character', '{count} characters', scan.raw.length)} ${selftest.door(scan)}. ${selftest.symbology(scan)}`),
    ...advised.map((word) => h('p', { class: 'advice' }, word)),
    dump(scan.raw),
  );
}

/**
 * @param {Settings} chosen
 * @param {Actions} actions
 * @returns {Screen}
 */
export function scannerTest(chosen, actions) {
  const heard = h('ul', { class: 'heard', 'aria-live': 'polite' });
  const none = h('p', { class: 'quiet' }, t('Nothing has arrived yet.'));
  /** @param {Partial<Wedge>} change */
  const set = (change) => {
    chosen = { ...chosen, wedge: { ...chosen.wedge, ...change } };
    actions.configure(chosen);
  };
  /** @param {'prefix' | 'suffix' | 'gs'} name @param {string} label @param {string} hint */
  const text = (name, label, hint) =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: `wedge-${name}` }, label),
      h('p', { class: 'quiet', id: `wedge-${name}-hint` }, hint),
      h('input', {
        id: `wedge-${name}`, maxlength: 12, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
        'aria-describedby': `wedge-${name}-hint`, value: chosen.wedge[name],
        change: (event) => set({ [name]: /** @type {HTMLInputElement} */ (event.target).value }),
      }),
    );
  /** @param {string} label @param {[string, boolean, Partial<Wedge>][]} options */
  const choice = (label, options) =>
    h(
      'fieldset',
      {},
      h('legend', {}, label),
      ...options.map(([words, checked, change]) =>
        h('label', { class: 'toggle' }, h('input', { type: 'radio', name: label, checked, change: () => set(change) }), h('span', {}, words)),
      ),
    );
  const { ends, gap } = chosen.wedge;
  const again = () => actions.sheet(scannerTest(chosen, actions));
  /** @param {Scan} scan */
  const seen = (scan) => {
    const test = scannerTest(chosen, actions);
    actions.sheet(test);
    test.scanned?.(scan);
  };
  return {
    title: t('Try the scanner'),
    isTest: true,
    top: [back(t('Back to the settings'), () => actions.settings()), h('p', {}, t('Scanner'))],
    main: [
      h('h1', {}, t('Try the scanner')),
      h('p', {}, t('Scan anything. What arrives is shown here and goes nowhere.')),
      h('p', {}, h('a', { href: `/scanner-codes?lang=${language}`, target: '_blank', rel: 'noopener' }, t('A sheet of codes to scan'))),
      button(t('Try the camera'), 'scan', () => actions.sheet({ ...camera(actions, seen, again), isTest: true }), 'quietly'),
      none,
      heard,
      h('h2', {}, t('What this scanner adds')),
      choice(t('At the end of a code'), [
        [t('Enter or Tab'), ends === 'key', { ends: 'key' }],
        [t('A short pause'), ends === 'pause', { ends: 'pause' }],
      ]),
      choice(t('How fast it types'), [
        [t('Fast, as most do'), gap <= AS_SOLD.gap, { gap: AS_SOLD.gap }],
        [t('Slowly, by radio'), gap > AS_SOLD.gap, { gap: 120 }],
      ]),
      text('prefix', t('In front of a code'), t('Empty, unless the scanner puts something there.')),
      text('suffix', t('Behind a code'), t('Empty, unless the scanner puts something there beside Enter or Tab.')),
      text('gs', t('Sent in place of GS'), t('Empty, unless a GS1 code shows another sign there, or a key such as F8.')),
      h(
        'button',
        { type: 'button', class: 'quietly', click: () => {
          set(AS_SOLD);
          again();
        } },
        icon('undo'),
        h('span', {}, t('As it came out of the box')),
      ),
    ],
    thumb: [],
    scanned: (scan) => {
      none.remove();
      heard.prepend(report(scan, chosen.wedge));
      while (heard.children.length > KEPT) heard.lastElementChild?.remove();
    },
  };
}
