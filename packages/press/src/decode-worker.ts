// Thread of decodeSegments: decodes one segment, writes it to its place in the raw image if there is a target, and
// answers with the CRC-32 of its raw bytes.
import { openSync } from "node:fs";
import { crc32 } from "@bootstamp/crc";
import { release, type Segment, type MapHead } from "@bootstamp/segment-map";
import { type HaltFlag, worker, type Answer } from "@bootstamp/threads";
import { haltable } from "./haltable.ts";
import { loadFormat } from "./load-format.ts";
import { sourceInThread } from "./source-in-thread.ts";
import type { SourceSetup, SourceTask } from "./source-threads.ts";
import { writeRaw } from "./write-raw.ts";

export interface DecodeSetup {
  readonly moduleUrl: string;
  readonly map: MapHead;
  readonly target?: DecodeTarget;
  /** Asked for each part: a segment may be of many GiB. */
  readonly halt?: HaltFlag;
}

/** Where raw bytes go: a file of the raw image's length, or a device. */
export interface DecodeTarget {
  readonly path: string;
  /** Zeros are there already: blocks of them are left as they are. */
  readonly zeroed: boolean;
}

const decodeSegment: (task: SourceTask<Segment>) => Promise<Answer<number>> = worker(
  async (setup: DecodeSetup & SourceSetup) => {
    const packed = sourceInThread(setup);
    const format = await loadFormat(setup.moduleUrl);
    const write = setup.target === undefined ? undefined : writerOf(setup.target);
    return async ({ task: segment, shared }: SourceTask<Segment>): Promise<number> => {
      let crc = crc32.empty;
      let offset = segment.rawOffset;
      for await (const part of haltable(format.decode(setup.map, segment, packed(shared)), setup.halt)) {
        crc = crc32.of(part, crc);
        write?.(part, offset);
        offset += part.length;
        // A part may share its buffer with the next one, or with the decoder; one of all bytes and no others does not.
        if (part.length === segment.rawLength && part.length === part.buffer.byteLength) release(part);
      }
      return crc;
    };
  },
);

export default decodeSegment;

/** The descriptor is closed with the thread. */
function writerOf({ path, zeroed }: DecodeTarget): (part: Uint8Array, offset: number) => void {
  const descriptor = openSync(path, "r+");
  return (part, offset) => writeRaw(descriptor, part, offset, zeroed);
}
