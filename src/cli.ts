#!/usr/bin/env node
// The command `trebuchet`. Only prepares Node, so that everything else is loaded with source maps and from the compile cache.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from './embedded/setup-steps.mjs';

process.setSourceMapsEnabled(true); // stacks of dist show lines of src
enableCompileCache(join(cacheDir(), 'compiled')); // halves the time of a start; without a place to write it does nothing

const { runProgram } = await import('./commands/program.ts');
const code = await runProgram(process.argv);
if (code !== 0) process.exit(code); // whatever a failed start has left open must not keep it alive
