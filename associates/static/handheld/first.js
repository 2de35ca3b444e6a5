/**
 * The first screen, and what listens on it: it takes a badge or a PIN while the rest of the app is
 * still on its way, and whoever is signed in already sees where they were as soon as that is here.
 */

import { keys, server } from 'handheld/api.js';
import { draw } from 'handheld/frame.js';
import { settings } from 'handheld/hearing.js';
import { enrol, signIn, start } from 'handheld/screens/entry.js';
import { showState } from 'handheld/status.js';

/** @typedef {import('./types.js').Actions} Actions */
/** @typedef {typeof import('./app.js')} App */

const FRAME = 200; // ms: no frame may come at all, to a window that lies behind another
const AGAIN = 3000; // ms: how often the server is looked for while part of the app is missing

/** @type {Pick<Actions, 'ask' | 'settings'>} What is pressed before the rest is here waits for it. */
const actions = {
  ask: (path, body) => void app.then((it) => it.actions.ask(path, body)),
  settings: () => void app.then((it) => it.actions.settings()),
};

/** @returns {'enrol' | 'sign_in' | 'start'} */
function door() {
  if (!isSecureContext) return 'start';
  if (keys.get('device') === null) return 'enrol';
  return keys.get('session') === null ? 'sign_in' : 'start';
}

export const state = door();
/** @type {Promise<App>} */
const app = (state === 'start' ? rest() : painted().then(rest)).catch(missing);
if (state !== 'start') draw(state === 'enrol' ? enrol(actions) : signIn(actions), state, settings.textScanner);

/** The rest is not waited for: it comes once the first screen is to be seen, or could have been. */
async function painted() {
  await Promise.race([new Promise(requestAnimationFrame), new Promise((resolve) => setTimeout(resolve, FRAME))]);
  await breath();
}

/** Let in whatever else is due: a key, a frame. */
function breath() {
  return new Promise((resolve) => setTimeout(resolve));
}

/** One file after the other: a slow device takes a while to ask for them, and somebody types. @returns {Promise<App>} */
async function rest() {
  for (const link of document.querySelectorAll('link[rel="later"]')) {
    link.setAttribute('rel', 'modulepreload');
    if (state !== 'start' && document.visibilityState === 'visible') await breath(); // unseen, each takes a second
  }
  return import('handheld/app.js');
}

/**
 * The network went while the app came: say so, and start anew as soon as it is back. Nothing is lost,
 * for nothing could be scanned yet.
 *
 * @param {unknown} error
 * @returns {Promise<never>}
 */
async function missing(error) {
  console.warn(error);
  server.isReached = false;
  if (state === 'start') draw(start({ begin: () => location.reload() }), state, settings.textScanner);
  else showState();
  for (;;) {
    await new Promise((resolve) => {
      setTimeout(resolve, AGAIN);
      addEventListener('online', resolve);
    });
    try {
      if ((await fetch(location.href, { cache: 'no-store' })).ok) location.reload();
    } catch {
      // Not yet.
    }
  }
}
