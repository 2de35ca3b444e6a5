/** Say that new letters have come, without taking the page away from whoever reads it; fit the letter's frame. */

const EVERY = 5000; // ms

const news = document.getElementById('news');
const known = Number(news?.dataset['received'] ?? '0');

async function look() {
  if (news === null || document.visibilityState !== 'visible') return;
  try {
    const response = await fetch('/inbox/received', { cache: 'no-store' });
    const { received } = /** @type {{received: number}} */ (await response.json());
    const fresh = received - known;
    if (fresh <= 0) return;
    const link = document.createElement('a');
    link.className = 'btn go';
    link.href = location.href;
    link.textContent = fresh === 1 ? 'Show 1 new letter' : `Show ${fresh} new letters`;
    if (news.textContent !== link.textContent) news.replaceChildren(link);
  } catch {
    // The demo has ended; what is on the page is still true.
  }
}

if (news !== null) setInterval(() => void look(), EVERY);

const frame = document.querySelector('iframe');
/** The letter holds no script, so its page may be measured. */
function fit() {
  const height = frame?.contentDocument?.body?.offsetHeight ?? 0;
  if (frame !== null && height > 0) frame.style.height = `${height + 2}px`;
}
frame?.addEventListener('load', fit);
addEventListener('resize', fit);
if (frame?.contentDocument?.readyState === 'complete') fit();
