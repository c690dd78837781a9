// Default values: on create, and for nested elements that a save adds; only where the value is empty (spec entity-model §2.3).
import type { DefaultValue, Field } from '../definitions/model.ts';
import type { Json } from '../fields/field-type.ts';
import type { Draft, Group } from './draft.ts';
import type { HookCall, Hooks } from './hooks.ts';
import { writeValue } from './merge.ts';
import { scriptRecord } from './script-record.ts';
import { isEmptyField, visitFields } from './walk.ts';

interface DefaultWork {
  readonly field: Field;
  readonly group: Group;
  readonly at: string;
  readonly rule: DefaultValue;
}

/** Applies literal defaults, then those of hooks, all hooks in one message. */
export async function applyDefaults(draft: Draft, hooks: Hooks): Promise<void> {
  const scripted: { work: DefaultWork; call: HookCall }[] = [];
  for (const work of openDefaults(draft)) {
    const { rule } = work;
    if (rule.kind === 'hook') scripted.push({ work, call: { kind: 'default', hook: rule.hook, at: work.at } });
    else writeValue(draft, work.field, literalOf(draft, rule), work.group, work.at);
  }
  if (scripted.length === 0) return;
  const results = await hooks.run(draft.ctx, {
    entity: draft.entity,
    record: scriptRecord(draft),
    oldRecord: null,
    calls: scripted.map(({ call }) => call),
  });
  scripted.forEach(({ work }, index) => {
    writeValue(draft, work.field, results[index]?.value ?? null, work.group, work.at);
  });
}

function openDefaults(draft: Draft): DefaultWork[] {
  const open: DefaultWork[] = [];
  const creating = draft.stored === null;
  visitFields(draft.entity.fields, draft.data, (field, group, at) => {
    const rule = field.defaultValue;
    if (!rule || draft.failed.has(at)) return;
    if (!creating && !draft.newElements.has(group)) return;
    // A boolean that nobody sent is still absent here: fillStructure puts its `false` in after the defaults.
    if (!isEmptyField(field, group[field.name])) return;
    open.push({ field, group, at, rule });
  });
  return open;
}

function literalOf(draft: Draft, rule: Exclude<DefaultValue, { kind: 'hook' }>): Json {
  // The moment of the save: every date type decodes epoch milliseconds in the acting zone.
  return rule.kind === 'currentDate' ? draft.env.now : rule.value;
}
