export type { ContractOptions, ForeignFile, OutsideDecoder } from "./contract-options.ts";
export { describeStreamFormat } from "./contract.ts";
export { decodeInMemory, pressInMemory, unpackInMemory, withWrites } from "./memory-press.ts";
export { spliceInMemory } from "./memory-splice.ts";
export { mutation, type Mutation, type Victim } from "./mutations.ts";
export { mixedBytes, randomBytes, textBytes, zeroSource } from "./sample-images.ts";
