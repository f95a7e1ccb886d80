import { defineConfig } from "rolldown";
import { licences } from "./scripts/licences.ts";

/**
 * A few large modules start twice as fast as some four hundred small ones and take 15 MB less, in each thread; what of other
 * packages is not used is left out, and nothing is left to install.
 */
export default defineConfig({
  platform: "node",
  // The program, the library, and what runs in threads of its own, which is found beside the chunk that starts it.
  input: {
    index: "src/index.ts",
    "cli/main": "src/cli/main.ts",
    "node-worker": "src/execute/node-worker.ts",
    "node-gpu-worker": "src/execute/node-gpu-worker.ts",
    "node-devices-worker": "src/execute/node-devices-worker.ts",
  },
  external: ["webgpu"],
  plugins: [licences("licences-of-others.txt")],
  output: { dir: "dist", cleanDir: true, format: "esm", comments: { legal: true, jsdoc: false } },
});
