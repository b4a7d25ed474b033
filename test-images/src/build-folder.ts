import { fileURLToPath } from "node:url";

/** Git-ignored; holds images and downloaded packages. */
export const buildFolder: string = fileURLToPath(new URL("../build", import.meta.url));
