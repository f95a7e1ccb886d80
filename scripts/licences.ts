import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "rolldown";

/** The folder and the name of the package that a module belongs to; none for our own. */
const packagePath = /^(.*[\\/]node_modules[\\/](@[^\\/]+[\\/][^\\/]+|[^\\/]+))[\\/]/;

/** Puts a file beside a bundle that holds the licence of every package that a part of went into it: they all ask for that. */
export function licences(fileName: string): Plugin {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const folders = new Map(
        modules.flatMap((module) => {
          const [, folder, name] = packagePath.exec(module) ?? [];
          return folder === undefined || name === undefined ? [] : [[name, folder] as const];
        }),
      );
      const texts = [...folders]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, folder]) => {
          const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
            version: string;
          };
          return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
        });
      this.emitFile({ type: "asset", fileName, source: texts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
