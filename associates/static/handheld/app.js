/** The handheld: shows what comes next, writes down what was done. What listens is here before. */

import { acting, isList } from 'handheld/acting.js';
import { ask, keys, server } from 'handheld/api.js';
import { asks, pause } from 'handheld/asks.js';
import { state as first } from 'handheld/first.js';
import { draw } from 'handheld/frame.js';
import { aimOf } from 'handheld/framing.js';
import { configure, scanner, settings } from 'handheld/hearing.js';
import { install, isNewer } from 'handheld/install.js';
import { adopt } from 'handheld/language.js';
import { ledRound, live } from 'handheld/live.js';
import { open } from 'handheld/log.js';
import { floorIs, forgetAll, freshen, hearFloor, recall, replay, resumed } from 'handheld/mind.js';
import { labels } from 'handheld/screens/bags.js';
import { counter, handOver } from 'handheld/screens/counter.js';
import { whichOrder } from 'handheld/screens/unasked.js';
import { asking } from 'handheld/screens/asking.js';
import { count, howMany, toCount } from 'handheld/screens/count.js';
import { enrol, keepsNothing, signIn, start } from 'handheld/screens/entry.js';
import { guestList, showGuests } from 'handheld/screens/guests.js';
import { locked } from 'handheld/screens/locked.js';
import { chosen } from 'handheld/screens/not_here.js';
import { pick, zeroCheck } from 'handheld/screens/pick.js';
import { putBack } from 'handheld/screens/put_back.js';
import { settings as settingsScreen } from 'handheld/screens/settings.js';
import { stage } from 'handheld/screens/stage.js';
import { between, taken } from 'handheld/screens/taken.js';
import { work } from 'handheld/screens/work.js';
import { isWaiting, quiet, signal } from 'handheld/signals.js';
import { showState, showStateSoon } from 'handheld/status.js';
import { begin as grant, isOver, sweep } from 'handheld/sweep.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Actions} Actions */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {import('./types.js').Screen} Screen */

const TICK = 1000; // ms: how often it is asked whether to look again

/** @type {Answer} */
let answer = { next_state: first, data: {}, message: null };
/** @type {Answer | null} The list as it was last read: where one goes back to, network or not. */
let list = null;
/** @type {Screen | null} */
let over = null;
/** @type {'list' | 'counter' | 'put_back' | 'counts'} */
let view = 'list';
/** @type {Screen | null} What the walk itself asks first. */
let asked = null;
let isBehind = false; // something is new, and a sheet lay over the screen
let looked = performance.now();
let turn = 0; // which of the things to put back

