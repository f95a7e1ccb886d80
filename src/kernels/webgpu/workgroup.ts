import { BLOCK_ELEMENTS } from "../../formula/reductions.ts";

/** Invocations of a workgroup; every device takes as many. */
export const WORKGROUP_LANES = 256;

/**
 * Elements that a workgroup computes, and reduces to one partial of its own: eight quads of each invocation. More would
 * leave large devices idle on a chunk, fewer make more partials to read back.
 */
export const SLICE_ELEMENTS = 8 * 4 * WORKGROUP_LANES;

export const SLICES_PER_BLOCK = BLOCK_ELEMENTS / SLICE_ELEMENTS;
