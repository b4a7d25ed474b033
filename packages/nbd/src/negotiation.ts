import type { NbdExport } from "./nbd-export.ts";
import { encodeInformation, encodeOldExport, parseInformationRequest } from "./wire/export-info.ts";
import type { ClientFlags } from "./wire/greeting.ts";
import {
  allocationId,
  encodeAllocationContext,
  listsAllocation,
  type MetaContextRequest,
  parseMetaContextRequest,
  selectsAllocation,
} from "./wire/meta-context.ts";
import { encodeOptionReply, optionNumber, replyType, type ReplyType } from "./wire/option.ts";
import { encodeCountedString, parseString } from "./wire/protocol-string.ts";
import { transmissionFlags } from "./wire/transmission-flags.ts";

/** What a server has to offer to whoever connects. */
export interface Offer {
  readonly exports: ReadonlyMap<string, NbdExport>;
  readonly tls: "off" | "allowed" | "required";
}

/** How far a client and the server have agreed. */
export interface Negotiation {
  readonly clientFlags: ClientFlags;
  readonly secured: boolean;
  readonly structured: boolean;
  /** The export whose base:allocation the client chose last. */
  readonly allocationOf?: string;
}

/** What holds during transmission. */
export interface Agreement {
  readonly exported: NbdExport;
  readonly structured: boolean;
  readonly allocation: boolean;
}

/** What an option leads to: replies, and then more options, TLS, transmission, or the end of the connection. */
export interface Answer {
  readonly replies: readonly Buffer[];
  readonly next:
    | { readonly kind: "options"; readonly negotiation: Negotiation }
    | { readonly kind: "tls" }
    | { readonly kind: "transmission"; readonly agreement: Agreement }
    | { readonly kind: "end" };
  /** Why the option was refused, for logs. */
  readonly refusal?: string;
}

export function beginNegotiation(clientFlags: ClientFlags, secured: boolean): Negotiation {
  return { clientFlags, secured, structured: false };
}

/**
 * Answers one option; never throws for what a client sends.
 * @param data the option's data, or undefined where it was too long to be kept.
 */
export function answerOption(
  offer: Offer,
  negotiation: Negotiation,
  option: number,
  data: Buffer | undefined,
): Answer {
  if (option === optionNumber.exportName) return answerExportName(offer, negotiation, data);
  if (option === optionNumber.abort) {
    return { replies: [encodeOptionReply(option, replyType.acknowledged)], next: { kind: "end" } };
  }
  if (!negotiation.clientFlags.fixedNewstyle) {
    // Such a client waits for no reply: nothing that could be said would be understood.
    return end(`option ${option} from a client without fixed newstyle`);
  }
  if (option === optionNumber.startTls) return answerStartTls(offer, negotiation, data);
  if (offer.tls === "required" && !negotiation.secured) {
    return refuse(negotiation, option, replyType.tlsRequired, "start TLS first");
  }
  return answerInTheOpen(offer, negotiation, option, data);
}

function answerInTheOpen(
  offer: Offer,
  negotiation: Negotiation,
  option: number,
  data: Buffer | undefined,
): Answer {
  const answer = answers.get(option);
  if (answer === undefined) return refuse(negotiation, option, replyType.unsupported, "not supported");
  if (data === undefined) return refuse(negotiation, option, replyType.tooBig, "too much data");
  return answer(offer, negotiation, option, data);
}

type AnswerTo = (offer: Offer, negotiation: Negotiation, option: number, data: Buffer) => Answer;

const answers: ReadonlyMap<number, AnswerTo> = new Map<number, AnswerTo>([
  [optionNumber.list, answerList],
  [optionNumber.info, answerInformation],
  [optionNumber.go, answerInformation],
  [optionNumber.structuredReply, answerStructuredReply],
  [optionNumber.listMetaContext, answerListMetaContext],
  [optionNumber.setMetaContext, answerSetMetaContext],
]);

/** The one option without an error reply: where it cannot be granted the connection ends. */
function answerExportName(offer: Offer, negotiation: Negotiation, data: Buffer | undefined): Answer {
  if (offer.tls === "required" && !negotiation.secured) return end("EXPORT_NAME without TLS");
  const name = data === undefined ? undefined : parseString(data);
  if (name === undefined) return end("a malformed export name");
  const exported = offer.exports.get(name);
  if (exported === undefined) return end(`no export is named ${JSON.stringify(name)}`);
  const flags = transmissionFlags(exported, negotiation.structured);
  const reply = encodeOldExport(exported.length, flags, !negotiation.clientFlags.noZeroes);
  return { replies: [reply], next: transmission(negotiation, exported) };
}

