// Keeps sensitive values out of texts: messages and diagnostics of the app's log (spec entity-model §2.8).
import type { Field } from '../definitions/model.ts';
import type { Json } from '../fields/field-type.ts';
import { isObject, type JsonObject } from '../fields/references.ts';

/** What stands for any value of a sensitive field. */
export const MASK = '****';

/** Shorter values occur in other words by chance: they are hidden only where they stand alone. */
const SHORT = 4;

/** Every sensitive value in the native JSON of a record or of a body, as text; longest first. */
export function secretsIn(fields: readonly Field[], native: JsonObject): readonly string[] {
  const found = new Set<string>();
  collect(fields, native, found);
  return [...found].sort((a, b) => b.length - a.length);
}

/** The text with every secret in it hidden. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets) {
    if (!hidden.includes(secret)) continue;
    hidden = secret.length < SHORT ? hideWord(hidden, secret) : hidden.replaceAll(secret, MASK);
  }
  return hidden;
}

/** The same for all texts, numbers and keys inside. */
export function hideSecretsIn(json: Json, secrets: readonly string[]): Json {
  if (secrets.length === 0) return json;
  if (typeof json === 'string') return hideSecrets(json, secrets);
  if (typeof json === 'number') return secrets.includes(String(json)) ? MASK : json;
  if (Array.isArray(json)) return json.map((item) => hideSecretsIn(item, secrets));
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [hideSecrets(key, secrets), hideSecretsIn(value ?? null, secrets)]),
  );
}

function collect(fields: readonly Field[], native: JsonObject, found: Set<string>): void {
  for (const field of fields) {
    const value = native[field.name] ?? null;
    if (field.sensitive) addTexts(value, found);
    else if (field.fields.length > 0) {
      for (const group of Array.isArray(value) ? value : [value])
        if (isObject(group)) collect(field.fields, group, found);
    }
  }
}

/** Structured values are secret in all their parts; truth values and empty texts say nothing. */
function addTexts(value: Json, found: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    if (text.trim() !== '') found.add(text);
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) addTexts(inner ?? null, found);
  }
}

function hideWord(text: string, word: string): string {
  const literal = word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'gu'), MASK);
}
