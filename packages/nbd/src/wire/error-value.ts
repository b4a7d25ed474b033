/** What went wrong, in the numbers of the wire (NBD protocol document, "Error values"). */
export const errorValue = {
  notPermitted: 1,
  inputOutput: 5,
  outOfMemory: 12,
  invalid: 22,
  noSpace: 28,
  notSupported: 95,
} as const;

export type ErrorValue = (typeof errorValue)[keyof typeof errorValue];

const byCode: Readonly<Record<string, ErrorValue>> = {
  NBD_NOT_PERMITTED: errorValue.notPermitted,
  EPERM: errorValue.notPermitted,
  EACCES: errorValue.notPermitted,
  EROFS: errorValue.notPermitted,
  NBD_NO_SPACE: errorValue.noSpace,
  ENOSPC: errorValue.noSpace,
  // "It also SHOULD map the EDQUOT and EFBIG errors to ENOSPC."
  EDQUOT: errorValue.noSpace,
  EFBIG: errorValue.noSpace,
  ENOMEM: errorValue.outOfMemory,
};

/** What a client is told of an error that an export threw. Not its message: that may name files of this machine. */
export function errorValueOf(error: unknown): ErrorValue {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const known = typeof code === "string" && Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  return known ?? errorValue.inputOutput;
}
