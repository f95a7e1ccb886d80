import { type DType, isMergeable } from "../dtype.ts";
import type { ArrangedTensor } from "./arrangement/arranged-tensor.ts";

/** What the user should know about tensors that can't be merged: how many there are of each type, and from where. */
export function copyNotices(tensors: readonly ArrangedTensor[]): readonly string[] {
  const copied = tensors.filter(({ dtype }) => !isMergeable(dtype));
  const types = [...new Set(copied.map(({ dtype }) => dtype))].toSorted();
  return types.flatMap((dtype) => {
    const ofType = copied.filter((tensor) => tensor.dtype === dtype);
    const paths = new Set(ofType.map(pathOf));
    return [...paths].map((path) =>
      notice(
        dtype,
        path,
        ofType.filter((tensor) => pathOf(tensor) === path),
      ),
    );
  });
}

function pathOf({ sources }: ArrangedTensor): string {
  return sources[0]!.model.checkpoint.path;
}

function notice(dtype: DType, path: string, copied: readonly ArrangedTensor[]): string {
  const { length } = copied;
  const differ = copied.filter(({ sources }) => sources.some(({ tensor }) => tensor.dtype !== dtype)).length;
  const others = differ === 0 ? "" : `; ${differ} of them have another type in another model`;
  return `${length === 1 ? "1 tensor" : `${length} tensors`} of type ${dtype} can't be merged: copied from ${path}${others}`;
}
