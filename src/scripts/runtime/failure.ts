// What went wrong in a function, read with care: a script may throw anything, even things that throw when looked at.
import type { Json } from '../../fields/field-type.ts';
import type { Failure } from '../protocol.ts';
import { inside, type ScriptException } from './exceptions.ts';

const MAX_MESSAGE = 5000;
const MAX_STACK = 10_000;
/** Frames of this sandbox, which mean nothing to the app's people. */
const OWN_FRAME = /\btrebuchet:|<isolated-vm/;

/** Describes a thrown value. Never throws. */
export function describe(thrown: unknown, call: number | null): Failure {
  const exception = quietly(() => inside(thrown));
  return {
    kind: 'thrown',
    code: (exception?.code ?? 'javascriptException').slice(0, 100),
    message: (exception?.text ?? quietly(() => messageOf(thrown)) ?? 'The function threw something unreadable').slice(
      0,
      MAX_MESSAGE,
    ),
    stack: quietly(() => stackOf(thrown)),
    call,
    info: exception ? quietly(() => infoOf(thrown as ScriptException)) : null,
  };
}

function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function messageOf(thrown: unknown): string {
  if (thrown === null || thrown === undefined) return `The function threw ${String(thrown)}`;
  if (thrown instanceof Error) {
    const [name, message] = [String(thrown.name), String(thrown.message)];
    return name === 'Error' && message !== '' ? message : `${name}: ${message}`;
  }
  return typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown);
}

/** The frames in the app's files, innermost first. */
function stackOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null;
  const { stack } = thrown;
  if (typeof stack !== 'string') return null;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !OWN_FRAME.test(line));
  return frames.length === 0 ? null : frames.join('\n').slice(0, MAX_STACK);
}

function infoOf({ additionalInfo }: ScriptException): Json {
  const json = JSON.stringify(additionalInfo);
  return json === undefined || json.length > MAX_STACK ? null : (JSON.parse(json) as Json);
}
