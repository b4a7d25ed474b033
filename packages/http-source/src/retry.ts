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

/** The tries of one request. */
export class Tries {
  readonly #limits: RetryLimits;
  readonly #until: number;
  #failed = 0;

  constructor(limits: RetryLimits) {
    this.#limits = limits;
    this.#until = performance.now() + limits.retryTime;
  }

  /**
   * How long to wait after `error` before the next try. @throws the error, or its cause if it is passing, where there
   * is to be none.
   */
  delayAfter(error: unknown): number {
    if (!(error instanceof Passing)) throw error;
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
