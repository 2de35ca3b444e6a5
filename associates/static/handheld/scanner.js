/**
 * One ear for every scanner that acts as a keyboard. It needs no focused field: a burst of keys
 * less than 50 ms apart that ends in Enter or Tab is a scan; anything slower is a person typing.
 */

/** @typedef {import('./types.js').Scan} Scan */

const MAX_GAP = 50; // ms between two keys of one scan; people need about twice as long
const MIN_LENGTH = 3;
const MAX_LENGTH = 4096; // what is longer is sent cut: the server says that it is no code
const SAME_WITHIN = 250; // ms: one beam reported twice (keys and text, or a bouncing trigger)

/**
 * Return the characters of one key; a barcode may hold control characters, which arrive as Ctrl
 * and a letter (GS is Ctrl+]).
 *
 * @param {KeyboardEvent} event
 */
function character(event) {
  if (event.key.length !== 1) return '';
  if (!event.ctrlKey) return event.key;
  return String.fromCharCode(event.key.toUpperCase().charCodeAt(0) & 0x1f);
}

export class Scanner {
  #buffer = '';
  #last = 0;
  #slowest = 0;
  #before = '';
  /** @type {Scan | null} */
  #heard = null;
  /** @type {(scan: Scan) => void} */
  #tell;

  /** @param {(scan: Scan) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {Document} page */
  listen(page) {
    page.addEventListener('keydown', (event) => this.key(event), { capture: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing || event.repeat || event.metaKey || event.altKey) return;
    const gap = event.timeStamp - this.#last;
    const inBurst = this.#buffer !== '' && gap < MAX_GAP;
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (inBurst && this.#buffer.length >= MIN_LENGTH) {
        // The burst was a scan: Enter must not press the button that happens to have the focus,
        // nor may the characters stay in the field that happened to have it.
        event.preventDefault();
        event.stopImmediatePropagation();
        this.#restore(event.target);
        this.hear(this.#buffer, 'keys', event.timeStamp, this.#slowest);
      }
      this.#buffer = '';
      return;
    }
    const letter = character(event);
    if (letter === '') return; // Shift and its kin
    if (!inBurst) {
      if (event.ctrlKey) return; // a person's shortcut
      this.#buffer = '';
      this.#slowest = 0;
      this.#before = event.target instanceof HTMLInputElement ? event.target.value : '';
    } else {
      this.#slowest = Math.max(this.#slowest, gap);
      // No barcode may press a button (space) or reach the browser's own shortcuts.
      if (event.ctrlKey || !(event.target instanceof HTMLInputElement)) event.preventDefault();
    }
    this.#last = event.timeStamp;
    if (this.#buffer.length < MAX_LENGTH) this.#buffer += letter;
  }

  /**
   * Take in one whole code, however it came.
   *
   * @param {string} code
   * @param {Scan['source']} source
   * @param {number} [at] When it came, in ms since the page was opened.
   * @param {number} [gap] The longest pause between two keys, in ms.
   */
  hear(code, source, at = performance.now(), gap = 0) {
    const before = this.#heard;
    if (before !== null && before.code === code && at - before.at < SAME_WITHIN) return;
    this.#heard = { code, source, at, gap: Math.round(gap) };
    this.#tell(this.#heard);
  }

  /** @param {EventTarget | null} target */
  #restore(target) {
    if (target instanceof HTMLInputElement) target.value = this.#before;
  }
}

/**
 * Read scanners that hand over text instead of keys (some on Android do, through the keyboard
 * app): a field that keeps the focus but never opens the on-screen keyboard.
 *
 * @param {HTMLInputElement} field
 * @param {Scanner} scanner
 */
export function listenForText(field, scanner) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const take = () => {
    const code = field.value.replace(/[\r\n\t]+$/, '');
    field.value = '';
    if (code.length >= MIN_LENGTH) scanner.hear(code, 'text');
  };
  field.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(take, 2 * MAX_GAP);
  });
}

/**
 * Show control characters, so that a person can see what a scanner really sends.
 *
 * @param {string} code
 */
export function visible(code) {
  return [...code]
    .map((letter) => (letter < ' ' ? String.fromCodePoint(0x2400 + letter.charCodeAt(0)) : letter))
    .join('');
}
