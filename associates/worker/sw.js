/**
 * The handheld's service worker: the page starts without a network. One version is one cache, its
 * page and its files together; what the API says is never kept here.
 */

const VERSION = '{{version}}';
/** @type {string[]} */
const FILES = JSON.parse('{{files}}');

const PAGE = '/handheld';
const CACHE = `handheld ${VERSION}`;
const PATIENCE = 3000; // ms: in a dead spot a request may neither come nor fail

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener('install', (event) => event.waitUntil(takeIn()));
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(file(request));
});

async function takeIn() {
  const cache = await caches.open(CACHE);
  const made = await fetch(PAGE, { cache: 'reload', headers: { accept: 'text/html' } });
  const isOurs = made.ok && (await made.clone().text()).includes(VERSION);
  if (!isOurs) throw new Error('The page is of another version: this one is taken in when they agree.');
  await cache.addAll(FILES);
  await cache.put(PAGE, made);
  await worker.skipWaiting();
}

async function takeOver() {
  const older = (await caches.keys()).filter((name) => name.startsWith('handheld ') && name !== CACHE);
  // The last one before stays: a page of that version may still be open.
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * The page from the network, as long as there is one; else as it was taken in, with its headers.
 *
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function page(request) {
  const kept = await (await caches.open(CACHE)).match(PAGE);
  if (kept === undefined) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    return answer.status < 500 ? answer : kept;
  } catch {
    return kept;
  }
}

/**
 * A file is named by its content: whoever has it need not ask for it again.
 *
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function file(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}
