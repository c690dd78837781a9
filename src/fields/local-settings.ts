// How a user wants to see dates: acting zone and language (spec field-types §2.7, §2.9).
import { isZone } from './dates/zones.ts';
import type { ValueEnv } from './field-type.ts';

export interface LocalSettings {
  /** IANA zone of a user who has chosen one, else null: the app's. */
  readonly timezone: string | null;
  readonly language: ValueEnv['language'];
}

/** The settings in the stored `data` of a user's record. */
export function localSettings(data: Readonly<Record<string, unknown>>): LocalSettings {
  const { timezoneMode, timezone, language } = (data.localization ?? {}) as Readonly<Record<string, unknown>>;
  const chosen = timezoneMode === 'MANUAL' && typeof timezone === 'string' && isZone(timezone) ? timezone : null;
  return { timezone: chosen, language: language === 'spanish' ? 'spanish' : 'english' };
}
