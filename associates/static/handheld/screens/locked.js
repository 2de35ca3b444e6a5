/** Too many wrong tries: nobody signs in here until a person has unlocked it. */

import { button, h, icon } from 'handheld/element.js';
import { unsent } from 'handheld/log.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */

/**
 * @param {string} words What the server says of it, and whom to ask.
 * @param {Actions} actions
 * @returns {Screen}
 */
export function locked(words, actions) {
  const kept = unsent();
  return {
    title: t('This handheld is locked'),
    top: [h('p', {}, h('b', {}, t('Locked')))],
    main: [
      h('div', { class: 'call' }, icon('lock'), h('h1', {}, t('This handheld is locked'))),
      h('p', {}, words),
      kept > 0 && h('p', {}, n('1 scan on it is not yet sent. It goes when somebody signs in.', '{count} scans on it are not yet sent. They go when somebody signs in.', kept)),
    ].filter((node) => node instanceof Node),
    thumb: [button(t('It is unlocked'), 'person', () => actions.begin(), 'wide')],
    scanned: null,
  };
}
