/**
 * An act of a person: played at once, kept, sent in the background. What the server makes of it is
 * the truth; where it is not what the person was shown, they are told in words.
 */

import { keys, server } from 'handheld/api.js';
import { draft, flush, isOtherwise, tell, unsent, write } from 'handheld/log.js';
import { advance, agrees, ahead, freshen, lastAct } from 'handheld/mind.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('./play.js').Step} Step */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').LogEntry} LogEntry */
/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./types.js').Problem} Problem */

const HOLD = 3000; // ms: how long the server is waited for where only it can say

/**
 * @typedef {object} Desk What the acts happen on.
 * @property {() => Answer} answer What is on the screen.
 * @property {(answer: Answer) => void} take Show an answer, and say its message.
 * @property {(message: Message) => void} say
 * @property {(problem: Problem) => void} refused
 * @property {() => void} changed Something waits, or waits no longer.
 */

/** @param {Desk} desk */
export function acting(desk) {
  let queue = Promise.resolve();
  /** What the latest act was shown to lead to. @type {{scan_id: string, answer: Answer | null} | null} */
  let ours = null;

  /** @param {string} path @param {Record<string, unknown>} body */
  async function act(path, body) {
    const entry = draft(path, undoing(path, body), keys.get('session')?.split('.')[0] ?? null);
    const played = ahead(entry, desk.answer());
    if (played?.sure) entry.told = played.heard?.outcome ?? null;
    else if (!server.isReached) Object.assign(entry, keptAs(played));
    const written = await write(entry);
    if (played !== null) advance(played.pkg);
    ours = { scan_id: entry.scan_id, answer: played?.sure ? played.answer : null };
    if (played?.sure && played.answer !== null) desk.take(played.answer);
    desk.changed();
    const sent = flush(listener);
    if (!played?.sure) void hold(written, played, sent);
  }

  /**
   * Only the server can say: wait for it a moment, and then say that it is kept.
   *
   * @param {LogEntry} entry
   * @param {Step | null} played
   * @param {Promise<void>} sent
   */
  async function hold(entry, played, sent) {
    if (server.isReached) {
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, HOLD))]);
      if (isAnswered(entry)) return;
      await tell(entry, keptAs(played).told);
    }
    const next = played?.answer ?? desk.answer();
    desk.take({ ...next, message: keptWords(entry, played) });
  }

  /** @type {Set<string>} */
  const answered = new Set();

  /** @param {LogEntry} entry */
  function isAnswered(entry) {
    return answered.delete(entry.scan_id);
  }

  const listener = {
    /** @param {LogEntry[]} sent @param {Answer | null} answer @param {boolean} isLast */
    receipted: (sent, answer, isLast) => {
      for (const { scan_id, told } of sent) if (told === null) answered.add(scan_id);
      const last = sent.at(-1);
      if (isLast && answer !== null && last !== undefined) settle(last, answer);
      report(isLast ? sent.filter((entry) => entry !== last || isOtherwise(entry) || entry.kept) : sent);
      desk.changed();
      if (isLast) void freshen(sent.some(isOtherwise));
    },
    /** @param {Problem} problem */
    refused: (problem) => desk.refused(problem),
    /** @param {string} text */
    waits: (text) => desk.say({ kind: 'wrong', text }),
    changed: () => desk.changed(),
  };

  /** The server's own answer to the latest act. @param {LogEntry} entry @param {Answer} answer */
  function settle(entry, answer) {
    const shown = ours?.scan_id === entry.scan_id ? ours.answer : null;
    if (agrees(answer, shown)) return;
    const wasTold = shown !== null || entry.kept === true;
    const isSaid = isOtherwise(entry) || (wasTold && !isNews(answer, shown)); // or is about to be
    const next = isSaid ? { ...answer, message: null } : answer;
    if (isAbout(entry, desk.answer()) || (isList(desk.answer()) && (isList(next) || next.next_state === 'count'))) desk.take(next);
    else if (next.message !== null) desk.say(next.message);
  }

  /** Say of what was sent what the person does not know yet. @param {LogEntry[]} sent */
  function report(sent) {
    const wrong = sent.filter(isOtherwise);
    const [first] = wrong;
    if (first !== undefined) {
      const text = first.receipt?.text ?? '';
      const more = n('1 scan came out otherwise than this handheld had shown.', '{count} scans came out otherwise than this handheld had shown.', wrong.length);
      desk.say({ kind: 'wrong', text: wrong.length === 1 && text !== '' ? text : `${more} ${text} ${t('They are listed in the settings.')}` });
      return;
    }
    const unheard = sent.filter(({ kept, told, receipt }) => (kept === true || told === null) && receipt?.text);
    const latest = unheard.at(-1)?.receipt;
    if (latest) desk.say({ kind: latest.status === 'applied' ? 'good' : 'wrong', text: latest.text });
  }

  return {
    /** @param {string} path @param {Record<string, unknown>} body */
    log: (path, body) => {
      queue = queue
        .then(() => act(path, body))
        .catch(() => desk.say({ kind: 'wrong', text: t('This handheld cannot keep what you scan: its storage is full or shut. Get another one.') }));
    },
    /** Do something once all that was done is written down. @param {() => void} work */
    after: (work) => {
      queue = queue.then(work);
    },
    /** What another tab has sent for us. @param {LogEntry[]} sent */
    heard: (sent) => {
      if (sent.length > 0) listener.receipted(sent, null, false);
      desk.changed();
    },
    send: () => (unsent() > 0 ? flush(listener) : Promise.resolve()),
  };
}

