// All commands: one file each, a function that returns its `Command`; what is heavy is imported inside the actions, so
// that `--help` and small commands stay quick.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { StartError } from '../db/connecting.ts';
import { DefinitionsError } from '../definitions/problems.ts';
import { SetupError } from '../embedded/setup-steps.mjs';
import { AppError } from '../errors.ts';
import { demoCommand } from './demo.ts';
import { initCommand } from './init.ts';
import { reencryptCommand } from './reencrypt.ts';
import { startCommand } from './start.ts';
import { usersCommand } from './users.ts';
import { validateCommand } from './validate.ts';
import { workerCommand } from './worker.ts';

const COMMANDS = [
  startCommand,
  workerCommand,
  validateCommand,
  initCommand,
  demoCommand,
  usersCommand,
  reencryptCommand,
];

/** Errors whose message is meant for the person at the terminal; of others the stack is shown. */
const FOR_PEOPLE = [ConfigError, StartError, SetupError, AppError];

/**
 * Runs one command line.
 * @returns the exit code: 0, 1 for a failure, 2 for a wrong call
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = new Command('trebuchet')
    .description('A self-hosted server for the Slingr REST API (an independent project, not affiliated)')
    .version(readVersion())
    .showHelpAfterError('(trebuchet --help shows what there is)')
    .exitOverride();
  for (const create of COMMANDS) program.addCommand(create().copyInheritedSettings(program));
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
  if (error instanceof ConfigError) {
    process.stderr.write(
      `trebuchet: settings to correct\n${error.problems.map((problem) => `  ${problem}\n`).join('')}`,
    );
  } else if (error instanceof DefinitionsError) {
    const { length } = error.problems;
    process.stderr.write(
      `${error.message}\ntrebuchet: ${length} ${length === 1 ? 'mistake' : 'mistakes'} in the definitions\n`,
    );
  } else if (FOR_PEOPLE.some((kind) => error instanceof kind)) {
    process.stderr.write(`trebuchet: ${(error as Error).message}\n`);
  } else {
    process.stderr.write(`trebuchet: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return 1;
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
