/** What is asked of the server at once: a person waits for it, or it is read anew in silence. */

import { isList } from 'handheld/acting.js';
import { ask, keys, Refusal, server } from 'handheld/api.js';
import { line } from 'handheld/live.js';
import { unsent } from 'handheld/log.js';
import { agrees, alike, claimed, freshen, known, resumed } from 'handheld/mind.js';
import { asking, showState, showStateSoon } from 'handheld/status.js';
import { LABELS, screen, taking, waits } from 'handheld/without.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Problem} Problem */

const LOOK_AGAIN = 15_000; // ms: how often the list of what is due is read anew
const LOOK_SELDOM = 60_000; // ms: the same, while news comes by itself
const LOOK_SOON = 3000; // ms: the same, while the server cannot be reached
const CLAIM = /^tasks\/([^/]+)\/claim$/;
const HANDS = /^waves$|\/(give-up|answer)$/; // what is in these hands is another than the package knows

/**
 * @typedef {object} Desk What the answers are shown on.
 * @property {() => Answer} answer What is on the screen.
 * @property {() => boolean} isFree Nothing lies over it.
 * @property {(answer: Answer) => void} take Show an answer, and say its message.
 * @property {(message: Message) => void} say
 * @property {(problem: Problem) => void} refused
 * @property {(path: string, body: Record<string, unknown>) => void} log
 * @property {() => Promise<void>} send Send what waits; done when it is sent, or cannot be.
 */

/** @param {Desk} desk */
export function asks(desk) {
  let under = ''; // what was asked last

  /**
   * Ask, and show the answer. The same once more while it is under way does nothing; another thing is told to wait.
   *
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   */
  async function go(path, body) {
    if (asking.since > 0) {
      if (path !== under && path !== 'tasks') desk.say({ kind: 'info', text: t('One moment: an answer is still on its way. Then do this once more.') });
      return;
    }
    under = path;
    const task = CLAIM.exec(path)?.[1];
    if ((!server.isReached || unsent() > 0) && takeUnasked(path, body)) return;
    if (!server.isReached && showUnasked(path)) return;
    if (!server.isReached && LABELS.test(path)) return desk.say(waits(known(), path)); // nobody waits for them
    asking.since = performance.now();
    document.body.setAttribute('aria-busy', 'true');
    showStateSoon();
    try {
      if (unsent() > 0 && keys.get('session') !== null) await desk.send(); // what it is asked about, it has to know
      const next = await ask(path, path === 'sign-in' ? { ...body, unsent: unsent() } : body);
      if (task !== undefined) claimed(task, next);
      else if (HANDS.test(path)) void freshen(true);
      desk.take(next);
    } catch (error) {
      if (error instanceof Refusal) desk.refused(error.problem);
      else if (!takeUnasked(path, body) && !showUnasked(path)) desk.say(waits(known(), path));
    } finally {
      asking.since = 0;
      document.body.removeAttribute('aria-busy');
      showState();
    }
  }

  /** Without the server: by what we know it is free, or ours. @param {string} path @param {Record<string, unknown>} [body] */
  function takeUnasked(path, body) {
    const pkg = known();
    const act = pkg === null ? null : taking(pkg, path, body);
    if (act !== null) desk.log(act.path, act.body);
    return act !== null;
  }

  /** @param {string} path */
  function showUnasked(path) {
    const pkg = known();
    const next = pkg === null ? null : screen(pkg, path);
    if (next !== null) desk.take(next);
    return next !== null;
  }

  /** Read where things stand anew, in silence: nobody has asked for it, and whatever a person does goes first. */
  async function lookAfter() {
    const before = desk.answer();
    const isIdle = () => desk.answer() === before && desk.isFree() && asking.since === 0 && unsent() === 0;
    if (asking.since > 0 || keys.get('session') === null || (server.isReached && !isIdle())) return;
    const isAtRest = isList(before) || before.next_state === 'start';
    const task = isAtRest ? null : keys.get('task');
    if (!isAtRest && task === null) return; // a count, the counter: news of the list takes nobody out of it
    try {
      const next = await ask(task === null ? 'tasks' : `tasks/${task}`);
      if (!isIdle()) return;
      if (!agrees(next, resumed(task)) || !alike(next, before)) desk.take(next);
      await freshen();
    } catch (error) {
      if (error instanceof Refusal) desk.refused(error.problem);
    } finally {
      showState();
    }
  }

  return { go, lookAfter };
}

/** @returns {number} In how many ms to look again. */
export function pause() {
  if (!server.isReached) return LOOK_SOON;
  return line.isUp ? LOOK_SELDOM : LOOK_AGAIN;
}
