// What the driver's monitoring knows about the primary: which run of which mongod it is, and when it was last away.
import type { MongoClient, ServerDescription } from 'mongodb';

/** A time without a sign of life of a primary; outages that follow each other closely are one. */
export interface Outage {
  /** `performance.now()` of the last sign of life before. */
  readonly from: number;
  /** Of the first one after; null: it goes on. */
  readonly until: number | null;
}

export interface PrimaryWatch {
  /**
   * Names the primary in this term of office: another one after each election and each start of its process. Null while there is
   * none, and for a sharded cluster, which has many.
   */
  identity(): string | null;
  /** The last outage, null before the first. */
  outage(): Outage | null;
  stop(): void;
}

const TICK_MS = 250;
/** A primary gives a sign of life every second; that one is late is no outage, unless it is known to be gone. */
const SILENT_TICKS = 8;
const GONE_TICKS = 4;
const ONE_OUTAGE_MS = 5_000;

/** @param client before it connects, so that nothing is missed */
export function watchPrimary(client: MongoClient): PrimaryWatch {
  /** Of the primary, or one of the routers of a sharded cluster; null while there is none. */
  let address: string | null = null;
  let identity: string | null = null;
  let silentTicks = 0;
  let outage: Outage | null = null;

  client.on('serverDescriptionChanged', ({ newDescription }) => {
    if (newDescription.type === 'RSPrimary' || newDescription.type === 'Mongos') {
      address = newDescription.address;
      identity = identityOf(newDescription);
    } else if (newDescription.address === address) {
      address = null;
      identity = null;
    }
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => {
    if (reply.isWritablePrimary !== true && reply.msg !== 'isdbgrid') return;
    address ??= connectionId;
    silentTicks = 0;
    if (outage?.until === null) outage = { from: outage.from, until: performance.now() };
  });
  // In ticks, not by the clock: when this process itself was held up, signs of life are waiting to be read, and one tick passes.
  const ticking = setInterval(() => {
    silentTicks += 1;
    if (outage?.until === null || silentTicks < (address === null ? GONE_TICKS : SILENT_TICKS)) return;
    const from = performance.now() - silentTicks * TICK_MS;
    const continues = outage?.until != null && from - outage.until < ONE_OUTAGE_MS;
    outage = { from: continues && outage ? outage.from : from, until: null };
  }, TICK_MS);
  ticking.unref();

  return {
    identity: () => identity,
    outage: () => outage,
    stop: () => clearInterval(ticking),
  };
}

function identityOf({ topologyVersion, electionId }: ServerDescription): string | null {
  return topologyVersion && electionId
    ? `${topologyVersion.processId.toHexString()}-${electionId.toHexString()}`
    : null;
}
