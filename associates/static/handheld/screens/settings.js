/** Try the scanner, choose sound and buzz, see what is unsent and what this app records. */

import { button, h } from 'handheld/element.js';
import { otherwise, unsent } from 'handheld/log.js';
import { back } from 'handheld/parts.js';
import { aboutMe } from 'handheld/screens/about_me.js';
import { languages } from 'handheld/screens/languages.js';
import { scannerTest } from 'handheld/screens/scanner.js';
import { canBuzz, sound } from 'handheld/signals.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').Settings} Settings */

/**
 * @param {Settings} chosen
 * @param {Actions} actions
 * @param {boolean} signedIn
 * @returns {Screen}
 */
export function settings(chosen, actions, signedIn) {
  const silence = h('p', { class: 'amber', role: 'status', hidden: chosen.sound || (chosen.buzz && canBuzz()) }, t('No tone and no buzz: the screen alone says what a scan meant.'));
  /** @param {'sound' | 'buzz' | 'textScanner'} name @param {string} label @param {boolean} [can] */
  const toggle = (name, label, can = true) =>
    h(
      'label',
      { class: 'toggle' },
      h('input', {
        type: 'checkbox',
        checked: chosen[name] && can,
        disabled: !can,
        change: (event) => {
          chosen = { ...chosen, [name]: /** @type {HTMLInputElement} */ (event.target).checked };
          actions.configure(chosen);
          silence.hidden = chosen.sound || (chosen.buzz && canBuzz());
          if (name !== 'textScanner' && chosen[name]) sound('good', { sound: name === 'sound', buzz: name === 'buzz' });
        },
      }),
      h('span', {}, label),
    );
  /** @param {Settings['hand']} hand @param {string} label */
  const held = (hand, label) =>
    h('button', { type: 'button', 'aria-pressed': String(chosen.hand === hand), click: () => {
      actions.configure({ ...chosen, hand });
      actions.settings();
    } }, label);
  const hands = [held('left', t('Left hand')), held('right', t('Right hand'))];
  const waiting = unsent();
  const problems = otherwise();
  return {
    title: t('Settings'),
    top: [back(t('Back'), () => actions.sheet(null)), h('p', {}, t('Settings'))],
    main: [
      h('h1', {}, t('Settings')),
      button(t('Try the scanner'), 'scan', () => actions.sheet(scannerTest(chosen, actions)), 'quietly'),
      h('h2', {}, t('Language')),
      languages(),
      h('h2', { id: 'hand' }, t('Which hand holds it?')),
      h('div', { class: 'languages', role: 'group', 'aria-labelledby': 'hand' }, ...hands),
      h('p', { class: 'quiet' }, t('The main buttons lie where its thumb is, and Undo on the other side.')),
      h('h2', {}, t('When something is scanned')),
      toggle('sound', t('Play a tone')),
      toggle('buzz', canBuzz() ? t('Buzz') : t('Buzz: this handheld has nothing to buzz with'), canBuzz()),
      silence,
      toggle('textScanner', t('This scanner sends text, not keys')),
      h('h2', {}, t('Not yet sent')),
      h('p', {}, waiting === 0 ? t('Everything is sent.') : n('1 waiting. It is sent as soon as the server answers; sign out after that.', '{count} waiting. They are sent as soon as the server answers; sign out after that.', waiting)),
      problems.length > 0 && h('h2', {}, t('Came out otherwise than this handheld had shown')),
      problems.length > 0 &&
        h('ul', { class: 'heard' }, ...problems.slice(-5).map(({ receipt }) => h('li', {}, receipt?.text ?? ''))),
      h('h2', {}, t('What this app records about you')),
      signedIn ? aboutMe(actions) : h('p', {}, t('Sign in, and it is shown to you here.')),
    ].filter((node) => node instanceof Node),
    thumb: signedIn ? [button(t('Sign out'), 'person', () => actions.signOut(), '', waiting > 0)] : [],
    isTest: true,
    scanned: (scan) => {
      const test = scannerTest(chosen, actions);
      actions.sheet(test);
      test.scanned?.(scan);
    },
  };
}
