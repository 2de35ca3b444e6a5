/** The handheld: listens, asks, renders what the server says comes next. */

import { ask, keys, Refusal } from 'handheld/api.js';
import { h, icon } from 'handheld/element.js';
import { flush, unsent, write } from 'handheld/log.js';
import { listenForText, Scanner } from 'handheld/scanner.js';
import { handOver, putBack } from 'handheld/screens/after.js';
import { enrol, signIn } from 'handheld/screens/entry.js';
import { pick, stage } from 'handheld/screens/pick.js';
import { settings as settingsScreen } from 'handheld/screens/settings.js';
import { counter, work } from 'handheld/screens/work.js';
import { quiet, signal } from 'handheld/signals.js';

/** @typedef {import('./types.js').Actions} Actions */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {import('./types.js').Scan} Scan */
/** @typedef {import('./types.js').Screen} Screen */
/** @typedef {import('./types.js').Settings} Settings */

const LOOK_AGAIN = 15_000; // ms: how often the list of what is due is read anew

/** @type {Answer} */
let answer = { next_state: 'enrol', data: {}, message: null };
/** @type {Screen | null} */
let over = null;
/** @type {Settings} */
let chosen = {
  sound: true,
  buzz: true,
  textScanner: false,
  ...JSON.parse(localStorage.getItem('handheld.settings') ?? '{}'),
};
/** @type {'list' | 'counter' | 'put_back'} */
let view = 'list';
let asking = false;

/** @param {string} id */
function at(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** @returns {Screen} */
function current() {
  switch (answer.next_state) {
    case 'enrol':
      return enrol(actions);
    case 'sign_in':
      return signIn(actions);
    case 'walk':
      return pick(answer.data, actions);
    case 'stage':
      return stage(answer.data, actions);
    case 'counter':
      return answer.data.number === undefined ? counter(actions) : handOver(answer.data, actions);
    default:
      return atRest(answer.data);
  }
}

/**
 * The screens that need no task in hand.
 *
 * @param {import('./types.js').TasksData} data
 */
function atRest(data) {
  const [duty] = data.put_backs;
  if (view === 'counter') return counter(actions);
  if (view === 'put_back' && duty !== undefined) {
    return putBack(duty, data.put_backs.length, actions);
  }
  return work(data, actions);
}

/** @type {Screen | null} */
let shown = null;

function render() {
  const screen = over ?? current();
  const isNew = shown === null || shown.title !== screen.title;
  shown = screen;
  document.title = `${screen.title} · handheld`;
  at('top').replaceChildren(...screen.top);
  at('screen').replaceChildren(...screen.main);
  at('thumb').replaceChildren(...screen.thumb);
  at('thumb').hidden = screen.thumb.length === 0;
  document.body.dataset['state'] = over === null ? answer.next_state : 'sheet';
  showUnsent();
  if (isNew) focus();
}

/** Put the focus where a screen reader starts to read, or where text scanners write. */
function focus() {
  const wanted = document.querySelector('[data-focus]') ?? document.querySelector('h1');
  if (chosen.textScanner && !(wanted instanceof HTMLInputElement)) {
    at('wedge').focus({ preventScroll: true });
  } else if (wanted instanceof HTMLElement) {
    if (!(wanted instanceof HTMLInputElement)) wanted.tabIndex = -1;
    wanted.focus({ preventScroll: true });
  }
}

function showUnsent() {
  const waiting = unsent();
  const line = at('unsent');
  line.hidden = waiting === 0;
  const words = waiting === 1 ? '1 scan not yet sent' : `${waiting} scans not yet sent`;
  line.replaceChildren(icon('unsent'), h('span', {}, words));
}

/** @param {Answer} next */
function take(next) {
  if (next.next_state === 'sign_in') {
    if (next.data.device_token !== undefined) keys.set('device', next.data.device_token);
    if (next.data.store !== undefined) keys.set('store', next.data.store);
    keys.set('session', null);
  }
  const isList = ['tasks', 'staged', 'done'].includes(next.next_state);
  if ('session' in next.data && next.data.session !== undefined) keys.set('session', next.data.session);
  keys.set('task', 'task_id' in next.data ? next.data.task_id : null);
  if (!isList) view = 'list';
  const isWhole = !isList || 'tasks' in next.data;
  if (isWhole) answer = next;
  else queueMicrotask(() => void go('tasks'));
  render();
  if (next.message !== null) signal(next.message, chosen);
}

/** @param {Problem} problem */
function refuse(problem) {
  over = null;
  signal({ kind: 'wrong', text: problem.detail }, chosen);
  if (problem.type.endsWith(':device-unknown')) {
    keys.set('device', null);
    keys.set('session', null);
    take({ next_state: 'enrol', data: {}, message: null });
  } else if (problem.type.endsWith(':signed-out')) {
    take({ next_state: 'sign_in', data: {}, message: null });
  }
}

/**
 * Ask, and show the answer; a second tap while the first is under way does nothing.
 *
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 */
async function go(path, body) {
  if (asking) return;
  asking = true;
  document.body.setAttribute('aria-busy', 'true');
  try {
    take(await ask(path, body));
  } catch (error) {
    if (error instanceof Refusal) refuse(error.problem);
    else signal({ kind: 'wrong', text: 'No connection. Try again in a moment.' }, chosen);
  } finally {
    asking = false;
    document.body.removeAttribute('aria-busy');
  }
}

const listener = {
  /** @param {Answer} next @param {boolean} isLast */
  answered: (next, isLast) => {
    if (isLast) take(next);
    else if (next.message !== null) signal(next.message, chosen);
    showUnsent();
  },
  refused: (/** @type {Problem} */ problem) => {
    refuse(problem);
    if (problem.status !== 401) void go('tasks');
  },
  changed: showUnsent,
};

/** @type {Actions} */
const actions = {
  ask: (path, body) => void go(path, body),
  log: (path, body) => {
    write(path, body);
    showUnsent();
    void flush(listener);
  },
  view: (chosenView) => {
    view = chosenView;
    render();
  },
  sheet: (screen) => {
    over = screen;
    render();
  },
  configure: (settings) => {
    chosen = settings;
    localStorage.setItem('handheld.settings', JSON.stringify(settings));
  },
  settings: () => {
    over = settingsScreen(chosen, actions, keys.get('session') !== null);
    render();
  },
  signOut: () => {
    over = null;
    void go('sign-out', {});
  },
};

/** @param {Scan} scan */
function heard(scan) {
  quiet();
  shown?.scanned?.(scan);
}

const scanner = new Scanner(heard);
scanner.listen(document);
listenForText(/** @type {HTMLInputElement} */ (at('wedge')), scanner);

addEventListener('online', () => void flush(listener));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void flush(listener);
});
setInterval(() => {
  const idle = ['tasks', 'staged', 'done'].includes(answer.next_state) && unsent() === 0;
  if (idle && over === null && document.visibilityState === 'visible') void go('tasks');
}, LOOK_AGAIN);

/** A reload carries on where the person was. */
async function begin() {
  if (keys.get('device') === null) return render();
  if (keys.get('session') === null) return take({ next_state: 'sign_in', data: {}, message: null });
  await flush(listener);
  const task = keys.get('task');
  await go(task === null ? 'tasks' : `tasks/${task}`);
}

void begin();
