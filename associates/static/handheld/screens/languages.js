/** Which language the handheld speaks: each is named in itself, for whoever reads no other. */

import { h } from 'handheld/element.js';
import { LANGUAGES, language, speak } from 'handheld/language.js';
import { t } from 'handheld/words.js';

export function languages() {
  /** @param {[string, string]} one */
  const choice = ([code, name]) =>
    h('button', { type: 'button', lang: code, 'aria-pressed': String(code === language), click: () => speak(code) }, name);
  return h('div', { class: 'languages', role: 'group', 'aria-label': t('Language') }, ...Object.entries(LANGUAGES).map(choice));
}
