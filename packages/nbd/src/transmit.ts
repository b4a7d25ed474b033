import { carriesData, changes, type Refusal, refusalOf } from "./check-request.ts";
import { FlowGate } from "./flow-gate.ts";
import { maxCacheHold, maxRequestLength, type NbdLimits } from "./limits.ts";
import type { Agreement } from "./negotiation.ts";
import type { Peer } from "./peer.ts";
import { performRequest } from "./perform-request.ts";
import type { Share, SharedGate } from "./shared-gate.ts";
import { maxDescriptors } from "./wire/block-status.ts";
import { errorValue, errorValueOf } from "./wire/error-value.ts";
import { encodeReply, type Outcome } from "./wire/reply.ts";
import { command, parseRequest, type Request, requestLength } from "./wire/request.ts";

/** What transmission needs besides the peer. */
export interface Transmission {
  readonly agreement: Agreement;
  readonly limits: NbdLimits;
  readonly sharedGate: SharedGate;
  readonly share: Share;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Hears that nothing more will be asked, by a goodbye or not; what was asked is still carried out and answered. */
  onLeaving(saidGoodbye: boolean): void;
  onFailed(request: Request, reason: string, error?: unknown): void;
}

/**
 * Serves requests until the client says goodbye, and then until all that is under way is done and answered. Also
 * where it throws, because of the client or because the input was interrupted, nothing is under way any more.
 */
export async function transmit(peer: Peer, transmission: Transmission): Promise<void> {
  const { limits } = transmission;
  const gate = new FlowGate(limits.requests, limits.requestBytes);
  let saidGoodbye = false;
  try {
    while (!saidGoodbye) {
      const request = parseRequest(await peer.input.take(requestLength));
      saidGoodbye = request.command === command.disconnect;
      if (!saidGoodbye) await begin(peer, transmission, gate, request);
    }
  } finally {
    transmission.onLeaving(saidGoodbye);
    await gate.idle();
  }
}

/** Waits for room, takes the data of a write, and sets the request going. */
async function begin(
  peer: Peer,
  transmission: Transmission,
  gate: FlowGate,
  request: Request,
): Promise<void> {
  const refusal = refusalOf(transmission.agreement, request);
  const cost = costOf(request, refusal);
  const { sharedGate, share } = transmission;
  await gate.enter(cost);
  await sharedGate.enter(share, cost);
  const leave = (): void => {
    sharedGate.leave(share, cost);
    gate.leave(cost);
  };
  try {
    const payload = await takePayload(peer, request, refusal);
    void respond(peer, transmission, request, refusal ?? payload).finally(leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** Never rejects: whatever a request comes to is told to its client alone. */
async function respond(
  peer: Peer,
  transmission: Transmission,
  request: Request,
  work: Refusal | Uint8Array,
): Promise<void> {
  const outcome = await outcomeOf(transmission, request, work);
  await peer.output.send(encodeReply(transmission.agreement.structured, request.cookie, outcome));
}

async function outcomeOf(
  transmission: Transmission,
  request: Request,
  work: Refusal | Uint8Array,
): Promise<Outcome> {
  const { agreement, signal } = transmission;
  if ("message" in work) {
    transmission.onFailed(request, work.message);
    return { kind: "error", ...work };
  }
  // An export that only listens for the abort would wait for ever: it came before.
  if (signal.aborted && !changes(request.command)) return nobodyIsThere;
  try {
    return await performRequest(agreement.exported, request, work, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!signal.aborted) transmission.onFailed(request, reason, error);
    return { kind: "error", error: errorValueOf(error), message: "" };
  }
}

const nobodyIsThere: Outcome = { kind: "error", error: errorValue.inputOutput, message: "" };

const noPayload = new Uint8Array(0);

/** The data of a write; that of one that is refused is skipped, which keeps the next request findable. */
async function takePayload(
  { input }: Peer,
  request: Request,
  refusal: Refusal | undefined,
): Promise<Uint8Array> {
  if (request.command !== command.write) return noPayload;
  if (refusal === undefined) return input.take(request.length);
  await input.skip(request.length);
  return noPayload;
}

/** Bytes of memory that a request may take: its data, what an export holds of it, or the longest status. */
function costOf(request: Request, refusal: Refusal | undefined): number {
  if (refusal !== undefined) return requestLength;
  if (request.command === command.blockStatus) return 8 * maxDescriptors;
  if (request.command === command.cache) return Math.min(request.length, maxCacheHold);
  return carriesData(request.command) ? Math.min(request.length, maxRequestLength) : requestLength;
}
