// The pool of script hosts: runs the app's functions outside of this process, under limits of time and memory.
import { setTimeout as setTimer } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Context } from '../context.ts';
import type { Definitions, EntityModel, ScriptFile } from '../definitions/model.ts';
import { AppError } from '../errors.ts';
import type { HookCall, HookResult, Hooks, ScriptRecord } from '../records/hooks.ts';
import { hideSecrets, hideSecretsIn, secretsIn } from '../records/secrets.ts';
import { failureError, ScriptError, type Sources } from './failure.ts';
import { Fleet, type FleetStats } from './fleet.ts';
import type { JobSpec } from './job.ts';
import type { Answer, HostFile, LoadMessage, LogLine, RunMessage, TestMessage } from './protocol.ts';
import { type Definition, Registry } from './registry.ts';

export interface ScriptPoolOptions {
  readonly scripts: readonly ScriptFile[];
  /** Hosts are started at once where an entity of the app has functions, else with the first work; absent: where there are scripts. */
  readonly entities?: Definitions['entities'];
  /** Number of script host processes. */
  readonly hosts: number;
  /** Megabytes of one isolate. */
  readonly memoryMb: number;
  /** Milliseconds that one function may run. */
  readonly hookTimeoutMs: number;
  /** Milliseconds that all functions of one message may run together. */
  readonly scriptTimeoutMs: number;
  readonly log: Logger;
  /** Takes what scripts log, and their failures, with sensitive values hidden; by default the log of the context. */
  readonly onLog?: (ctx: Context, line: ScriptLog) => void;
  /** Messages that may wait for a host (1,000); more are refused with 503. */
  readonly queueLimit?: number;
  /** Milliseconds that a message may wait for a host (10,000); longer ends in 503. */
  readonly queueTimeoutMs?: number;
}

/** A line of a script for the app's log. */
export interface ScriptLog {
  readonly level: LogLine[0];
  readonly message: string;
  /** Second argument of the log call, as JSON; null when there was none. */
  readonly detail: LogLine[2];
  /** Entity whose function wrote it. */
  readonly entity: string;
}

export interface PoolStats extends FleetStats {
  readonly calls: number;
  readonly failures: number;
}

export interface ScriptPool {
  readonly hooks: Hooks;
  /**
   * Changes to new sources. What began with entities of the old ones goes on with those, for at most {@link GRACE_MS}; then hosts
   * that have them finish their work and end.
   */
  replaceScripts(definitions: Pick<Definitions, 'scripts' | 'entities'>): void;
  /** The same in two steps: starts hosts for new sources and, once they are there, gives the function that changes over to them. */
  stage(definitions: Pick<Definitions, 'scripts' | 'entities'>): Promise<() => void>;
  /** Resolves once the hosts are warm; at once where they start with the first work. Rejects when they can't be started. */
  ready(): Promise<void>;
  stats(): PoolStats;
  /** Process ids of the hosts. */
  pids(): number[];
  close(): Promise<void>;
}

type HookRequest = Parameters<Hooks['run']>[1];

/** What a message is about, for what is logged meanwhile. */
interface Subject {
  readonly entity: string;
  /** Values that no line may show; looked for only where there are lines. */
  readonly secrets: () => readonly string[];
}

const PATTERNS: Subject = { entity: 'patterns', secrets: () => [] };

/** The app's sources in some state, with the hosts that have them. */
interface Generation {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly sources: Sources;
  /** Files that mention `oldRecord`; the others don't get one. */
  readonly seesOld: ReadonlySet<string>;
  /** Started before there is work. */
  readonly warm: boolean;
  /** Its hosts are ending: whoever still comes with its entities is served by the newer ones. */
  ending: boolean;
}

/** Longer than any request may work. */
const GRACE_MS = 35_000;
/** Hosts that are not there after so long come when they come; new sources don't wait for them. */
const STAGE_MS = 10_000;

