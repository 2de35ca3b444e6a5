/** Lets node find `handheld/…` where the page's import map would. */

import { register } from 'node:module';

const root = new URL('../../associates/static/', import.meta.url).href;
const hooks = `export function resolve(name, context, next) {
  if (!name.startsWith('handheld/')) return next(name, context);
  return { url: new URL(name, ${JSON.stringify(root)}).href, format: 'module', shortCircuit: true };
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
