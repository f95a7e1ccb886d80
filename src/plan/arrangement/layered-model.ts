import type { TensorInfo } from "../../formats/checkpoint.ts";
import type { Model } from "../models.ts";
import { layerNameText, parseLayerName } from "./layer-name.ts";
import type { LayerStack } from "./layer-stack.ts";
import type { Member } from "./part.ts";
import { type Side, sideOf } from "./sides.ts";

/** A tensor of a layer. */
interface LayerTensor {
  /** What its name ends in, after the layer's number. */
  readonly rest: string;
  readonly tensor: TensorInfo;
}

/** A model whose tensors are sorted by layer. */
export class LayeredModel {
  readonly model: Model;
  readonly stack: LayerStack;
  /** By number from 0, whatever the number in names. */
  private readonly layers = new Map<number, LayerTensor[]>();
  private readonly outside: Readonly<Record<Side, Map<string, TensorInfo>>> = {
    before: new Map(),
    after: new Map(),
  };

  constructor(model: Model, stack: LayerStack) {
    this.model = model;
    this.stack = stack;
    for (const [name, tensor] of model.tensors) {
      const layer = parseLayerName(name);
      const number = layer?.stack === stack.name ? layer.number - stack.firstNumber : undefined;
      if (layer === undefined || number === undefined) this.outside[sideOf(name)].set(name, tensor);
      else if (number < 0) this.outside.before.set(name, tensor);
      else if (number >= stack.layers) this.outside.after.set(name, tensor);
      else this.layers.set(number, [...(this.layers.get(number) ?? []), { rest: layer.rest, tensor }]);
    }
  }

  has(layer: number): boolean {
    return this.layers.has(layer);
  }

  /** Its layers from number `first` on, as `count` layers of the output from number `output` on. */
  layerMember(first: number, count: number, output: number): Member {
    const tensors = new Map<string, TensorInfo>();
    for (let layer = 0; layer < count; layer++) {
      for (const { rest, tensor } of this.layers.get(first + layer) ?? [])
        tensors.set(this.nameIn(output + layer, rest), tensor);
    }
    return {
      model: this.model,
      tensors,
      nameOf: (name) => this.shifted(name, first - output),
    };
  }

  /** Its tensors before or after the layers; those after them that have numbers get the ones after `layers` layers. */
  outsideMember(side: Side, layers: number): Member {
    const shift = side === "after" ? layers - this.stack.layers : 0;
    return {
      model: this.model,
      tensors: new Map([...this.outside[side]].map(([name, tensor]) => [this.shifted(name, shift), tensor])),
      nameOf: (name) => this.shifted(name, -shift),
    };
  }

  private nameIn(layer: number, rest: string): string {
    return layerNameText({ stack: this.stack.name, number: layer + this.stack.firstNumber, rest });
  }

  /** A name with another number, when it is one of the stack's. */
  private shifted(name: string, by: number): string {
    const layer = parseLayerName(name);
    if (layer?.stack !== this.stack.name) return name;
    return layerNameText({ ...layer, number: layer.number + by });
  }
}
