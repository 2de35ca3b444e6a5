/**
 * The camera as a scanner, for a device that has no other. It is asked for by a tap alone, looks
 * only while its screen is shown, and sends no picture anywhere.
 */

import { button, h, icon } from 'handheld/element.js';
import { t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Scan} Scan */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {{rawValue: string, format: string}} Seen */
/** @typedef {{detect: (image: HTMLVideoElement) => Promise<Seen[]>}} Detector */
/** @typedef {{new (how: {formats: string[]}): Detector, getSupportedFormats: () => Promise<string[]>}} Detectors */

const OURS = new Set(['ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf', 'code_128', 'code_39', 'data_matrix', 'qr_code']);
const PAUSE = 120; // ms between two looks: fast enough, and the battery lasts

/** @returns {Detectors | undefined} Some browsers have none: all on iOS, most on desks. */
function detectors() {
  return /** @type {{BarcodeDetector?: Detectors}} */ (globalThis).BarcodeDetector;
}

/** @returns {boolean} Whether there is a use in offering it. */
export function canSee() {
  return detectors() !== undefined && 'mediaDevices' in navigator;
}

/** @param {unknown} error */
function whyNot(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return t('The camera is not allowed for this page. Allow it in the settings of the browser, or type the code.');
  if (name === 'NotFoundError') return t('This device has no camera that looks outward. Type the code.');
  return t('The camera cannot be used just now. Another app may have it. Close that one, or type the code.');
}

/** @returns {Promise<Detector | null>} */
async function aDetector() {
  const Detectors = detectors();
  if (Detectors === undefined) return null;
  const formats = (await Detectors.getSupportedFormats()).filter((format) => OURS.has(format));
  return formats.length === 0 ? null : new Detectors({ formats });
}

/**
 * Look until the screen is gone; a code counts when it is read twice in a row, as a camera misreads.
 *
 * @param {HTMLVideoElement} video
 * @param {Detector} detector
 * @param {(seen: Seen) => void} found
 */
async function look(video, detector, found) {
  let before = '';
  while (video.isConnected && video.srcObject !== null) {
    const [seen] = await detector.detect(video).catch(() => []);
    if (seen !== undefined && seen.rawValue === before && video.isConnected) found(seen);
    before = seen?.rawValue ?? '';
    await new Promise((resume) => setTimeout(resume, seen !== undefined && before === '' ? 0 : PAUSE));
  }
  stop(video);
}

/** @param {HTMLVideoElement} video */
function stop(video) {
  if (video.srcObject instanceof MediaStream) video.srcObject.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

/**
 * A lamp, where the camera has one.
 *
 * @param {MediaStream} stream
 */
function torch(stream) {
  const [track] = stream.getVideoTracks();
  const can = /** @type {{torch?: boolean} | undefined} */ (track?.getCapabilities?.());
  if (track === undefined || can?.torch !== true) return null;
  let isOn = false;
  const lamp = button(t('Light on'), 'info', () => {
    isOn = !isOn;
    void track.applyConstraints(/** @type {object} */ ({ advanced: [{ torch: isOn }] })).catch(() => lamp.remove());
    const word = lamp.querySelector('span');
    if (word !== null) word.textContent = isOn ? t('Light off') : t('Light on');
  }, 'quietly');
  return lamp;
}

/**
 * @param {Actions} actions
 * @param {(scan: Scan) => void} scanned What a code does that was seen, or scanned after all.
 * @param {() => void} [leave]
 * @returns {Screen}
 */
export function camera(actions, scanned, leave = () => actions.sheet(null)) {
  const says = h('p', { role: 'status' }, t('Starting the camera.'));
  const video = h('video', { class: 'camera', muted: true, playsinline: true, hidden: true, 'aria-label': t('What the camera sees') });
  const more = h('div', {});
  /** @param {string} words */
  const ended = (words) => {
    stop(video);
    video.hidden = true;
    says.textContent = words;
    more.replaceChildren(button(t('Start the camera'), 'scan', () => void start(), 'quietly'));
  };
  const hidden = () => {
    if (!document.hidden) return;
    document.removeEventListener('visibilitychange', hidden);
    ended(t('The camera is off, because this page was not in view.'));
  };
  const start = async () => {
    more.replaceChildren();
    const detector = await aDetector().catch(() => null);
    if (detector === null) {
      says.textContent = t('This browser cannot read codes with the camera. Type the code instead, or use a scanner.');
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false });
      video.srcObject = stream;
      if (!video.isConnected) return stop(video);
      video.hidden = false;
      video.play().catch(() => undefined); // it goes on as soon as there is a picture
      says.textContent = t('Hold the code in view, about a hand away.');
      const lamp = torch(stream);
      if (lamp !== null) more.replaceChildren(lamp);
      document.addEventListener('visibilitychange', hidden);
      await look(video, detector, (seen) => actions.seen(seen.rawValue, seen.format));
      document.removeEventListener('visibilitychange', hidden);
    } catch (error) {
      ended(whyNot(error));
    }
  };
  setTimeout(() => void start()); // once this screen is shown
  return {
    title: t('Scan with the camera'),
    top: [h('button', { type: 'button', class: 'plain', 'aria-label': t('Back'), click: leave }, icon('back')), h('p', {}, t('Camera'))],
    main: [h('h1', {}, t('Scan with the camera')), says, video, more],
    thumb: [],
    scanned,
  };
}
