/** The handheld: listens, asks, renders what the server says comes next. */

import { ask, keys, Refusal, server } from 'handheld/api.js';
import { h, icon } from 'handheld/element.js';
import { flush, unsent, waited, write } from 'handheld/log.js';
import { listenForText, Scanner } from 'handheld/scanner.js';
import { labels } from 'handheld/screens/bags.js';
import { counter, handOver } from 'handheld/screens/counter.js';
import { count, howMany, toCount } from 'handheld/screens/count.js';
import { enrol, signIn, start } from 'handheld/screens/entry.js';
import { chosen } from 'handheld/screens/not_here.js';
import { pick, stage, zeroCheck } from 'handheld/screens/pick.js';
import { putBack } from 'handheld/screens/put_back.js';
import { settings as settingsScreen } from 'handheld/screens/settings.js';
import { between, taken } from 'handheld/screens/taken.js';
import { work } from 'handheld/screens/work.js';
import { isWaiting, quiet, signal } from 'handheld/signals.js';

/** @typedef {import('./types.js').Actions} Actions */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {import('./types.js').Scan} Scan */
/** @typedef {import('./types.js').Screen} Screen */
/** @typedef {import('./types.js').Settings} Settings */

const LOOK_AGAIN = 15_000; // ms: how often the list of what is due is read anew
const LOOK_SOON = 3000; // ms: the same, while the server cannot be reached
const PATIENCE = 1000; // ms: whoever waits longer is told so

/** @type {Answer} */
let answer = { next_state: 'start', data: {}, message: null };
/** @type {Answer | null} The list as it was last read: where one goes back to, network or not. */
let list = null;
/** @type {Screen | null} */
let over = null;
/** @type {Settings} */
let settings = {
  sound: true,
  buzz: true,
  textScanner: false,
  ...JSON.parse(localStorage.getItem('handheld.settings') ?? '{}'),
};
/** @type {'list' | 'counter' | 'put_back' | 'counts'} */
let view = 'list';
let turn = 0; // which of the things to put back
let askedAt = 0; // ms; 0: nothing is being asked

