// The script hosts of one load of the app: how many there are, starting them, ending them.
import type { Logger } from 'pino';
import { type Death, type HostEvents, HostProcess } from './host-process.ts';

export interface CrewOptions {
  /** Hosts that serve; one more is kept warm. */
  readonly size: number;
  /** The `load` message. */
  readonly load: string;
  readonly log: Logger;
}

export interface CrewStats {
  /** Serving hosts, the slow ones too. */
  readonly hosts: number;
  readonly spares: number;
  readonly starting: number;
  readonly slow: number;
  readonly started: number;
  readonly deaths: { readonly [death in Death]: number };
}

const START_MS = 30_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
const END_MS = 1000;
/** Hosts that came in place of slow ones stay this long after those are back, so that a busy moment does not start processes in a row. */
const SURPLUS_MS = 5000;

export class Crew {
  readonly hosts = new Set<HostProcess>();
  readonly #options: CrewOptions;
  readonly #events: HostEvents;
  /** Hosts that were asked to end; they get no more work. */
  readonly #leaving = new Set<HostProcess>();
  readonly #deaths: Record<Death, number> = { late: 0, killed: 0, crashed: 0, asked: 0 };
  #retry: NodeJS.Timeout | null = null;
  #trim: NodeJS.Timeout | null = null;
  #failedStarts = 0;
  #started = 0;
  #ended = false;

  constructor(options: CrewOptions, events: HostEvents) {
    this.#options = options;
    this.#events = {
      onAnswer: events.onAnswer,
      onReady: (host) => {
        this.#failedStarts = 0;
        events.onReady(host);
      },
      onDeath: (host, death, jobs, certain) => {
        this.#forget(host, death);
        events.onDeath(host, death, jobs, certain);
      },
    };
  }

  get isStarted(): boolean {
    return this.#started > 0;
  }

  /** Hosts that may get work. */
  healthy(): HostProcess[] {
    return [...this.hosts].filter((host) => host.active && host.ready && !host.slow);
  }

  /** Starts that failed one after the other. */
  get failedStarts(): number {
    return this.#failedStarts;
  }

  get isComplete(): boolean {
    return this.healthy().length >= this.#options.size;
  }

  stats(): CrewStats {
    const hosts = [...this.hosts];
    const count = (of: (host: HostProcess) => boolean): number => hosts.filter(of).length;
    return {
      hosts: count((host) => host.active && host.ready),
      spares: count((host) => !host.active && host.ready),
      starting: count((host) => !host.ready),
      slow: count((host) => host.slow),
      started: this.#started,
      deaths: { ...this.#deaths },
    };
  }

  pids(): number[] {
    return [...this.hosts].flatMap(({ pid }) => pid ?? []);
  }

  /** Brings the number of hosts to what it should be: `size` that serve beside the slow ones, and a spare. */
  reconcile(): void {
    if (this.#ended) return;
    let serving = this.#serving().length;
    for (; serving < this.#options.size; serving += 1) {
      const next = this.#spare() ?? this.#spawn();
      if (!next) return;
      next.active = true;
    }
    if (!this.#spare()) this.#spawn();
    if (serving > this.#options.size) this.#trim ??= setTimeout(() => this.#retire(), SURPLUS_MS).unref();
  }

  /** Ends hosts that never became ready. */
  killOverdueStarts(now: number): void {
    for (const host of this.hosts) if (!host.ready && now - host.lastSign > START_MS) host.kill('crashed');
  }

  /** Ends all hosts; those that do not go by themselves are killed. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const timer of [this.#retry, this.#trim]) if (timer) clearTimeout(timer);
    for (const host of this.hosts) this.#dismiss(host);
    const exits = [...this.#leaving].map((host) => {
      const impatience = setTimeout(() => host.kill('asked'), END_MS);
      return host.exited.finally(() => clearTimeout(impatience));
    });
    await Promise.all(exits);
  }

  #serving(): HostProcess[] {
    return [...this.hosts].filter((host) => host.active && !host.slow);
  }

  #spare(): HostProcess | null {
    const spares = [...this.hosts].filter((host) => !host.active);
    return spares.find(({ ready }) => ready) ?? spares[0] ?? null;
  }

  #spawn(): HostProcess | null {
    // Slow hosts are replaced while they last, but not without end; after a failed start it is not yet time.
    if (this.#retry || this.hosts.size > this.#options.size * 2) return null;
    this.#started += 1;
    const host = new HostProcess(this.#options.load, this.#options.log, this.#events);
    this.hosts.add(host);
    this.#introduce();
    return host;
  }

  /** Ends idle hosts that are too many. */
  #retire(): void {
    this.#trim = null;
    const serving = this.#serving();
    const surplus = Math.max(0, serving.length - this.#options.size);
    const idle = serving.filter(({ inFlight }) => inFlight.size === 0);
    for (const host of idle.slice(0, surplus)) this.#dismiss(host);
    this.reconcile();
  }

  #dismiss(host: HostProcess): void {
    this.hosts.delete(host);
    this.#leaving.add(host);
    host.end();
  }

  #introduce(): void {
    const pids = this.pids();
    for (const host of this.hosts) host.tellPeers(pids);
  }

  #forget(host: HostProcess, death: Death): void {
    this.hosts.delete(host);
    this.#leaving.delete(host);
    this.#deaths[death] += 1;
    if (this.#ended || death === 'asked') return;
    this.#introduce();
    if (!host.ready) this.#waitBeforeStarting();
  }

  #waitBeforeStarting(): void {
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failedStarts, LAST_RETRY_MS);
    this.#failedStarts += 1;
    this.#options.log.error({ failed: this.#failedStarts, retryMs }, 'script host did not start');
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.reconcile();
    }, retryMs).unref();
  }
}
