/** What the program knows of the place its output goes to. */
export interface Terminal {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Whether standard error is a terminal, on which a line can be drawn over. */
  readonly live: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  readonly colour: boolean;
  /** Whether signs outside ASCII come out right. */
  readonly unicode: boolean;
}

/** The process's own standard output and error. NO_COLOR and the locale are honoured. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const locale = env["LC_ALL"] ?? env["LC_CTYPE"] ?? env["LANG"] ?? "";
  return {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    live: stderr.isTTY && env["TERM"] !== "dumb",
    columns: Math.min(stdout.columns ?? stderr.columns ?? 80, 120),
    colour: stdout.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
    unicode: !/^(C|POSIX)$/i.test(locale),
  };
}