/** An undo says what it takes back, so that it means the same whenever it is heard. @param {string} path @param {Record<string, unknown>} body */
function undoing(path, body) {
  if (body['kind'] !== 'undo' || body['undoes'] !== undefined) return body;
  const last = lastAct(path.split('/')[1] ?? '');
  return last === null ? body : { ...body, undoes: last };
}

/**
 * What a person is told where only the server can say, and it cannot be asked.
 *
 * @param {Step | null} played
 * @returns {{told: Outcome | null, kept: true}}
 */
function keptAs(played) {
  const heard = played?.heard ?? null;
  if (heard?.outcome === 'unknown_code') return { told: 'unknown_code', kept: true };
  const isGone = heard?.kind === 'stage' || heard?.kind === 'hand_over'; // out of their hands: if it does not count, it is a case
  return { told: isGone && heard.outcome === 'applied' ? 'applied' : null, kept: true };
}

/** @param {LogEntry} entry @param {Step | null} played @returns {Message} */
function keptWords(entry, played) {
  const { told } = keptAs(played);
  if (told === 'unknown_code') {
    return { kind: 'wrong', text: t('We do not know this code here. Lay it aside, and go on: it is looked up when the connection is back.') };
  }
  if (played?.staged !== undefined) {
    const { number, place } = played.staged;
    return { kind: 'info', text: t('Kept: {number} is at {place}. It is ready as soon as this is sent.', { number, place }) };
  }
  if (played?.heard?.kind === 'hand_over') {
    return { kind: 'info', text: t('Kept: order {number} counts as handed over once this is sent and its code is checked.', { number: String(entry.body['number']) }) };
  }
  if (entry.path.startsWith('counts/')) {
    return { kind: 'info', text: t('Kept. A count is believed if it is sent within ten minutes.') };
  }
  return { kind: 'info', text: t('Kept. It is sent as soon as there is a connection.') };
}

/** @param {Answer} answer @param {Answer | null} shown */
function isNews(answer, shown) {
  return shown !== null && answer.message?.text !== shown.message?.text;
}

/** @param {Answer} one */
export function isList(one) {
  return one.next_state === 'tasks' || one.next_state === 'staged';
}

/**
 * Tell whether the screen is about what an entry of the log is about: an answer that comes late must
 * not take somebody out of the next order.
 *
 * @param {LogEntry} entry
 * @param {Answer} answer
 */
function isAbout({ path, body }, answer) {
  if (!('task_id' in answer.data)) return false;
  const { task_id } = answer.data;
  const together = /** @type {{task_id: string}[]} */ (body['orders'] ?? []);
  return path.startsWith(`tasks/${task_id}/`) || together.some((one) => one.task_id === task_id);
}
