import type { DType } from "../../dtype.ts";

/** Element types by the class of the storage that holds them. Source: torch/storage.py, `_dtype_to_storage_type_map`. */
export const storageTypes: ReadonlyMap<string, DType> = new Map([
  ["torch.DoubleStorage", "F64"],
  ["torch.FloatStorage", "F32"],
  ["torch.HalfStorage", "F16"],
  ["torch.BFloat16Storage", "BF16"],
  ["torch.LongStorage", "I64"],
  ["torch.IntStorage", "I32"],
  ["torch.ShortStorage", "I16"],
  ["torch.CharStorage", "I8"],
  ["torch.ByteStorage", "U8"],
  ["torch.BoolStorage", "BOOL"],
  ["torch.ComplexFloatStorage", "C64"],
  // Bytes of any type: the tensor says which.
  ["torch.storage.UntypedStorage", "U8"],
]);

/** Element types by their names in PyTorch, as tensors in storages without a type give them. */
export const torchTypes: ReadonlyMap<string, DType> = new Map([
  ["torch.float64", "F64"],
  ["torch.float32", "F32"],
  ["torch.float16", "F16"],
  ["torch.bfloat16", "BF16"],
  ["torch.int64", "I64"],
  ["torch.int32", "I32"],
  ["torch.int16", "I16"],
  ["torch.int8", "I8"],
  ["torch.uint64", "U64"],
  ["torch.uint32", "U32"],
  ["torch.uint16", "U16"],
  ["torch.uint8", "U8"],
  ["torch.bool", "BOOL"],
  ["torch.complex64", "C64"],
  ["torch.float8_e4m3fn", "F8_E4M3"],
  ["torch.float8_e5m2", "F8_E5M2"],
  ["torch.float8_e4m3fnuz", "F8_E4M3FNUZ"],
  ["torch.float8_e5m2fnuz", "F8_E5M2FNUZ"],
  ["torch.float8_e8m0fnu", "F8_E8M0"],
]);

/** Names of types that safetensors files have none for: tensors of them are refused, all else is read. */
export const otherTypes: readonly string[] = [
  "torch.ComplexDoubleStorage",
  "torch.QInt8Storage",
  "torch.QUInt8Storage",
  "torch.QInt32Storage",
  "torch.QUInt4x2Storage",
  "torch.QUInt2x4Storage",
  "torch.complex32",
  "torch.complex128",
  "torch.float4_e2m1fn_x2",
  "torch.qint8",
  "torch.quint8",
  "torch.qint32",
  "torch.quint4x2",
  "torch.quint2x4",
];
