/**
 * One door for every scanner, whatever it takes itself for: a keyboard (a burst of keys less than
 * 50 ms apart that ends in Enter or Tab is a scan; anything slower is a person typing), an input
 * method that hands over whole texts, an app around this page, or the camera. It needs no focused
 * field, and nothing that a barcode can hold presses a button, stays in a field, or reaches the
 * browser.
 */

import { frame } from 'handheld/framing.js';
import { GS } from 'handheld/gs1.js';

/** @typedef {import('./types.js').Scan} Scan */
/** @typedef {import('./types.js').Wedge} Wedge */

const MIN_LENGTH = 3;
const MAX_LENGTH = 600; // what is longer is no code: it is cut, and refused as too long
const SAME_WITHIN = 250; // ms: one beam reported twice by one door (a bouncing trigger)
const SAME_ELSEWHERE = 1000; // ms: the same by two doors (as keys, and through the app around us)
const UNMISTAKABLE = 6; // keys so fast that no person typed them, even without Enter after them
const SILENCE = 4; // gaps without a key: whatever it was is over
const ENLARGES = /^[0-9+=-]$/; // with Ctrl: no barcode can say those
const EDITS = /^[acvxyz]$/i; // with Ctrl, in a field
const SILENT = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'Fn', 'Unidentified', 'Process', 'Dead']);
const OF_THE_BROWSER = new Set(['F1', 'F2', 'F3', 'F4', 'F6', 'F7', 'F8', 'F9', 'F10', 'BrowserBack', 'BrowserSearch']);

/**
 * The character of one key. A barcode may hold control characters, which arrive as Ctrl and a
 * letter (GS is Ctrl+]) or as keys of their own: Escape, Backspace, arrows. No code of ours has those.
 *
 * @param {KeyboardEvent} event
 * @param {Wedge} how
 */
function character(event, how) {
  if (event.key === how.gs) return how.gs.length > 1 ? GS : how.gs;
  if (event.key.length > 1) return { Escape: '\x1b', Backspace: '\b', Delete: '\x7f' }[event.key] ?? '\0';
  if (!event.ctrlKey) return event.key;
  return String.fromCharCode(event.key.toUpperCase().charCodeAt(0) & 0x1f);
}

