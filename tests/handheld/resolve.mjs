/**
 * Lets node find `handheld/…` where the page's import map would. `handheld/log.js?tab=2` is the page
 * once more, with modules of its own: another tab, or the same one after a reload.
 */

import { register } from 'node:module';

const root = new URL('../../associates/static/', import.meta.url).href;
const hooks = `export function resolve(name, context, next) {
  if (!name.startsWith('handheld/')) return next(name, context);
  const url = new URL(name, ${JSON.stringify(root)});
  url.search ||= new URL(context.parentURL).search;
  return { url: url.href, format: 'module', shortCircuit: true };
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
