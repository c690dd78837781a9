// The script hosts of one load of the app: how many there are, who gets which work, and what happens when one is slow or dies.
import type { Logger } from 'pino';
import { type Death, HostProcess } from './host-process.ts';
import { Job, type JobSpec } from './job.ts';
import { FairQueue } from './queue.ts';

export interface FleetOptions {
  /** Hosts that serve; one more is kept warm. */
  readonly size: number;
  /** The `load` message. */
  readonly load: string;
  readonly hookTimeoutMs: number;
  /** Jobs that may wait; more are refused. */
  readonly queueLimit: number;
  /** Milliseconds that a job may wait for a host. */
  readonly queueTimeoutMs: number;
  readonly log: Logger;
}

export interface FleetStats {
  readonly hosts: number;
  readonly spares: number;
  readonly starting: number;
  readonly slow: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly started: number;
  readonly deaths: { readonly [death in Death]: number };
}

/** Jobs in the pipe of one host. */
const DEPTH = 32;
const CHECK_MS = 20;
/** Work that is still running at this many checks is slow: the others behind it go elsewhere. */
const SLOW_CHECKS = 4;
/** The isolate ends what is late by itself; a host that says nothing for this much longer is stuck. */
const GRACE_MS = 500;
const START_MS = 30_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
const END_MS = 1000;
/** Hosts that came in place of slow ones stay this long after those are back, so that a busy moment does not start processes in a row. */
const SURPLUS_MS = 5000;
const CLOSING = 'Scripts are shutting down';

export class Fleet {
  readonly #options: FleetOptions;
  readonly #hosts = new Set<HostProcess>();
  /** Hosts that were asked to end; they get no more work. */
  readonly #leaving = new Set<HostProcess>();
  readonly #queue = new FairQueue<Job>();
  readonly #deaths: Record<Death, number> = { late: 0, killed: 0, crashed: 0, asked: 0 };
  #clock: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #trim: NodeJS.Timeout | null = null;
  #failedStarts = 0;
  #started = 0;
  #turn = 0;
  #closing = false;
  #ended = false;
  /** Jobs without an answer yet. */
  readonly #open = new Set<Job>();
  #whenReady: (() => void)[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Starts the hosts; without it they start with the first job. */
  start(): void {
    this.#reconcile();
  }

