// Passwords for commands: typed without echo at a terminal, else the first line of the input; never needed as an argument.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { badRequest } from '../errors.ts';

/** @throws AppError when two typed ones differ or there is no input */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readLine();
  const password = await ask('New password: ');
  if ((await ask('Again: ')) !== password) throw badRequest('The two passwords differ');
  return password;
}

async function readLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw badRequest('No password was given: type it at a terminal, or send it as the first line of the input');
}

async function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  // what readline would echo goes nowhere
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(badRequest('No password was given')));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
