/** What is recorded about whoever is signed in: every list, every column, the file, and "this is not so". */

import { ask, keys } from 'handheld/api.js';
import { button, h } from 'handheld/element.js';
import { language } from 'handheld/language.js';
import { back } from 'handheld/parts.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {{name: string, title: string, says: string, hidden: boolean}} Column */
/** @typedef {{table: string, title: string, why: string, fades: string, columns: Column[],
 *   rows: Record<string, unknown>[], more: boolean}} Part */
/** @typedef {{name: string, parts: Part[], by_device: string, not_kept: string}} AboutMe */

const WORDS = 500;

const MOMENT = /^\d{4}-\d\d-\d\dT/;

/** A value as one reads it. @param {unknown} value */
function plain(value) {
  if (value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  const text = Array.isArray(value) ? value.join(' · ') : String(value);
  return MOMENT.test(text) ? new Date(text).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }) : text;
}

/**
 * @param {Part} part
 * @param {(part: Part) => void} disputed
 */
function partOf(part, disputed) {
  const shown = part.columns.filter((column) => !column.hidden);
  const count = part.more ? t('More than {count}: the newest are here', { count: part.rows.length }) : n('1 entry', '{count} entries', part.rows.length);
  return h(
    'details',
    {},
    h('summary', {}, part.title),
    h('p', {}, part.why),
    h('p', {}, part.fades),
    h('dl', { class: 'columns' }, ...part.columns.flatMap((one) => [h('dt', {}, one.title), h('dd', {}, one.says)])),
    h('p', { class: 'quiet' }, count),
    h(
      'ul',
      { class: 'heard' },
      ...part.rows.map((row) => h('li', {}, h('dl', { class: 'row' }, ...shown.flatMap((one) => [h('dt', {}, one.title), h('dd', {}, plain(row[one.name]))])))),
    ),
    button(t('This is not so'), 'info', () => disputed(part), 'quietly'),
  );
}

/**
 * @param {AboutMe} told
 * @param {Actions} actions
 * @returns {Screen}
 */
function shown(told, actions) {
  return {
    title: t('What is recorded about you'),
    top: [back(t('Back'), () => actions.settings()), h('p', {}, told.name)],
    main: [
      h('h1', {}, t('What is recorded about you')),
      h('p', {}, told.not_kept),
      ...told.parts.map((part) => partOf(part, (one) => actions.sheet(dispute(one, told, actions)))),
      h('p', { class: 'quiet' }, told.by_device),
    ],
    thumb: [button(t('Take it along as a file'), 'bag', () => void take(actions))],
    scanned: null,
  };
}

/**
 * @param {Part} part
 * @param {AboutMe} told
 * @param {Actions} actions
 * @returns {Screen}
 */
function dispute(part, told, actions) {
  const id = crypto.randomUUID(); // sent twice, it is one note
  const field = h('textarea', { id: 'words', maxlength: WORDS, rows: 5, required: true, 'data-focus': true });
  const send = async () => {
    if (field.value.trim() === '') return field.focus();
    try {
      await ask('about-me/disputes', { dispute_id: id, about: part.table, words: field.value.trim().replaceAll(/\s+/g, ' ') });
      actions.say({ kind: 'good', text: t('Noted. Store operations answer here.') });
      await open(actions);
    } catch (error) {
      actions.say({ kind: 'wrong', text: error instanceof Error ? error.message : String(error) });
    }
  };
  return {
    title: t('This is not so'),
    top: [back(t('Back'), () => actions.sheet(shown(told, actions))), h('p', {}, part.title)],
    main: [
      h('h1', {}, t('What is not so?')),
      h('p', {}, t('The record stays as it is. Your words stand beside it, and store operations answer them.')),
      h('p', { class: 'field' }, h('label', { for: 'words' }, t('In your words')), field),
    ],
    thumb: [button(t('Send'), 'check', () => void send(), 'go')],
    scanned: null,
  };
}

/** @param {Actions} actions */
async function take(actions) {
  try {
    const answer = await ask('about-me/export');
    const address = URL.createObjectURL(new Blob([JSON.stringify(answer, null, 2)], { type: 'application/json' }));
    h('a', { href: address, download: 'about-me.json' }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch {
    actions.say({ kind: 'wrong', text: t('No connection. Try again in a moment.') });
  }
}

/** @param {Actions} actions */
async function open(actions) {
  if (keys.get('session') === null) return;
  try {
    const told = /** @type {AboutMe} */ (/** @type {unknown} */ (await ask('about-me')));
    actions.sheet(shown(told, actions));
  } catch {
    actions.say({ kind: 'wrong', text: t('No connection. Try again in a moment.') });
  }
}

/** @param {Actions} actions */
export function aboutMe(actions) {
  return button(t('What is recorded about you'), 'person', () => void open(actions), 'quietly');
}
