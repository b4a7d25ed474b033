// Thread of unpackStream: decodes one segment and answers with its raw bytes.
import { FileSource } from "@bootstamp/byte-source";
import type { Segment } from "@bootstamp/segment-map";
import { worker, type Answer } from "@bootstamp/threads";
import type { DecodeSetup } from "./decode-worker.ts";
import { loadFormat } from "./load-format.ts";

const rawSegment: (segment: Segment) => Promise<Answer<Uint8Array>> = worker(
  async (setup: DecodeSetup) => {
    const packed = FileSource.reopen(setup.path, setup.fingerprint);
    const format = await loadFormat(setup.moduleUrl);
    return async (segment: Segment): Promise<Uint8Array> => {
      const raw = new Uint8Array(segment.rawLength);
      let at = 0;
      for await (const part of format.decode(setup.map, segment, packed)) {
        raw.set(part, at);
        at += part.length;
      }
      return raw;
    };
  },
  ({ buffer }) => [buffer],
);

export default rawSegment;