/** Builds the pool. For an app without functions no process is started, but for a pattern that needs one. */
export function createScriptPool(options: ScriptPoolOptions): ScriptPool {
  let current = startGeneration(options, options);
  const byEntity = new WeakMap<EntityModel, Generation>();
  const adopt = (generation: Generation, entities: Definitions['entities'] | undefined): void => {
    for (const entity of entities?.values() ?? []) byEntity.set(entity, generation);
  };
  adopt(current, options.entities);
  /** The one before the current, while what began with it may go on. */
  let former: { readonly generation: Generation; readonly timer: NodeJS.Timeout } | null = null;
  const retiring = new Set<Promise<void>>();
  /** Of sources that are not in force yet. */
  const staged = new Set<Fleet>();
  let calls = 0;
  let failures = 0;

  const generationOf = (entity: EntityModel): Generation => {
    const own = byEntity.get(entity);
    return own && !own.ending ? own : current;
  };

  function endFormer(): void {
    if (!former) return;
    const { generation, timer } = former;
    former = null;
    clearTimeout(timer);
    generation.ending = true;
    const closing = generation.fleet.close(true).finally(() => retiring.delete(closing));
    retiring.add(closing);
  }

  function changeTo(next: Generation, { entities }: Pick<Definitions, 'entities'>): void {
    endFormer();
    former = { generation: current, timer: setTimeout(endFormer, GRACE_MS).unref() };
    current = next;
    adopt(next, entities);
  }

  async function perform(
    { fleet, sources }: Generation,
    ctx: Context,
    subject: Subject,
    spec: JobSpec,
    names: (call: number | null) => string,
  ): Promise<Answer> {
    try {
      const answer = await fleet.submit(spec).answer;
      for (const line of answer.l ?? []) report(ctx, subject, line);
      if (!answer.e) return answer;
      failures += 1;
      throw failureError(answer.e, names(answer.e.call), sources);
    } catch (error) {
      if (isMistake(error)) report(ctx, subject, failureLine(error));
      throw error;
    }
  }

  function report(ctx: Context, { entity, secrets }: Subject, [level, text, more]: LogLine): void {
    const hidden = secrets();
    const [message, detail] = [hideSecrets(text, hidden), hideSecretsIn(more, hidden)];
    if (options.onLog) options.onLog(ctx, { level, message, detail, entity });
    else ctx.log[level]({ script: entity, ...(detail !== null && { detail }) }, message);
  }

  const hooks: Hooks = {
    async run(ctx, request) {
      if (request.calls.length === 0) return [];
      calls += request.calls.length;
      const { entity } = request;
      const generation = generationOf(entity);
      const spec = runSpec(generation, ctx, request);
      const { v } = await perform(generation, ctx, subjectOf(request), spec, (call) =>
        nameOf(entity, request.calls[call ?? 0]),
      );
      return (v ?? []).map((value): HookResult => ({ value }));
    },
    async testPattern(ctx, source, value) {
      calls += 1;
      const message: TestMessage = { source, value };
      const what = `Pattern ${source}`;
      const spec: JobSpec = { tag: 'test', key: 'patterns', body: JSON.stringify(message), needs: [], what };
      return (await perform(current, ctx, PATTERNS, spec, () => what)).v?.[0] === true;
    },
  };

  return {
    hooks,
    replaceScripts: (definitions) => changeTo(startGeneration(options, definitions), definitions),
    async stage(definitions) {
      const next = startGeneration(options, definitions);
      staged.add(next.fleet);
      if (next.warm) await Promise.race([next.fleet.ready(), setTimer(STAGE_MS, undefined, { ref: false })]);
      return () => {
        staged.delete(next.fleet);
        changeTo(next, definitions);
      };
    },
    ready: () => (current.warm ? current.fleet.ready() : Promise.resolve()),
    stats: () => ({ ...current.fleet.stats(), calls, failures }),
    pids: () => current.fleet.pids(),
    close: async () => {
      endFormer();
      await Promise.all([current.fleet.close(), ...retiring, ...[...staged].map((fleet) => fleet.close())]);
    },
  };
}

function startGeneration(
  options: ScriptPoolOptions,
  { scripts, entities }: Pick<ScriptPoolOptions, 'scripts' | 'entities'>,
): Generation {
  const load: LoadMessage = {
    files: scripts.map(hostFile),
    memoryMb: options.memoryMb,
    hookTimeoutMs: options.hookTimeoutMs,
    messageTimeoutMs: options.scriptTimeoutMs,
  };
  const fleet = new Fleet({
    size: options.hosts,
    load: JSON.stringify(load),
    hookTimeoutMs: options.hookTimeoutMs,
    queueLimit: options.queueLimit ?? 1000,
    queueTimeoutMs: options.queueTimeoutMs ?? 10_000,
    log: options.log,
  });
  const warm = entities
    ? [...entities.values()].some(({ kind, has }) => has.hooks && kind !== 'system')
    : scripts.length > 0;
  if (warm) fleet.start();
  const seesOld = scripts.filter(({ source }) => source.includes('oldRecord')).map(({ file }) => file);
  const sources = new Map(scripts.map(({ file, source }) => [file, source]));
  return { fleet, registry: new Registry(), sources, seesOld: new Set(seesOld), warm, ending: false };
}

function subjectOf({ entity, record, oldRecord }: HookRequest): Subject {
  const secrets = (): readonly string[] =>
    [record, oldRecord].flatMap((one) => (one ? secretsIn(entity.fields, one.fields) : []));
  return { entity: entity.name, secrets: entity.has.sensitive ? secrets : PATTERNS.secrets };
}

/** Is it the app's own mistake, rather than a refusal that its script meant or a pool that has no host? */
function isMistake(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'javascriptException' || error.code === 'timeout');
}

function failureLine({ message, cause }: AppError): LogLine {
  if (!(cause instanceof ScriptError)) return ['error', message, null];
  return ['error', cause.message, { at: cause.at, line: cause.line, stack: cause.stack ?? null }];
}

function hostFile({ file, source, kind, owner }: ScriptFile): HostFile {
  // A first line for a shell is no script for a function body.
  return { file, source: source.replace(/^#!/, '//'), library: kind === 'library' ? owner.replaceAll('/', '.') : null };
}

function runSpec({ registry, seesOld }: Generation, ctx: Context, request: HookRequest): JobSpec {
  const { entity, record, oldRecord, calls } = request;
  const shape = registry.shape(entity);
  const needs = new Set<Definition>([shape]);
  const message: RunMessage = {
    s: shape.id,
    r: record,
    ...(oldRecord && calls.some(({ hook }) => seesOld.has(hook.file)) && { o: oldRecord satisfies ScriptRecord }),
    c: calls.map(({ kind, hook, at }) => {
      const definition = registry.hook(hook);
      needs.add(definition);
      return [kind, definition.id, at];
    }),
    z: ctx.zone,
    u: [ctx.principal.id, ctx.ip],
  };
  const what = nameOf(entity, calls[0]);
  return { tag: 'run', key: entity.name, body: JSON.stringify(message), needs: [...needs], what };
}

function nameOf(entity: EntityModel, call: HookCall | undefined): string {
  if (!call) return `A function of ${entity.name}`;
  const place = call.at === null ? entity.name : `${call.at} in ${entity.name}`;
  return `Function ${call.hook.fn} (${call.kind} of ${place})`;
}
