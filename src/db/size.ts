// Documents that MongoDB can't hold: its own refusal comes in many shapes, some of them from the middle of the driver.
import { BSON, type Document } from 'mongodb';
import { badRequest } from '../errors.ts';

const MOST_BYTES = 16 * 1024 * 1024;
/** What the message around a document takes of that. */
const AROUND = 16 * 1024;

/**
 * Runs the write of a document.
 * @throws AppError `badRequest` when it failed because the document is too large; else what the write throws
 */
export async function withinSize<T>(document: Document, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const bytes = BSON.calculateObjectSize(document);
    if (bytes <= MOST_BYTES - AROUND) throw error;
    const size = (bytes / 1024 / 1024).toFixed(1);
    throw badRequest(`The record would take ${size} MB: at most 16 MB can be stored`, { cause: error });
  }
}
