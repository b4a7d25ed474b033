// Thread of unpackStream and of SegmentCache: decodes one segment and answers with its raw bytes.
import type { Segment } from "@bootstamp/segment-map";
import { worker, type Answer } from "@bootstamp/threads";
import type { DecodeSetup } from "./decode-worker.ts";
import { loadFormat } from "./load-format.ts";
import { sourceInThread } from "./source-in-thread.ts";
import type { SourceSetup, SourceTask } from "./source-threads.ts";
import { wholeSegment } from "./whole-segment.ts";

const rawSegment: (task: SourceTask<Segment>) => Promise<Answer<Uint8Array>> = worker(
  async (setup: DecodeSetup & SourceSetup) => {
    const packed = sourceInThread(setup);
    const format = await loadFormat(setup.moduleUrl);
    return async ({ task: segment, shared }: SourceTask<Segment>): Promise<Uint8Array> =>
      await wholeSegment(format, setup.map, segment, packed(shared), setup.halt);
  },
  ({ buffer }) => [buffer],
);

export default rawSegment;
