// A script host: a process that holds isolates and does nothing else. Work comes and answers go on one pipe; it ends with the pipe.
import { Socket } from 'node:net';
import { type Frame, frameReader, frameText } from './frames.ts';
import type { LoadMessage, ToHost } from './protocol.ts';
import { createSandbox, type Outcome, type Sandbox } from './sandbox.ts';

/** File descriptor of the pipe to the process that started this one. */
const PIPE = 3;
/** After work this long the pipe is read before going on, so that what was taken back in the meantime is not done. */
const SLOW_MS = 20;
const PROGRESS_MS = 200;
/** Share of its memory limit that a sandbox may keep between messages. */
const HEAP_SHARE = 0.6;
const HEAP_CHECK_EVERY = 250;

// Signals reach the whole process group; hosts stay until the parent is done and closes the pipe.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const pipe = new Socket({ fd: PIPE, readable: true, writable: true });
const definitions: { kind: 'shape' | 'hook'; id: number; text: string }[] = [];
let work: Frame<ToHost>[] = [];
let load: LoadMessage | null = null;
let sandbox: Sandbox | null = null;
let served = 0;
let scheduled = false;
let peers: readonly number[] = [];

function send(tag: string, id: number, body = ''): void {
  pipe.write(frameText(tag, id, body));
}

function build(): Sandbox {
  if (!load) throw new Error('work before load');
  const built = createSandbox(load);
  for (const { kind, id, text } of definitions) built.define(kind, id, text);
  served = 0;
  return built;
}

function renew(): void {
  sandbox?.dispose();
  sandbox = build();
}

/** Definitions take effect at once, work waits its turn. */
function receive(frame: Frame<ToHost>): void {
  const { tag, id, body } = frame;
  if (tag === 'run' || tag === 'test') work.push(frame);
  else if (tag === 'drop') drop(id);
  else if (tag === 'load') open(body);
  else if (tag === 'peers') peers = JSON.parse(body) as number[];
  else if (tag === 'bye') peers = [];
  else {
    definitions.push({ kind: tag, id, text: body });
    sandbox?.define(tag, id, body);
  }
}

function drop(id: number): void {
  const kept = work.filter((waiting) => waiting.id !== id);
  if (kept.length < work.length) send('dropped', id);
  work = kept;
}

function open(text: string): void {
  load = JSON.parse(text) as LoadMessage;
  renew();
  send('ready', 0, JSON.stringify({ pid: process.pid, ms: Math.round(performance.now()) }));
}

/** The pipe is closed. Where nobody said bye the parent is gone, and hosts that are stuck in a builtin would run on for ever. */
function leave(): never {
  for (const pid of peers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has left by itself.
    }
  }
  process.exit(0);
}

function pump(): void {
  scheduled = false;
  for (let frame = work.shift(); frame; frame = work.shift()) {
    const begun = performance.now();
    handle(frame);
    if (performance.now() - begun < SLOW_MS || work.length === 0) continue;
    schedule();
    return;
  }
}

/** Goes on after the pipe has been read: the next turn of the event loop but one, since this one may be past that point. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(() => setImmediate(pump));
}

function handle({ tag, id, body }: Frame<ToHost>): void {
  const outcome = perform(tag, id, body);
  // Before the answer: should clearing up after bad work go wrong, it is that work's fault and not the next one's.
  if (outcome.spent) renew();
  send('done', id, outcome.answer);
  if (!outcome.spent) keepHeapSmall();
}

function perform(tag: ToHost, id: number, body: string): Outcome {
  sandbox ??= build();
  const fresh = served === 0;
  served += 1;
  const outcome = once(sandbox, tag, id, body);
  if (fresh || !outcome.answer.startsWith('{"e":{"kind":"memory"')) return outcome;
  // What earlier messages left in the libraries counts too, so the verdict is that of a fresh sandbox.
  renew();
  send('alive', id);
  return once(sandbox, tag, id, body);
}

function once(on: Sandbox, tag: ToHost, id: number, body: string): Outcome {
  if (tag === 'test') return on.test(body);
  let told = performance.now();
  return on.run(body, () => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    send('alive', id);
  });
}

function keepHeapSmall(): void {
  if (served % HEAP_CHECK_EVERY !== 0 || !load || !sandbox) return;
  if (sandbox.heapUsed() > load.memoryMb * 1024 * 1024 * HEAP_SHARE) renew();
}

const read = frameReader<ToHost>(receive);
pipe.setEncoding('utf8');
pipe.on('data', (chunk: string) => {
  read(chunk);
  if (!scheduled) pump();
});
for (const event of ['end', 'close', 'error'] as const) pipe.on(event, leave);
