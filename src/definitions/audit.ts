// Audit-log settings of an entity (spec entity-model §1.6).
import { type Compilation, type EntityDraft, fieldAt } from './compilation.ts';
import type { AuditFile } from './entity-schema.ts';
import type { AuditEvent, AuditSettings } from './model.ts';
import { at, type Place } from './place.ts';

const EVENTS: readonly AuditEvent[] = ['recordCreated', 'recordChanged', 'recordDeleted', 'actionExecuted'];
const DAY = 24 * 60 * 60 * 1000;
/** Milliseconds of a retention unit; a month counts 30 days. */
const UNITS = { days: DAY, weeks: 7 * DAY, months: 30 * DAY } as const;
const SHORT_UNITS: Readonly<Record<string, number>> = { D: UNITS.days, W: UNITS.weeks, M: UNITS.months, Y: 365 * DAY };

/** On when the map exists, `enabled` is not false and at least one flag is true; else null. */
export function compileAudit(c: Compilation, entity: EntityDraft): AuditSettings | null {
  const file = entity.declared.content.settings?.auditLogs;
  if (!file) return null;
  const place = at(entity.declared.place, 'settings', 'auditLogs');
  const settings: AuditSettings = {
    user: eventsOf(file.userContext),
    script: eventsOf(file.scriptContext),
    cascadeUpdates: file.systemContext?.cascadeUpdates ?? false,
    refactorings: file.systemContext?.refactorings ?? false,
    ignoredFields: {
      user: ignored(c, entity, file.userContext?.ignoredFields, at(place, 'userContext', 'ignoredFields')),
      script: ignored(c, entity, file.scriptContext?.ignoredFields, at(place, 'scriptContext', 'ignoredFields')),
    },
    keepAfterDelete: keepAfterDelete(c, file.dataExpiration, at(place, 'dataExpiration')),
  };
  const isOn = settings.user.size + settings.script.size > 0 || settings.cascadeUpdates || settings.refactorings;
  return file.enabled === false || !isOn ? null : Object.freeze(settings);
}

function eventsOf(context: AuditFile['userContext']): ReadonlySet<AuditEvent> {
  return new Set(EVENTS.filter((event) => context?.[event] === true));
}

function ignored(
  c: Compilation,
  entity: EntityDraft,
  paths: readonly string[] | undefined,
  place: Place,
): ReadonlySet<string> {
  for (const [index, path] of (paths ?? []).entries()) fieldAt(c, entity, path, at(place, index));
  return new Set(paths);
}

function keepAfterDelete(c: Compilation, file: AuditFile['dataExpiration'], place: Place): number | null {
  if (!file) return null;
  if (file.deletionPolicy === 'expireWhenRecordIsDeleted') return 0;
  if (file.customDeletion !== undefined) return file.customDeletion * UNITS[file.customDeletionPolicyType ?? 'days'];
  if (file.retentionPeriod === undefined) return null;
  const [, amount, unit = ''] = /^\s*(\d{1,4})\s*([DWMY])\s*$/i.exec(file.retentionPeriod) ?? [];
  const length = SHORT_UNITS[unit.toUpperCase()];
  if (amount !== undefined && length !== undefined) return Number(amount) * length;
  c.problems.error(at(place, 'retentionPeriod'), 'must be a number and D, W, M or Y, such as 2M');
  return null;
}
