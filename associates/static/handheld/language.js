/**
 * Whose language this page speaks: chosen by the person and kept on the device; until then, what the
 * store says of itself, or else the device. Its catalog is here before any sentence is: whatever imports this, waits for it.
 */

/** Each by the name that whoever speaks it looks for. @type {Readonly<Record<string, string>>} */
export const LANGUAGES = { en: 'English', es: 'Español', fr: 'Français' };

const KEPT = 'handheld.language';
const STORES = 'handheld.store-language';
const isPage = typeof document !== 'undefined'; // node's tests are in English

/** @param {readonly (string | null)[]} wanted Tags such as `fr-CA`, the dearest first. */
export function understood(wanted) {
  const plain = wanted.map((tag) => (tag ?? '').toLowerCase().split('-')[0] ?? '');
  return plain.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en';
}

const wanted = () =>
  understood([new URLSearchParams(location.search).get('lang'), localStorage.getItem(KEPT), localStorage.getItem(STORES), ...navigator.languages]);

export const language = isPage ? wanted() : 'en';

/** By the sign of the English (of exactly one): the sentence; where it counts, its forms. @type {Record<string, string | string[]>} */
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

/** Speak another language from now on; the page starts anew where it was. @param {string} chosen */
export function speak(chosen) {
  localStorage.setItem(KEPT, chosen);
  location.reload();
}

/** Speak as the store says, unless somebody has chosen on this device. @param {string} said Empty: it says nothing. */
export function adopt(said) {
  localStorage.setItem(STORES, said);
  if (wanted() !== language) location.reload();
}
