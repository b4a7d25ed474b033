// Thread of openDigester. Reads synchronously: it has nothing else to do, and that costs the least.
import { FileSource } from "@bootstamp/byte-source";
import { bulkCrc64nvme } from "@bootstamp/crc";
import { worker, type Answer } from "@bootstamp/threads";
import { digestRanges } from "./digest-ranges.ts";
import type { DigestTask } from "./digest-task.ts";
import { digestVariants } from "./digest-variants.ts";
import { PrefixStates } from "./prefix-states.ts";

/** Small enough to stay in the processor's second-level cache between reading and hashing. */
const windowLength = 256 << 10;

const digestWorker: (task: DigestTask) => Promise<Answer<string[]>> = worker(async () => {
  const states = new PrefixStates();
  const window = new Uint8Array(windowLength);
  const checksum = await bulkCrc64nvme();
  return ({ path, fingerprint, job, pulse }: DigestTask): string[] => {
    const source = FileSource.reopen(path, fingerprint);
    try {
      const digests =
        job.kind === "variants"
          ? digestVariants(source, job.variants, states, window, pulse)
          : digestRanges(source, job, checksum, window, pulse);
      source.assertUnchanged();
      return digests;
    } finally {
      source.close();
    }
  };
});

export default digestWorker;