/** @param {string} id */
function at(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** @param {Answer} one */
function isList(one) {
  return one.next_state === 'tasks' || one.next_state === 'staged';
}

/** @returns {Screen} */
function current() {
  switch (answer.next_state) {
    case 'start':
      return start(actions);
    case 'enrol':
      return enrol(actions);
    case 'sign_in':
      return signIn(actions);
    case 'taken':
      return taken(answer.data, actions);
    case 'walk':
      return pick(answer.data, actions);
    case 'stage':
      return stage(answer.data, actions);
    case 'labels':
      return labels(answer.data, actions);
    case 'count':
      return count(answer.data, actions);
    case 'counter':
      return 'number' in answer.data ? handOver(answer.data, actions) : counter(actions);
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
  const left = data.put_backs.length;
  const duty = data.put_backs[turn % Math.max(left, 1)];
  if (view === 'counter') return counter(actions);
  if (view === 'put_back' && duty !== undefined) return putBack(duty, left, actions);
  if (view === 'counts') return toCount(data.counts, actions);
  return work(data, actions);
}

/** @type {Screen | null} */
let shown = null;

function render() {
  const screen = over ?? current();
  const isNew = shown === null || shown.title !== screen.title;
  const before = document.activeElement;
  document.title = `${screen.title} · handheld`;
  if (screen !== shown) {
    at('top').replaceChildren(...screen.top);
    at('screen').replaceChildren(...screen.main);
    at('thumb').replaceChildren(...screen.thumb);
  }
  shown = screen;
  at('thumb').hidden = screen.thumb.length === 0;
  document.body.dataset['state'] = over === null ? answer.next_state : 'sheet';
  showState();
  const again = before !== null && !before.isConnected && before.id !== '' ? document.getElementById(before.id) : null;
  if (again !== null) again.focus({ preventScroll: true });
  else if (isNew) focus();
}

/** Put the focus where a screen reader starts to read, or where text scanners write. */
function focus() {
  const wanted = document.querySelector('[data-focus]') ?? document.querySelector('h1');
  if (settings.textScanner && !(wanted instanceof HTMLInputElement)) {
    at('wedge').focus({ preventScroll: true });
  } else if (wanted instanceof HTMLElement) {
    if (!(wanted instanceof HTMLInputElement)) wanted.tabIndex = -1;
    wanted.focus({ preventScroll: true });
  }
}

/** Say what waits, and for what; while all goes well there is nothing to say. */
function showState() {
  const waiting = unsent();
  const isSlow = waited() >= PATIENCE || (askedAt > 0 && performance.now() - askedAt >= PATIENCE);
  const words = [];
  if (!server.isReached) words.push('No connection');
  else if (isSlow && waiting === 0) words.push('Waiting for the server');
  if (waiting > 0 && (isSlow || !server.isReached)) {
    words.push(waiting === 1 ? '1 scan not yet sent' : `${waiting} scans not yet sent`);
  }
  const text = words.join(' · ');
  const line = at('state');
  if (line.textContent === text) return;
  line.hidden = text === '';
  line.replaceChildren(...(text === '' ? [] : [icon('unsent'), h('span', {}, text)]));
}

function showStateSoon() {
  showState();
  setTimeout(showState, PATIENCE + 50);
}

/** @param {Answer} next */
function take(next) {
  const isSame = isList(next) && JSON.stringify(next.data) === JSON.stringify(answer.data);
  if (next.next_state === 'sign_in') {
    if (next.data.device_token !== undefined) keys.set('device', next.data.device_token);
    if (next.data.store !== undefined) keys.set('store', next.data.store);
    keys.set('session', null);
  }
  if ('session' in next.data && next.data.session !== undefined) {
    keys.set('session', next.data.session);
    void flush(listener); // what the last one who was signed in left unsent
  }
  keys.set('task', 'task_id' in next.data ? next.data.task_id : null);
  if (isList(next)) list = next;
  else view = 'list';
  answer = next;
  if ('chosen' in next.data && next.data.chosen !== null) over = chosen(next.data, actions);
  if (next.next_state === 'count' && next.data.scanned !== '') over = howMany(next.data, next.data.scanned, null, actions);
  if ((next.next_state === 'walk' || next.next_state === 'stage') && next.data.question !== null) {
    over = zeroCheck(next.data, next.data.question, current().scanned, actions);
  }
  if (next.next_state === 'walk' || next.next_state === 'stage') {
    over = between(next.data, current().scanned, actions) ?? over;
  }
  if (!isSame) render();
  if (next.message !== null) signal(next.message, settings);
}

/** @param {Problem} problem */
function refuse(problem) {
  if (over !== null) actions.sheet(null);
  const isOurs = problem.type.endsWith(':request-invalid');
  const text = isOurs ? 'The server could not read this. Nothing was done. Try again.' : problem.detail;
  if (problem.type.endsWith(':device-unknown')) {
    keys.set('device', null);
    keys.set('session', null);
    take({ next_state: 'enrol', data: {}, message: null });
  } else if (problem.type.endsWith(':signed-out')) {
    take({ next_state: 'sign_in', data: {}, message: null });
  }
  signal({ kind: 'wrong', text }, settings);
}

/**
 * Ask, and show the answer; a second tap while the first is under way does nothing.
 *
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 */
async function go(path, body) {
  if (askedAt > 0) return;
  askedAt = performance.now();
  document.body.setAttribute('aria-busy', 'true');
  showStateSoon();
  try {
    take(await ask(path, body));
  } catch (error) {
    if (error instanceof Refusal) refuse(error.problem);
    else if (answer.next_state !== 'start') {
      signal({ kind: 'wrong', text: 'No connection. Try again in a moment.' }, settings);
    }
  } finally {
    askedAt = 0;
    document.body.removeAttribute('aria-busy');
    if (answer.next_state === 'start') render();
    else showState();
  }
}

/** Read the list anew, in silence: nobody has asked for it, and whatever a person does goes first. */
async function readList() {
  const before = answer;
  const isIdle = () => answer === before && isList(answer) && over === null && askedAt === 0 && unsent() === 0;
  if (askedAt > 0 || keys.get('session') === null || (server.isReached && !isIdle())) return;
  try {
    const next = await ask('tasks');
    if (isIdle()) take(next);
  } catch (error) {
    if (error instanceof Refusal) refuse(error.problem);
  }
  showState();
}

async function lookAgain() {
  if (answer.next_state === 'start') await begin();
  else if (document.visibilityState === 'visible') await readList();
  setTimeout(() => void lookAgain(), server.isReached ? LOOK_AGAIN : LOOK_SOON);
}

const listener = {
  /** @param {Answer} next @param {string} path @param {boolean} isLast */
  answered: (next, path, isLast) => {
    const isAtRest = isList(answer) && (isList(next) || next.next_state === 'count');
    if (isLast && (isAbout(path) || isAtRest)) take(next);
    else {
      if (next.message !== null) signal(next.message, settings);
      void readList();
    }
    showState();
  },
  /** @param {Problem} problem @param {boolean} isKept */
  refused: (problem, isKept) => {
    refuse(problem);
    if (!isKept) void go('tasks');
  },
  changed: showState,
};

/**
 * Tell whether the screen is about what a path of the log is about: an answer that comes late must
 * not take somebody out of the next order.
 *
 * @param {string} path
 */
function isAbout(path) {
  return 'task_id' in answer.data && path.startsWith(`tasks/${answer.data.task_id}/`);
}

/** @type {Actions} */
const actions = {
  ask: (path, body) => void go(path, body),
  log: (path, body) => {
    write(path, body);
    showStateSoon();
    void flush(listener);
  },
  view: (wanted) => {
    over = null;
    view = wanted;
    if (!isList(answer) && list !== null) {
      answer = list;
      keys.set('task', null);
    }
    render();
  },
  leave: () => {
    actions.view('list');
    void go('tasks');
  },
  later: () => {
    const count = isList(answer) && 'put_backs' in answer.data ? answer.data.put_backs.length : 0;
    turn += 1;
    if (count < 2) view = 'list';
    render();
  },
  sheet: (screen) => {
    over = screen;
    render();
  },
  say: (message) => signal(message, settings),
  configure: (wanted) => {
    settings = wanted;
    localStorage.setItem('handheld.settings', JSON.stringify(settings));
  },
  settings: () => {
    over = settingsScreen(settings, actions, keys.get('session') !== null);
    render();
  },
  signOut: () => {
    over = null;
    void go('sign-out', {});
  },
  begin: () => void begin(),
};

/** @param {Scan} scan */
function heard(scan) {
  quiet();
  shown?.scanned?.(scan);
}

const scanner = new Scanner(heard);
scanner.listen(document);
listenForText(/** @type {HTMLInputElement} */ (at('wedge')), scanner);

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (isWaiting()) quiet();
  else if (over !== null) actions.sheet(null);
});
addEventListener('online', () => void flush(listener));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void flush(listener);
});

/** A reload carries on where the person was. */
async function begin() {
  if (!isSecureContext) return render();
  if (keys.get('device') === null) return take({ next_state: 'enrol', data: {}, message: null });
  if (keys.get('session') === null) return take({ next_state: 'sign_in', data: {}, message: null });
  await flush(listener);
  const task = keys.get('task');
  if (task !== null) await go(`tasks/${task}`);
  if (answer.next_state === 'start' && (task === null || server.isReached)) await go('tasks');
}

await begin();
setTimeout(() => void lookAgain(), server.isReached ? LOOK_AGAIN : LOOK_SOON);
