import type { Store } from "@bootstamp/publish";
import type { Reporter } from "../../report/reporter.ts";
import type { PublishTarget } from "./target.ts";

/** What every step of publishing to one place shares. */
export interface PublishSite {
  readonly target: PublishTarget;
  readonly store: Store;
  readonly dryRun: boolean;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}
