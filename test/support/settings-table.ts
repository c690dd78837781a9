// Prints the README's table of settings: `node test/support/settings-table.ts`. A unit test compares the two.
import { SETTINGS } from '../../src/config.ts';

const rows = SETTINGS.map(({ name, type, default: fallback, description }) => {
  return `| \`${name}\` | ${type} | ${fallback === undefined ? '' : `\`${fallback}\``} | ${description} |`;
});
process.stdout.write(['| variable | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n'));
