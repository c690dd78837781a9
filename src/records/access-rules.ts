// Read and write access rules of fields: not permissions, they hold for everybody (spec entity-model §2.9).
import type { Condition, Field } from '../definitions/model.ts';
import { ask, type Question } from './conditions.ts';
import type { Draft, Group } from './draft.ts';
import type { Hooks } from './hooks.ts';
import { scriptRecord } from './script-record.ts';
import type { RecordStore } from './store.ts';
import { visitFields } from './walk.ts';

interface Verdict {
  readonly field: Field;
  readonly group: Group;
  readonly at: string;
  read: boolean;
  write: boolean;
}

interface RuleServices {
  readonly hooks: Hooks;
  readonly store: RecordStore;
}

const ALWAYS: Condition = { kind: 'always' };

/**
 * Puts stored values back where the write rule is false, and empties fields whose read and write rules both are.
 * @returns concrete paths whose `required` is not checked, since the field is without read or write access at this moment
 */
export async function applyAccessRules(draft: Draft, services: RuleServices): Promise<ReadonlySet<string>> {
  const exempt = new Set<string>();
  if (!draft.entity.has.conditions) return exempt;
  for (const verdict of await judge(draft, services)) {
    if (verdict.read && verdict.write) continue;
    exempt.add(verdict.at);
    if (verdict.write) continue;
    const stored = verdict.read ? storedValue(draft, verdict) : undefined;
    if (stored === undefined) delete verdict.group[verdict.field.name];
    else verdict.group[verdict.field.name] = stored;
  }
  return exempt;
}

async function judge(draft: Draft, { hooks, store }: RuleServices): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const questions: Question[] = [];
  visitFields(draft.entity.fields, draft.data, (field, group, at) => {
    if (field.readAccess.kind === ALWAYS.kind && field.writeAccess.kind === ALWAYS.kind) return;
    const verdict: Verdict = { field, group, at, read: true, write: true };
    verdicts.push(verdict);
    questions.push({ condition: field.readAccess, at, settle: (holds) => (verdict.read = holds) });
    questions.push({ condition: field.writeAccess, at, settle: (holds) => (verdict.write = holds) });
  });
  const calls = await ask(draft, questions, store);
  if (calls.length) {
    const record = scriptRecord(draft);
    const results = await hooks.run(draft.ctx, {
      entity: draft.entity,
      record,
      oldRecord: null,
      calls: calls.map(({ call }) => call),
    });
    calls.forEach(({ settle }, index) => {
      settle(Boolean(results[index]?.value));
    });
  }
  return verdicts;
}

/** The value before the save, found in the same nested element by its id. */
function storedValue(draft: Draft, { field, group }: Verdict): unknown {
  if (!draft.stored) return undefined;
  if (group === draft.data) return draft.stored.data[field.name];
  return findElement(draft.entity.fields, draft.stored.data, group)?.[field.name];
}

function findElement(fields: readonly Field[], stored: Readonly<Group>, wanted: Group): Group | undefined {
  for (const field of fields) {
    if (field.fields.length === 0) continue;
    const value = stored[field.name];
    for (const item of (Array.isArray(value) ? value : value ? [value] : []) as Group[]) {
      if (String(item._id) === String(wanted._id)) return item;
      const inner = findElement(field.fields, item, wanted);
      if (inner) return inner;
    }
  }
  return undefined;
}
