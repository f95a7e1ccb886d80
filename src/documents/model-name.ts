import { shownText } from "./shown-text.ts";

/** What a model, or an adapter, is called in front of others. */
export interface ModelName {
  /** One line that can be shown; at most 200 characters. */
  readonly text: string;
  /** Whether it is the name of a repository on the Hugging Face Hub, such as `org/name`. */
  readonly isHubId: boolean;
}

/** What is known about a model by which it could be called. */
export interface ModelPlace {
  /** The parts of its absolute path, outermost first; the last is the name of a file when a file was named. */
  readonly path: readonly string[];
  readonly isFile: boolean;
  /** `_name_or_path` of its config.json, whatever that is. */
  readonly configured?: unknown;
}

/**
 * The name a model goes by: its repository's on the hub where that can be told, else the last part of its folder's path
 * (`folder/file` for a lone file).
 */
export function modelName(place: ModelPlace): ModelName {
  const id = cachedId(place.path) ?? configuredId(place);
  if (id !== undefined) return { text: id, isHubId: true };
  const parts = place.path.slice(place.isFile ? -2 : -1);
  return { text: shownText(parts.join("/")) || "unnamed", isHubId: false };
}

/** Whether a text can be a repository's name. Source: `validate_repo_id` of huggingface_hub. */
function isHubId(text: string): boolean {
  const parts = text.split("/");
  const areNames = parts.every((part) => /^\w(?:[\w.-]{0,94}\w)?$/.test(part) && !/--|\.\./.test(part));
  return areNames && parts.length <= 2 && !text.endsWith(".git");
}

/** The repository that a path inside the hub's cache belongs to: `models--org--name/snapshots/HASH`. */
function cachedId(path: readonly string[]): string | undefined {
  const snapshots = path.lastIndexOf("snapshots");
  const [, repository] = /^models--(.+)$/.exec(path[snapshots - 1] ?? "") ?? [];
  if (repository === undefined || !/^[0-9a-f]{40}$/.test(path[snapshots + 1] ?? "")) return undefined;
  // Neither part of an id has two hyphens in a row.
  const id = repository.replace("--", "/");
  return isHubId(id) ? id : undefined;
}

/** What folders are often called, and organisations seldom: a path on the machine of who saved the model. */
const folderNames =
  /^(?:models?|checkpoints?|outputs?|results?|runs?|data|weights|tmp|home|mnt|root|workspace)$/i;

/**
 * The repository that config.json names, if it is this model's. When a model is trained further, the entry goes on
 * naming the one it was trained from: only a folder of the same name says that both are one.
 */
function configuredId({ path, isFile, configured }: ModelPlace): string | undefined {
  if (typeof configured !== "string" || !isHubId(configured)) return undefined;
  const [organisation, name] = configured.split("/");
  if (name === undefined || folderNames.test(organisation!)) return undefined;
  const folder = path.at(isFile ? -2 : -1);
  return folder?.toLowerCase() === name.toLowerCase() ? configured : undefined;
}
