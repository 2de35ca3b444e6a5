/** Before the work: give the device its store, and the person their name. */

import { keys, server } from 'handheld/api.js';
import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { languages } from 'handheld/screens/languages.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */

/**
 * @param {{id: string, label: string, secret?: boolean, digits?: boolean, hint?: string}} field
 */
function input({ id, label, secret = false, digits = false, hint = '' }) {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    hint !== '' && h('p', { class: 'quiet', id: `${id}-hint` }, hint),
    h('input', {
      id,
      name: id,
      type: secret ? 'password' : 'text',
      inputmode: digits ? 'numeric' : 'text',
      autocomplete: secret ? 'current-password' : id === 'number' ? 'username' : 'off',
      autocapitalize: 'characters',
      spellcheck: 'false',
      maxlength: 100,
      required: true,
      'aria-describedby': hint !== '' ? `${id}-hint` : null,
    }),
  );
}

/**
 * @param {Node[]} fields
 * @param {string} word
 * @param {(values: Record<string, string>) => void} sent
 */
function form(fields, word, sent) {
  return h(
    'form',
    {
      submit: (event) => {
        event.preventDefault();
        const entries = new FormData(/** @type {HTMLFormElement} */ (event.target)).entries();
        sent(Object.fromEntries([...entries].map(([name, value]) => [name, String(value).trim()])));
      },
    },
    ...fields,
    h('button', { class: 'go' }, icon('check'), h('span', {}, word)),
  );
}

/**
 * Until the server has said where we are.
 *
 * @param {Pick<Actions, 'begin'>} actions
 * @returns {Screen}
 */
export function start(actions) {
  const says = !isSecureContext
    ? [t('This address will not do'), t('A handheld needs an address that begins with https. Ask store operations for it.')]
    : server.isReached
      ? [t('Starting'), t('We ask the server where you were.')]
      : [t('No connection'), t('The server cannot be reached. It is tried again by itself; nothing is lost.')];
  const [title = '', words = ''] = says;
  return {
    title,
    top: [h('p', {}, keys.get('store') ?? '')],
    main: [h('h1', {}, title), h('p', {}, words)],
    thumb: server.isReached ? [] : [button(t('Try now'), 'undo', () => actions.begin())],
    scanned: null,
  };
}

/**
 * Where nothing can be written down nothing is scanned: it would be lost without a word.
 *
 * @returns {Screen}
 */
export function keepsNothing() {
  const title = t('This browser keeps nothing');
  const words = t('What you scan would be lost. Leave the private window, or make room on this device, and open this page again. Or take another handheld.');
  return { title, top: [], main: [h('h1', {}, title), h('p', {}, words)], thumb: [], scanned: null };
}

/**
 * @param {Pick<Actions, 'ask' | 'settings'>} actions
 * @returns {Screen}
 */
export function enrol(actions) {
  return {
    title: t('Set up this handheld'),
    top: [h('p', {}, t('Set up this handheld')), gear(actions)],
    main: [
      h('h1', {}, t('Scan or type the set-up code')),
      h('p', {}, t('Store operations makes one for each device. It works once, and ties this handheld to one store.')),
      form(
        [
          input({ id: 'code', label: t('Set-up code') }),
          input({ id: 'name', label: t('Name of this handheld'), hint: t('What is written on it, so that others find it.') }),
        ],
        t('Set up'),
        (values) => actions.ask('enrol', values),
      ),
      languages(),
    ],
    thumb: [],
    scanned: (scan) => {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById('code'));
      if (field !== null) field.value = scan.code;
      document.getElementById('name')?.focus();
    },
  };
}

/**
 * @param {Pick<Actions, 'ask' | 'settings'>} actions
 * @returns {Screen}
 */
export function signIn(actions) {
  return {
    title: t('Sign in'),
    top: [h('p', {}, keys.get('store') ?? ''), gear(actions)],
    main: [
      h('div', { class: 'call' }, icon('scan'), h('h1', {}, t('Scan your badge'))),
      form(
        [
          input({ id: 'number', label: t('Or your associate number') }),
          input({ id: 'pin', label: t('PIN'), secret: true, digits: true }),
        ],
        t('Sign in'),
        (values) => actions.ask('sign-in', values),
      ),
      languages(),
    ],
    thumb: [],
    scanned: (scan) => {
      actions.ask('sign-in', { badge: scan.code });
    },
  };
}
