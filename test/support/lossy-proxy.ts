// A way to MongoDB on which replies get lost: commands arrive and are done, then the connection breaks before the answer is through.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

export interface LossyProxy {
  /** For a client that must not find out about the way around. */
  readonly uri: string;
  /** Loses the replies to the next commands that match, so many of them. */
  loseReplies(matches: (command: Document) => boolean, times: number): void;
  /** How many replies are still to be lost. */
  left(): number;
  close(): Promise<void>;
}

const OP_MSG = 2013;
const HEADER_BYTES = 16;
const FLAG_BYTES = 4;

/** @param target a MongoDB URI of one host */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let matches: (command: Document) => boolean = () => false;
  let left = 0;

  const server = createServer((client) => {
    const mongod = connect(Number(port), hostname);
    let loses = false;
    for (const socket of [client, mongod]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        mongod.destroy();
      });
      socket.on('error', () => socket.destroy()); // the other end is gone: so is this one
    }
    client.on(
      'data',
      splitMessages((message) => {
        if (left > 0 && matches(commandOf(message))) {
          left -= 1;
          loses = true;
        }
        mongod.write(message);
      }),
    );
    mongod.on('data', (chunk) => {
      if (loses) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `mongodb://127.0.0.1:${portOf(server)}/?directConnection=true`,
    loseReplies: (next, times) => {
      matches = next;
      left = times;
    },
    left: () => left,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Messages begin with their length. */
function splitMessages(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

/** The body of an OP_MSG, without the documents that may follow it; `{}` for the older kind, which only begins a connection. */
function commandOf(message: Buffer): Document {
  if (message.readInt32LE(12) !== OP_MSG) return {};
  const body = message.subarray(HEADER_BYTES + FLAG_BYTES + 1);
  return BSON.deserialize(body.subarray(0, body.readInt32LE(0)));
}
