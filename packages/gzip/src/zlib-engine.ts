import { constants, deflateRawSync } from "node:zlib";
import { release } from "@bootstamp/segment-map";
import type { Engine } from "./engine.ts";
import { storedLength } from "./stored-run.ts";

/** The zlib inside Node: nothing to load, but other bytes with another Node, and larger than other zlibs' at level 6. */
export const zlibEngine: Engine = {
  name: "zlib",
  version: process.versions.zlib,
  maxLevel: 9,
  defaultLevel: 6,
  open: async (level) => (raw) => {
    // Room for everything at once: zlib may flush twice when it is called again for a flush that it has finished.
    const chunkSize = storedLength(raw.length) + 1024;
    const deflated = deflateRawSync(raw, { level, chunkSize, finishFlush: constants.Z_FULL_FLUSH });
    const alone = new Uint8Array(deflated);
    release(deflated);
    return alone;
  },
};
