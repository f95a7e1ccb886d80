import { bytesGlobals } from "../pickle/bytes-call.ts";
import { otherTypes, storageTypes, torchTypes } from "./element-types.ts";
import { tensorMakers } from "./tensor-makers.ts";

/** Classes and functions that make values which are no tensors. None of it is called; such values are left out. */
const otherValues: readonly string[] = [
  "collections.OrderedDict",
  "collections.Counter",
  "torch.Size",
  "torch.device",
  "torch.Tensor",
  "torch.nn.parameter.Parameter",
  "torch.serialization._get_layout",
  "torch.per_tensor_affine",
  "torch.per_tensor_symmetric",
  "torch.per_channel_affine",
  "torch.per_channel_symmetric",
  "torch.per_channel_affine_float_qparams",
  "builtins.set",
  "builtins.complex",
  // Their names in Python 2, which pickles of the protocols up to 2 give them.
  "__builtin__.set",
  "__builtin__.complex",
];

/**
 * Full names of all that a PyTorch checkpoint may refer to: what `torch.load(weights_only=True)` takes, and `bytes`.
 * Source: torch/_weights_only_unpickler.py, `_get_allowed_globals`.
 */
export const allowedGlobals: ReadonlySet<string> = new Set([
  ...storageTypes.keys(),
  ...torchTypes.keys(),
  ...otherTypes,
  ...tensorMakers,
  ...otherValues,
  ...bytesGlobals,
]);
