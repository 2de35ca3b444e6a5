/** What waits, and for what, in one line; while all goes well there is nothing to say. */

import { server } from 'handheld/api.js';
import { h, icon } from 'handheld/element.js';
import { unsent, waited } from 'handheld/log.js';
import { n, t } from 'handheld/words.js';

const PATIENCE = 1000; // ms: whoever waits longer is told so

/** Since when the server is being asked something; 0: it is not. */
export const asking = { since: 0 };

export function showState() {
  const waiting = unsent();
  const isSlow = waited() >= PATIENCE || (asking.since > 0 && performance.now() - asking.since >= PATIENCE);
  const words = [];
  if (!server.isReached) words.push(t('No connection'));
  else if (isSlow && waiting === 0) words.push(t('Waiting for the server'));
  if (waiting > 0 && (isSlow || !server.isReached)) {
    words.push(n('1 scan not yet sent', '{count} scans not yet sent', waiting));
  }
  const text = words.join(' · ');
  const line = document.getElementById('state');
  if (line === null || line.textContent === text) return;
  line.hidden = text === '';
  line.replaceChildren(...(text === '' ? [] : [icon('unsent'), h('span', {}, text)]));
}

export function showStateSoon() {
  showState();
  setTimeout(showState, PATIENCE + 50);
}
