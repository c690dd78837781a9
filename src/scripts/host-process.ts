// One script host as seen from this process: starting it, sending work, noticing what becomes of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { extname, join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Frame, frameReader, frameText } from './frames.ts';
import type { Job } from './job.ts';
import type { FromHost } from './protocol.ts';

/** How a host ended: killed for being late, killed by somebody else, or by its own fault. */
export type Death = 'late' | 'killed' | 'crashed' | 'asked';

export interface HostEvents {
  readonly onReady: (host: HostProcess) => void;
  readonly onAnswer: (host: HostProcess) => void;
  /** `jobs` were in flight, the one that ran first; `certain`: it is known that this one ran. */
  readonly onDeath: (host: HostProcess, death: Death, jobs: readonly Job[], certain: boolean) => void;
}

/** Bytes that may wait in the pipe before a host gets no more work. */
const CONGESTED_BYTES = 1_000_000;
const STDERR_KEPT = 2000;
const PIPE = 3;

export class HostProcess {
  /** Serves requests; else it is the spare. */
  active = false;
  ready = false;
  /** Its present work takes long; it gets no more until it is done. */
  slow = false;
  /** Checks since the present work began, and since the last sign of life. */
  age = 0;
  silent = 0;
  /** `performance.now()` of the last sign of life. */
  lastSign = performance.now();
  readonly inFlight = new Map<number, Job>();
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #events: HostEvents;
  readonly #log: Logger;
  readonly #known = new Set<number>();
  readonly exited: Promise<void>;
  /** Work that was taken back, as long as it is not known whether the host had begun it. */
  readonly #ghosts = new Set<number>();
  /** What ran when they were taken back. */
  #behind: Job | undefined;
  #out = '';
  #stderr = '';
  #ending: Death | null = null;

