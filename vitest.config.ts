import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The programs and threads that tests start load TypeScript from src: to strip its types anew for each takes longer
// than most of what they do.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

// Let tests, and the worker threads that they start, load workspace packages from src, without a build.
const sourceCondition = "@bootstamp/source";
// Not "module", which is for bundlers: Node cannot load what some packages have under it.
const conditions = [sourceCondition, "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.nx/**"],
    globalSetup: join(import.meta.dirname, "vitest.scratch.ts"),
    setupFiles: join(import.meta.dirname, "vitest.seed.ts"),
    // No test measures time: the one limit is there to end what hangs, also on a machine that does much else.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    // A second a file, for what each would load anew. So no test leaves behind what others could see.
    isolate: false,
    execArgv: [`--conditions=${sourceCondition}`],
    coverage: { provider: "v8", include: ["**/src/**/*.ts"], reporter: ["text"] },
  },
});
