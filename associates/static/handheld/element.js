/** Build DOM nodes without a string of markup in sight: what the server sends is only ever text. */

/** @typedef {Node | string | number | null | false | undefined} Child */
/** @typedef {Record<string, string | number | boolean | null | ((event: Event) => void)>} Attributes */

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes] A function is a listener, under the name of its event.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  dress(element, attributes);
  if (tag === 'h1') element.tabIndex = -1; // where a screen reader begins, again after each drawing
  for (const child of children) {
    if (child !== null && child !== false && child !== undefined) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Attributes} attributes
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  dress(element, attributes);
  for (const child of children) {
    if (child !== null && child !== false && child !== undefined) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Our own drawings: 24 px grid, 2 px stroke. */
const PATHS = {
  check: 'M4 13l5 5L20 6',
  cross: 'M6 6l12 12M18 6L6 18',
  info: 'M12 3a9 9 0 1 0 .01 0M12 11v6M12 7v.5',
  map: 'M9 4L3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14',
  clock: 'M12 3a9 9 0 1 0 .01 0M12 7v5l3 2',
  many: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  lock: 'M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3M12 15v2',
  missing: 'M10 3a7 7 0 1 0 .01 0M15.2 15.2L21 21M7.5 7.5l5 5M12.5 7.5l-5 5',
  skip: 'M5 6l7 6-7 6zM18 6v12',
  undo: 'M9 6L4 11l5 5M4 11h10a5 5 0 0 1 0 10h-2',
  back: 'M15 5l-7 7 7 7',
  gear: 'M12 9a3 3 0 1 0 .01 0M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1',
  bag: 'M5 9h14l-1 12H6zM9 9V7a3 3 0 0 1 6 0v2',
  person: 'M12 4a4 4 0 1 0 .01 0M4 21c0-5 4-7 8-7s8 2 8 7',
  keys: 'M3 7h18v10H3zM7 11h.5M11.8 11h.5M16.5 11h.5M8 14h8',
  unsent: 'M12 20V9M7 13l5-5 5 5M5 4h14',
  shelf: 'M4 4v17M20 4v17M4 10h16M4 17h16M8 6v4M13 13v4',
  print: 'M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 9v6M12 9v6M16 9v6',
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement} Silent to a screen reader: it always stands beside its word.
 */
export function icon(name) {
  const path = svg('path', { d: PATHS[name] });
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, path);
}

/**
 * @param {string} text
 * @param {keyof typeof PATHS} picture
 * @param {() => void} pressed
 * @param {string} [look]
 * @param {boolean} [disabled]
 */
export function button(text, picture, pressed, look = '', disabled = false) {
  return h(
    'button',
    { type: 'button', class: look, disabled, click: pressed },
    icon(picture),
    h('span', {}, text),
  );
}
