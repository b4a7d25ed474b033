import type { StreamFormat } from "@bootstamp/segment-map";
import { describe } from "vitest";
import type { ContractOptions } from "./contract-options.ts";
import { describeDamage } from "./describe-damage.ts";
import { describeEncoding } from "./describe-encoding.ts";
import { describeLarge } from "./describe-large.ts";
import { describePlan } from "./describe-plan.ts";
import { describeReseal } from "./describe-reseal.ts";
import { describeSeal } from "./describe-seal.ts";
import { describeSettings } from "./describe-settings.ts";
import { describeSplice } from "./describe-splice.ts";

/** Declares the tests that every stream format must pass, in the test file that calls it. */
export function describeStreamFormat(format: StreamFormat, options: ContractOptions): void {
  describe(`the contract of a stream format: ${format.name}`, () => {
    describeSettings(format, options);
    describePlan(format);
    describeEncoding(format, options);
    describeSeal(format, options);
    describeReseal(format, options);
    describeSplice(format, options);
    describeDamage(format, options);
    describeLarge(format, options);
  });
}
