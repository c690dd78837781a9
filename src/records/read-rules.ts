// Read access rules of fields on stored records (spec entity-model §2.9): which concrete paths a record does not show.
import type { Context } from '../context.ts';
import type { Definitions, EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import type { ValueEnv } from '../fields/field-type.ts';
import { ask, type Question } from './conditions.ts';
import { SAVE_ALL, startDraft } from './draft.ts';
import type { Hooks } from './hooks.ts';
import { scriptRecord } from './script-record.ts';
import { visitFields } from './walk.ts';

const ruled = new WeakMap<EntityModel, boolean>();

/** Does any field of the entity have a read rule? Most entities have none, and their records print without a wait. */
export function hasReadRules(entity: EntityModel): boolean {
  let has = ruled.get(entity);
  if (has === undefined) {
    has = entity.allFields.some((field) => field.readAccess.kind !== 'always');
    ruled.set(entity, has);
  }
  return has;
}

/**
 * The concrete paths of fields that this record does not show now.
 * A rule that fails counts as false and is logged, so a broken script hides and never reveals (spec entity-model §3.2.7).
 */
export async function hiddenPaths(
  of: { readonly ctx: Context; readonly definitions: Definitions; readonly env: ValueEnv },
  entity: EntityModel,
  record: StoredRecord,
  hooks: Hooks,
): Promise<ReadonlySet<string>> {
  const hidden = new Set<string>();
  const draft = startDraft({ ...of, entity, access: of.ctx.accessTo(entity), options: SAVE_ALL, stored: record });
  const questions: Question[] = [];
  visitFields(entity.fields, draft.data, (field: Field, _group, at) => {
    if (field.readAccess.kind === 'always') return;
    questions.push({ condition: field.readAccess, at, settle: (holds) => void (holds || hidden.add(at)) });
  });
  const calls = ask(draft, questions);
  if (calls.length === 0) return hidden;
  try {
    const results = await hooks.run(of.ctx, {
      entity,
      record: scriptRecord(draft),
      oldRecord: null,
      calls: calls.map(({ call }) => call),
    });
    calls.forEach(({ settle }, index) => {
      settle(Boolean(results[index]?.value));
    });
  } catch (error) {
    of.ctx.log.error({ err: error, entity: entity.name }, 'read access rule failed, the fields stay hidden');
    for (const { settle } of calls) settle(false);
  }
  return hidden;
}
