import type { Awaitable } from "../../awaitable.ts";
import { didYouMean } from "../../errors.ts";
import type { ModelReference } from "../recipe.ts";
import { showValue } from "../show-value.ts";
import type { Complaints } from "./complaints.ts";
import type { NamedModel, NamedPlace } from "./models.ts";
import type { Spot } from "./tree.ts";

/** How models are found by the names that recipes have for them. */
export interface ModelFinder {
  /** The absolute form of a path. */
  readonly resolve: (path: string) => string;
  /** Whether anything is at an absolute path. */
  readonly exists: (path: string) => Awaitable<boolean>;
  /** What the Hugging Face cache on this disk has of a model: the folder of its files, and where that was looked for. */
  readonly findInHub: (
    name: string,
    revision?: string,
  ) => Awaitable<{ readonly folder?: string; readonly searched: string }>;
}

/** A path, and what it may be besides: the name of a merge, and a revision that is asked for. */
interface Candidate extends Spot {
  readonly path: string;
  readonly revision?: string;
}

/** A name on the Hub: an organisation's or user's, and the model's; some old ones lack the first. */
const hubName = /^\w[\w.-]*(\/\w[\w.-]*)?$/;

/** Names of branches and tags, and commits; they become part of a command that people copy. */
const revisionName = /^\w[\w./-]*$/;

/**
 * Finds each model: first among the merges of the file, then as a path on this disk, then in the Hugging Face cache.
 * What is not found is complained of once, and stands for itself.
 * @param merges the names of the file's merges.
 */
export async function locateModels(
  models: readonly NamedModel[],
  merges: ReadonlySet<string>,
  finder: ModelFinder,
  complaints: Complaints,
): Promise<ReadonlyMap<NamedModel, ModelReference>> {
  const locator = new Locator(merges, finder, complaints);
  const references = new Map<NamedModel, ModelReference>();
  for (const model of models) references.set(model, await locator.locate(model));
  return references;
}

class Locator {
  private readonly merges: ReadonlySet<string>;
  private readonly finder: ModelFinder;
  private readonly complaints: Complaints;
  /** The paths found so far, by path and revision: a frankenmerge names a model again and again. */
  private readonly found = new Map<string, string>();

  constructor(merges: ReadonlySet<string>, finder: ModelFinder, complaints: Complaints) {
    this.merges = merges;
    this.finder = finder;
    this.complaints = complaints;
  }

  async locate({ place, adapter, isText }: NamedModel): Promise<ModelReference> {
    const parts = isText ? await this.split(place) : [place, adapter];
    const [model, update] = parts;
    const reference = await this.referenceOf(model!);
    if (update === undefined) return reference;
    return { ...reference, adapter: await this.pathOf(await this.candidateOf(update)) };
  }

  /** The model's and the adapter's part of a text; it is one path where there is such a path, or such a merge. */
  private async split(place: NamedPlace): Promise<readonly (NamedPlace | undefined)[]> {
    if (!("text" in place) || (await this.isKnown(place.text))) return [place];
    const [model = "", adapter, ...others] = place.text.split("+");
    if (adapter === undefined) return [place];
    const { offset } = place;
    if (others.length === 0 && model !== "" && adapter !== "")
      return [
        { offset, text: model },
        { offset, text: adapter },
      ];
    this.complaints.refuse(place, {
      message: `${showValue(place.text)} is no path here, and no MODEL+ADAPTER`,
      hint: "write { model: { path: … }, lora: { path: … } } for paths with a + in them",
    });
    return [{ offset, path: place.text }];
  }

  private async referenceOf(place: NamedPlace): Promise<ModelReference> {
    const candidate = await this.candidateOf(place);
    const { path } = candidate;
    return this.merges.has(path) ? { path, merge: path } : { path: await this.pathOf(candidate) };
  }

  private async candidateOf(place: NamedPlace): Promise<Candidate> {
    if ("path" in place) return place;
    const { text, offset } = place;
    if (await this.isKnown(text)) return { offset, path: text };
    const [path = "", revision, ...others] = text.split("@");
    if (revision === undefined) return { offset, path: text };
    if (others.length === 0 && path !== "" && revision !== "") return { offset, path, revision };
    this.complaints.refuse(place, {
      message: `${showValue(text)} is no path here, and no NAME@REVISION`,
      hint: "write { model: { path: …, revision: … } } for paths with an @ in them",
    });
    return { offset, path: text };
  }

  private async isKnown(text: string): Promise<boolean> {
    return this.merges.has(text) || this.finder.exists(this.finder.resolve(text));
  }

  private async pathOf(candidate: Candidate): Promise<string> {
    const { path, revision } = candidate;
    const key = JSON.stringify([path, revision]);
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const located = await this.find(candidate);
    this.found.set(key, located);
    return located;
  }

  private async find({ path, revision, offset }: Candidate): Promise<string> {
    const local = this.finder.resolve(path);
    if (await this.finder.exists(local)) {
      if (revision !== undefined)
        this.complaints.notice(
          { offset },
          `the revision ${showValue(revision)} has no effect: ${local} is on this disk`,
        );
      return local;
    }
    if (!hubName.test(path)) {
      const hint = this.likelyMerge(path) ?? "check the path; relative ones start at the current folder";
      this.complaints.refuse(
        { offset },
        { code: "checkpoint/not-found", message: `there is no ${local}`, hint },
      );
      return local;
    }
    if (revision !== undefined && !revisionName.test(revision)) {
      const message = `${showValue(revision)} is no branch, tag or commit`;
      this.complaints.refuse(
        { offset },
        { message, hint: "revisions are of letters, digits and any of _ . - /" },
      );
      return local;
    }
    const { folder, searched } = await this.finder.findInHub(path, revision);
    if (folder !== undefined) return folder;
    const command = `hf download ${path}${revision === undefined ? "" : ` --revision ${revision}`}`;
    const download = `download it: ${command}`;
    this.complaints.refuse(
      { offset },
      {
        code: "checkpoint/not-found",
        message: `there is neither ${local}, nor ${searched} in the Hugging Face cache`,
        hint: this.likelyMerge(path) ?? download,
      },
    );
    return local;
  }

  private likelyMerge(path: string): string | undefined {
    const likely = didYouMean(path, this.merges);
    return likely === undefined ? undefined : `did you mean the merge ${likely}?`;
  }
}
