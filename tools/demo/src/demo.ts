// npm run demo [-- FOLDER]: one base image, five variants, and a table of what they cost.
import { fileURLToPath } from "node:url";
import { runDemo } from "./run-demo.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const [folder = `${repository}demo`] = process.argv.slice(2);
process.exitCode = await runDemo(folder);
