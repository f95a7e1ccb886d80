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
  i32x4ExtractLane: 0x1b,
  i32x4Ne: 0x38,
  i32x4LtS: 0x39,
  i32x4GtS: 0x3b,
  i32x4GeS: 0x3f,
  f32x4Eq: 0x41,
  f32x4Ne: 0x42,
  f64x2Ne: 0x48,
  f64x2Gt: 0x4a,
  v128And: 0x4e,
  v128Or: 0x50,
  v128Xor: 0x51,
  v128Bitselect: 0x52,
  v128Load32Lane: 0x56,
  v128Load32Zero: 0x5c,
  f32x4DemoteF64x2Zero: 0x5e,
  f64x2PromoteLowF32x4: 0x5f,
  i16x8NarrowI32x4U: 0x86,
  i32x4Bitmask: 0xa4,
  i32x4Shl: 0xab,
  i32x4ShrS: 0xac,
  i32x4ShrU: 0xad,
  i32x4Add: 0xae,
  i32x4Sub: 0xb1,
  i64x2Shl: 0xcb,
  i64x2ShrU: 0xcd,
  i64x2Ne: 0xd7,
  i64x2LtS: 0xd8,
  i64x2ExtmulLowI32x4U: 0xde,
  i64x2ExtmulHighI32x4U: 0xdf,
  f32x4Add: 0xe4,
  f32x4Sub: 0xe5,
  f32x4Mul: 0xe6,
  f64x2Abs: 0xec,
  f64x2Add: 0xf0,
  f32x4ConvertI32x4S: 0xfa,
} as const;

/** Plain opcodes. */
export const plain = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Eqz: 0x45,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i64ExtendI32U: 0xad,
} as const;

/** The block type of blocks and loops without parameters and results. */
export const EMPTY_BLOCK = 0x40;
