/** Tell a person in a noisy room what happened: a word, an icon, a tone and a buzz, never one alone. */

import { h, icon } from 'handheld/element.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Settings} Settings */

const FLASH = 400; // ms: long enough to see at arm's length, short enough for the next scan

/**
 * Told apart by eye, by ear and by hand: rising, falling and one even tone; a short, a long double
 * and a very short buzz; a tick, a cross and an i.
 *
 * @type {Record<Message['kind'], {tones: number[], buzz: number[], picture: 'check' | 'cross' | 'info'}>}
 */
export const KINDS = {
  good: { tones: [880, 1320], buzz: [60], picture: 'check' },
  wrong: { tones: [220, 165], buzz: [200, 80, 200], picture: 'cross' },
  info: { tones: [587], buzz: [25], picture: 'info' },
};

/** @type {AudioContext | null} */
let audio = null;

/** @returns {boolean} Whether this device has anything to buzz with. */
export function canBuzz() {
  return 'vibrate' in navigator;
}

/**
 * Tone and buzz. A device that refuses either, for want of a loudspeaker or of leave, still shows.
 *
 * @param {Message['kind']} kind
 * @param {Pick<Settings, 'sound' | 'buzz'>} settings
 */
export function sound(kind, settings) {
  const { tones, buzz } = KINDS[kind];
  try {
    // A browser lets no page buzz that nobody has tapped yet, and says so in its console.
    if (settings.buzz && canBuzz() && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate(buzz);
    if (settings.sound) play(tones);
  } catch {
    audio = null; // another one is tried next time
  }
}

/** @param {number[]} tones Hertz, one after the other, a tenth of a second each. */
function play(tones) {
  audio ??= new AudioContext();
  void audio.resume();
  const start = audio.currentTime;
  tones.forEach((tone, index) => {
    if (audio === null) return;
    const sound = new OscillatorNode(audio, { type: 'square', frequency: tone });
    const volume = new GainNode(audio, { gain: 0.15 });
    sound.connect(volume).connect(audio.destination);
    sound.start(start + index * 0.1);
    sound.stop(start + index * 0.1 + 0.09);
  });
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;
/** @type {Element | null} What had the focus before a message took it. */
let held = null;

/** @returns {boolean} Whether a message waits to be seen. */
export function isWaiting() {
  const banner = element('banner');
  return !banner.hidden && banner.className === 'wrong';
}

/**
 * Show a message. Good news goes by itself; wrong ones stay until the next scan or a tap.
 *
 * @param {Message} message
 * @param {Settings} settings
 */
export function signal(message, settings) {
  sound(message.kind, settings);
  const text = h('p', {}, message.text);
  element(message.kind === 'wrong' ? 'alarm' : 'news').textContent = message.text;
  element(message.kind === 'wrong' ? 'news' : 'alarm').textContent = '';

  const banner = element('banner');
  clearTimeout(fading);
  banner.className = message.kind;
  banner.replaceChildren(icon(KINDS[message.kind].picture), text);
  banner.hidden = false;
  if (message.kind === 'wrong') {
    const seen = h('button', { type: 'button', click: quiet }, t('Got it'));
    banner.append(seen);
    held = document.activeElement;
    if (!settings.textScanner) seen.focus({ preventScroll: true });
  } else {
    fading = setTimeout(quiet, message.kind === 'good' ? FLASH : 8 * FLASH);
  }
}

export function quiet() {
  clearTimeout(fading);
  const banner = element('banner');
  const hadFocus = banner.contains(document.activeElement);
  banner.hidden = true;
  if (hadFocus && held instanceof HTMLElement && held.isConnected) held.focus({ preventScroll: true });
  held = null;
}
