export { defaultLevel, maxLevel } from "./effort.ts";
export { encoderVersion, maxRawLength, openEncoder, type Deflate } from "./encoder.ts";
