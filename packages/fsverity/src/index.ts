export { MerkleTree, type TreeOptions } from "./merkle-tree.ts";
export { VerityError, verityErrorCodes, type VerityErrorCode } from "./verity-error.ts";
export type { VerityAlgorithm, VerityChoice } from "./verity-settings.ts";
