/** A tensor's name, taken apart at the number of its layer: `model.layers` `7` `mlp.up_proj.weight`. */
export interface LayerName {
  /** What stands before the number, which names the stack of layers. */
  readonly stack: string;
  readonly number: number;
  readonly rest: string;
}

/** The first number between dots: those of experts and heads come after the layer's. Models have up to 200 layers. */
const numberInName = /^(.+?)\.(0|[1-9]\d{0,4})\.(.+)$/s;

/** The layer that a tensor belongs to by its name; undefined when that has no number. */
export function parseLayerName(name: string): LayerName | undefined {
  const [, stack, number, rest] = numberInName.exec(name) ?? [];
  return stack === undefined ? undefined : { stack, number: Number(number), rest: rest! };
}

export function layerNameText({ stack, number, rest }: LayerName): string {
  return `${stack}.${number}.${rest}`;
}

/** How many layers each stack has that some names tell of: one more than the highest number. */
export function stackHeights(names: Iterable<string>): ReadonlyMap<string, number> {
  const heights = new Map<string, number>();
  for (const name of names) {
    const layer = parseLayerName(name);
    if (layer === undefined) continue;
    heights.set(layer.stack, Math.max(heights.get(layer.stack) ?? 0, layer.number + 1));
  }
  return heights;
}

/** Where layer `number` of so many lies, from 0, the first, to 1, the last; a layer by itself is the last. */
export function layerPosition(number: number, layers: number): number {
  return layers > 1 ? number / (layers - 1) : 1;
}
