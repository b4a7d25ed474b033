// Thread of checkImage: decodes one segment and answers with the CRC-32 of its raw bytes.
import { FileSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { worker, type Answer } from "@bootstamp/threads";
import { loadFormat } from "./load-format.ts";

export interface DecodeSetup {
  readonly path: string;
  readonly moduleUrl: string;
}

const decodeSegment: (segmentIndex: number) => Promise<Answer<number>> = worker(
  async (setup: DecodeSetup) => {
    const packed = FileSource.open(setup.path);
    const format = await loadFormat(setup.moduleUrl);
    const map = await format.readMap(packed);
    return async (segmentIndex: number): Promise<number> => {
      const segment = map.segments[segmentIndex];
      if (segment === undefined) throw new Error(`internal error: no segment ${segmentIndex}`);
      let crc = crc32.empty;
      for await (const part of format.decode(map, segment, packed)) crc = crc32.of(part, crc);
      return crc;
    };
  },
);

export default decodeSegment;
