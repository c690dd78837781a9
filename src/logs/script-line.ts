// What scripts log, as lines of the app's log (spec auth-jobs-logs-files §7.4).
import type { Context } from '../context.ts';
import { isObject } from '../fields/references.ts';
import type { AppLog } from '../records/app-log.ts';
import type { ScriptLog } from '../scripts/pool.ts';

const LEVELS = { info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** Writes the line; what is for debugging stays in the log of the process. */
export function writeScriptLine(appLog: AppLog, ctx: Context, { level, message, detail, entity }: ScriptLog): void {
  if (level === 'debug') {
    ctx.log.debug({ script: entity, ...(detail !== null && { detail }) }, message);
    return;
  }
  const additionalInfo = isObject(detail) ? detail : { detail };
  appLog.write(ctx, { level: LEVELS[level], message, subType: 'SCRIPT', ...(detail !== null && { additionalInfo }) });
}
