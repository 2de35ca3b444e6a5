/** The service worker: the page starts without a network, and a new version takes over by itself. */

const hadOne = 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
let isReplaced = false;

/** @returns {boolean} Whether a newer version of this page waits for a quiet moment to be loaded. */
export function isNewer() {
  return isReplaced;
}

export async function install() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    isReplaced = hadOne;
  });
  try {
    await navigator.serviceWorker.register('/handheld/sw.js', { scope: '/handheld', updateViaCache: 'none' });
  } catch {
    // Without it the page needs a network to start; what was scanned is kept all the same.
  }
}
