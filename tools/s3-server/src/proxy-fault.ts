/** A request as it arrived at the proxy. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the proxy does with one request instead of passing it on. */
export type ProxyFault =
  /** Reads the request and answers by itself. */
  | { readonly kind: "answer"; readonly status: number; readonly code: string }
  /** Drops the connection when so many bytes of the request's body have come; nothing is passed on. */
  | { readonly kind: "cut-request"; readonly after: number }
  /** Passes the request on and drops the connection when so many bytes of the answer's body are sent. */
  | { readonly kind: "cut-answer"; readonly after: number }
  /** Passes the request on, waits until it is answered, and drops the connection without a word. */
  | { readonly kind: "lose-answer" }
  /** Passes the request on twice, one after the other; the second answer is sent. */
  | { readonly kind: "twice" }
  /** Changes the first byte of the answer's body. */
  | { readonly kind: "corrupt-answer" }
  /** Passes the request on with the first byte of its body changed. */
  | { readonly kind: "corrupt-request" }
  /** Passes the request on after `before` is done. */
  | { readonly kind: "after"; readonly before: () => Promise<void> };

/** Asked for each request; undefined lets it pass. */
export type FaultPlan = (request: SeenRequest) => ProxyFault | undefined;
