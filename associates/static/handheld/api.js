/** Speak to the server. What it refuses is a `Refusal` with its reason; what fails is retried elsewhere. */

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Problem} Problem */

const ROOT = '/v1/handheld/';
const TIMEOUT = 10_000; // ms: then we act as if there were no network

export class Refusal extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The device's own key, and the key of the person who holds it; a reload must not lose them. */
export const keys = {
  /** @param {'device' | 'session'} name */
  get: (name) => localStorage.getItem(`handheld.${name}`),
  /** @param {'device' | 'session'} name @param {string | null} value */
  set: (name, value) => {
    if (value === null) localStorage.removeItem(`handheld.${name}`);
    else localStorage.setItem(`handheld.${name}`, value);
  },
};

/**
 * @param {string} path
 * @param {Record<string, unknown>} [body] With one, it is a POST.
 * @returns {Promise<Answer & {keys?: {device?: string, session?: string}}>}
 */
export async function ask(path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' };
  const [device, session] = [keys.get('device'), keys.get('session')];
  if (device !== null) headers['authorization'] = `Bearer ${device}`;
  if (session !== null) headers['x-session'] = session;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(ROOT + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.json();
  if (response.status >= 500 || response.status === 429) {
    throw new Error(`The server answered ${response.status}.`);
  }
  throw new Refusal(await response.json());
}