  /** Resolves once every serving host is there. */
  ready(): Promise<void> {
    if (this.#healthy().length >= this.#options.size) return Promise.resolve();
    this.#watch();
    return new Promise((resolve) => this.#whenReady.push(resolve));
  }

  /** Runs one message on some host. */
  submit(spec: JobSpec): Job {
    const job = new Job(spec, performance.now() + this.#options.queueTimeoutMs);
    if (this.#closing) job.failUnserved(CLOSING);
    else if (this.#queue.size >= this.#options.queueLimit) job.failUnserved('Too many scripts are waiting');
    else {
      const host = this.#queue.size === 0 ? this.#hostFor(job.key) : null;
      if (host) host.send(job);
      else {
        this.#queue.add(job);
        this.#dispatch();
        if (this.#started === 0) this.#reconcile();
      }
      this.#open.add(job);
      const forget = (): boolean => this.#open.delete(job);
      job.answer.then(forget, forget);
      this.#watch();
    }
    return job;
  }

  stats(): FleetStats {
    const hosts = [...this.#hosts];
    const count = (of: (host: HostProcess) => boolean): number => hosts.filter(of).length;
    return {
      hosts: count((host) => host.active && host.ready),
      spares: count((host) => !host.active && host.ready),
      starting: count((host) => !host.ready),
      slow: count((host) => host.slow),
      inFlight: hosts.reduce((sum, { inFlight }) => sum + inFlight.size, 0),
      waiting: this.#queue.size,
      started: this.#started,
      deaths: { ...this.#deaths },
    };
  }

  /** Pids of the hosts, for tests and logs. */
  pids(): number[] {
    return [...this.#hosts].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Refuses new work, finishes what runs, ends the hosts; those that do not end by themselves are killed.
   * @param drain also finishes what waits; else that is refused
   */
  async close(drain = false): Promise<void> {
    this.#closing = true;
    if (!drain) for (const job of this.#queue.expire(Number.POSITIVE_INFINITY)) job.failUnserved(CLOSING);
    while (this.#open.size > 0) await Promise.allSettled([...this.#open].map(({ answer }) => answer));
    this.#ended = true;
    for (const timer of [this.#retry, this.#trim, this.#clock]) if (timer) clearTimeout(timer);
    for (const resolve of this.#whenReady.splice(0)) resolve();
    for (const host of this.#hosts) this.#dismiss(host);
    const exits = [...this.#leaving].map((host) => {
      const impatience = setTimeout(() => host.kill('asked'), END_MS);
      return host.exited.finally(() => clearTimeout(impatience));
    });
    await Promise.all(exits);
  }

  #dismiss(host: HostProcess): void {
    this.#hosts.delete(host);
    this.#leaving.add(host);
    host.end();
  }

  #healthy(): HostProcess[] {
    return [...this.#hosts].filter((host) => host.active && host.ready && !host.slow);
  }

  /**
   * The least busy host. An entity whose function is running slowly somewhere never gets the last free one: it may be about to
   * do it again.
   */
  #hostFor(key: string): HostProcess | null {
    let healthy = this.#healthy();
    if ([...this.#hosts].some((host) => host.slow && host.head?.key === key)) healthy = healthy.slice(1);
    this.#turn += 1;
    let best: HostProcess | null = null;
    for (let at = 0; at < healthy.length; at += 1) {
      const host = healthy[(at + this.#turn) % healthy.length] as HostProcess;
      if (host.inFlight.size >= DEPTH || host.congested) continue;
      if (!best || host.inFlight.size < best.inFlight.size) best = host;
    }
    return best;
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      let host: HostProcess | null = null;
      const job = this.#queue.take((key) => {
        host = this.#hostFor(key);
        return host !== null;
      });
      if (!job || !host) return;
      (host as HostProcess).send(job);
    }
  }

  /** Keeps an eye on the hosts while there is work; the interval also keeps the process alive for it. */
  #watch(): void {
    this.#clock ??= setInterval(() => this.#check(), CHECK_MS);
  }

  #check(): void {
    const now = performance.now();
    let busy = this.#queue.size > 0 || this.#whenReady.length > 0;
    for (const host of this.#hosts) {
      if (!host.ready && now - host.lastSign > START_MS) host.kill('crashed');
      if (host.inFlight.size === 0) continue;
      busy = true;
      // Counted in checks, not only in time: when this process itself was held up, answers may be waiting to be read.
      host.age += 1;
      host.silent += 1;
      if (host.age >= SLOW_CHECKS && !host.slow) this.#sideline(host);
      if (host.silent > SLOW_CHECKS && now - host.lastSign > this.#options.hookTimeoutMs + GRACE_MS) host.kill('late');
    }
    for (const job of this.#queue.expire(now)) job.failUnserved('No script host became free in time');
    this.#reconcile();
    this.#dispatch();
    if (busy || !this.#clock) return;
    clearInterval(this.#clock);
    this.#clock = null;
  }

  #sideline(host: HostProcess): void {
    host.slow = true;
    for (const job of host.takeBack().reverse()) this.#queue.add(job, true);
  }

  /** Brings the number of hosts to what it should be: `size` that serve beside the slow ones, and a spare. */
  #reconcile(): void {
    if (this.#ended || this.#retry) return;
    const { size } = this.#options;
    let serving = [...this.#hosts].filter((host) => host.active && !host.slow).length;
    for (; serving < size; serving += 1) {
      const next = this.#spare() ?? this.#spawn();
      if (!next) return;
      next.active = true;
    }
    if (!this.#spare()) this.#spawn();
    if (serving > size) this.#trim ??= setTimeout(() => this.#retire(), SURPLUS_MS).unref();
  }

  #spare(): HostProcess | null {
    const spares = [...this.#hosts].filter((host) => !host.active);
    return spares.find(({ ready }) => ready) ?? spares[0] ?? null;
  }

  /** Ends the idle hosts that are too many. */
  #retire(): void {
    this.#trim = null;
    const serving = [...this.#hosts].filter((host) => host.active && !host.slow);
    const idle = serving.filter(({ inFlight }) => inFlight.size === 0);
    for (const host of idle.slice(0, Math.max(0, serving.length - this.#options.size))) this.#dismiss(host);
    this.#reconcile();
  }

  #spawn(): HostProcess | null {
    // Slow hosts are replaced while they last, but not without end.
    if (this.#hosts.size > this.#options.size * 2) return null;
    this.#started += 1;
    const host = new HostProcess(this.#options.load, this.#options.log, {
      onReady: () => this.#onReady(),
      onAnswer: (answered) => this.#onAnswer(answered),
      onDeath: (dead, death, jobs) => this.#onDeath(dead, death, jobs),
    });
    this.#hosts.add(host);
    return host;
  }

  #onReady(): void {
    this.#failedStarts = 0;
    if (this.#healthy().length >= this.#options.size) for (const resolve of this.#whenReady.splice(0)) resolve();
    this.#reconcile();
    this.#dispatch();
  }

  #onAnswer(host: HostProcess): void {
    if (host.slow) {
      host.slow = false;
      this.#reconcile();
    }
    if (this.#queue.size > 0) this.#dispatch();
  }

  #onDeath(host: HostProcess, death: Death, jobs: readonly Job[]): void {
    this.#hosts.delete(host);
    this.#leaving.delete(host);
    this.#deaths[death] += 1;
    if (death === 'asked') return;
    const [head, ...others] = jobs;
    for (const job of others.reverse()) this.#queue.add(job, true);
    if (head) this.#judge(head, death);
    if (!host.ready) this.#waitBeforeStarting();
    this.#reconcile();
    this.#dispatch();
  }

  /** What becomes of the job that ran on a host when it died. */
  #judge(job: Job, death: Death): void {
    if (death === 'late') job.failLate(this.#options.hookTimeoutMs);
    else if (death === 'crashed') job.failDead();
    else {
      // Killed by somebody else, perhaps by the system for its memory: not the job's fault the first time.
      job.deaths += 1;
      if (job.deaths > 1) job.failDead();
      else this.#queue.add(job, true);
    }
  }

  #waitBeforeStarting(): void {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#failedStarts, LAST_RETRY_MS);
    this.#failedStarts += 1;
    this.#options.log.error({ failed: this.#failedStarts, retryMs: wait }, 'script host did not start');
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.#reconcile();
    }, wait).unref();
  }
}
