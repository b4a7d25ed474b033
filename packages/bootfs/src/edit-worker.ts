// Thread of openEditor: applies edits to one region after the other, until something goes wrong.
import { parentPort } from "node:worker_threads";
import {
  FileSource,
  sameFingerprint,
  SourceError,
  threadSource,
  type SyncByteSource,
} from "@bootstamp/byte-source";
import { packFault } from "@bootstamp/fault";
import { editRegion } from "./edit-region.ts";
import type { ThreadAnswer, ThreadRequest } from "./edit-request.ts";

parentPort?.on("message", (request: ThreadRequest) => {
  void answer(request);
});

async function answer(request: ThreadRequest): Promise<void> {
  const [message, transfer] = await carryOut(request);
  parentPort?.postMessage(message, transfer);
}

async function carryOut(request: ThreadRequest): Promise<[ThreadAnswer, ArrayBuffer[]]> {
  try {
    using image = openImage(request.image);
    const outcome = await editRegion(image.source, request);
    image.check();
    const buffers = outcome.patch.map(({ bytes }) => bytes.buffer);
    return [{ outcome }, buffers.filter((buffer) => buffer instanceof ArrayBuffer)];
  } catch (error) {
    return [{ fault: packFault(error) }, []];
  }
}

interface OpenImage extends Disposable {
  readonly source: SyncByteSource;
  /** Throws if the image is not any more what it was. */
  check(): void;
}

function openImage(image: ThreadRequest["image"]): OpenImage {
  if ("shared" in image) {
    return {
      source: threadSource(image.shared),
      check: () => undefined,
      [Symbol.dispose]: () => image.shared.port.close(),
    };
  }
  const file = FileSource.open(image.path);
  if (!sameFingerprint(file.fingerprint, image.fingerprint)) {
    file.close();
    throw new SourceError("SOURCE_CHANGED", `${image.path} is not the file that it was`, {
      path: image.path,
    });
  }
  return { source: file, check: () => file.assertUnchanged(), [Symbol.dispose]: () => file.close() };
}