/** @param {EventTarget | null} target @returns {target is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
function isField(target) {
  return target !== null && 'value' in target && 'form' in target && !(target instanceof HTMLButtonElement);
}

export class Scanner {
  #buffer = '';
  #last = 0;
  #slowest = 0;
  /** What had the focus when a burst began, and what was in it. @type {{target: EventTarget | null, value: string}} */
  #before = { target: null, value: '' };
  /** What waits for silence: the end of a scan, or a key that only a person may press. @type {(() => void) | null} */
  #waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isOurs = false; // the event under way is one of our own making
  /** @type {{code: string, source: Scan['source'], at: number} | null} */
  #heard = null;
  /** @type {(scan: Scan) => void} */
  #tell;
  /** @type {() => Wedge} */
  #how;

  /** @param {(scan: Scan) => void} tell @param {() => Wedge} how What this device's scanner adds. */
  constructor(tell, how) {
    this.#tell = tell;
    this.#how = how;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.#isOurs || event.isComposing || event.repeat || event.metaKey) return;
    const { gap: most } = this.#how();
    const gap = event.timeStamp - this.#last;
    const isPart = gap >= 0 && gap < most;
    if (!isPart) this.#settle();
    const inBurst = isPart && this.#buffer !== '';
    if (SILENT.has(event.key) || event.altKey) {
      if (inBurst && event.altKey) event.preventDefault();
      return;
    }
    this.#slowest = inBurst ? Math.max(this.#slowest, gap) : 0;
    if (inBurst && (event.key === 'Enter' || event.key === 'Tab')) this.#ends(event);
    else if (inBurst) this.#goesOn(event);
    else this.#begins(event);
    this.#last = event.timeStamp;
  }

  /** @param {KeyboardEvent} event */
  #begins(event) {
    const target = event.target;
    this.#buffer = '';
    this.#before = { target, value: isField(target) ? target.value : '' };
    if (event.key === 'Enter' || event.key === ' ' || event.key === 'Escape') {
      this.#hold(event);
    } else if (OF_THE_BROWSER.has(event.key) || (event.ctrlKey && !this.#isEditing(event))) {
      event.preventDefault(); // a barcode could press it, and a person has no need of it here
    }
    if (event.key === 'Enter') this.#buffer = '\r';
    else if (event.key === 'Tab') this.#buffer = '\t';
    else if (event.key.length === 1 || event.key === 'Escape' || event.key === this.#how().gs) {
      this.#buffer = character(event, this.#how());
    }
  }

  /** @param {KeyboardEvent} event */
  #isEditing(event) {
    return ENLARGES.test(event.key) || (isField(event.target) && EDITS.test(event.key));
  }

  /** @param {KeyboardEvent} event */
  #goesOn(event) {
    clearTimeout(this.#timer); // what seemed the end, or a person's key, was part of a code
    this.#waiting = null;
    // Letters may go into a field until we know: a person can type two as fast as that.
    const isTyped = isField(event.target) && event.key.length === 1 && !event.ctrlKey;
    if (!isTyped) swallow(event);
    if (this.#buffer.length < MAX_LENGTH) this.#buffer += character(event, this.#how());
    if (this.#hasEnd() || this.#buffer.length >= UNMISTAKABLE) this.#wait(() => this.#endsInSilence(), SILENCE);
  }

  /**
   * Enter after a burst: it was a scan, so Enter presses nothing. Should more keys follow at once,
   * the Enter was in the barcode, and no code of ours has that.
   *
   * @param {KeyboardEvent} event
   */
  #ends(event) {
    const [buffer, gap, at, end] = [this.#buffer, this.#slowest, event.timeStamp, event.key];
    this.#buffer += '\r';
    if (buffer.replace(/^[\r\t]+/, '').length < MIN_LENGTH) return this.#hold(event);
    swallow(event);
    this.#wait(() => {
      this.#restore();
      this.hear(buffer, 'keys', { at, gap, end });
    });
  }

  #hasEnd() {
    return this.#buffer.lastIndexOf('\r') > 0;
  }

  #endsInSilence() {
    const isAll = this.#how().ends === 'pause' || this.#hasEnd();
    if (isAll) this.#restore();
    const [buffer, gap, at] = [this.#buffer, this.#slowest, this.#last];
    this.hear(buffer, 'keys', { at, gap, invalid: isAll ? null : 'unfinished' });
  }

  /** Hold a key back for as long as it may be the first of a scan. @param {KeyboardEvent} event */
  #hold(event) {
    if (event.key === 'Tab') return; // only the browser can do what that does
    const target = event.target instanceof Element ? event.target : null;
    const pressed = target?.closest('button, a[href], summary, input[type=checkbox], input[type=radio]');
    const form = isField(target) && event.key === 'Enter' ? target.form : null;
    /** @type {(() => void) | null} */
    let act = null;
    if (event.key === 'Escape') {
      const again = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
      act = () => (target ?? document).dispatchEvent(again);
    } else if (pressed instanceof HTMLElement && !(event.key === 'Enter' && pressed.matches('input'))) {
      act = () => pressed.click();
    } else if (form !== null) act = () => form.requestSubmit();
    if (act === null) return;
    swallow(event);
    const later = act;
    this.#wait(() => {
      this.#isOurs = true;
      later();
      this.#isOurs = false;
    });
  }

  /** @param {() => void} act @param {number} [gaps] */
  #wait(act, gaps = 1) {
    clearTimeout(this.#timer);
    this.#waiting = act;
    this.#timer = setTimeout(() => this.#settle(), gaps * this.#how().gap);
  }

  /**
   * No more keys came: do what waited for that. What was gathered stays: on a busy device the clock
   * may run out before keys that were pressed in time.
   */
  #settle() {
    clearTimeout(this.#timer);
    const act = this.#waiting;
    this.#waiting = null;
    act?.();
  }

  /** Put the field back as it was, and the focus where it was. */
  #restore() {
    const { target, value } = this.#before;
    if (isField(target) && target.value !== value) target.value = value;
    if (this.#buffer.startsWith('\t') && target instanceof HTMLElement) target.focus({ preventScroll: true });
  }

  /**
   * Take in one whole code, however it came.
   *
   * @param {string} raw
   * @param {Scan['source']} source
   * @param {{at?: number, gap?: number, end?: string, aim?: string | null, invalid?: Scan['invalid']}} [how]
   *   When it came, in ms since the page was opened; the longest pause between two keys; what came last.
   */
  hear(raw, source, { at = performance.now(), gap = 0, end = '', aim = null, invalid = null } = {}) {
    const framed = frame(raw, this.#how(), aim);
    const before = this.#heard;
    if (before !== null && before.code === framed.code) {
      if (at - before.at < (before.source === source ? SAME_WITHIN : SAME_ELSEWHERE)) return;
    }
    // What seemed unfinished was no scan: should its last key be late, the whole is heard after it.
    if (invalid !== 'unfinished') this.#heard = { code: framed.code, source, at };
    this.#tell({ ...framed, raw, source, at, gap: Math.round(gap), end, invalid: invalid ?? framed.invalid });
  }
}

/** @param {Event} event */
function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
