import { build, type Reporter, type ReportEvent } from "bootstamp";

/** What the demo keeps of one artifact. */
export interface WatchedArtifact {
  readonly variant: string;
  readonly identity: string;
  readonly file: string;
  readonly length: number;
  readonly sha256: string;
  /** Whether this build made it, and in how many seconds; 0 if an earlier one did. */
  readonly made: boolean;
  readonly stampSeconds: number;
}

export interface WatchedBuild {
  readonly artifacts: readonly WatchedArtifact[];
  /** Seconds that compressing the base took; absent if an earlier build had done it. */
  readonly pressSeconds: number | undefined;
}

/** Builds a spec as `bootstamp build` does, with its lines handed to `print`, and returns what it reported. */
export async function watchBuild(
  specPath: string,
  print: (line: string) => void,
  progress: (text: string) => void,
): Promise<WatchedBuild> {
  const artifacts: WatchedArtifact[] = [];
  let pressSeconds: number | undefined;
  const reporter: Reporter = {
    tell: (event, lines) => {
      progress("");
      if (isArtifact(event)) artifacts.push(event);
      if (isPressed(event) && !event.reused) pressSeconds = event.seconds;
      // The demo has a table of its own for what was made.
      if (event.event !== "done" || event["made"] === 0) for (const line of lines) print(line);
    },
    warn: (message) => print(`warning: ${message}`),
    progress: ({ task, done, total }) => progress(`${task}: ${Math.floor((done / total) * 100)} %`),
    settle: () => progress(""),
    columns: 80,
    unicode: false,
  };
  await build({ specPath }, reporter, new AbortController().signal);
  return { artifacts, pressSeconds };
}

function isArtifact(event: ReportEvent): event is ReportEvent & WatchedArtifact {
  return event.event === "artifact";
}

function isPressed(event: ReportEvent): event is ReportEvent & { reused: boolean; seconds: number } {
  return event.event === "pressed";
}