  constructor(load: string, log: Logger, events: HostEvents) {
    this.#events = events;
    this.#log = log;
    this.#child = start();
    this.#pipe = this.#child.stdio[PIPE] as Socket;
    this.exited = new Promise((done) => {
      // Not `exit`: that may come before the last answers have been read, and whoever had them would be taken for the culprit.
      this.#child.once('close', (code, signal) => {
        done();
        this.#died(code, signal);
      });
      // A process that never came to be does not close.
      this.#child.once('error', (error) => {
        if (this.#child.pid !== undefined) return;
        this.#stderr = error.message;
        done();
        this.#died(null, null);
      });
    });
    this.#listen();
    this.#write(frameText('load', 0, load));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get congested(): boolean {
    return this.#pipe.writableLength > CONGESTED_BYTES;
  }

  /**
   * Is the first job the one that is running? Not where the host may be busy with one that was taken back: those were behind the
   * job that ran then, so as long as that has not been answered there is no doubt.
   */
  get isCertain(): boolean {
    return this.#ghosts.size === 0 || this.head === this.#behind;
  }

  /** The job that is running; the host works in order. */
  get head(): Job | undefined {
    return this.inFlight.values().next().value;
  }

  send(job: Job): void {
    if (this.inFlight.size === 0) this.#begin();
    this.inFlight.set(job.id, job);
    let text = '';
    for (const { id, frame } of job.needs) {
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      text += frame;
    }
    this.#write(text + job.frame);
  }

  /** Takes back all work but what is running. */
  takeBack(): Job[] {
    const [first, ...jobs] = this.inFlight.values();
    // With ghosts from before, it is not certain that the first job ran.
    this.#behind = this.#ghosts.size === 0 ? first : undefined;
    for (const job of jobs) {
      this.inFlight.delete(job.id);
      this.#ghosts.add(job.id);
      this.#write(job.dropFrame);
    }
    return jobs;
  }

  /** Names the other hosts: should this process die without a word, those that are free end those that are stuck. */
  tellPeers(pids: readonly number[]): void {
    this.#write(frameText('peers', 0, JSON.stringify(pids.filter((pid) => pid !== this.pid))));
  }

  /** Ends the process at once. */
  kill(death: Death): void {
    this.#ending ??= death;
    this.#child.kill('SIGKILL');
  }

  /** Lets the process end by closing its pipe. */
  end(): void {
    this.#ending ??= 'asked';
    this.#write(frameText('bye', 0));
    process.nextTick(() => this.#pipe.end());
  }

  #begin(): void {
    this.age = 0;
    this.silent = 0;
    this.lastSign = performance.now();
  }

  /** Everything written in one turn of the event loop goes out in one piece. */
  #write(text: string): void {
    if (this.#out === '') process.nextTick(() => this.#flush());
    this.#out += text;
  }

  #flush(): void {
    const text = this.#out;
    this.#out = '';
    if (!this.#pipe.destroyed) this.#pipe.write(text);
  }

  #listen(): void {
    const read = frameReader<FromHost>((frame) => this.#receive(frame));
    this.#pipe.setEncoding('utf8');
    this.#pipe.on('data', read);
    // What a broken pipe means is told by the exit of the process.
    this.#pipe.on('error', (error) => this.#log.debug({ err: error, pid: this.pid }, 'pipe of a script host'));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, STDERR_KEPT);
    });
    // The hosts of a process that is done must not keep it alive; while there is work, the pool's clock does.
    this.#child.unref();
    this.#pipe.unref();
    (this.#child.stderr as Socket | null)?.unref();
  }

  #receive({ tag, id, body }: Frame<FromHost>): void {
    if (tag === 'alive') {
      this.silent = 0;
      this.lastSign = performance.now();
    } else if (tag === 'ready') {
      this.ready = true;
      this.#log.debug({ pid: this.pid, ms: (JSON.parse(body) as { ms: number }).ms }, 'script host ready');
      this.#events.onReady(this);
    } else {
      this.#ghosts.delete(id);
      const job = this.inFlight.get(id);
      // Work that was taken back may have been done already; whoever has it now answers.
      if (!job || tag === 'dropped') return;
      this.inFlight.delete(id);
      this.#begin();
      job.settle(body);
      this.#events.onAnswer(this);
    }
  }

  #died(code: number | null, signal: NodeJS.Signals | null): void {
    const death = this.#ending ?? (signal === 'SIGKILL' ? 'killed' : 'crashed');
    const jobs = [...this.inFlight.values()];
    const certain = this.isCertain;
    this.inFlight.clear();
    this.#pipe.destroy();
    if (death !== 'asked')
      this.#log.warn({ pid: this.pid, code, signal, death, stderr: this.#stderr.trim() }, 'script host ended');
    this.#events.onDeath(this, death, jobs, certain);
  }
}

function start(): ChildProcess {
  const file = join(import.meta.dirname, `host${extname(import.meta.url)}`);
  const flags = [
    // isolated-vm asks for it: https://github.com/laverdet/isolated-vm#requirements
    '--no-node-snapshot',
    '--max-old-space-size=256',
    '--max-semi-space-size=4',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    // A second wall, should a script ever get out of its isolate: no writing, no processes, no reading elsewhere.
    '--permission',
    '--allow-addons',
    ...readable().map((path) => `--allow-fs-read=${path}`),
  ];
  return spawn(process.execPath, [...flags, file], {
    // Nothing is inherited: no secrets. Scripts run in UTC; without a locale there are no thousands separators.
    env: { TZ: 'UTC', LC_ALL: 'en_US.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** What a host reads: this folder, the packages it loads, and the `package.json` that says what kind of modules there are. */
function readable(): string[] {
  const require = createRequire(import.meta.url);
  const packages = ['isolated-vm', 'node-gyp-build', 'bignumber.js'].map((name) => packageFolder(require, name));
  // node-gyp-build looks there for the C library before it picks a prebuilt binary.
  return [import.meta.dirname, resolve(import.meta.dirname, '../../package.json'), '/etc/alpine-release', ...packages];
}

function packageFolder(require: NodeJS.Require, name: string): string {
  const main = require.resolve(name);
  return join(main.slice(0, main.lastIndexOf(join('node_modules', name))), 'node_modules', name);
}
