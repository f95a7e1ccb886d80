/**
 * Vector opcodes after the 0xfd prefix, named as in the WebAssembly SIMD specification.
 * Source: https://github.com/WebAssembly/simd/blob/main/proposals/simd/BinarySIMD.md
 */
export const simd = {
  v128Load: 0x00,
  v128Load16x4U: 0x04,
  v128Store: 0x0b,
  v128Const: 0x0c,
  i8x16Shuffle: 0x0d,
  i32x4Splat: 0x11,
  i64x2Splat: 0x12,
  f32x4Splat: 0x13,
  f64x2Splat: 0x14,
  i32x4LtS: 0x39,
  i32x4GtS: 0x3b,
  i32x4GeS: 0x3f,
  f32x4Eq: 0x41,
  f32x4Ne: 0x42,
  f64x2Ne: 0x48,
  f64x2Gt: 0x4a,
  v128And: 0x4e,
  v128Or: 0x50,
  v128Bitselect: 0x52,
  f32x4DemoteF64x2Zero: 0x5e,
  f64x2PromoteLowF32x4: 0x5f,
  i16x8NarrowI32x4U: 0x86,
  i32x4Shl: 0xab,
  i32x4ShrU: 0xad,
  i32x4Add: 0xae,
  i32x4Sub: 0xb1,
  i64x2LtS: 0xd8,
  f32x4Add: 0xe4,
  f32x4Sub: 0xe5,
  f64x2Abs: 0xec,
  f64x2Add: 0xf0,
} as const;

/** Plain opcodes. */
export const plain = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  i32Eqz: 0x45,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i64ExtendI32U: 0xad,
} as const;

/** The block type of blocks and loops without parameters and results. */
export const EMPTY_BLOCK = 0x40;
