import { refuseIfAny, TensorweldError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Checkpoint, InputFile } from "../formats/checkpoint.ts";
import { openCheckpoint } from "../formats/index.ts";
import { problemList } from "../formats/problem-list.ts";
import type { Storage } from "../io/storage.ts";
import type { AdapterWeights } from "./change.ts";
import { readConfigFile } from "./config-file.ts";
import type { AdapterLibrary } from "./library.ts";
import { noAdapter, nothingThere, noWeights } from "./missing-adapter.ts";
import { paddlenlp } from "./paddlenlp.ts";
import { peft } from "./peft.ts";
import { SettingsReader } from "./settings-reader.ts";
import type { AdapterSettings } from "./settings.ts";

/** All libraries whose adapters are read; where a folder holds adapters of several, the first counts. */
const libraries: readonly AdapterLibrary[] = [peft, paddlenlp];

/** A LoRA adapter: its configuration and its weights' headers, checked by themselves; the base is not known yet. */
export interface Adapter extends AdapterSettings {
  /** The folder or weight file that the user named, absolute. */
  readonly path: string;
  /** Name of the library that wrote it. */
  readonly library: string;
  readonly checkpoint: Checkpoint;
  readonly configFile: InputFile;
  /** All files it is read from. */
  readonly files: readonly InputFile[];
  readonly weights: AdapterWeights;
  /** Things worth telling the user that do not stop a merge. */
  readonly notices: readonly string[];
}

/** Whether a folder with entries of these names holds an adapter. */
export function looksLikeAdapter(names: readonly string[]): boolean {
  return libraries.some(({ configName, entryNames }) =>
    [configName, ...entryNames].some((name) => names.includes(name)),
  );
}

/**
 * The LoRA adapter at `path`, its folder or its weight file: what its configuration says, and what its tensors are for,
 * from their headers.
 * @throws TensorweldError `refused`, with every problem found: `adapter/not-found`, `adapter/configuration`,
 * `adapter/unsupported`, `adapter/weights`, `adapter/shape`, or what opening its weights throws.
 */
export async function openAdapter(storage: Storage, path: string): Promise<Adapter> {
  const place = await findAdapter(storage, path);
  const { library, configPath } = place;
  const configProblems = problemList(configPath);
  const { file: configFile, values } = await readConfigFile(storage, configPath, configProblems);
  const settings = values && library.readSettings(new SettingsReader(values, configProblems));
  const { checkpoint, problems } = await openWeights(storage, place);
  const allProblems = [...configProblems.all(), ...problems];
  // What the weights are for follows from the configuration: there is no telling when that can't be followed.
  if (settings === undefined || checkpoint === undefined || allProblems.length > 0)
    throw new TensorweldError("refused", allProblems);

  const weightProblems = problemList(checkpoint.path);
  const weights = library.readWeights(checkpoint, settings, weightProblems);
  if (checkpoint.tensors.size === 0)
    weightProblems.add({ code: "adapter/weights", message: "holds no tensors" });
  refuseIfAny(weightProblems.all());
  return {
    ...settings,
    path: place.path,
    library: library.name,
    checkpoint,
    configFile,
    files: [configFile, ...checkpoint.files],
    weights,
    notices: checkpoint.notices,
  };
}

/** Where the parts of an adapter are. */
interface Place {
  /** What the user named, absolute. */
  readonly path: string;
  readonly library: AdapterLibrary;
  readonly configPath: string;
  /** Path of the weight file, or of the index of several; absent when there is none. */
  readonly weightPath?: string;
  /** Names of what is in the folder of the configuration. */
  readonly names: readonly string[];
}

async function findAdapter(storage: Storage, path: string): Promise<Place> {
  const absolute = storage.resolve(path);
  const entry = await storage.look(absolute);
  if (entry === undefined) throw refusal(nothingThere(absolute));
  const isFolder = entry.kind === "folder";
  const folder = isFolder ? absolute : storage.parentOf(absolute);
  const names = await storage.list(folder);
  const weightNames = isFolder ? names : [storage.nameOf(absolute)];
  const places = libraries
    .filter(({ configName }) => names.includes(configName))
    .map((library): Place => {
      const weightName = library.entryNames.find((name) => weightNames.includes(name));
      const configPath = storage.join(folder, library.configName);
      const weightPath = weightName === undefined ? {} : { weightPath: storage.join(folder, weightName) };
      return { path: absolute, library, configPath, names, ...weightPath };
    });
  const found = places.find(({ weightPath }) => weightPath !== undefined) ?? places[0];
  if (found === undefined) throw refusal(noAdapter(absolute, names, libraries));
  return isFolder ? found : { ...found, weightPath: absolute };
}

async function openWeights(
  storage: Storage,
  { path, library, weightPath, names }: Place,
): Promise<{ readonly checkpoint?: Checkpoint; readonly problems: readonly Problem[] }> {
  if (weightPath === undefined) return { problems: [noWeights(path, names, library)] };
  try {
    return { checkpoint: await openCheckpoint(storage, weightPath, "model"), problems: [] };
  } catch (error) {
    if (!(error instanceof TensorweldError)) throw error;
    return { problems: error.problems };
  }
}

function refusal(problem: Problem): TensorweldError {
  return new TensorweldError("refused", [problem]);
}
