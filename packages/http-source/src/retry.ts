import { setTimeout as sleep } from "node:timers/promises";
import { HttpError } from "./http-error.ts";
import type { HttpSettings } from "./http-options.ts";

/** A failure after which the same request may succeed. Never leaves the package: its cause does. */
export class Passing extends Error {
  override readonly cause: HttpError;
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;

  constructor(cause: HttpError, wait?: number) {
    super(cause.message);
    this.cause = cause;
    this.wait = wait;
  }
}

/** Of a wait that no server asked for. */
const maxDelay = 15_000;

/** Milliseconds that a Retry-After header asks to wait: seconds, or a date. RFC 9110 §10.2.3. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export type RetryLimits = Pick<HttpSettings, "tries" | "retryDelay" | "retryTime">;

/**
 * A try that brings so much has got on: what fails after it is a failure of its own. A connection that is lost once an
 * hour must not end a download of a day; and one that brings a byte at a time must end it, so that of n bytes no more
 * than `tries` times n / 64 Ki requests can come.
 */
export const leastProgress: number = 64 << 10;

/** The tries of one range. Count and clock begin anew with the first failure after a try that got on. */
export class Tries {
  readonly #limits: RetryLimits;
  #until = 0;
  #failed = 0;
  #got = 0;

  constructor(limits: RetryLimits) {
    this.#limits = limits;
  }

  /** Takes note of bytes that came of the try that is under way. */
  got(bytes: number): void {
    this.#got += bytes;
  }

  /**
   * How long to wait after `error` before the next try. @throws the error, or its cause if it is passing, where there
   * is to be none.
   */
  delayAfter(error: unknown): number {
    if (!(error instanceof Passing)) throw error;
    if (this.#got >= leastProgress) this.#failed = 0;
    this.#got = 0;
    if (this.#failed === 0) this.#until = performance.now() + this.#limits.retryTime;
    this.#failed++;
    const delay = error.wait ?? this.#backOff();
    if (this.#failed >= this.#limits.tries) throw given(error.cause, this.#soFar());
    if (performance.now() + delay > this.#until) {
      const asked = error.wait === undefined ? "" : `, asked to wait ${Math.ceil(error.wait / 1000)} s`;
      throw given(error.cause, this.#soFar() + asked);
    }
    return delay;
  }

  #soFar(): string {
    return this.#failed === 1 ? "1 try" : `${this.#failed} tries`;
  }

  /** Doubled each time; the random part keeps many readers from coming back all at once. */
  #backOff(): number {
    const whole = Math.min(maxDelay, this.#limits.retryDelay * 2 ** (this.#failed - 1));
    return whole * (0.5 + Math.random() / 2);
  }
}

/** Waits, unless the signal is aborted, which throws its reason. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

function given(error: HttpError, after: string): HttpError {
  return new HttpError(error.code, `${error.message} (given up after ${after})`, error.fields, {
    cause: error,
  });
}
