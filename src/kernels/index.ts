import type { BackendFactory } from "./backend.ts";
import { createReferenceBackend } from "./reference.ts";
import { createWasmBackend } from "./wasm/backend.ts";

/** All backends. Adding one is adding its folder and its name here. */
export const backends = {
  wasm: createWasmBackend,
  reference: createReferenceBackend,
} as const satisfies Record<string, BackendFactory>;

export type BackendName = keyof typeof backends;
