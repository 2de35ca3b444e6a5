/**
 * The store from above, with the walk on it and the next place marked: drawn from data, in meters,
 * the entrance at the foot. What it shows is said in words beside it.
 */

import { h, svg } from 'handheld/element.js';
import { placeWords } from 'handheld/parts.js';
import { t } from 'handheld/words.js';

/** @typedef {import('./types.js').Floor} Floor */
/** @typedef {import('./types.js').Way} Way */
/** @typedef {import('./types.js').XY} XY */

const MARGIN = 2.5; // meters around everything that is drawn

/**
 * The walk that a stop belongs to, and which of its stops it is; null: it is not on the plan.
 *
 * @param {Floor} floor
 * @param {string} taskId
 * @param {number} line
 */
export function walkOf(floor, taskId, line) {
  for (const walk of floor.walks) {
    const at = walk.stops.findIndex((stop) => stop.task_id === taskId && stop.line === line);
    if (at >= 0) return { walk, at };
  }
  return null;
}

/**
 * @param {Floor} floor
 * @param {{task_id: string, line: number, place: import('./types.js').Place | null}} next
 * @returns {SVGElement | null} None, where the place is not on the plan.
 */
export function map(floor, next) {
  const found = walkOf(floor, next.task_id, next.line);
  if (found === null || next.place === null) return null;
  const { walk, at } = found;
  const corner = walk.stops[at]?.corner ?? 0;
  const before = at === 0 ? 0 : (walk.stops[at - 1]?.corner ?? 0);
  const box = bounds(floor);
  const unit = Math.max(box.width, box.height) / 100;
  /** @param {XY} xy */
  const p = ([x, y]) => `${round(x - box.x)},${round(box.y + box.height - y)}`;
  /** @param {XY[]} path @param {string} look */
  const line = (path, look) => svg('polyline', { points: path.map(p).join(' '), class: look, 'stroke-width': round(unit * 2) });
  const goal = walk.path[corner];
  const aisles = floor.ways.filter((way) => !way.is_cross);
  const longest = Math.max(...aisles.map((way) => way.aisle.length), 1);
  return svg(
    'svg',
    {
      viewBox: `0 0 ${round(box.width)} ${round(box.height)}`,
      class: 'map',
      role: 'img',
      'aria-label': t('Map of the store: the next place is {place}.', { place: placeWords(next.place) }),
    },
    ...floor.ways.map((way) => svg('polyline', { points: [way.start, way.end].map(p).join(' '), class: way.is_cross ? 'way cross' : 'way' })),
    ...floor.ways.filter((way) => way.blocked !== null).map((way) => line(stretch(way), 'blocked')),
    ...floor.ways.filter((way) => way.is_one_way).map((way) => arrow(way, p, unit)),
    line(walk.path.slice(0, before + 1), 'walked'),
    line(walk.path.slice(corner), 'ahead'),
    line(walk.path.slice(before, corner + 1), 'now'),
    ...walk.stops.slice(at + 1).map((stop) => dot(walk.path[stop.corner], p, unit * 1.8, 'stop')),
    ...aisles.map((way) => sign(way, p, Math.min(unit * 6, apart(aisles) / (0.8 * longest)), unit * 2)),
    ...floor.points.map((point) => [dot(point.at, p, unit * 2, point.kind), word(point.at, point.label, p, unit)]).flat(),
    dot(goal, p, unit * 5, 'ring'),
    dot(goal, p, unit * 2.6, 'goal'),
  );
}

/**
 * The sheet behind the place: the map as large as the screen.
 *
 * @param {Floor} floor
 * @param {import('./types.js').WalkData} data
 * @param {Node[]} top
 * @param {(scan: import('./types.js').Scan) => void} scanned
 * @returns {import('./types.js').Screen}
 */
export function mapSheet(floor, data, top, scanned) {
  const place = data.place === null ? '' : placeWords(data.place);
  return {
    title: t('Map'),
    top,
    main: [
      h('h1', { class: 'where' }, place),
      map(floor, data) ?? h('p', {}, t('This place is not on the plan of the store.')),
      h('p', { class: 'quiet' }, t('The ring is the next place. The thick line leads there.')),
    ],
    thumb: [],
    scanned,
  };
}

/** @param {Floor} floor */
function bounds(floor) {
  const all = [...floor.ways.flatMap((way) => [way.start, way.end]), ...floor.points.map((point) => point.at)];
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  return { x, y, width: Math.max(...xs) + MARGIN - x, height: Math.max(...ys) + 2 * MARGIN - y };
}

/** @param {number} meters */
function round(meters) {
  return Math.round(meters * 100) / 100;
}

/** The part of a way that is blocked. @param {Way} way @returns {XY[]} */
function stretch({ start, end, blocked }) {
  const [from, to] = blocked ?? [0, 0];
  /** @param {number} share @returns {XY} */
  const at = (share) => [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share];
  return [at(from), at(to)];
}

/** @param {XY | undefined} xy @param {(xy: XY) => string} p @param {number} radius @param {string} look */
function dot(xy, p, radius, look) {
  const [cx, cy] = p(xy ?? [0, 0]).split(',');
  return svg('circle', { cx: cx ?? 0, cy: cy ?? 0, r: round(radius), class: look });
}

/** How far it is from one aisle to the next, in meters: signs must not touch. @param {Way[]} aisles */
function apart(aisles) {
  const xs = aisles.map((way) => far(way)[0]).sort((a, b) => a - b);
  const gaps = xs.slice(1).map((x, n) => x - (xs[n] ?? x)).filter((gap) => gap > 0.5);
  return Math.min(...gaps, 1000);
}

/** The end of a way that is farther from the entrance. @param {Way} way */
function far({ start, end }) {
  return start[1] > end[1] ? start : end;
}

/** What the sign of an aisle says, at its far end. @param {Way} way @param {(xy: XY) => string} p @param {number} size @param {number} above */
function sign(way, p, size, above) {
  const [x, y] = p(far(way)).split(',');
  return svg('text', { x: x ?? 0, y: round(Number(y) - above), class: 'sign', 'font-size': round(size) }, way.aisle);
}

/** @param {XY} at @param {string} text @param {(xy: XY) => string} p @param {number} unit */
function word(at, text, p, unit) {
  const [x, y] = p(at).split(',');
  return svg('text', { x: round(Number(x) + unit * 3), y: round(Number(y) + unit * 1.5), class: 'word', 'font-size': round(unit * 4.5) }, text);
}

/** Which way a one-way aisle goes. @param {Way} way @param {(xy: XY) => string} p @param {number} unit */
function arrow(way, p, unit) {
  const [ax, ay] = p(way.start).split(',').map(Number);
  const [bx, by] = p(way.end).split(',').map(Number);
  const turn = (Math.atan2(Number(by) - Number(ay), Number(bx) - Number(ax)) * 180) / Math.PI;
  const [x, y] = [(Number(ax) + Number(bx)) / 2, (Number(ay) + Number(by)) / 2];
  const d = `M${-unit},${-unit} L${unit},0 L${-unit},${unit}`;
  return svg('path', { d, transform: `translate(${round(x)} ${round(y)}) rotate(${round(turn)})`, class: 'arrow' });
}
