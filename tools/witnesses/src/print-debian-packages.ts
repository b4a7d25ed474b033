// One Debian package a line, for tools/test.
import { debianPackages } from "./debian-packages.ts";

console.log(debianPackages.join("\n"));
