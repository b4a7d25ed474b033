// What went wrong with a request, and whether it may go right another time.
import type { IncomingMessage } from "node:http";
import { HttpError, type HttpErrorCode } from "./http-error.ts";
import { printable } from "./http-url.ts";
import { parseRetryAfter, Passing } from "./retry.ts";

/**
 * Request Timeout, Too Early, Too Many Requests, and the server errors that are about this moment. RFC 9110 §15.5,
 * 15.6.
 */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const codeByStatus: Readonly<Record<number, HttpErrorCode>> = {
  401: "HTTP_DENIED",
  403: "HTTP_DENIED",
  407: "HTTP_DENIED",
  404: "HTTP_NOT_FOUND",
  410: "HTTP_NOT_FOUND",
  412: "HTTP_CHANGED",
};

/** System errors of connections that were lost, or may be there in a moment. */
const passingSystemErrors: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);

/** The fault of a status that is neither success nor a redirect. */
export function statusFault(answer: IncomingMessage, url: URL): HttpError | Passing {
  const status = answer.statusCode ?? 0;
  const code = codeByStatus[status] ?? "HTTP_STATUS";
  const detail = code === "HTTP_CHANGED" ? "is another file by now" : `answered with status ${status}`;
  const fault = new HttpError(code, `${printable(url)} ${detail}`, { status });
  if (!passingStatuses.has(status)) return fault;
  return new Passing(fault, parseRetryAfter(answer.headers["retry-after"], Date.now()));
}

/** The fault of a connection that failed: what was thrown, in our words. */
export function connectionFault(error: unknown, url: URL): unknown {
  if (error instanceof HttpError) return error.code === "HTTP_STALLED" ? new Passing(error) : error;
  if (!(error instanceof Error) || error instanceof Passing) return error;
  const systemCode = "code" in error && typeof error.code === "string" ? error.code : "";
  if (systemCode.startsWith("HPE_")) {
    return new HttpError(
      "HTTP_BAD_ANSWER",
      `${printable(url)} does not answer as a web server: ${error.message}`,
    );
  }
  const fault = new HttpError(
    "HTTP_UNREACHABLE",
    `cannot read ${printable(url)}: ${error.message}`,
    systemCode === "" ? {} : { reason: systemCode },
    { cause: error },
  );
  return passingSystemErrors.has(systemCode) ? new Passing(fault) : fault;
}

/** The fault of an answer that makes no sense. */
export function badAnswer(url: URL, detail: string): HttpError {
  return new HttpError("HTTP_BAD_ANSWER", `${printable(url)} answered ${detail}`);
}

/** The fault of a body that ended before its end, which may not be known. */
export function cutShort(url: URL, got: number, expected: number | undefined, cause?: unknown): Passing {
  const detail = `${printable(url)} sent ${got} of ${expected ?? "more"} bytes`;
  const fields = expected === undefined ? { got } : { got, expected };
  return new Passing(new HttpError("HTTP_CUT_SHORT", detail, fields, { cause }));
}
