// What the driver's monitoring knows about the primary: which run of which mongod it is, and how long it has been silent.
import type { MongoClient, ServerDescription } from 'mongodb';

export interface PrimaryWatch {
  /**
   * Names the primary in this term of office: another one after each election and each start of its process. Null while there is
   * none, and for a sharded cluster, which has many.
   */
  identity(): string | null;
  /** Milliseconds since a primary gave its last sign of life; it gives one every second. */
  silence(): number;
  stop(): void;
}

const TICK_MS = 250;

/** @param client before it connects, so that nothing is missed */
export function watchPrimary(client: MongoClient): PrimaryWatch {
  let address: string | null = null;
  let identity: string | null = null;
  let silentTicks = 0;

  client.on('serverDescriptionChanged', ({ newDescription }) => {
    if (newDescription.type === 'RSPrimary') {
      address = newDescription.address;
      identity = identityOf(newDescription);
    } else if (newDescription.address === address) {
      identity = null;
    }
  });
  client.on('serverHeartbeatSucceeded', ({ reply }) => {
    if (reply.isWritablePrimary === true || reply.msg === 'isdbgrid') silentTicks = 0;
  });
  // In ticks, not by the clock: when this process itself was held up, signs of life are waiting to be read, and one tick passes.
  const ticking = setInterval(() => {
    silentTicks += 1;
  }, TICK_MS);
  ticking.unref();

  return {
    identity: () => identity,
    silence: () => silentTicks * TICK_MS,
    stop: () => clearInterval(ticking),
  };
}

function identityOf({ topologyVersion, electionId }: ServerDescription): string | null {
  return topologyVersion && electionId
    ? `${topologyVersion.processId.toHexString()}-${electionId.toHexString()}`
    : null;
}
