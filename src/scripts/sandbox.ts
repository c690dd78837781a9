// One isolate with the app's code in it. Runs on the thread that calls it: a label costs microseconds there.
import ivm from 'isolated-vm';
import type { Failure, LoadMessage } from './protocol.ts';
import { RUNTIME_PREFIX, runtimeModule, runtimeName } from './runtime-source.ts';

/** What became of work: the answer's text, or the limit it broke; `spent` sandboxes must be replaced. */
export interface Outcome {
  readonly answer: string;
  readonly spent: boolean;
}

export interface Sandbox {
  define(kind: 'shape' | 'hook', id: number, text: string): void;
  /** Runs the calls of a message one after the other; `onProgress` is told between them. */
  run(text: string, onProgress: () => void): Outcome;
  test(text: string): Outcome;
  /** Bytes of live and dead objects in the heap. */
  heapUsed(): number;
  dispose(): void;
}

type Door = ivm.Reference<(...args: unknown[]) => unknown>;

/** Builds a sandbox: the runtime, then the app's sources, which are evaluated when they are first needed. */
export function createSandbox(load: LoadMessage): Sandbox {
  const isolate = new ivm.Isolate({ memoryLimit: load.memoryMb });
  const context = isolate.createContextSync();
  const main = linkRuntime(isolate, context);
  const door = (name: string): Door => main.namespace.getSync(name, { reference: true }) as Door;
  const [define, start, step, test, logs] = ['define', 'start', 'step', 'test', 'logs'].map(door) as [
    Door,
    Door,
    Door,
    Door,
    Door,
  ];
  door('load').applySync(undefined, [JSON.stringify({ files: load.files })]);
  const limit = { timeout: load.hookTimeoutMs };

  /** One step under the time limit, and what to answer when a limit was broken. */
  const attempt = (call: number | null, work: () => string | null): Outcome | null => {
    try {
      const text = work();
      return text === null ? null : { answer: text.slice(1), spent: text.startsWith('-') };
    } catch (error) {
      const failure = brokenLimit(isolate, error, load, call);
      return { answer: JSON.stringify({ e: failure, ...(!isolate.isDisposed && lastLogs()) }), spent: true };
    }
  };
  const lastLogs = (): { l?: unknown } => {
    try {
      return { l: JSON.parse(logs.applySync(undefined, [], { timeout: 100 }) as string) };
    } catch {
      return {};
    }
  };

  return {
    define: (kind, id, text) => void define.applySync(undefined, [kind, id, text]),
    run(text, onProgress) {
      const begun = performance.now();
      let outcome = attempt(0, () => start.applySync(undefined, [text], limit) as string | null);
      for (let call = 1; outcome === null; call += 1) {
        if (performance.now() - begun > load.messageTimeoutMs)
          outcome = { answer: JSON.stringify({ e: late(load.messageTimeoutMs, call) }), spent: true };
        else outcome = attempt(call, () => step.applySync(undefined, [], limit) as string | null);
        onProgress();
      }
      return outcome;
    },
    test: (text) =>
      attempt(null, () => test.applySync(undefined, [text], limit) as string) ?? { answer: '{}', spent: true },
    heapUsed: () => {
      const { used_heap_size, externally_allocated_size } = isolate.getHeapStatisticsSync();
      return used_heap_size + externally_allocated_size;
    },
    dispose: () => {
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}

function linkRuntime(isolate: ivm.Isolate, context: ivm.Context): ivm.Module {
  const modules = new Map<string, ivm.Module>();
  const names = new Map<ivm.Module, string>();
  const compile = (name: string): ivm.Module => {
    const known = modules.get(name);
    if (known) return known;
    const module = isolate.compileModuleSync(runtimeModule(name).code, { filename: RUNTIME_PREFIX + name });
    modules.set(name, module);
    names.set(module, name);
    return module;
  };
  const main = compile('runtime/main');
  main.instantiateSync(context, (specifier, importer) => compile(runtimeName(specifier, names.get(importer) ?? '')));
  main.evaluateSync();
  return main;
}

/** Names the limit behind an error of the isolate itself; the runtime catches whatever app code throws. */
function brokenLimit(isolate: ivm.Isolate, error: unknown, load: LoadMessage, call: number | null): Failure {
  if (isolate.isDisposed) return { ...late(0, call), kind: 'memory', message: `used more than ${load.memoryMb} MB` };
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('timed out')) return late(load.hookTimeoutMs, call);
  return { kind: 'thrown', code: 'javascriptException', message, stack: null, call, info: null };
}

function late(limitMs: number, call: number | null): Failure {
  return { kind: 'late', code: 'timeout', message: `took longer than ${limitMs} ms`, stack: null, call, info: null };
}
