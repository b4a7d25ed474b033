// Thread of unpackStream: decodes one segment and answers with its raw bytes.
import { FileSource } from "@bootstamp/byte-source";
import { worker, type Answer } from "@bootstamp/threads";
import type { DecodeSetup } from "./decode-worker.ts";
import { loadFormat } from "./load-format.ts";

const rawSegment: (segmentIndex: number) => Promise<Answer<Uint8Array>> = worker(
  async (setup: DecodeSetup) => {
    const packed = FileSource.open(setup.path);
    const format = await loadFormat(setup.moduleUrl);
    const map = await format.readMap(packed);
    return async (segmentIndex: number): Promise<Uint8Array> => {
      const segment = map.segments[segmentIndex];
      if (segment === undefined) throw new Error(`internal error: no segment ${segmentIndex}`);
      const raw = new Uint8Array(segment.rawLength);
      let at = 0;
      for await (const part of format.decode(map, segment, packed)) {
        raw.set(part, at);
        at += part.length;
      }
      return raw;
    };
  },
  ({ buffer }) => [buffer],
);

export default rawSegment;
