// What the app's log hears of records: saves that fields refused, and every change of entities with detailed logging
// (spec auth-jobs-logs-files §7.4).
import { FULL_ACCESS } from '../context.ts';
import type { Companion } from '../db/together.ts';
import type { StoredRecord } from '../definitions/model.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { JsonObject } from '../fields/references.ts';
import type { AppLogLine } from './app-log.ts';
import type { Draft } from './draft.ts';
import { scriptRecord } from './script-record.ts';
import { hideSecrets, secretsIn } from './secrets.ts';
import { serialize } from './serialize.ts';
import type { Operation } from './service.ts';

type Told = Pick<Operation, 'ctx' | 'entity' | 'env' | 'appLog'>;

/** Errors that one line lists. */
const MOST_ERRORS = 100;

/** Runs the steps of a save; what fields refuse on the way is told before it goes on to the caller. */
export async function tellingRefusals<T>(
  told: Told,
  draft: Draft,
  body: JsonObject,
  save: () => Promise<T>,
): Promise<T> {
  try {
    return await save();
  } catch (error) {
    if (error instanceof AppError && error.errors) told.appLog.write(told.ctx, refusalLine(draft, body, error.errors));
    throw error;
  }
}

/** Tells of a record that was created or changed. */
export function tellChange(told: Told, deed: 'created' | 'changed' | 'deleted', record: StoredRecord): void {
  if (told.entity.enableDetailedLogging) told.appLog.write(told.ctx, changeLine(told, deed, record));
}

/** The same about records that a transaction deletes: the lines are there once it holds. */
export function removalLines(told: Told, records: readonly StoredRecord[]): readonly Companion[] {
  if (!told.entity.enableDetailedLogging) return [];
  return records.map((record) => told.appLog.companion(told.ctx, changeLine(told, 'deleted', record)));
}

function changeLine(told: Told, deed: string, record: StoredRecord): AppLogLine {
  const { entity } = told;
  const label = entity.has.sensitive ? hideSecrets(record.label, secretsOf(told, record)) : record.label;
  return {
    level: 'INFO',
    message: `Data record of type [${entity.name}] with label [${label}] was ${deed} successfully`,
  };
}

function secretsOf({ entity, env }: Told, record: StoredRecord): readonly string[] {
  const whole = { access: FULL_ACCESS, env, selection: null, format: 'native', hidden: new Set<string>() } as const;
  return secretsIn(entity.fields, serialize(entity, record, { ...whole, fetched: new Map() }));
}

function refusalLine(draft: Draft, body: JsonObject, errors: readonly FieldError[]): AppLogLine {
  const { fields, has } = draft.entity;
  const secrets = has.sensitive
    ? [scriptRecord(draft).fields, body].flatMap((native) => secretsIn(fields, native))
    : [];
  const shown = errors.slice(0, MOST_ERRORS).map(({ code, field, message }) => ({
    code: code.toUpperCase(),
    field,
    message: hideSecrets(message, secrets),
  }));
  const recordLabel = hideSecrets(draft.label || (draft.stored?.label ?? ''), secrets);
  const texts = shown.map(({ field, message }) => (field === null ? message : `${field}: ${message}`));
  return {
    level: 'INFO',
    message: `Validation exceptions on record [${recordLabel}]. Error: [${texts.join(', ')}]`,
    additionalInfo: { recordLabel, errors: shown },
  };
}
