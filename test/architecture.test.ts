import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const source = join(root, "src");

/** What the files of each folder may import, beside their own folder and the foundation. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  io: [],
  formula: [],
  methods: ["formula"],
  kernels: ["formula"],
  formats: ["io"],
  adapters: ["formats", "io"],
  recipe: ["methods", "formats"],
  documents: ["recipe", "methods", "formats", "io"],
  manifest: ["documents", "formats", "kernels", "formula", "io"],
  plan: ["manifest", "methods", "adapters", "formats", "kernels", "formula", "io"],
  execute: ["manifest", "methods", "formats", "kernels", "formula", "io"],
  cli: ["index"],
};

/** Folders of which only types may be imported: the plain data that joins the three steps of a merge. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  plan: ["recipe", "documents"],
  execute: ["plan", "recipe"],
};

/** Files that know no other: everything may import them. */
const foundation: ReadonlySet<string> = new Set(["errors", "dtype", "awaitable", "sha256", "version"]);

/** The only files that may use what Node alone has; everything else runs in a browser too. */
const nodeFiles = /^(io\/node[^/]*|execute\/node-[^/]*|cli\/.*)\.ts$/;

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(sep).join("/"));

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/^(import|export) (type )?[^;]*?from "([^"]+)";/gms)].map((match) => ({
    file,
    specifier: match[3]!,
    typeOnly: match[2] !== undefined,
  }));
});

/** The folder of a file under src/, or the file's own name at the top. */
function part(file: string): string {
  return file.split("/")[0]!.replace(/\.ts$/, "");
}

function target({ file, specifier }: Import): string {
  return part(
    relative(source, join(source, dirname(file), specifier))
      .split(sep)
      .join("/"),
  );
}

describe("imports", () => {
  const local = imports.filter(({ specifier }) => specifier.startsWith("."));

  test("were found", () => {
    expect(local.length).toBeGreaterThan(100);
  });

  test("point downwards only", () => {
    const wrong = local.filter((one) => {
      const [from, to] = [part(one.file), target(one)];
      if (from === to || from === "index" || foundation.has(to)) return false;
      if (allowed[from]?.includes(to)) return false;
      return !(one.typeOnly && typesOnly[from]?.includes(to));
    });
    expect(wrong).toEqual([]);
  });

  test("of Node's own modules stay in the files made for Node", () => {
    const outside = imports.filter(
      ({ file, specifier }) => specifier.startsWith("node:") && !nodeFiles.test(file),
    );
    expect(outside).toEqual([]);
  });

  test("name every dependency, and nothing else", () => {
    const names = imports.map(({ specifier }) => specifier).filter((name) => !/^(\.|node:)/.test(name));
    expect([...new Set(names)].toSorted()).toEqual(["commander", "yaml", "zod"]);
  });

  test("of the optional package stay in one file, and happen when it is asked for", () => {
    const users = files.filter((file) =>
      /import\("webgpu"\)|from "webgpu"/.test(readFileSync(join(source, file), "utf8")),
    );
    expect(users).toEqual(["execute/node-gpu.ts"]);
  });
});

test("every folder is explained in docs/architecture.md", () => {
  const text = readFileSync(join(root, "docs", "architecture.md"), "utf8");
  const folders = new Set(files.flatMap((file) => dirname(file).split("/")));
  folders.delete(".");
  expect([...folders].filter((folder) => !text.includes(`${folder}/`))).toEqual([]);
});

describe("the package", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
    dependencies?: Record<string, string>;
    devDependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
    peerDependenciesMeta: Record<string, unknown>;
  };

  test("has in it what it uses of these packages, in these versions, and depends on none", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.devDependencies).toMatchObject({ commander: "14.0.3", yaml: "2.9.1", zod: "4.6.7" });
  });

  test("takes the package for GPUs when it is there, and is installed without it", () => {
    expect(manifest.peerDependencies).toEqual({ webgpu: "^0.6.2" });
    expect(manifest.peerDependenciesMeta).toEqual({ webgpu: { optional: true } });
  });

  test("is of the version that it says it is", async () => {
    const { version } = await import("../src/index.ts");
    expect(version).toBe(manifest.version);
  });

  test("pins the version of every tool", () => {
    const loose = Object.values(manifest.devDependencies).filter(
      (version) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test("exports exactly this", async () => {
    const api = await import("../src/index.ts");
    expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
      [
        "TensorweldError",
        "check",
        "combinationName",
        "describeProblem",
        "devices",
        "didYouMean",
        "execute",
        "explain",
        "flags",
        "inspect",
        "isTensorweldError",
        "merge",
        "mergeRecipe",
        "methods",
        "modelText",
        "overrideConfig",
        "pairs",
        "parts",
        "plan",
        "readConfig",
        "readRecipe",
        "recipeMethods",
        "sparsifiers",
        "verify",
        "version",
      ]
    `);
  });
});
