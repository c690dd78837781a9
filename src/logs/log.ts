// A line of the app's log, as it is stored and as the API prints it (spec auth-jobs-logs-files §7.1).
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { JsonObject } from '../fields/references.ts';
import type { AppLogLine } from '../records/app-log.ts';

export const LOG_LEVELS = ['INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `APP`: the server and the app's scripts; `EXTERNAL`: sent through the API. `ENDPOINT`, of integrations, is not made here. */
export type LogType = 'APP' | 'EXTERNAL';

export interface LogDocument {
  readonly _id: ObjectId;
  readonly type: LogType;
  /** Absent: none; so are the others below. */
  readonly subType?: NonNullable<AppLogLine['subType']>;
  readonly level: LogLevel;
  readonly message: string;
  readonly userEmail: string;
  readonly adminUserEmail?: string;
  readonly timestamp: Date;
  readonly ip?: string;
  /** JSON: it is free in form, and nobody searches in it. */
  readonly info?: string;
}

/** Who did what the line is about. */
export interface LogActor {
  readonly userEmail: string;
  readonly adminUserEmail: string | null;
  readonly ip: string | null;
}

/** A log of the API; `additionalInfo` is left out of lists when it is empty. */
export interface LogJson {
  readonly id: string;
  readonly type: LogType;
  readonly subType: string | null;
  readonly level: LogLevel;
  readonly message: string;
  readonly userEmail: string;
  readonly adminUserEmail: string | null;
  readonly timestamp: number;
  readonly ip: string | null;
  readonly additionalInfo?: JsonObject;
}

const LONGEST_MESSAGE = 10_000;
/** Characters of JSON. */
export const LONGEST_INFO = 65_536;

export const actorOf = ({ principal, ip }: Pick<Context, 'principal' | 'ip'>): LogActor => ({
  userEmail: principal.email,
  adminUserEmail: principal.adminUserEmail,
  ip,
});

/** The document of a line; what is too long is cut, since the server writes it and nobody could answer for it. */
export function logDocument(type: LogType, actor: LogActor, line: AppLogLine, now: number): LogDocument {
  const { level, message, subType, additionalInfo } = line;
  const info = additionalInfo && infoText(additionalInfo);
  return {
    _id: new ObjectId(),
    type,
    ...(subType && { subType }),
    level,
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
    userEmail: actor.userEmail,
    ...(actor.adminUserEmail !== null && { adminUserEmail: actor.adminUserEmail }),
    timestamp: new Date(now),
    ...(actor.ip !== null && { ip: actor.ip }),
    ...(info && { info }),
  };
}

export function printLog(document: LogDocument): LogJson {
  return {
    id: document._id.toHexString(),
    type: document.type,
    subType: document.subType ?? null,
    level: document.level,
    message: document.message,
    userEmail: document.userEmail,
    adminUserEmail: document.adminUserEmail ?? null,
    timestamp: document.timestamp.getTime(),
    ip: document.ip ?? null,
    ...(document.info && { additionalInfo: JSON.parse(document.info) }),
  };
}

function infoText(info: JsonObject): string | undefined {
  const text = JSON.stringify(info);
  if (text === '{}') return undefined;
  return text.length <= LONGEST_INFO ? text : JSON.stringify({ tooLarge: `${text.length} characters` });
}
