import type { IncomingMessage } from "node:http";
import { quoteText } from "@bootstamp/fault";
import { badAnswer, connectionFault, cutShort, statusFault } from "./answer-fault.ts";
import { bodyOf } from "./body.ts";
import { parseContentRange, parseUnsatisfied, type ContentRange } from "./content-range.ts";
import { conditionsOf, differenceOf, versionOf, type FileVersion } from "./file-version.ts";
import { isRedirect, maxRedirects, redirectTarget } from "./follow-redirects.ts";
import { HttpError } from "./http-error.ts";
import { printable, type HttpTarget } from "./http-url.ts";
import { leastProgress, Passing, pause, Tries } from "./retry.ts";
import type { Transport } from "./transport.ts";

/** One version of a file on a server: every answer is held against it. */
export interface PinnedFile {
  /** Unknown only where a server sends the whole file and does not say. */
  readonly length: number | undefined;
  readonly version: FileVersion;
}

/** An answer that holds what was asked for, its body not yet read. */
interface Part {
  /** Of the body; unknown only where a server sends the whole file and does not say. */
  readonly length: number | undefined;
  readonly body: AsyncGenerator<Uint8Array>;
  readonly url: URL;
}

/** A file on a server, read by ranges, each as often as it takes; see {@link Tries} for how often that may be. */
export class RemoteFile {
  readonly #transport: Transport;
  readonly #first: HttpTarget;
  /** Where redirects led to. Such places may be for a time only; then the first is asked again. */
  #current: HttpTarget;
  #pinned: PinnedFile | undefined;
  /** No request before this time, after the server asked one to wait. */
  #notBefore = 0;

  constructor(transport: Transport, target: HttpTarget) {
    this.#transport = transport;
    this.#first = target;
    this.#current = target;
  }

  /** The version that the first answer was of. */
  get pinned(): PinnedFile {
    if (this.#pinned === undefined) throw new Error("internal error: nothing was read yet");
    return this.#pinned;
  }

  /**
   * The bytes of `offset..offset + length` as they come; fewer only from the first range, of a shorter file.
   * @throws HttpError every code but `HTTP_URL` and `HTTP_CLOSED`; the signal's reason.
   */
  async *range(offset: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const tries = new Tries(this.#transport.settings);
    for (let done = 0; done < length;) {
      try {
        const part = await this.#askRange(offset + done, length - done, signal);
        if (part === undefined) return;
        // A shorter part than asked for is taken as it is from here on; servers may have a limit (RFC 9110 §15.3.7).
        const isShort =
          (part.length ?? 0) < Math.min(leastProgress, this.#remaining(offset + done, length - done));
        for await (const chunk of part.body) {
          done += chunk.length;
          tries.got(chunk.length);
          yield chunk;
        }
        if (isShort) throw cutShort(part.url, part.length ?? 0, length);
        length = this.#remaining(offset, length);
      } catch (error) {
        await this.#beforeNextTry(tries, error, signal);
      }
    }
  }

  /** The whole file as it comes, from a server that need not know ranges. */
  async *whole(signal: AbortSignal, onHead: (pinned: PinnedFile) => void): AsyncGenerator<Uint8Array> {
    const tries = new Tries(this.#transport.settings);
    let done = 0;
    for (;;) {
      try {
        const part = await this.#askWhole(signal);
        onHead(this.pinned);
        for await (const chunk of part.body) {
          done += chunk.length;
          tries.got(chunk.length);
          yield chunk;
        }
        return;
      } catch (error) {
        await this.#beforeNextTry(tries, error, signal);
        if (done > 0) break;
      }
    }
    const { length, version } = this.pinned;
    const isPinned = version.etag !== undefined || version.lastModified !== undefined;
    if (length === undefined || !isPinned) throw cutShort(this.#current.url, done, length ?? done + 1).cause;
    yield* this.range(done, length - done, signal);
  }

  async #beforeNextTry(tries: Tries, error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const fault = connectionFault(error, this.#current.url);
    const delay = tries.delayAfter(fault);
    this.#transport.counters.retries++;
    if (fault instanceof Passing && fault.wait !== undefined)
      this.#notBefore = Math.max(this.#notBefore, performance.now() + delay);
    await pause(delay, signal);
  }

  /** What of a range is inside the file, if its length is known by now. */
  #remaining(offset: number, length: number): number {
    return Math.min(length, (this.#pinned?.length ?? Infinity) - offset);
  }

  /** Undefined where there is nothing: the first answer says that the file is empty. */
  async #askRange(offset: number, length: number, signal: AbortSignal): Promise<Part | undefined> {
    const conditions = this.#pinned === undefined ? {} : conditionsOf(this.#pinned.version);
    const headers = { range: `bytes=${offset}-${offset + length - 1}`, ...conditions };
    return await this.#ask(headers, signal, (answer, url) => this.#checkRange(answer, url, offset, length));
  }

  async #askWhole(signal: AbortSignal): Promise<Part> {
    const part = await this.#ask({}, signal, (answer, url) => {
      if (answer.statusCode !== 200) throw statusFault(answer, url);
      const length = contentLengthOf(answer);
      this.#pin(url, length, versionOf(answer.headers));
      return { length };
    });
    if (part === undefined) throw new Error("internal error: an answer without a body");
    return part;
  }

  /** The length of the body of an answer that holds what was asked for; undefined where the file is empty. */
  #checkRange(
    answer: IncomingMessage,
    url: URL,
    offset: number,
    length: number,
  ): { readonly length: number } | undefined {
    const version = versionOf(answer.headers);
    if (this.#pinned === undefined && saysEmpty(answer)) {
      this.#pin(url, 0, version);
      return undefined;
    }
    if (answer.statusCode === 416) throw new HttpError("HTTP_CHANGED", `${printable(url)} is shorter by now`);
    if (answer.statusCode === 200) {
      this.#refuseOther(url, version);
      throw new HttpError("HTTP_NO_RANGES", `${printable(url)} is sent as a whole, not by ranges`);
    }
    if (answer.statusCode !== 206) throw statusFault(answer, url);
    const range = rangeOf(answer, url);
    if (range.offset !== offset || range.length > length) {
      const got = `${range.offset} to ${range.offset + range.length}`;
      throw badAnswer(url, `with bytes ${got}, asked for ${offset} to ${offset + length}`);
    }
    if (range.total === undefined)
      throw new HttpError("HTTP_NO_LENGTH", `${printable(url)} does not say how long it is`);
    this.#pin(url, range.total, version);
    return range;
  }

