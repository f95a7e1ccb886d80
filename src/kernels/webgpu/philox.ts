import { PHILOX_MULTIPLIERS, PHILOX_ROUNDS, PHILOX_WEYL } from "../../formula/random.ts";

/** The uniform numbers of the four elements that share a counter, as the bits of float32: Philox 4x32-10. */
export const PHILOX = /* wgsl */ `
fn uniforms(counter: vec2<u32>, key: vec2<u32>) -> vec4<u32> {
  var words = vec4<u32>(counter, 0u, 0u);
  var round = key;
  for (var i = 0u; i < ${PHILOX_ROUNDS}u; i++) {
    let first = fullProduct(${PHILOX_MULTIPLIERS[0]}u, words.x);
    let second = fullProduct(${PHILOX_MULTIPLIERS[1]}u, words.z);
    words = vec4<u32>(second.x ^ words.y ^ round.x, second.y, first.x ^ words.w ^ round.y, first.y);
    round += vec2<u32>(${PHILOX_WEYL[0]}u, ${PHILOX_WEYL[1]}u);
  }
  // 24 bits are exact in float32, and so are multiples of 2^-24.
  return bitcast<vec4<u32>>(vec4<f32>(words >> vec4<u32>(8u)) * 0x1p-24f);
}
/// The counter of a quad, from that of the run's first.
fn counterOf(quad: u32, low: u32, high: u32) -> vec2<u32> {
  let sum = low + quad;
  return vec2<u32>(sum, high + u32(sum < low));
}
`;
