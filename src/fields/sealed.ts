// Sensitive values: encrypted as they are stored, with a keyed hash for equality (spec entity-model §2.8).
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Binary, BSON } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import { systemError } from '../errors.ts';

/** A value as it stands in the database. */
export interface Sealed {
  readonly sealed: 1;
  /** Id of the key; tells nothing about it. */
  readonly key: string;
  /** Nonce, authentication tag, ciphertext. */
  readonly data: Binary;
  /** Equality key of the value under the hash key; null for types without equality. */
  readonly hash: Binary | null;
}

/** Seals and unseals values; made of one key in use and, while keys change, the one before it. */
export interface Sealer {
  /**
   * Encrypts a stored value. It opens only as a value of the same field of the same entity.
   * @param value any stored value that is not empty
   */
  seal(value: unknown, field: Field, entity: string): Sealed;
  /** @throws AppError `systemException` when the value was changed, belongs elsewhere, or its key is not configured */
  unseal(sealed: Sealed, field: Field, entity: string): unknown;
  isSealed(value: unknown): value is Sealed;
  /** Hashes of an equality key (a type's `uniqueKey`), current key first: what a filter compares with `hash`. */
  hashes(key: unknown): readonly Binary[];
  /** Was it sealed with another key than the current one? */
  needsReseal(sealed: Sealed): boolean;
}

interface Key {
  readonly id: string;
  readonly encryption: Buffer;
  readonly hash: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;

/**
 * Makes a sealer. Encryption key, hash key and key id are derived from the master key, each for its own purpose.
 * @param keys master keys, 64 hex characters each
 * @throws Error for anything else, since a weak key must not start
 */
export function createSealer(keys: { readonly key: string; readonly oldKey?: string | null }): Sealer {
  const current = deriveKey(keys.key);
  const all = keys.oldKey ? [current, deriveKey(keys.oldKey)] : [current];
  const byId = new Map(all.map((key) => [key.id, key]));
  return {
    seal: (value, field, entity) => {
      const { type } = field;
      const equalityKey = type.uniqueKey?.of(value) ?? type.fileId?.(value) ?? (type.textLike ? value : null);
      return {
        sealed: 1,
        key: current.id,
        data: encrypt(value, current, placeOf(field, entity)),
        hash: equalityKey === null ? null : hashOf(equalityKey, current),
      };
    },
    unseal: (sealed, field, entity) => {
      const key = byId.get(sealed.key);
      if (!key) throw unreadable(field, entity, `it was encrypted with a key [${sealed.key}] that is not configured`);
      try {
        return decrypt(sealed.data, key, placeOf(field, entity));
      } catch (cause) {
        throw unreadable(field, entity, 'it was changed, or written for another field', cause);
      }
    },
    isSealed,
    hashes: (key) => all.map((one) => hashOf(key, one)),
    needsReseal: (sealed) => sealed.key !== current.id,
  };
}

/** Is this a sealed value as the driver gives it back? */
export function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && (value as Partial<Sealed>).sealed === 1 && 'data' in value;
}

function deriveKey(hex: string): Key {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error('An encryption key must have 64 hexadecimal characters (32 bytes)');
  const master = Buffer.from(hex, 'hex');
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `trebuchet sensitive values: ${purpose}`, bytes));
  return {
    id: derive('key id', KEY_ID_BYTES).toString('hex'),
    encryption: derive('encryption', KEY_BYTES),
    hash: derive('equality hash', KEY_BYTES),
  };
}

/** Bound to the ciphertext: a value moved to another field or entity does not open. Records may be copied. */
function placeOf(field: Field, entity: string): Buffer {
  return Buffer.from(JSON.stringify([entity, field.path]));
}

function encrypt(value: unknown, { encryption }: Key, place: Buffer): Binary {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, encryption, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(place);
  const body = Buffer.concat([cipher.update(BSON.serialize({ value })), cipher.final()]);
  return new Binary(Buffer.concat([nonce, cipher.getAuthTag(), body]));
}

function decrypt({ buffer, position }: Binary, { encryption }: Key, place: Buffer): unknown {
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, position);
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, encryption, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(place);
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return BSON.deserialize(body).value;
}

function hashOf(key: unknown, { hash }: Key): Binary {
  return new Binary(createHmac('sha256', hash).update(BSON.serialize({ key })).digest());
}

function unreadable(field: Field, entity: string, why: string, cause?: unknown): Error {
  return systemError(`Sensitive field [${field.path}] of entity [${entity}] cannot be read: ${why}`, cause);
}
