/**
 * Whose language this page speaks: chosen by the person and kept on the device; until then, what the
 * device itself says. Its catalog is here before any sentence is: whatever imports this, waits for it.
 */

/** Each by the name that whoever speaks it looks for. @type {Readonly<Record<string, string>>} */
export const LANGUAGES = { en: 'English', es: 'Español', fr: 'Français' };

const KEPT = 'handheld.language';
const isPage = typeof document !== 'undefined'; // node's tests are in English

/** @param {readonly (string | null)[]} wanted Tags such as `fr-CA`, the dearest first. */
export function understood(wanted) {
  const plain = wanted.map((tag) => (tag ?? '').toLowerCase().split('-')[0] ?? '');
  return plain.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en';
}

export const language = isPage
  ? understood([new URLSearchParams(location.search).get('lang'), localStorage.getItem(KEPT), ...navigator.languages])
  : 'en';

/** By the English (of exactly one): the sentence; where it counts, its forms. @type {Record<string, string | string[]>} */
export const catalog = await read();

async function read() {
  if (!isPage) return {};
  document.documentElement.lang = language;
  if (language === 'en') return {};
  try {
    const answer = await fetch(import.meta.resolve(`handheld/${language}.json`));
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // in English rather than not at all
  }
}

/** Speak another language from now on; the page starts anew where it was. @param {string} wanted */
export function speak(wanted) {
  localStorage.setItem(KEPT, wanted);
  location.reload();
}
