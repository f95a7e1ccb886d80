/** The rows of `flags.ts` about where the arithmetic runs. */
export const deviceRows = {
  device: {
    group: "Work",
    kind: "choice",
    choices: ["cpu", "gpu", "low_gpu_mem"],
    default: "cpu",
    doc: "Where the arithmetic runs: low_gpu_mem streams pieces through the GPU within gpu_memory.",
  },
  tensor_type: {
    group: "Work",
    kind: "choice",
    choices: ["np", "pd"],
    default: "np",
    doc: "Whose arithmetic runs: np is the CPU's, pd that of the device.",
  },
  gpu_memory: {
    group: "Work",
    kind: "size",
    default: "256MB",
    doc: "Bytes that device low_gpu_mem holds on the GPU at most.",
  },
  fallback: {
    group: "Work",
    kind: "switch",
    default: false,
    doc: "Go on with the CPU when there is no GPU, or it fails.",
  },
} as const;