function answerStartTls(offer: Offer, negotiation: Negotiation, data: Buffer | undefined): Answer {
  const option = optionNumber.startTls;
  if (negotiation.secured) return refuse(negotiation, option, replyType.invalid, "TLS is on already");
  if (data?.length !== 0) return refuse(negotiation, option, replyType.invalid, "STARTTLS takes no data");
  if (offer.tls === "off") return refuse(negotiation, option, replyType.policy, "there is no TLS here");
  return { replies: [encodeOptionReply(option, replyType.acknowledged)], next: { kind: "tls" } };
}

function answerList(offer: Offer, negotiation: Negotiation, option: number, data: Buffer): Answer {
  if (data.length > 0) return refuse(negotiation, option, replyType.invalid, "LIST takes no data");
  const servers = [...offer.exports.values()].map(({ name, description }) =>
    Buffer.concat([encodeCountedString(name), Buffer.from(description ?? "")]),
  );
  return grant(negotiation, option, replyType.server, servers);
}

function answerInformation(offer: Offer, negotiation: Negotiation, option: number, data: Buffer): Answer {
  const request = parseInformationRequest(data);
  if (request === undefined) return refuse(negotiation, option, replyType.invalid, "malformed data");
  const exported = offer.exports.get(request.exportName);
  if (exported === undefined) return refuseUnknown(negotiation, option, request.exportName);
  const flags = transmissionFlags(exported, negotiation.structured);
  const pieces = encodeInformation(exported, flags, request.types);
  const granted = grant(negotiation, option, replyType.info, pieces);
  return option === optionNumber.go ? { ...granted, next: transmission(negotiation, exported) } : granted;
}

function answerStructuredReply(_: Offer, negotiation: Negotiation, option: number, data: Buffer): Answer {
  if (data.length > 0)
    return refuse(negotiation, option, replyType.invalid, "STRUCTURED_REPLY takes no data");
  return grant({ ...negotiation, structured: true }, option, replyType.acknowledged, []);
}

function answerListMetaContext(offer: Offer, negotiation: Negotiation, option: number, data: Buffer): Answer {
  const found = metaContextRequest(offer, negotiation, option, data);
  if ("next" in found) return found;
  const lists = found.exported.extents !== undefined && listsAllocation(found.queries);
  return grant(negotiation, option, replyType.metaContext, lists ? [encodeAllocationContext(0)] : []);
}

function answerSetMetaContext(offer: Offer, negotiation: Negotiation, option: number, data: Buffer): Answer {
  // Whatever comes of it, the earlier choice is gone.
  const { allocationOf: _, ...unset } = negotiation;
  const found = metaContextRequest(offer, unset, option, data);
  if ("next" in found) return found;
  if (found.exported.extents === undefined || !selectsAllocation(found.queries))
    return grant(unset, option, replyType.metaContext, []);
  const set = { ...unset, allocationOf: found.exportName };
  return grant(set, option, replyType.metaContext, [encodeAllocationContext(allocationId)]);
}

function metaContextRequest(
  offer: Offer,
  negotiation: Negotiation,
  option: number,
  data: Buffer,
): Answer | (MetaContextRequest & { readonly exported: NbdExport }) {
  if (!negotiation.structured)
    return refuse(negotiation, option, replyType.invalid, "ask for structured replies first");
  const request = parseMetaContextRequest(data);
  if (request === undefined) return refuse(negotiation, option, replyType.invalid, "malformed data");
  const exported = offer.exports.get(request.exportName);
  if (exported === undefined) return refuseUnknown(negotiation, option, request.exportName);
  return { ...request, exported };
}

function transmission(negotiation: Negotiation, exported: NbdExport): Answer["next"] {
  const allocation = negotiation.structured && negotiation.allocationOf === exported.name;
  return { kind: "transmission", agreement: { exported, structured: negotiation.structured, allocation } };
}

function grant(negotiation: Negotiation, option: number, type: ReplyType, pieces: readonly Buffer[]): Answer {
  const replies = pieces.map((piece) => encodeOptionReply(option, type, piece));
  return {
    replies: [...replies, encodeOptionReply(option, replyType.acknowledged)],
    next: { kind: "options", negotiation },
  };
}

function refuse(negotiation: Negotiation, option: number, type: ReplyType, refusal: string): Answer {
  const replies = [encodeOptionReply(option, type, Buffer.from(refusal))];
  return { replies, next: { kind: "options", negotiation }, refusal };
}

function refuseUnknown(negotiation: Negotiation, option: number, exportName: string): Answer {
  const shown = exportName.length > 100 ? `${exportName.slice(0, 100).toWellFormed()}...` : exportName;
  return refuse(negotiation, option, replyType.unknownExport, `no export is named ${JSON.stringify(shown)}`);
}

function end(refusal: string): Answer {
  return { replies: [], next: { kind: "end" }, refusal };
}
