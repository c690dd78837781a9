// The connection to MongoDB: a replica set or sharded cluster, safe writes, and answers within seconds when it is away.
import {
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import type { Logger } from 'pino';
import type { RunConfig } from '../config.ts';
import { connectPatiently, hostsOf, StartError } from './connecting.ts';
import { type PrimaryWatch, watchPrimary } from './primary.ts';

/** An open connection; `close` waits for what is under way. */
export interface MongoConnection {
  client: MongoClient;
  db: Db;
  primary: PrimaryWatch;
  close(): Promise<void>;
}

/** The settings this part needs. */
export type MongoSettings = Pick<RunConfig, 'mongodbUri' | 'mongodbDb' | 'connectTimeoutMs'>;

const DEFAULT_DB = 'trebuchet';

/** Wire version of MongoDB 8.0, which the bulk writes over several collections need. */
const OLDEST_WIRE_VERSION = 25;

const AUTHENTICATION_FAILED = 18;

/**
 * Defaults that the URI may override. With no server there, an operation waits for one for `serverSelectionTimeoutMS`, and
 * a client gets its 503 within 5 s. The connect time is also how long a server may be silent before it counts as gone: not
 * less, or a busy moment of either side would look like an outage.
 */
const PATIENCE = {
  serverSelectionTimeoutMS: 4_000,
  connectTimeoutMS: 4_000,
  heartbeatFrequencyMS: 1_000,
  waitQueueTimeoutMS: 4_500,
  maxPoolSize: 100,
  minPoolSize: 2,
} satisfies MongoClientOptions;

/**
 * What was acknowledged survives the loss of a server; no URI may weaken that. A primary that has just lost its majority does not
 * know it yet, and without a limit writes would wait for the next election.
 */
export const SAFE_WRITES = { w: 'majority', journal: true, wtimeoutMS: 3_500 } as const;

/**
 * Connects, waiting for a server that is not there yet.
 * @param observe sees the client before it connects, for metrics
 * @throws {StartError} when the time is over, or when the server is of no use: standalone, too old, login refused
 */
export async function connectMongo(
  settings: MongoSettings,
  log: Logger,
  observe?: (client: MongoClient) => void,
): Promise<MongoConnection> {
  const { mongodbUri } = settings;
  const what = `MongoDB at ${hostsOf(mongodbUri)}`;
  const connecting = () => connectOnce(mongodbUri, what, observe);
  const { client, primary } = await connectPatiently(what, settings.connectTimeoutMs, log, connecting);
  const name = settings.mongodbDb ?? databaseOf(mongodbUri) ?? DEFAULT_DB;
  log.info({ database: name }, `connected to ${what}`);
  const close = async (): Promise<void> => {
    primary.stop();
    await client.close();
  };
  return { client, db: client.db(name), primary, close };
}

/** A new client each time: one that could not connect at first never serves again. */
async function connectOnce(
  uri: string,
  what: string,
  observe?: (client: MongoClient) => void,
): Promise<Pick<MongoConnection, 'client' | 'primary'>> {
  const client = openClient(uri, observe !== undefined);
  observe?.(client);
  const primary = watchPrimary(client);
  try {
    await client.connect();
    checkServer(await client.db('admin').command({ hello: 1 }), what);
    return { client, primary };
  } catch (error) {
    primary.stop();
    await client.close();
    throw explain(error, what);
  }
}

/** @param monitored whether commands are told to listeners, which costs a little for each */
function openClient(uri: string, monitored: boolean): MongoClient {
  const given = optionsOf(uri);
  const defaults = Object.fromEntries(Object.entries(PATIENCE).filter(([name]) => !given.has(name.toLowerCase())));
  try {
    return new MongoClient(uri, {
      ...defaults,
      appName: 'trebuchet',
      monitorCommands: monitored,
      writeConcern: SAFE_WRITES,
      retryWrites: true,
      retryReads: true,
    });
  } catch (error) {
    throw new StartError(`MONGODB_URI must be a MongoDB URI: ${(error as Error).message}`, { cause: error });
  }
}

function checkServer(hello: Document, what: string): void {
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    throw new StartError(`${what} is a standalone server. ${HOW_TO_SET}`);
  if (hello.maxWireVersion < OLDEST_WIRE_VERSION)
    throw new StartError(`${what} must be MongoDB 8.0 or later, it is older`);
}

const HOW_TO_SET =
  'Transactions need a replica set, one node is enough: start mongod with --replSet rs0, run rs.initiate() once in mongosh, ' +
  'and add ?replicaSet=rs0 to MONGODB_URI (or leave MONGODB_URI out: then a replica set of our own is started)';

/** Finds the causes that waiting does not cure. */
function explain(error: unknown, what: string): unknown {
  if (error instanceof MongoServerError && error.code === AUTHENTICATION_FAILED) {
    return new StartError(`${what} refused the login of MONGODB_URI: ${error.message}`, { cause: error });
  }
  if (!(error instanceof MongoServerSelectionError)) return error;
  const servers = [...(error.reason?.servers.values() ?? [])];
  if (error.reason?.setName && servers.length === 0) {
    return new StartError(`${what} does not belong to the replica set that MONGODB_URI names. ${HOW_TO_SET}`, {
      cause: error,
    });
  }
  if (servers.some((server) => server.type === 'RSGhost')) {
    return new Error('its replica set has not been initiated (run rs.initiate() once in mongosh)', { cause: error });
  }
  return error;
}

function optionsOf(uri: string): Set<string> {
  const query = uri.split('?')[1] ?? '';
  return new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
}

function databaseOf(uri: string): string | undefined {
  const name = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}
