/** Speak to the server. What it refuses is a `Refusal` with its reason; what fails is retried elsewhere. */

import { language } from 'handheld/language.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {'device' | 'session' | 'until' | 'store' | 'task'} Kept */

const ROOT = '/v1/handheld/';
const TIMEOUT = 10_000; // ms: then we act as if there were no network

/** Whether the server answered when it was last asked. */
export const server = { isReached: true };

export class Refusal extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** What a reload must not lose: the keys of the device and of who holds it, its store, its task. */
export const keys = {
  /** @param {Kept} name */
  get: (name) => localStorage.getItem(`handheld.${name}`),
  /** @param {Kept} name @param {string | null} value */
  set: (name, value) => {
    if (value === null) localStorage.removeItem(`handheld.${name}`);
    else localStorage.setItem(`handheld.${name}`, value);
  },
};

/**
 * @param {string} path
 * @param {Record<string, unknown>} [body] With one, it is a POST.
 * @returns {Promise<Answer>}
 */
export function ask(path, body) {
  return send(path, body);
}

/**
 * The same of what is no screen: the log, the package.
 *
 * @template T
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<T>}
 */
export async function send(path, body) {
  try {
    const response = await request(path, body);
    if (response.status === 413) throw new Refusal({ type: '', title: '', detail: '', status: 413 });
    if (response.status >= 500) throw new Error(`The server answered ${response.status}.`);
    const answer = await response.json(); // a stranger between us and the server sends something else
    server.isReached = true;
    if (response.ok) return answer;
    throw new Refusal(answer);
  } catch (error) {
    if (!(error instanceof Refusal)) server.isReached = false;
    throw error;
  }
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 */
function request(path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json', 'accept-language': language };
  const [device, session] = [keys.get('device'), keys.get('session')];
  if (device !== null) headers['authorization'] = `Bearer ${device}`;
  if (session !== null) headers['x-associate-session'] = session;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(ROOT + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
