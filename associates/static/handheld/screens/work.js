/** What is due, soonest first. No score, no clock. */

import { button, h, icon } from 'handheld/element.js';
import { gear } from 'handheld/gear.js';
import { lookUp } from 'handheld/screens/counter.js';
import { n, t } from 'handheld/words.js';

/** @typedef {import('../types.js').Actions} Actions */
/** @typedef {import('../types.js').Screen} Screen */
/** @typedef {import('../types.js').TaskCard} TaskCard */
/** @typedef {import('../types.js').TasksData} TasksData */

/**
 * @param {TaskCard} task
 * @param {Actions} actions
 */
function card(task, actions) {
  const items = n('1 item', '{count} items', task.units);
  const due = task.late ? t('Late: was due {due}', { due: task.due }) : t('Due {due}', { due: task.due });
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        id: `task-${task.task_id}`,
        class: `card${task.state === 'taken' ? ' taken' : task.late || task.at_risk ? ' late' : ''}`,
        click: () => actions.ask(`tasks/${task.task_id}/claim`, {}),
      },
      h('b', { class: 'due' }, (task.late || task.at_risk) && icon('clock'), due),
      h('span', {}, `${task.number} · ${items}`),
      task.guest !== '' && h('span', { class: 'amber' }, task.guest),
      task.word !== '' && h('span', { class: 'word' }, task.word),
    ),
  );
}

/**
 * Orders that may be walked as one. Each of them is on the list, too: a person may take one alone.
 *
 * @param {import('../types.js').Together} wave
 * @param {Actions} actions
 */
function together(wave, actions) {
  const items = n('1 item', '{count} items', wave.units);
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', id: 'together', class: 'card wave', click: () => actions.ask('waves', { task_ids: wave.task_ids }) },
      icon('bag'),
      h('b', { class: 'due' }, wave.words),
      h('span', {}, t('{items} in one walk · the first is due {due}', { items, due: wave.due })),
    ),
  );
}

/**
 * @param {TasksData} data
 * @param {Actions} actions
 * @returns {Screen}
 */
export function work(data, actions) {
  const count = data.tasks.length + data.more;
  const title = count === 0 ? t('Nothing to pick') : n('1 order to pick', '{count} orders to pick', count);
  return {
    title,
    top: [h('p', {}, h('b', {}, data.name), ' · ', data.store), gear(actions)],
    main: [
      h('h1', {}, title),
      count === 0
        ? h('p', { class: 'quiet' }, t('Every order here is picked. New ones appear by themselves.'))
        : h(
            'ul',
            { class: 'cards' },
            data.together !== null && together(data.together, actions),
            ...data.tasks.map((task) => card(task, actions)),
          ),
      data.more > 0 && h('p', { class: 'quiet' }, t('And {count} more, due later.', { count: data.more })),
    ].filter((node) => node instanceof Node),
    thumb: [
      button(t('Customer is here'), 'person', () => actions.view('counter')),
      data.put_backs.length > 0
        ? button(t('Put back ({count})', { count: data.put_backs.length }), 'shelf', () => actions.view('put_back'))
        : null,
      data.counts.length > 0
        ? button(t('Count ({count})', { count: data.counts.length }), 'many', () => actions.view('counts'))
        : null,
    ].filter((node) => node !== null),
    scanned: (scan) => lookUp(scan.code, actions),
  };
}
