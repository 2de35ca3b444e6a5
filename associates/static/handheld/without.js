/** What can be had without the server, and what is said of what cannot, with what to do next. Pure. */

import { counting } from 'handheld/counting.js';
import { read } from 'handheld/judge.js';
import { atRest, shown } from 'handheld/shown.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {{path: string, body: Record<string, unknown>}} Act */

const CLAIM = /^tasks\/([^/]+)\/claim$/;
const SCREEN = /^tasks(?:\/([^/]+))?$/;
const COUNT = /^counts\/([^/?]+)(?:\/claim|\?scanned=(.*))$/;
export const LABELS = /\/labels/;
const COUNTER = /^counter\/([^/?]+)(?:\?number=(.*))?$/;
const PICKUP = /^[0-9A-HJKMNP-TV-Z]{8}$/; // as in `bopis/orders/numbers.py`
const LOOK_UP = /^counter\/(?:[^?]*\?scanned=)?([^/]+)$/;

/**
 * What to write down instead of asking: a task, or several, is free by what we know.
 *
 * @param {Package} pkg
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 * @returns {Act | null}
 */
export function taking(pkg, path, body) {
  /** @param {unknown} id */
  const known = (id) => pkg.tasks.find((task) => task.task_id === id);
  const one = known(CLAIM.exec(path)?.[1]);
  if (one !== undefined) return { path: `tasks/${one.task_id}/take`, body: { fence: one.fence } };
  const ids = path === 'waves' && Array.isArray(body?.['task_ids']) ? body['task_ids'] : [];
  const orders = ids.map(known).map((task) => task && { task_id: task.task_id, fence: task.fence });
  return orders.length > 0 && pkg.together !== null && orders.every(Boolean) ? { path: 'waves/take', body: { orders } } : null;
}

/**
 * The screen that the server would show; null: it alone knows.
 *
 * @param {Package} pkg
 * @param {string} path
 * @returns {Answer | null}
 */
export function screen(pkg, path) {
  const [, id = '', code = ''] = COUNT.exec(path) ?? [];
  const count = id === '' ? null : counting(pkg, id, decodeURIComponent(code));
  if (count !== null) return count.sure ? count.answer : { ...count.answer, message: stranger(t('Scan another one of it.')) };
  const [, pickup = '', number = ''] = COUNTER.exec(path) ?? [];
  if (pickup !== '') return atCounter(pkg, decodeURIComponent(pickup), decodeURIComponent(number));
  const at = SCREEN.exec(path);
  if (at === null) return null;
  const task = pkg.tasks.find((one) => one.task_id === at[1]);
  return task === undefined ? atRest(pkg, null) : shown(pkg, task, null);
}

/**
 * Somebody shows a pickup code, and nobody can say whose it is: by the number of the order, what is to
 * be fetched from where. Null: that is no such code, or nothing is ready.
 *
 * @param {Package} pkg
 * @param {string} code
 * @param {string} number Blank: not said yet.
 * @returns {Answer | null}
 */
function atCounter(pkg, code, number) {
  const meant = code.toUpperCase().replace(/[- ]/g, '').replace(/[IL]/g, '1').replaceAll('O', '0');
  if (!PICKUP.test(meant) || read(pkg, code, []).is === 'item' || pkg.ready.length === 0) return null;
  const one = pkg.ready.find((order) => order.number === number);
  if (one === undefined) return { next_state: 'counter', data: { code, ready: pkg.ready }, message: null };
  const look = t('the code cannot be checked without a connection');
  const places = one.places.map((label) => ({ code: '', label }));
  const bags = pkg.bagging.labels ? one.bags : [];
  const data = { number, first_name: null, places, items: [], bags, look, other: null, scanned: '', code, chosen: null, asks: null, unasked: true };
  return { next_state: 'counter', data, message: null };
}

/** @param {string} next @returns {Message} */
function stranger(next) {
  return { kind: 'wrong', text: `${t('We do not know this code here, and cannot ask without a connection.')} ${next}` };
}

/**
 * Why it has to wait, and what to do until then.
 *
 * @param {Package | null} pkg
 * @param {string} path
 * @returns {Message}
 */
export function waits(pkg, path) {
  const code = LOOK_UP.exec(path)?.[1];
  if (code !== undefined) return lookedUp(pkg, decodeURIComponent(code));
  if (LABELS.test(path)) {
    return { kind: 'info', text: t('Labels come when there is a connection again. Until then write on each bag the order’s number and its own.') };
  }
  return { kind: 'wrong', text: words(path) };
}

/** @param {string} path */
function words(path) {
  if (path.endsWith('/give-up')) return t('An order can be handed on only with a connection. Keep its tote until then.');
  if (/\/(ask|answer)$/.test(path)) return t('Nobody can be asked or answered without a connection. Talk to them, and go on.');
  if (path === 'sign-out') return t('Signing out needs a connection. What you scanned is kept: try again where there is one.');
  if (path === 'enrol') return t('Setting up needs a connection. Go to where there is one, and try again.');
  if (path === 'sign-in') return t('Signing in needs a connection. Go to where there is one, and try again.');
  return t('No connection. Try again in a moment.');
}


/** @param {Package | null} pkg @param {string} code @returns {Message} */
function lookedUp(pkg, code) {
  const reading = pkg === null ? null : read(pkg, code, []);
  if (reading?.is === 'item') return { kind: 'info', text: t('This is {name}.', { name: pkg?.items[reading.sku]?.name ?? reading.sku }) };
  if (reading?.is === 'bag') return { kind: 'info', text: t('This is bag {number} of order {order}.', { number: reading.number, order: reading.of.number }) };
  return stranger(t('Hand nothing over: go to where there is a connection, and scan it again.'));
}
