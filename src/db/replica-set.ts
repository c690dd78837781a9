// Makes a lone mongod the primary of its one-node replica set, on whatever port it listens now.
import { type Db, MongoClient, MongoServerError } from 'mongodb';

const NOT_YET_INITIALIZED = 94;
const ALREADY_INITIALIZED = 23;

interface SetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

/**
 * Initiates the set of the mongod on this loopback port where that was never done, moves it to the port where it had
 * another one, and waits until the node is primary.
 * @throws the last reason when `signal` ends the waiting
 */
export async function becomePrimary(port: number, setName: string, signal: AbortSignal): Promise<void> {
  const host = `127.0.0.1:${port}`;
  let reason: unknown;
  for (;;) {
    const primary = await attempt(host, setName).catch((error: unknown) => {
      reason = error;
      return false;
    });
    if (primary) return;
    if (signal.aborted) throw reason ?? signal.reason;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** A client of its own each time: one that could not connect at first never serves again. */
async function attempt(host: string, setName: string): Promise<boolean> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
    connectTimeoutMS: 500,
    maxPoolSize: 2,
  });
  try {
    const admin = client.db('admin');
    if (await isPrimary(admin, host)) return true;
    await configure(admin, host, setName);
    return false;
  } finally {
    await client.close();
  }
}

async function isPrimary(admin: Db, host: string): Promise<boolean> {
  const hello = await admin.command({ hello: 1 });
  return hello.isWritablePrimary === true && hello.me === host;
}

async function configure(admin: Db, host: string, setName: string): Promise<void> {
  const config = await readSetConfig(admin);
  if (config === undefined) {
    const initial = { _id: setName, members: [{ _id: 0, host }] };
    // while it starts, a node answers "not initialized" before it has read its own configuration
    await ignoring(ALREADY_INITIALIZED, admin.command({ replSetInitiate: initial }));
  } else if (config.members[0]?.host !== host) {
    const members = config.members.slice(0, 1).map((member) => ({ ...member, host }));
    // forced: a node that is not at the address of its configuration belongs to no set and has no primary to ask
    await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
  }
}

async function readSetConfig(admin: Db): Promise<SetConfig | undefined> {
  const answer = await ignoring(NOT_YET_INITIALIZED, admin.command({ replSetGetConfig: 1 }));
  return answer?.config as SetConfig | undefined;
}

async function ignoring<T>(code: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === code) return undefined;
    throw error;
  }
}
