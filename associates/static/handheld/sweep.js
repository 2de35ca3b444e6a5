/**
 * What this device knows of people and of their work goes when nobody is signed in on it any more:
 * signed out, shut out, locked, or signed in for longer than a shift. What is unsent stays, for it
 * is lost if it goes; it says codes and numbers, and is sent when somebody signs in again.
 */

import { keys } from 'handheld/api.js';
import { forgetSent } from 'handheld/log.js';
import { forgetAll } from 'handheld/mind.js';

const GRANT = 12 * 3_600_000; // ms: a shift, as in `associates/crew/people.py`

/** Somebody has signed in: what they take along is theirs for a shift, by this device's clock. @param {string} session */
export function begin(session) {
  keys.set('session', session);
  keys.set('until', String(Date.now() + GRANT));
}

/** Whether whoever is signed in has been so for longer than a shift. */
export function isOver() {
  const until = keys.get('until');
  return keys.get('session') !== null && until !== null && Date.now() > Number(until);
}

export async function sweep() {
  for (const name of /** @type {const} */ (['session', 'until', 'task'])) keys.set(name, null);
  await forgetAll();
  await forgetSent();
}
