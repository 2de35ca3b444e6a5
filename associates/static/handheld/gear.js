/** The way to the settings, on every screen from the first on. */

import { h, icon } from 'handheld/element.js';
import { t } from 'handheld/words.js';

/** @param {Pick<import('./types.js').Actions, 'settings'>} actions */
export function gear(actions) {
  return h(
    'button',
    { type: 'button', class: 'plain', 'aria-label': t('Settings'), click: () => actions.settings() },
    icon('gear'),
  );
}
