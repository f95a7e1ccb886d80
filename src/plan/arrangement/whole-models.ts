import { leadingModel, type Model, type Models } from "../models.ts";
import { layerPosition, parseLayerName, stackHeights } from "./layer-name.ts";
import { type Member, type Part, wholeMember } from "./part.ts";

/** The output as one part, of whole models. */
export function wholePart(models: Models): Part {
  const members = new Map<Model, Member>();
  const memberOf = (model: Model): Member => {
    const member = members.get(model) ?? wholeMember(model);
    members.set(model, member);
    return member;
  };
  const heights = stackHeights(leadingModel(models).tensors.keys());
  return {
    ...(models.base && { base: memberOf(models.base) }),
    sources: models.models.map(memberOf),
    slice: 0,
    positionOf(output) {
      const layer = parseLayerName(output);
      return layer === undefined ? 0 : layerPosition(layer.number, heights.get(layer.stack)!);
    },
  };
}
