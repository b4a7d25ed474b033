// One request and the head of its answer. Bodies are taken by body.ts.
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { badAnswer } from "./answer-fault.ts";
import { HttpError } from "./http-error.ts";
import type { HttpSettings } from "./http-options.ts";
import { printable, type HttpTarget } from "./http-url.ts";

/** What was asked of a server so far. */
export interface HttpCounters {
  /** Requests sent, redirects and repeated ones too. */
  readonly requests: number;
  /** Bytes of bodies that arrived. */
  readonly bytes: number;
  /** Requests that were sent because an earlier one failed. */
  readonly retries: number;
}

export type Counting = { -readonly [Name in keyof HttpCounters]: HttpCounters[Name] };

/** Connections that are kept open between requests, until they are closed. */
export class Transport {
  readonly settings: HttpSettings;
  readonly counters: Counting = { requests: 0, bytes: 0, retries: 0 };
  #plain: Agent | undefined;
  #secure: HttpsAgent | undefined;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /**
   * Sends a GET and returns the answer when its head is there. @throws HttpError `HTTP_STALLED`, `HTTP_BAD_ANSWER`, and
   * what Node throws.
   */
  async get(
    target: HttpTarget,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    signal.throwIfAborted();
    this.counters.requests++;
    const sent = {
      "user-agent": "bootstamp",
      "accept-encoding": "identity",
      ...headers,
      ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
    };
    const options = { headers: sent };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request =
      target.url.protocol === "https:"
        ? httpsRequest(target.url, { ...options, agent: this.#secureAgent() })
        : httpRequest(target.url, { ...options, agent: this.#plainAgent() });
    const timer = setTimeout(() => request.destroy(stalled(target.url)), this.settings.stallTime);
    // Not by Node's own option: that goes on listening when the answer is done with.
    const stop = (): void => void request.destroy(toError(signal.reason));
    signal.addEventListener("abort", stop);
    request.once("response", resolve);
    // Where nobody listens for it, Node closes the connection and tells nobody.
    request.once("upgrade", (_, socket) => {
      socket.destroy();
      reject(badAnswer(target.url, "with another protocol than was asked for (status 101)"));
    });
    request.on("error", reject);
    // Whatever else ends without a word: to wait for it would be to wait for ever.
    request.once("close", () => reject(badAnswer(target.url, "nothing, and closed the connection")));
    request.end();
    try {
      const answer = await promise;
      // Whoever reads the body is told by the reading itself.
      return answer.on("error", () => undefined);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    this.#plain?.destroy();
    this.#secure?.destroy();
  }

  #plainAgent(): Agent {
    this.#plain ??= new Agent(this.#agentOptions());
    return this.#plain;
  }

  #secureAgent(): HttpsAgent {
    this.#secure ??= new HttpsAgent({ ...this.#agentOptions(), secureContext: this.#trust() });
    return this.#secure;
  }

  /** One for all connections: to read some hundred certificates takes a while. */
  #trust(): SecureContext {
    const own = this.settings.certificates;
    const trusted = [...getCACertificates("default"), ...getCACertificates("system"), ...own];
    return createSecureContext({ ca: [...new Set(trusted)] });
  }

  #agentOptions(): { keepAlive: true; maxSockets: number; proxyEnv: NodeJS.ProcessEnv } {
    return { keepAlive: true, maxSockets: this.settings.connections, proxyEnv: this.settings.environment };
  }
}

/** Streams are destroyed by errors alone; who is told looks at the signal. */
export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** The fault of a server that keeps us waiting. */
export function stalled(url: URL): HttpError {
  return new HttpError("HTTP_STALLED", `${printable(url)} sends nothing, or next to nothing`);
}
