/**
 * What happens on a server, for logs. `connection` numbers the connections from 1.
 *
 * Export names and peers come from clients and may hold control characters: escape them before a terminal sees them.
 */
export type NbdEvent =
  | { readonly kind: "connected"; readonly connection: number; readonly peer: string }
  /** There were as many connections as the limits allow. */
  | { readonly kind: "turned-away"; readonly peer: string }
  | { readonly kind: "secured"; readonly connection: number; readonly protocol: string }
  | {
      readonly kind: "option-refused";
      readonly connection: number;
      readonly option: number;
      readonly reason: string;
    }
  | {
      readonly kind: "attached";
      readonly connection: number;
      readonly exportName: string;
      readonly structured: boolean;
      readonly allocation: boolean;
    }
  /** `error` is what the export threw, or absent where the server refused the request by itself. */
  | {
      readonly kind: "request-failed";
      readonly connection: number;
      readonly command: number;
      readonly offset: number;
      readonly length: number;
      readonly reason: string;
      readonly error?: unknown;
    }
  /** `fault`, normally an `NbdError`, is absent where the client said goodbye or the server was closed. */
  | {
      readonly kind: "disconnected";
      readonly connection: number;
      readonly bytesRead: number;
      readonly bytesWritten: number;
      readonly fault?: Error;
    }
  /** The listening socket failed; it may go on listening. */
  | { readonly kind: "listener-failed"; readonly error: Error };

export type NbdEventListener = (event: NbdEvent) => void;
