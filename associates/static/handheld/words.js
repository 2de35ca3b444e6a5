/**
 * Every sentence that this page says by itself goes through here: English in, the person's language
 * out. What the server says comes as whole sentences and needs nothing of this.
 */

import { catalog, language } from 'handheld/language.js';

/** @typedef {Readonly<Record<string, string | number>>} Values */

const rules = new Intl.PluralRules(language);

/**
 * @param {string} text
 * @param {Readonly<Record<string, unknown>>} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** What stands for a sentence in a catalog, as in `associates/handheld/page.py`. @param {string} text */
function sign(text) {
  let found = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) found = Math.imul(found ^ text.charCodeAt(at), 0x01000193);
  return (found >>> 0).toString(36).padStart(5, '0').slice(-5);
}

/**
 * Return a sentence, its `{placeholders}` filled in: `t('Look at {place} next.', { place })`.
 *
 * @param {string} text In English: what translators see, and what is said where nobody has translated it.
 * @param {Values} [values]
 */
export function t(text, values = {}) {
  const said = catalog[sign(text)] ?? text;
  return filled(typeof said === 'string' ? said : (said[0] ?? text), values);
}

/**
 * Return a sentence about so many things: `n('1 item', '{count} items', items.length)`.
 *
 * @param {string} one What is said of exactly one.
 * @param {string} many What is said of none, and of several; `{count}` stands for how many.
 * @param {number} count
 * @param {Values} [values]
 */
export function n(one, many, count, values = {}) {
  const said = catalog[sign(one)];
  const form = typeof said === 'object' ? said[rules.select(count) === 'one' ? 0 : 1] : count === 1 ? one : many;
  return filled(form ?? many, { count, ...values });
}
