// What can be in an audit log, and which changes a context's writes put there (spec auth-jobs-logs-files §8.4, entity-model §1.6).
import type { Context } from '../../context.ts';
import type { AuditEvent, AuditSettings } from '../../definitions/model.ts';

/** The event types of the contract; each begins with its category. */
export const AUDIT_EVENT_TYPES = [
  'USER_RECORD_CREATED',
  'USER_RECORD_CHANGED',
  'USER_RECORD_DELETED',
  'USER_ACTION_PERFORMED',
  'SCRIPT_RECORD_CREATED',
  'SCRIPT_RECORD_CHANGED',
  'SCRIPT_RECORD_DELETED',
  'SCRIPT_ACTION_PERFORMED',
  'SYSTEM_CASCADE_UPDATE',
  'SYSTEM_REFACTORING',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

const OF_PEOPLE = {
  user: {
    recordCreated: 'USER_RECORD_CREATED',
    recordChanged: 'USER_RECORD_CHANGED',
    recordDeleted: 'USER_RECORD_DELETED',
    actionExecuted: 'USER_ACTION_PERFORMED',
  },
  script: {
    recordCreated: 'SCRIPT_RECORD_CREATED',
    recordChanged: 'SCRIPT_RECORD_CHANGED',
    recordDeleted: 'SCRIPT_RECORD_DELETED',
    actionExecuted: 'SCRIPT_ACTION_PERFORMED',
  },
} as const satisfies Record<string, Record<AuditEvent, AuditEventType>>;

/** The type under which a context's deed is to be written; null when the entity does not want it. */
export function eventType(settings: AuditSettings, ctx: Context, event: AuditEvent): AuditEventType | null {
  const { origin, systemWork } = ctx;
  if (origin !== 'system') return settings[origin].has(event) ? OF_PEOPLE[origin][event] : null;
  if (systemWork === 'cascade') return settings.cascadeUpdates ? 'SYSTEM_CASCADE_UPDATE' : null;
  return systemWork === 'refactoring' && settings.refactorings ? 'SYSTEM_REFACTORING' : null;
}

/** `USER`, `SCRIPT` or `SYSTEM`. */
export function categoryOf(type: AuditEventType): string {
  return type.slice(0, type.indexOf('_'));
}

export function isAuditEventType(text: string): text is AuditEventType {
  return (AUDIT_EVENT_TYPES as readonly string[]).includes(text);
}
