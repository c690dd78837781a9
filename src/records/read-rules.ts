// Read access rules of fields on stored records (spec entity-model §2.9): which concrete paths a record does not show.
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { askAll, type OpenQuestion, type Question } from './conditions.ts';
import { type Draft, SAVE_ALL, startDraft } from './draft.ts';
import { scriptRecord } from './script-record.ts';
import type { Operation } from './service.ts';
import { visitFields } from './walk.ts';

type Reading = Pick<Operation, 'ctx' | 'definitions' | 'env' | 'hooks' | 'store'>;

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
 * For each record the concrete paths of fields that it does not show now.
 * A rule that fails counts as false and is logged, so a broken script hides and never reveals (spec entity-model §3.2.7).
 */
export async function hiddenPaths(
  reading: Reading,
  entity: EntityModel,
  records: readonly StoredRecord[],
): Promise<ReadonlySet<string>[]> {
  const { ctx, definitions, env, store } = reading;
  const rights = { ctx, definitions, env, entity, access: ctx.accessTo(entity), options: SAVE_ALL };
  const asked = records.map((stored) => questionsOf(startDraft({ ...rights, stored })));
  const open = await askAll(reading, asked, store);
  await Promise.all(asked.map(({ draft }, index) => answerByScript(reading, draft, open[index] ?? [])));
  return asked.map(({ hidden }) => hidden);
}

interface Asked {
  readonly draft: Draft;
  readonly questions: readonly Question[];
  readonly hidden: Set<string>;
}

function questionsOf(draft: Draft): Asked {
  const hidden = new Set<string>();
  const questions: Question[] = [];
  visitFields(draft.entity.fields, draft.data, (field: Field, _group, at) => {
    if (field.readAccess.kind === 'always') return;
    questions.push({ condition: field.readAccess, at, settle: (holds) => void (holds || hidden.add(at)) });
  });
  return { draft, questions, hidden };
}

async function answerByScript(
  { ctx, hooks }: Reading,
  draft: Draft,
  questions: readonly OpenQuestion[],
): Promise<void> {
  if (questions.length === 0) return;
  const calls = questions.map(({ call }) => call);
  try {
    const request = { entity: draft.entity, record: scriptRecord(draft), oldRecord: null, calls };
    const results = await hooks.run(ctx, request);
    questions.forEach(({ settle }, index) => {
      settle(Boolean(results[index]?.value));
    });
  } catch (error) {
    ctx.log.error({ err: error, entity: draft.entity.name }, 'read access rule failed, the fields stay hidden');
    for (const { settle } of questions) settle(false);
  }
}
