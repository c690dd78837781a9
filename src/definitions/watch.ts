// Watches the folder of the definitions while an app is being developed.
import { basename } from 'node:path';
import type { Logger } from 'pino';

/** Editors and version control touch several files, and some of them twice. */
const QUIET_MS = 150;
const RELEVANT = /\.(ya?ml|json|js)$/i;

/**
 * Calls `onChange` once things have been quiet after a change.
 * @returns ends the watch
 */
export async function watchFolder(dir: string, onChange: () => void, log: Logger): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar');
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dir, {
    ignoreInitial: true,
    // `.env` belongs to the app, nothing else with a dot does
    ignored: (path) => path !== dir && /^\.(?!env$)|^node_modules$/.test(basename(path)),
  });
  watcher.on('all', (event, path) => {
    const folder = event === 'addDir' || event === 'unlinkDir';
    if (!folder && !RELEVANT.test(path) && basename(path) !== '.env') return;
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  });
  watcher.on('error', (error) => log.error({ err: error }, 'the definitions can not be watched'));
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    watcher.once('error', () => resolve());
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
