// Work for the script hosts of one load of the app: who gets which, and what happens when a host is slow or dies.
import { unavailable } from '../errors.ts';
import { Crew, type CrewOptions, type CrewStats } from './crew.ts';
import type { Death, HostProcess } from './host-process.ts';
import { Job, type JobSpec } from './job.ts';
import { FairQueue } from './queue.ts';

export interface FleetOptions extends CrewOptions {
  readonly hookTimeoutMs: number;
  /** Jobs that may wait; more are refused. */
  readonly queueLimit: number;
  /** Milliseconds that a job may wait for a host. */
  readonly queueTimeoutMs: number;
}

export interface FleetStats extends CrewStats {
  readonly inFlight: number;
  readonly waiting: number;
}

/** Jobs in the pipe of one host. */
const DEPTH = 32;
const CHECK_MS = 20;
/** Work that is still running at this many checks is slow: the others behind it go elsewhere. */
const SLOW_CHECKS = 4;
/** The isolate ends what is late by itself; a host that says nothing for this much longer is stuck. */
const GRACE_MS = 500;
/** A job that was running when this many hosts were killed from outside is given up; two where it had run for long. */
const SUSPICION_LIMIT = 6;
/** Failed starts in a row after which nobody should wait for the hosts any more; they are still tried. */
const HOPELESS_STARTS = 5;
const CLOSING = 'Scripts are shutting down';

export class Fleet {
  readonly #options: FleetOptions;
  readonly #crew: Crew;
  readonly #queue = new FairQueue<Job>();
  /** Jobs without an answer yet. */
  readonly #open = new Set<Job>();
  #clock: NodeJS.Timeout | null = null;
  #turn = 0;
  #closing = false;
  readonly #whenReady: PromiseWithResolvers<void>[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#crew = new Crew(options, {
      onReady: () => this.#onReady(),
      onAnswer: (host) => this.#onAnswer(host),
      onDeath: (host, death, jobs, certain) => this.#onDeath(host, certain ? death : 'killed', jobs),
    });
  }

  /** Starts the hosts; without it they start with the first job. */
  start(): void {
    this.#crew.reconcile();
  }

  /**
   * Resolves once every serving host is there.
   * @throws AppError `applicationUnavailable` when they fail to start again and again
   */
  ready(): Promise<void> {
    if (this.#crew.isComplete) return Promise.resolve();
    this.#watch();
    const wait = Promise.withResolvers<void>();
    this.#whenReady.push(wait);
    return wait.promise;
  }

  /** Runs one message on some host. */
  submit(spec: JobSpec): Job {
    const job = new Job(spec, performance.now() + this.#options.queueTimeoutMs);
    if (this.#closing) job.failUnserved(CLOSING);
    else if (this.#queue.size >= this.#options.queueLimit) job.failUnserved('Too many scripts are waiting');
    else this.#accept(job);
    return job;
  }

  stats(): FleetStats {
    const inFlight = [...this.#crew.hosts].reduce((sum, host) => sum + host.inFlight.size, 0);
    return { ...this.#crew.stats(), inFlight, waiting: this.#queue.size };
  }

  /** Pids of the hosts, for tests and logs. */
  pids(): number[] {
    return this.#crew.pids();
  }

  /**
   * Refuses new work, finishes what runs, ends the hosts.
   * @param drain also finishes what waits; else that is refused
   */
  async close(drain = false): Promise<void> {
    this.#closing = true;
    if (!drain) for (const job of this.#queue.expire(Number.POSITIVE_INFINITY)) job.failUnserved(CLOSING);
    while (this.#open.size > 0) await Promise.allSettled([...this.#open].map(({ answer }) => answer));
    if (this.#clock) clearInterval(this.#clock);
    for (const { resolve } of this.#whenReady.splice(0)) resolve();
    await this.#crew.end();
  }

  #accept(job: Job): void {
    this.#open.add(job);
    const forget = (): boolean => this.#open.delete(job);
    job.answer.then(forget, forget);
    const host = this.#queue.size === 0 ? this.#hostFor(job.key) : null;
    if (host) host.send(job);
    else {
      this.#queue.add(job);
      this.#dispatch();
      if (!this.#crew.isStarted) this.#crew.reconcile();
    }
    this.#watch();
  }

  /**
   * The least busy host. An entity whose function is running slowly somewhere never gets the last free one: it may be about to
   * do it again.
   */
  #hostFor(key: string): HostProcess | null {
    let healthy = this.#crew.healthy();
    for (const { slow, head } of this.#crew.hosts) {
      if (!slow || head?.key !== key) continue;
      healthy = healthy.slice(1);
      break;
    }
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
      const found: { host?: HostProcess | null } = {};
      const job = this.#queue.take((key) => {
        found.host = this.#hostFor(key);
        return found.host !== null;
      });
      if (!job) return;
      found.host?.send(job);
    }
  }

  /** Keeps an eye on the hosts while there is work; the interval also keeps the process alive for it. */
  #watch(): void {
    this.#clock ??= setInterval(() => this.#check(), CHECK_MS);
  }

  #check(): void {
    const now = performance.now();
    let busy = this.#queue.size > 0 || this.#whenReady.length > 0;
    this.#crew.killOverdueStarts(now);
    for (const host of this.#crew.hosts) {
      if (host.inFlight.size === 0) continue;
      busy = true;
      // Counted in checks, not only in time: when this process itself was held up, answers may be waiting to be read.
      host.age += 1;
      host.silent += 1;
      if (host.age >= SLOW_CHECKS && !host.slow) this.#sideline(host);
      if (host.silent > SLOW_CHECKS && now - host.lastSign > this.#options.hookTimeoutMs + GRACE_MS) host.kill('late');
    }
    for (const job of this.#queue.expire(now)) job.failUnserved('No script host became free in time');
    this.#crew.reconcile();
    this.#dispatch();
    if (busy || !this.#clock) return;
    clearInterval(this.#clock);
    this.#clock = null;
  }

  /** A slow host keeps what it runs; what waits behind that goes elsewhere. */
  #sideline(host: HostProcess): void {
    host.slow = true;
    this.#requeue(host.takeBack());
  }

  #requeue(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) this.#queue.add(job, true);
  }

  #onReady(): void {
    if (this.#crew.isComplete) for (const { resolve } of this.#whenReady.splice(0)) resolve();
    this.#crew.reconcile();
    this.#dispatch();
  }

  #onAnswer(host: HostProcess): void {
    if (host.slow) {
      host.slow = false;
      this.#crew.reconcile();
    }
    if (this.#queue.size > 0) this.#dispatch();
  }

  #onDeath(host: HostProcess, death: Death, jobs: readonly Job[]): void {
    if (this.#crew.failedStarts >= HOPELESS_STARTS) {
      const error = unavailable('Script hosts do not start; the log says why');
      for (const { reject } of this.#whenReady.splice(0)) reject(error);
    }
    const [head, ...others] = jobs;
    this.#requeue(others);
    if (head) this.#judge(head, death, host.age >= SLOW_CHECKS);
    this.#crew.reconcile();
    this.#dispatch();
  }

  /**
   * What becomes of the job that ran on a host when it died. Killed by somebody else, perhaps by the system for its memory: not
   * the job's fault the first time, nor when it had hardly begun.
   */
  #judge(job: Job, death: Death, longRunning: boolean): void {
    job.suspicion += longRunning ? SUSPICION_LIMIT / 2 : 1;
    if (death === 'late') job.failLate(this.#options.hookTimeoutMs);
    else if (death === 'crashed' || job.suspicion >= SUSPICION_LIMIT) job.failDead();
    else this.#queue.add(job, true);
  }
}
