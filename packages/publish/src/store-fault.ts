import { quoteText } from "@bootstamp/fault";
import { PublishError, type PublishErrorCode } from "./publish-error.ts";

/** What can be known of anything that the SDK throws. */
interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/**
 * Makes a fault of what the SDK throws.
 *
 * The SDK's own error is left behind: some servers put the access key, or what was signed, into theirs, and the
 * provider of credentials may quote the output of a program.
 */
export function storeFault(error: unknown, what: string): PublishError {
  if (error instanceof PublishError) return error;
  const { status, reason, message } = failureOf(error);
  const code = codeOf(status, reason);
  const detail = code === "PUBLISH_DENIED" || message === "" ? "" : `: ${quoteText(message.slice(0, 200))}`;
  const answered = status === 0 ? "" : ` (HTTP ${status})`;
  const name = quoteText(reason).slice(1, -1);
  return new PublishError(code, `cannot ${what}: ${name}${answered}${detail}`, { status, reason: name });
}

/** Whether there is no such object, version or upload. */
export function isMissing(error: unknown): boolean {
  return error instanceof PublishError && error.code === "PUBLISH_NOT_FOUND";
}

/** Whether it is a multipart upload that there is not, or no longer. */
export function isUploadMissing(error: unknown): boolean {
  return reasonOf(error) === "NoSuchUpload";
}

/** Whether an If-Match or If-None-Match was the reason. RFC 9110 §15.5.13; 409 where two wrote at the same time. */
export function isConditionRefused(error: unknown): boolean {
  return statusOf(error) === 412 || reasonOf(error) === "ConditionalRequestConflict";
}

/** Whether the server does not know what was asked for. */
export function isNotImplemented(error: unknown): boolean {
  return statusOf(error) === 501;
}

/** Whether the same may succeed when it is tried again: also bytes that were damaged on their way. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof PublishError)) return false;
  if (error.code === "PUBLISH_UNREACHABLE" || error.code === "PUBLISH_BAD_ANSWER") return true;
  const status = statusOf(error);
  return (status >= 500 && status !== 501) || status === 429 || damagedOnTheWay.has(reasonOf(error));
}

const damagedOnTheWay = new Set([
  "BadDigest",
  "InvalidDigest",
  "RequestTimeout",
  "IncompleteBody",
  "XAmzContentSHA256Mismatch",
  "XAmzContentChecksumMismatch",
]);

function statusOf(error: unknown): number {
  return error instanceof PublishError ? Number(error.fields["status"] ?? 0) : 0;
}

function reasonOf(error: unknown): string {
  return error instanceof PublishError ? String(error.fields["reason"] ?? "") : "";
}

function failureOf(error: unknown): Failure {
  const record: Readonly<Record<string, unknown>> = { ...asRecord(error) };
  const metadata = asRecord(record["$metadata"]);
  const status = Number(metadata["httpStatusCode"] ?? 0);
  const name = error instanceof Error ? error.name : "";
  // Node's errors have the telling word in `code`, the SDK's in `name`.
  const code = typeof record["code"] === "string" ? record["code"] : "";
  const isNamed = name !== "" && name !== "Error" && name !== "AggregateError";
  const reason = status === 0 && code !== "" ? code : isNamed ? name : code === "" ? "unknown" : code;
  // Of no answer, only the word: what Node and the SDK add differs from system to system.
  const message = status > 0 && error instanceof Error && error.message !== name ? error.message : "";
  return { status, reason, message };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function codeOf(status: number, reason: string): PublishErrorCode {
  if (reason === "CredentialsProviderError" || status === 401 || status === 403) return "PUBLISH_DENIED";
  if (reason === "NoSuchBucket") return "PUBLISH_NO_BUCKET";
  if (status === 404) return "PUBLISH_NOT_FOUND";
  if (status === 0) return "PUBLISH_UNREACHABLE";
  return "PUBLISH_STATUS";
}
