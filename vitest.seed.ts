import fc from "fast-check";

// Property tests try the same values in each run, so that what fails came with the change at hand. `npm run soak` tries
// others.
fc.configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 20_221_129) });
