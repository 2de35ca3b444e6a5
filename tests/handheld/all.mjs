/** All that needs no server, in one process. */

await import('./log.test.mjs');
await import('./scanner.test.mjs');
await import('./mind.test.mjs');
