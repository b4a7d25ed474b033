// What a stamp may come to. Each keeps a file of a few bytes from asking for memory without end.

/** Bytes of the body, before it is packed. */
export const maxBodyLength: number = 64 << 20;

/** A run in memory takes some hundred bytes beside its own. */
export const maxRuns: number = 1 << 18;

export const maxArtifacts = 4096;

/** Of the name's UTF-8: its length has one byte. */
export const maxNameLength = 255;
