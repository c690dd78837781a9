// The one write path: everything between a request body and a document that may be stored (spec entity-model §2.1 step 5–10).
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import type { JsonObject } from '../fields/references.ts';
import { applyAccessRules } from './access-rules.ts';
import type { AppLog } from './app-log.ts';
import { type CheckCall, checkFields, recordValidationCalls } from './check.ts';
import type { CounterStore } from './counters/store.ts';
import { applyDefaults } from './defaults.ts';
import { type Draft, draftErrors, type Group } from './draft.ts';
import type { Files } from './files.ts';
import type { Hooks } from './hooks.ts';
import { labelCalls, setPlainLabels } from './labels.ts';
import { fillStructure, mergeBody, writeValue } from './merge.ts';
import { settleReferences } from './references.ts';
import { scriptRecord } from './script-record.ts';
import type { RecordStore } from './store.ts';
import { collectUniqueKeys, reportDuplicates } from './unique.ts';
import { visitFields } from './walk.ts';

export interface WriteServices {
  readonly store: RecordStore;
  readonly counters: CounterStore;
  readonly hooks: Hooks;
  readonly files: Files;
  readonly appLog: AppLog;
  readonly timezone: string;
}

/**
 * Walks a draft through the save pipeline: merge, defaults, references, calculation, access rules, checks, labels.
 * @throws AppError `validationErrors` with every field error together
 */
export async function prepareSave(draft: Draft, body: JsonObject, services: WriteServices): Promise<void> {
  const { store, hooks, counters } = services;
  mergeBody(draft, draft.entity, body, draft.data, '');
  if (draft.options.defaultValues && draft.entity.has.defaults) await applyDefaults(draft, hooks);
  fillStructure(draft, draft.entity.fields, draft.data);
  await makeValues(draft, counters);
  await settleReferences(draft, services);
  setPlainLabels(draft, services.timezone);
  await runScripts(draft, services);
  setPlainLabels(draft, services.timezone);
  collectUniqueKeys(draft);
  if (draft.errors.length > 0) {
    // Only now is it worth a round trip: without other errors the unique index itself answers (see service.ts).
    if (draft.options.performValidations) await reportDuplicates(draft, store);
    throw draftErrors(draft);
  }
}

/** The document to store: transient values are gone, labels and version are in place. */
export function finishedRecord(draft: Draft, version: number): StoredRecord {
  const record = {
    _id: draft.id,
    version,
    label: draft.label,
    __label_lower_case__: draft.label.toLowerCase(),
    data: withoutTransient(draft.entity.fields, draft.data),
  };
  return draft.keys ? { ...record, keys: draft.keys } : record;
}

function withoutTransient(fields: readonly Field[], group: Group): Group {
  if (!fields.some((field) => field.transient || field.fields.length > 0)) return group;
  const copy: Group = { ...group };
  for (const field of fields) {
    const value = copy[field.name];
    if (field.transient) delete copy[field.name];
    else if (field.fields.length === 0 || value == null) continue;
    else if (Array.isArray(value))
      copy[field.name] = value.map((item) => withoutTransient(field.fields, item as Group));
    else copy[field.name] = withoutTransient(field.fields, value as Group);
  }
  return copy;
}

/** Values that the server makes: dates of creation and change, counters, ranks. */
async function makeValues(draft: Draft, counters: CounterStore): Promise<void> {
  for (const field of draft.entity.fields) {
    const { lifecycle } = field.type;
    if (lifecycle === null) continue;
    const stored = draft.data[field.name];
    if (lifecycle === 'modified') draft.data[field.name] = new Date(draft.env.now);
    else if (lifecycle === 'created') {
      // Records from before the field existed get the moment their type reads off the id (spec field-types §4.25).
      const before = draft.stored ? field.type.absent?.(draft.stored) : undefined;
      draft.data[field.name] = stored ?? before ?? new Date(draft.env.now);
    } else if (stored == null && draft.errors.length === 0) {
      const next = lifecycle === 'sequence' ? counters.nextNumber : counters.nextRank;
      draft.data[field.name] = await next(draft.entity, field);
    }
  }
}

/**
 * Calculations, access rules, checks and labels. Where an entity's only functions are calculations and labels, they go in one
 * message; access rules and validations must see the calculated state first, so they cost a second one.
 */
async function runScripts(draft: Draft, services: WriteServices): Promise<void> {
  const { hooks } = services;
  const calculations =
    draft.options.calculateFields && draft.entity.has.calculations ? calculationCalls(draft, services) : [];
  const together = !dependsOnCalculated(draft.entity);
  await runCalls(draft, hooks, together ? [...calculations, ...labelCalls(draft)] : calculations);
  if (draft.pending.length > 0) await settleReferences(draft, services, 'pending');
  const exempt = draft.options.filterByReadWriteAccess ? await applyAccessRules(draft, services) : new Set<string>();
  const checks = draft.options.performValidations
    ? [...(await checkFields(draft, exempt, services.store)), ...recordValidationCalls(draft)]
    : [];
  if (!together) checks.push(...labelCalls(draft));
  await runCalls(draft, hooks, checks);
}

/** Entities with rules or validations, which must see calculated values after their conversion. */
function dependsOnCalculated({ has, recordValidations, allFields }: EntityModel): boolean {
  return has.conditions || recordValidations.length > 0 || allFields.some((field) => field.validation !== null);
}

async function runCalls(draft: Draft, hooks: Hooks, calls: readonly CheckCall[]): Promise<void> {
  if (calls.length === 0) return;
  const results = await hooks.run(draft.ctx, {
    entity: draft.entity,
    record: scriptRecord(draft),
    oldRecord: null,
    calls: calls.map(({ call }) => call),
  });
  calls.forEach(({ settle }, index) => {
    settle(results[index]?.value ?? null);
  });
}

function calculationCalls(draft: Draft, { appLog }: WriteServices): CheckCall[] {
  const calls: CheckCall[] = [];
  visitFields(draft.entity.fields, draft.data, (field, group, at) => {
    const rule = field.calculation;
    if (rule?.kind !== 'hook') return;
    const settle: CheckCall['settle'] = (value) => {
      const before = draft.errors.length;
      writeValue(draft, field, value, group, at);
      if (draft.errors.length === before) return;
      // A value that does not convert is the app's mistake, not the client's: logged, and the field becomes empty (spec §2.10).
      const [problem] = draft.errors.splice(before);
      draft.failed.delete(problem?.field ?? at);
      delete group[field.name];
      appLog.write(draft.ctx, {
        level: 'ERROR',
        message: `The calculated value of field [${at}] in entity [${draft.entity.name}] was refused: ${problem?.message}`,
      });
    };
    calls.push({ call: { kind: 'calculation', hook: rule.hook, at }, settle });
  });
  return calls;
}
