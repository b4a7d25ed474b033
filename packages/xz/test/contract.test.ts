import { describeStreamFormat } from "@bootstamp/format-contract";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";

describeStreamFormat(xz, {
  choices: [{ engine: "lzma-native", level: 0 }, { engine: "lzma-native" }, { engine: "xz", level: 1 }],
  outside: [
    {
      name: "xz",
      guard: requires("xz"),
      decode: (packed) => runBytes("xz", ["-dc"], { input: packed }),
    },
  ],
  foreign: [],
});