/** @returns {Screen} */
function current() {
  switch (answer.next_state) {
    case 'start':
      return start(actions);
    case 'enrol':
      return enrol(actions);
    case 'sign_in':
      return signIn(actions);
    case 'locked':
      return locked(answer.data.words, actions);
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
      if ('places' in answer.data) return handOver(answer.data, actions);
      if ('ready' in answer.data) return whichOrder(answer.data, actions);
      return 'asks' in answer.data ? asking(answer.data, () => actions.leave(), actions) : counter(actions);
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

function render() {
  const isSheet = over !== null;
  draw(over ?? current(), isSheet ? 'sheet' : answer.next_state, settings.textScanner);
}

/** @param {Answer} next */
function take(next) {
  const above = over;
  const isSame = next.next_state === answer.next_state && JSON.stringify(next.data) === JSON.stringify(answer.data);
  if (next.next_state === 'sign_in') {
    if (next.data.device_token !== undefined) keys.set('device', next.data.device_token);
    if (next.data.store !== undefined) keys.set('store', next.data.store);
    if (next.data.language !== undefined) adopt(next.data.language);
  }
  if (next.next_state === 'sign_in' || next.next_state === 'enrol' || next.next_state === 'locked') {
    list = null;
    void sweep();
  }
  if ('session' in next.data && next.data.session !== undefined) {
    grant(next.data.session);
    const spoken = next.data.language ?? '';
    void forgetAll().then(() => adopt(spoken)).then(() => acts.send()).then(() => freshen(true)); // what the last one left unsent goes first
  }
  follow(keys.get('session'));
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
    const asks = between(next.data, current().scanned, actions);
    if (asks !== null || over === asked) over = asks; // what nobody asks any more goes
    asked = asks;
  }
  if (!isSame || over !== above) render();
  if (next.message !== null) signal(next.message, settings);
}

/** @param {Problem} problem */
function refuse(problem) {
  if (answer.next_state === 'locked' && problem.type.endsWith(':signed-out')) return; // that is so, and said
  if (over !== null) actions.sheet(null);
  let text = problem.detail;
  if (problem.type.endsWith(':request-invalid')) text = t('The server could not read this. Nothing was done. Try again.');
  if (problem.type.endsWith(':device-unknown')) {
    keys.set('device', null);
    keys.set('store', null);
    take({ next_state: 'enrol', data: {}, message: null });
  } else if (problem.type.endsWith(':device-locked')) {
    take({ next_state: 'locked', data: { words: problem.detail }, message: null });
  } else if (problem.type.endsWith(':signed-out')) {
    if (answer.next_state !== 'sign_in') text = t('You are signed out. What you scanned is kept. Sign in again, and carry on.');
    take({ next_state: 'sign_in', data: {}, message: null });
  }
  signal({ kind: 'wrong', text: answer.next_state === 'locked' ? problem.title : text }, settings);
}

/** @returns {Answer} */
function shiftIsOver() {
  const text = t('Twelve hours are over: this handheld has forgotten what it knew. What you scanned is kept. Sign in again.');
  return { next_state: 'sign_in', data: {}, message: { kind: 'info', text } };
}

/** What was lost is looked for soon, though it was to be looked at again much later. */
async function lookAgain() {
  if (performance.now() - looked >= pause()) {
    await look();
    looked = performance.now();
  }
  setTimeout(() => void lookAgain(), TICK);
}

async function look() {
  if (isOver() && over === null) take(shiftIsOver());
  const isAtRest = isList(answer) || answer.next_state === 'start';
  if (isNewer() && isAtRest && over === null) acts.after(() => location.reload());
  else if (answer.next_state === 'start') await begin();
  else if (document.visibilityState === 'visible' && (isAtRest || !server.isReached)) {
    if (isAtRest || keys.get('task') !== null) await lookAfter();
    else await ask('tasks').catch(() => {}); // at the counter nothing is read anew, but whether anybody answers
    showState();
  }
}

/** There is something else now: looked at at once, or as soon as nothing lies over the screen. */
function news() {
  isBehind = over !== null;
  void lookAfter();
}

const follow = live({
  guests: (guests) => {
    const list = () => actions.sheet(guestList(guests, actions));
    showGuests(guests, list);
    if (over?.title === t('Customers')) list();
  },
  work: () => setTimeout(news, 500 * Math.random()), // not all of a store at once
  floor: (mark) => setTimeout(() => void floorIs(mark), 500 * Math.random()),
  refused: (problem) => refuse(problem),
});

hearFloor((before, after) => {
  const text = ledRound(before, after, keys.get('task') ?? '');
  if (text !== '') signal({ kind: 'info', text }, settings);
  news();
});

const acts = acting({
  answer: () => answer,
  take,
  say: (message) => signal(message, settings),
  refused: refuse,
  changed: showStateSoon,
});

const { go, lookAfter } = asks({
  answer: () => answer,
  isFree: () => over === null,
  take,
  say: (message) => signal(message, settings),
  refused: refuse,
  log: acts.log,
  send: () => acts.send(),
});

/** @type {Actions} */
export const actions = {
  ask: (path, body) => void go(path, body),
  log: acts.log,
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
    if (over === null && isBehind) news();
  },
  say: (message) => signal(message, settings),
  configure,
  settings: () => {
    over = settingsScreen(settings, actions, keys.get('session') !== null);
    render();
  },
  seen: (raw, format) => scanner.hear(raw, 'camera', { aim: aimOf(format) }),
  signOut: () => {
    over = null;
    void go('sign-out', {});
  },
  begin: () => void begin(),
};

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (isWaiting()) quiet();
  else if (over !== null) actions.sheet(null);
});
history.pushState(null, '');
addEventListener('popstate', () => {
  history.pushState(null, '');
  if (isWaiting()) quiet();
  else /** @type {HTMLElement | null} */ (document.querySelector('#top > button:first-child'))?.click(); // the arrow on the screen
});
addEventListener('online', () => void acts.send());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void acts.send();
});

/** A reload carries on where the person was, with a network or without one. */
async function begin() {
  if (!isSecureContext) return render();
  if (keys.get('device') === null) return take({ next_state: 'enrol', data: {}, message: null });
  if (keys.get('session') === null) return take({ next_state: 'sign_in', data: {}, message: null });
  if (isOver()) return take(shiftIsOver());
  const known = resumed(keys.get('task'));
  if (known !== null) take(known);
  await acts.send();
  await lookAfter();
  if (answer.next_state === 'start') render();
}

try {
  await open((sent) => {
    replay();
    acts.heard(sent);
  });
  showState(); // under a screen that was there before the log was
  await recall();
  await begin();
  void lookAgain();
} catch (error) {
  console.warn(error);
  actions.sheet(keepsNothing());
}
void install();
