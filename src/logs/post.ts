// Lines that clients send (spec auth-jobs-logs-files §7.3).
import { badRequest, type FieldError, validationErrors } from '../errors.ts';
import type { Json } from '../fields/field-type.ts';
import { isBlank, isObject } from '../fields/references.ts';
import type { AppLogLine } from '../records/app-log.ts';
import { LOG_LEVELS, LONGEST_INFO, type LogLevel } from './log.ts';

const LONGEST_MESSAGE = 10_000;

/**
 * The line that a body describes; other keys are ignored, since the server computes what they would say.
 * @throws AppError `badRequest` for a body that is no object, `validationErrors` with every mistake together
 */
export function readPostedLine(body: unknown): AppLogLine {
  const json = body as Json;
  if (!isObject(json)) throw badRequest('The body must be an object with "message"');
  const { message = null, level = null, additionalInfo = null } = json;
  const errors = [messageError(message), levelError(level), infoError(additionalInfo)].filter(
    (error) => error !== null,
  );
  if (errors.length > 0) throw validationErrors(errors);
  return {
    message: String(message),
    level: isBlank(level) ? 'INFO' : (level as LogLevel),
    ...(isObject(additionalInfo) && { additionalInfo }),
  };
}

function messageError(message: Json): FieldError | null {
  if (isBlank(message)) return problem('message', 'required', 'Message cannot be empty');
  if (typeof message !== 'string') return problem('message', 'invalidStructure', 'Message must be a text', message);
  if (message.length <= LONGEST_MESSAGE) return null;
  return problem('message', 'invalid', `Message must not be longer than ${LONGEST_MESSAGE} characters`);
}

function levelError(level: Json): FieldError | null {
  if (isBlank(level) || (LOG_LEVELS as readonly Json[]).includes(level)) return null;
  return problem('level', 'invalid', `Level must be one of ${LOG_LEVELS.join(', ')}`, level);
}

function infoError(info: Json): FieldError | null {
  if (info === null) return null;
  if (!isObject(info)) return problem('additionalInfo', 'invalidStructure', 'Additional info must be an object', info);
  if (Buffer.byteLength(JSON.stringify(info)) <= LONGEST_INFO) return null;
  return problem('additionalInfo', 'invalid', 'Additional info must not be larger than 64 kB');
}

/** All five keys, those without a meaning outside of entities empty. */
function problem(field: string, code: string, message: string, rejectedValue?: Json): FieldError {
  const additionalInfo = rejectedValue === undefined ? null : { rejectedValue };
  return { field, fieldLabel: null, code, message, additionalInfo };
}
