// Read each case of a file as the handheld does, and say what it makes of them.
//   node reading.mjs gs1.js < [[text, year], ...] > [code, ...]
import { readFileSync } from 'node:fs';

const source = readFileSync(process.argv[2], 'utf8');
const { parse, lastDay } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const cases = JSON.parse(readFileSync(0, 'utf8'));
const read = cases.map(([text, year]) => {
  const code = parse(text);
  return code.kind === 'item' ? { ...code, last_day: lastDay(code, year) } : code;
});
process.stdout.write(JSON.stringify(read));
