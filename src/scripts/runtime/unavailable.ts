// Calls of the script API that functions of records can't make: an error that names the call.

/** The error of a call that is part of the API but not available where it was made. */
export function unavailable(call: string): Error {
  return new Error(`${call} is not available in labels, defaults, calculations, conditions and validations`);
}

/** A function that only says that it is not available. */
export function refusing(call: string): () => never {
  return () => {
    throw unavailable(`${call}()`);
  };
}
