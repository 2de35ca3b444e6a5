/**
 * One stream of events from the server, by fetch, so that the device shows itself in a header and no
 * token stands in an address. It comes back by itself, later and later, and never all at once.
 */

/** @typedef {{type: string, title: string, detail: string, status: number}} Problem */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const SILENCE = 40_000; // ms: the server says something every fifteen seconds; after this the line is dead

/**
 * @typedef {object} Listener
 * @property {(name: string, data: string) => void} heard
 * @property {() => void} lost The line is down; it is tried again.
 * @property {(problem: Problem) => void} refused The server will not have us: it is not tried again.
 */

/**
 * @param {string} path
 * @param {() => Record<string, string>} headers What the device shows, each time anew.
 * @param {Listener} listener
 * @returns {() => void} Ends it.
 */
export function stream(path, headers, listener) {
  const over = new AbortController();
  let wait = FIRST_WAIT;

  const heard = (/** @type {string} */ name, /** @type {string} */ data) => {
    wait = FIRST_WAIT;
    if (name !== 'bye') listener.heard(name, data);
  };

  async function run() {
    while (!over.signal.aborted) {
      try {
        const problem = await read(path, headers(), over.signal, heard);
        if (problem !== null) {
          if (!over.signal.aborted) listener.refused(problem);
          return;
        }
      } catch {
        // The line is down, or silent for too long.
      }
      if (over.signal.aborted) return;
      listener.lost();
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }

  void run();
  return () => over.abort();
}

/**
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {AbortSignal} over
 * @param {(name: string, data: string) => void} heard
 * @returns {Promise<Problem | null>} Why the server will not have us; null: the stream has ended.
 */
async function read(path, headers, over, heard) {
  const silent = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE);
  };
  alive();
  try {
    const signal = AbortSignal.any([over, silent.signal]);
    const answer = await fetch(path, { headers, signal, cache: 'no-store', credentials: 'omit' });
    if (answer.status === 401 || answer.status === 403) return await answer.json();
    if (!answer.ok || answer.body === null) throw new Error(`The server answered ${answer.status}.`);
    const events = parser(heard);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      alive();
      events(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Return what takes pieces of a stream, however they are cut, and calls for each whole event. Pure.
 *
 * @param {(name: string, data: string) => void} heard
 * @returns {(piece: string) => void}
 */
export function parser(heard) {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let name = '';
      const data = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event: ')) name = line.slice(7);
        else if (line.startsWith('data: ')) data.push(line.slice(6));
      }
      if (name !== '') heard(name, data.join('\n'));
    }
  };
}
