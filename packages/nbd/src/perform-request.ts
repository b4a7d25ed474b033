import { NbdError } from "./nbd-error.ts";
import type { NbdExport, NbdWriter } from "./nbd-export.ts";
import { describeStatus, maxDescriptors } from "./wire/block-status.ts";
import type { Outcome } from "./wire/reply.ts";
import { command, commandFlag, type Request } from "./wire/request.ts";

const done: Outcome = { kind: "done" };

/** Carries out a request that {@link refusalOf} has let through. @throws what the export throws. */
export async function performRequest(
  exported: NbdExport,
  request: Request,
  payload: Uint8Array,
  signal: AbortSignal,
): Promise<Outcome> {
  const { offset, length } = request;
  switch (request.command) {
    case command.read:
      return { kind: "data", offset, bytes: await readExactly(exported, offset, length, signal) };
    case command.cache:
      await exported.cache?.(offset, length, signal);
      return done;
    case command.blockStatus:
      return { kind: "status", descriptors: await blockStatus(exported, request, signal) };
    default:
      if (exported.writer !== undefined) await change(exported.writer, request, payload);
      return done;
  }
}

async function change(writer: NbdWriter, request: Request, payload: Uint8Array): Promise<void> {
  const { offset, length, flags } = request;
  if (length > 0) {
    if (request.command === command.write) await writer.write(offset, payload);
    if (request.command === command.trim) await writer.trim?.(offset, length);
    if (request.command === command.writeZeroes)
      await writer.writeZeroes?.(offset, length, { mayPunch: (flags & commandFlag.noHole) === 0 });
  }
  if (request.command === command.flush || (flags & commandFlag.fua) !== 0) await writer.flush();
}

const nothing = new Uint8Array(0);

async function readExactly(
  exported: NbdExport,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (length === 0) return nothing;
  const bytes = await exported.read(offset, length, signal);
  // One byte too few or too many, and the client would take data for replies from here on.
  if (bytes.length !== length) {
    throw new NbdError(
      "NBD_READ_LENGTH",
      `the export answered a read at offset ${offset} with ${bytes.length} bytes, expected ${length}`,
      { expected: length, got: bytes.length },
    );
  }
  return bytes;
}

async function blockStatus(exported: NbdExport, request: Request, signal: AbortSignal) {
  const limit = (request.flags & commandFlag.reqOne) === 0 ? maxDescriptors : 1;
  const extents = exported.extents?.(request.offset, request.length, signal) ?? [];
  return describeStatus(extents, request.length, limit);
}
