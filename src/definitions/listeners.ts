// Listeners, checked: what they listen to exists, their functions too (spec entity-model §1.5).
import type { Defined } from './app-files.ts';
import { type Compilation, type EntityDraft, entityAt, hookAt } from './compilation.ts';
import { compileCondition } from './conditions.ts';
import { deepFreeze } from './freeze.ts';
import type { EventRuleFile, ListenerFile } from './listener-schema.ts';
import type { ListenerModel } from './model.ts';
import { at, type Place } from './place.ts';
import { checkQuartz } from './quartz.ts';
import { queueOf } from './queues.ts';

/** All listeners in name order, the order in which synchronous ones run. */
export function compileListeners(c: Compilation, listeners: readonly Defined<ListenerFile>[]): ListenerModel[] {
  return listeners
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((listener) => {
      const { content, place, scope, name } = listener;
      if (content.type === 'data') checkData(c, listener);
      else if (content.type === 'time') checkTime(c, content, place);
      else checkNamed(c, content, place);
      const definition = deepFreeze({ ...content, queue: queueOf(c, content.queue, at(place, 'queue')) });
      return Object.freeze({ name, definition, action: hookAt(c, content.action, scope, at(place, 'action')) });
    });
}

/** What each other kind listens to; without it the listener could never run. */
const NAMED: Readonly<Record<string, readonly (keyof ListenerFile)[]>> = {
  job: ['jobType', 'event'],
  custom: ['event'],
  service: ['service', 'event'],
};

function checkNamed(c: Compilation, content: ListenerFile, place: Place): void {
  for (const key of NAMED[content.type] ?? []) {
    if (content[key] === undefined)
      c.problems.error(place, `${key} is missing: listeners of type ${content.type} need it`);
  }
}

function checkTime(c: Compilation, content: ListenerFile, place: Place): void {
  const wrong = content.expression === undefined ? 'is missing' : checkQuartz(content.expression);
  if (wrong !== null) c.problems.error(at(place, 'expression'), wrong);
  if (content.timezone !== undefined && !isZone(content.timezone)) {
    c.problems.error(at(place, 'timezone'), `${content.timezone} is not a time zone`);
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // A RangeError is how Intl says no.
    return false;
  }
}

function checkData(c: Compilation, { content, place, scope }: Defined<ListenerFile>): void {
  if (content.entity === undefined) {
    c.problems.error(place, 'entity is missing: listeners of type data need it');
    return;
  }
  const entity = entityAt(c, content.entity, at(place, 'entity'));
  if (!entity) return;
  for (const [index, rule] of (content.events ?? []).entries()) {
    const here = at(place, 'events', index);
    if (rule.condition !== undefined) {
      compileCondition(c, rule.condition, { target: entity, source: null, scope, place: at(here, 'condition') });
    }
    checkActions(c, entity, rule, here);
  }
}

function checkActions(c: Compilation, entity: EntityDraft, rule: EventRuleFile, place: Place): void {
  for (const [index, name] of (rule.actions ?? []).entries()) {
    const action = entity.model.actions.get(name);
    const here = at(place, 'actions', index);
    if (!action) c.problems.error(here, `action ${name} is not defined in entity ${entity.model.name}`);
    else if (action.type !== 'oneRecord') c.problems.error(here, `action ${name} is not of type oneRecord`);
  }
}
