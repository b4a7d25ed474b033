import type { NbdLimits } from "./limits.ts";
import { NbdError } from "./nbd-error.ts";
import { type Agreement, answerOption, beginNegotiation, type Offer } from "./negotiation.ts";
import { type Peer, peerOf } from "./peer.ts";
import type { TlsUpgrade } from "./tls.ts";
import { clientFlagsLength, greeting, parseClientFlags } from "./wire/greeting.ts";
import { optionHeaderLength, optionNumber, parseOptionHeader } from "./wire/option.ts";

/** What a handshake needs besides the peer. */
export interface Handshake {
  readonly offer: Offer;
  readonly limits: NbdLimits;
  readonly upgrade: TlsUpgrade | undefined;
  /** Hears of the peer that takes the place of the plain one. */
  readonly onSecured: (peer: Peer) => void;
  readonly onRefused: (option: number, reason: string) => void;
}

/** Greets the peer and haggles until it attaches to an export; undefined where it leaves, or is left, before. */
export async function negotiate(
  plain: Peer,
  handshake: Handshake,
): Promise<{ readonly peer: Peer; readonly agreement: Agreement } | undefined> {
  let peer = plain;
  await peer.output.send([greeting]);
  const clientFlags = parseClientFlags(await peer.input.take(clientFlagsLength));
  for (let negotiation = beginNegotiation(clientFlags, false); ;) {
    const { option, data } = await takeOption(peer, handshake.limits.optionLength);
    const { replies, next, refusal } = answerOption(handshake.offer, negotiation, option, data);
    if (refusal !== undefined) handshake.onRefused(option, refusal);
    if (next.kind === "tls") assertNothingPipelined(peer);
    if (replies.length > 0) await peer.output.send(replies);
    switch (next.kind) {
      case "end":
        return undefined;
      case "transmission":
        return { peer, agreement: next.agreement };
      case "options":
        ({ negotiation } = next);
        break;
      case "tls":
        peer = await secured(peer, handshake);
        // "All further data": what was agreed in the open may have been a stranger's words.
        negotiation = beginNegotiation(clientFlags, true);
    }
  }
}

/** The next option; its data undefined where there is more than `maxLength`, which is skipped. */
async function takeOption(
  { input }: Peer,
  maxLength: number,
): Promise<{ readonly option: number; readonly data: Buffer | undefined }> {
  const { option, length } = parseOptionHeader(await input.take(optionHeaderLength));
  if (length <= maxLength) return { option, data: await input.take(length) };
  // To an export name there is no error reply, so there is nothing to wait for.
  if (option !== optionNumber.exportName) await input.skip(length);
  return { option, data: undefined };
}

/** Keeps somebody in the middle from putting words of their own before those that come over TLS. */
function assertNothingPipelined({ input }: Peer): void {
  if (input.buffered > 0) {
    throw new NbdError("NBD_PROTOCOL", `${input.buffered} bytes were sent in the open after STARTTLS`);
  }
}

async function secured(plain: Peer, { upgrade, onSecured }: Handshake): Promise<Peer> {
  if (upgrade === undefined) throw new Error("internal error: TLS was granted and cannot be had");
  plain.input.release();
  const peer = peerOf(await upgrade(plain.stream));
  onSecured(peer);
  return peer;
}
