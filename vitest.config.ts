import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Whole merges and property tests share two cores; a limit only stops what hangs.
    testTimeout: 60_000,
    // All cores: nobody watches for changes, and many tests wait for processes of their own.
    maxWorkers: "100%",
    reporters: ["default", "./scripts/count-reporter.ts"],
  },
});