  #pin(url: URL, length: number | undefined, version: FileVersion): void {
    if (this.#pinned === undefined) {
      this.#pinned = { length, version };
      return;
    }
    this.#refuseOther(url, version);
    if (length !== this.#pinned.length)
      throw changed(url, `it had ${this.#pinned.length} bytes and has ${length}`);
  }

  #refuseOther(url: URL, version: FileVersion): void {
    const difference = this.#pinned && differenceOf(this.#pinned.version, version);
    if (difference !== undefined) throw changed(url, difference);
  }

  /**
   * Asks, where redirects led to before, and follows further ones. `check` says how long the body is, or that there is
   * none, or throws.
   */
  async #ask(
    headers: Record<string, string>,
    signal: AbortSignal,
    check: (answer: IncomingMessage, url: URL) => { readonly length: number | undefined } | undefined,
  ): Promise<Part | undefined> {
    await pause(Math.max(0, this.#notBefore - performance.now()), signal);
    const { answer, url } = await this.#follow(headers, signal);
    try {
      refuseEncoding(answer, url);
      const checked = check(answer, url);
      if (checked !== undefined) {
        refuseOtherLength(answer, url, checked.length);
        return { ...checked, url, body: bodyOf(this.#transport, answer, url, checked.length, signal) };
      }
    } catch (error) {
      answer.destroy();
      throw error;
    }
    answer.destroy();
    return undefined;
  }

  /** The first answer that is no redirect, of whatever status. */
  async #follow(
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<{ readonly answer: IncomingMessage; readonly url: URL }> {
    let target = this.#current;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const answer = await this.#transport.get(target, headers, signal);
      const mayBeOver = target !== this.#first && isRefusal(answer.statusCode) && redirects === 0;
      if (!mayBeOver && !isRedirect(answer.statusCode)) {
        this.#current = target;
        return { answer, url: target.url };
      }
      answer.destroy();
      target = mayBeOver ? this.#first : redirectTarget(target, answer.headers.location);
    }
    throw new HttpError(
      "HTTP_REDIRECT",
      `${printable(this.#first.url)} leads on more than ${maxRedirects} times`,
    );
  }
}

/** What servers answer to a link whose time is over. */
function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403 || status === 404 || status === 410;
}

function refuseEncoding(answer: IncomingMessage, url: URL): void {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() === "identity") return;
  throw new HttpError(
    "HTTP_ENCODED",
    `${printable(url)} is sent with the encoding ${quoteText(encoding.slice(0, 100))}`,
  );
}

function rangeOf(answer: IncomingMessage, url: URL): ContentRange {
  const type = answer.headers["content-type"] ?? "";
  if (/^multipart\//i.test(type)) throw badAnswer(url, "with several parts, asked for one");
  const text = answer.headers["content-range"];
  const range = parseContentRange(text);
  if (range !== undefined) return range;
  throw badAnswer(url, `with the content range ${quoteText((text ?? "").slice(0, 100))}`);
}

function refuseOtherLength(answer: IncomingMessage, url: URL, length: number | undefined): void {
  const declared = contentLengthOf(answer);
  if (declared !== undefined && length !== undefined && declared !== length)
    throw badAnswer(url, `with a body of ${declared} bytes for a range of ${length}`);
}

/** Only the first answer may say so: later ones are about ranges inside the file. */
function saysEmpty({ statusCode, headers }: IncomingMessage): boolean {
  if (statusCode === 416) return parseUnsatisfied(headers["content-range"]) === 0;
  return statusCode === 200 && headers["content-length"] === "0";
}

function contentLengthOf({ headers }: IncomingMessage): number | undefined {
  const text = headers["content-length"];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function changed(url: URL, detail: string): HttpError {
  return new HttpError("HTTP_CHANGED", `${printable(url)} is another file by now: ${detail}`);
}
