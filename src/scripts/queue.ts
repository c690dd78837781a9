// Work that waits for a script host: by turns between entities, so that one with slow functions does not hold up the others.

export interface Waiting {
  /** What takes turns: the entity's name. */
  readonly key: string;
  /** When waiting ends, in milliseconds of `performance.now()`. */
  readonly until: number;
}

export class FairQueue<Job extends Waiting> {
  readonly #byKey = new Map<string, Job[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** At the end of its key's line; `first`: at its head, for work that had its turn already. */
  add(job: Job, first = false): void {
    const line = this.#byKey.get(job.key);
    if (!line) this.#byKey.set(job.key, [job]);
    else if (first) line.unshift(job);
    else line.push(job);
    this.#size += 1;
  }

  /** Takes the next job of the first key that may run; that key then goes to the end. */
  take(mayRun: (key: string) => boolean): Job | null {
    for (const [key, line] of this.#byKey) {
      if (!mayRun(key)) continue;
      const job = line.shift();
      this.#byKey.delete(key);
      if (line.length > 0) this.#byKey.set(key, line);
      if (!job) continue;
      this.#size -= 1;
      return job;
    }
    return null;
  }

  /** Removes and returns what has waited too long, or everything. */
  expire(now: number): Job[] {
    const expired: Job[] = [];
    for (const [key, line] of this.#byKey) {
      const kept = line.filter((job) => job.until > now);
      if (kept.length === line.length) continue;
      expired.push(...line.filter((job) => job.until <= now));
      if (kept.length > 0) this.#byKey.set(key, kept);
      else this.#byKey.delete(key);
    }
    this.#size -= expired.length;
    return expired;
  }
}
