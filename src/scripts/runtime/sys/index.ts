// The `sys` object: what scripts may call from functions of records. One entry per namespace of the script API.
import { BigNumber } from '../big-number.ts';
import { exceptions } from '../exceptions.ts';
import { logs, writeLog } from '../logs.ts';
import { formatNumber } from '../number-format.ts';
import { addWaiting, internal, type Namespace } from './names.ts';
import { base64, text } from './text.ts';
import { timeFunctions } from './time.ts';

/** Who and where, as of the running message. */
export interface Acting {
  readonly zone: string;
  readonly userId: string | null;
  readonly ip: string | null;
}

/** Runs code that a script holds as text; `context` is `this` and a variable. */
function evaluate(code: unknown, context?: unknown): unknown {
  return new Function('context', 'return eval(arguments[1]);').call(context, context, String(code));
}

/** Builds `sys`; `acting` is asked at every call. */
export function makeSys(acting: () => Acting): Namespace {
  const sys: Namespace = {
    logs,
    exceptions,
    context: {
      getCurrentUserId: (): string | null => acting().userId,
      getCurrentIp: (): string | null => acting().ip,
    },
    utils: {
      text,
      base64,
      time: timeFunctions(() => acting().zone),
      numbers: { BigNumber, format: formatNumber },
      script: { eval: evaluate },
    },
    internal: internal('sys.internal'),
    ui: { sendMessage: (): void => writeLog('debug', 'sys.ui.sendMessage() has no one to talk to') },
    endpoints: { isDeployed: () => false, findByName: () => null, findById: () => null },
    monitoring: { getMetrics: () => [] },
  };
  addWaiting(sys);
  return sys;
}
