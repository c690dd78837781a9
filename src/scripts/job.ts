// One message on its way through the pool: its text, what a host must know first, and who waits for the answer.
import { type AppError, scriptError, timeout, unavailable } from '../errors.ts';
import { frameText } from './frames.ts';
import type { Answer, ToHost } from './protocol.ts';
import type { Definition } from './registry.ts';

export interface JobSpec {
  readonly tag: Extract<ToHost, 'run' | 'test'>;
  /** The entity's name, for turns and for finding out which entity's functions are slow. */
  readonly key: string;
  readonly body: string;
  readonly needs: readonly Definition[];
  /** What the message does, for errors: `label js/contactsRecordLabel of contacts`. */
  readonly what: string;
}

let lastId = 0;

export class Job {
  readonly id: number;
  readonly key: string;
  readonly until: number;
  readonly what: string;
  readonly needs: readonly Definition[];
  readonly frame: string;
  readonly dropFrame: string;
  readonly answer: Promise<Answer>;
  /** Grows with every host that was killed from outside while it ran this job. */
  suspicion = 0;
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: AppError) => void = () => undefined;

  constructor(spec: JobSpec, until: number) {
    lastId += 1;
    this.id = lastId;
    this.key = spec.key;
    this.until = until;
    this.what = spec.what;
    this.needs = spec.needs;
    this.frame = frameText(spec.tag, this.id, spec.body);
    this.dropFrame = frameText('drop', this.id);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  settle(text: string): void {
    this.#resolve(JSON.parse(text) as Answer);
  }

  /** Its host did not come back from it in time and was killed. */
  failLate(limitMs: number): void {
    this.#reject(timeout(`${this.what} took longer than ${limitMs} ms`));
  }

  /** Its host died of it. */
  failDead(): void {
    this.#reject(scriptError(`${this.what} used up its memory`));
  }

  /** No host was free for it, or the pool is closing. */
  failUnserved(reason: string): void {
    this.#reject(unavailable(reason));
  }
}
