/** What a handheld hears without asking: who is here, and that there is other work. */

import { keys } from 'handheld/api.js';
import { language } from 'handheld/language.js';
import { stream } from 'handheld/stream.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Guest} Guest */
/** @typedef {import('./types.js').Package} Package */
/** @typedef {import('./types.js').Problem} Problem */

/**
 * @typedef {object} Listener
 * @property {(guests: Guest[]) => void} guests Who is here or on the way now; all of them, each time.
 * @property {() => void} work There is something else to do than before.
 * @property {(mark: string) => void} floor By which mark an aisle is blocked now, or free again.
 * @property {(problem: Problem) => void} refused The device or the session is not good any more.
 */

/** Whether news comes by itself just now: then there is no need to ask for it often. */
export const line = { isUp: false };

/**
 * Return what follows whoever is signed in: called with another session, or none, it starts anew.
 *
 * @param {Listener} listener
 * @returns {(session: string | null) => void}
 */
export function live(listener) {
  /** @type {string | null} */
  let followed = null;
  let stop = () => {};

  return (session) => {
    if (session === followed) return;
    followed = session;
    stop();
    line.isUp = false;
    listener.guests([]);
    if (session === null) return;
    stop = stream('/v1/handheld/live', shown, {
      heard: (name, data) => {
        line.isUp = true;
        if (name === 'guests') listener.guests(JSON.parse(data));
        if (name === 'work') listener.work();
        if (name === 'floor') listener.floor(data);
      },
      lost: () => {
        line.isUp = false;
      },
      refused: (problem) => {
        followed = null;
        line.isUp = false;
        listener.refused(problem);
      },
    });
  };
}

/** @returns {Record<string, string>} */
function shown() {
  return {
    'accept-language': language,
    authorization: `Bearer ${keys.get('device') ?? ''}`,
    'x-associate-session': keys.get('session') ?? '',
  };
}

/**
 * What has changed on a floor, in words, for somebody whose walk leads another way now; blank for
 * everybody else. Pure.
 *
 * @param {Package} before
 * @param {Package} after
 * @param {string} taskId In whose hands the device is.
 */
export function ledRound(before, after, taskId) {
  /** @param {Package} pkg */
  const led = ({ floor }) => JSON.stringify(floor?.walks.filter(({ stops }) => stops.some((stop) => stop.task_id === taskId)));
  if (led(before) === led(after)) return '';
  const was = new Map(before.floor?.ways.map((way) => [nameOf(way), inTheWay(way)]));
  const said = (after.floor?.ways ?? []).flatMap((way) => {
    const { reason } = way;
    const name = nameOf(way);
    if ((was.get(name) ?? '[null,""]') === inTheWay(way)) return [];
    return [reason === '' ? t('Aisle {aisle} is free again.', { aisle: name }) : t('Aisle {aisle} is blocked: {reason}.', { aisle: name, reason })];
  });
  return said.length === 0 ? '' : [...said, t('Your walk is planned anew.')].join(' ');
}

/** @param {{zone: string, aisle: string}} way */
function nameOf({ zone, aisle }) {
  return `${zone} ${aisle}`.trim();
}

/** @param {{blocked: unknown, reason: string}} way */
function inTheWay({ blocked, reason }) {
  return JSON.stringify([blocked, reason]);
}
