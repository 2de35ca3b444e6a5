/** Try the scanner, choose sound and buzz, see what is unsent and what this app records. */

import { button, h } from 'handheld/element.js';
import { otherwise, unsent } from 'handheld/log.js';
import { back } from 'handheld/parts.js';
import { visible } from 'handheld/scanner.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Scan} Scan */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').Settings} Settings */

const HOW = {
  keys: 'as keys',
  text: 'as text',
};

/** @param {Scan} scan */
function report(scan) {
  const speed = scan.source === 'keys' ? `, slowest key after ${scan.gap} ms` : '';
  return h(
    'li',
    {},
    h('code', {}, visible(scan.code.slice(0, 120))),
    h('span', { class: 'quiet' }, `${scan.code.length} characters ${HOW[scan.source]}${speed}`),
  );
}

/**
 * @param {Settings} chosen
 * @param {Actions} actions
 * @param {boolean} signedIn
 * @returns {Screen}
 */
export function settings(chosen, actions, signedIn) {
  const heard = h('ul', { class: 'heard', 'aria-live': 'polite' });
  /** @param {keyof Settings} name @param {string} label */
  const toggle = (name, label) =>
    h(
      'label',
      { class: 'toggle' },
      h('input', {
        type: 'checkbox',
        checked: chosen[name],
        change: (event) => {
          chosen = { ...chosen, [name]: /** @type {HTMLInputElement} */ (event.target).checked };
          actions.configure(chosen);
        },
      }),
      h('span', {}, label),
    );
  const waiting = unsent();
  const problems = otherwise();
  return {
    title: 'Settings',
    top: [back('Back', () => actions.sheet(null)), h('p', {}, 'Settings')],
    main: [
      h('h1', {}, 'Try the scanner'),
      h('p', {}, 'Scan anything. What arrives is shown here and goes nowhere.'),
      heard,
      h('h2', {}, 'When something is scanned'),
      toggle('sound', 'Play a tone'),
      toggle('buzz', 'Buzz'),
      toggle('textScanner', 'This scanner sends text, not keys'),
      h('h2', {}, 'Not yet sent'),
      h('p', {}, waiting === 0 ? 'Everything is sent.' : `${waiting} waiting. They are sent as soon as the server answers; sign out after that.`),
      problems.length > 0 && h('h2', {}, 'Came out otherwise than this handheld had shown'),
      problems.length > 0 &&
        h('ul', { class: 'heard' }, ...problems.slice(-5).map(({ receipt }) => h('li', {}, receipt?.text ?? ''))),
      h('h2', {}, 'What this app records about you'),
      h('p', {}, 'Which orders you picked, each scan with its time, at which places you looked, and what you counted, so that an order or a number can be explained. Where an item was found is kept without a name. It does not measure how fast you are, and nobody is ranked. Who was signed in on which handheld is deleted after 90 days.'),
    ].filter((node) => node instanceof Node),
    thumb: signedIn ? [button('Sign out', 'person', () => actions.signOut(), '', waiting > 0)] : [],
    scanned: (scan) => heard.prepend(report(scan)),
  };
}
