// Sizes of files as people read them: the suffix of file names in the API (spec field-types §4.29).

const UNITS = ['B', 'kB', 'MB', 'GB'] as const;
const STEP = 1024;

/** `41.5kB`: one decimal, left out when it is zero; steps of 1024. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  // what would round to 1024 belongs to the next unit
  while (Math.round(size * 10) / 10 >= STEP && unit < UNITS.length - 1) {
    size /= STEP;
    unit++;
  }
  return `${Math.round(size * 10) / 10}${UNITS[unit]}`;
}

/** `logo.png (41.5kB)` */
export const decoratedName = (name: string, bytes: number): string => `${name} (${sizeText(bytes)})`;

/** The name without the size suffix; null when the text has none. */
export function undecoratedName(text: string): string | null {
  return /^(.+) \(\d+(?:\.\d)?(?:B|kB|MB|GB)\)$/s.exec(text)?.[1] ?? null;
}
