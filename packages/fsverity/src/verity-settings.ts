import { VerityError } from "./verity-error.ts";

export type VerityAlgorithm = "sha256" | "sha512";

/** What a user may choose about a digest. What is left out is what the kernel's tool takes by default. */
export interface VerityChoice {
  /** Default: `sha256`. */
  readonly algorithm?: VerityAlgorithm;
  /** Bytes of a block, of the file and of the tree: a power of two from 1024 to 65536. Default: 4096. */
  readonly blockLength?: number;
  /** At most 32 bytes, that every hash of the tree begins with. Default: none. */
  readonly salt?: Uint8Array;
}

/** A choice that is complete and was checked. */
export interface VeritySettings {
  readonly algorithm: VerityAlgorithm;
  readonly blockLength: number;
  readonly salt: Uint8Array;
  readonly digestLength: number;
  /** Bytes that the hash takes in at a time: the salt is filled up to a multiple of it. */
  readonly hashBlockLength: number;
  /** FS_VERITY_HASH_ALG_* of include/uapi/linux/fsverity.h. */
  readonly algorithmNumber: number;
}

const algorithms = {
  sha256: { digestLength: 32, hashBlockLength: 64, algorithmNumber: 1 },
  sha512: { digestLength: 64, hashBlockLength: 128, algorithmNumber: 2 },
} as const;

const shortestBlock = 1024;
const longestBlock = 65_536;
/** struct fsverity_descriptor has no room for more. */
export const longestSalt = 32;

/** Completes and checks a choice. Copies the salt. @throws VerityError `VERITY_SETTING`. */
export function settleVerity(choice: VerityChoice): VeritySettings {
  const { algorithm = "sha256", blockLength = 4096, salt = new Uint8Array() } = choice;
  if (!Object.hasOwn(algorithms, algorithm)) {
    throw refused("algorithm", algorithm, `expected ${Object.keys(algorithms).join(" or ")}`);
  }
  const isPower = Number.isInteger(Math.log2(blockLength));
  if (!isPower || blockLength < shortestBlock || blockLength > longestBlock) {
    const expected = `expected a power of two from ${shortestBlock} to ${longestBlock}`;
    throw refused("block length", blockLength, expected);
  }
  if (salt.length > longestSalt) {
    throw refused("salt", `${salt.length} bytes`, `at most ${longestSalt} are allowed`);
  }
  return { algorithm, blockLength, salt: new Uint8Array(salt), ...algorithms[algorithm] };
}

function refused(what: string, got: string | number, expected: string): VerityError {
  const message = `cannot work out an fs-verity digest with ${what} ${got}: ${expected}`;
  return new VerityError("VERITY_SETTING", message, { [what]: got });
}
