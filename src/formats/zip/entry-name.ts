/**
 * Why no entry may have this name; undefined when one may. Nothing is ever unpacked here, but other programs do that
 * with the same file: a name that is dangerous on one system is refused on all.
 */
export function faultOfEntryName(name: string): string | undefined {
  if (name === "") return "is empty";
  const harm = /\p{Cc}|\\/u.exec(name)?.[0];
  if (harm !== undefined) return `contains ${JSON.stringify(harm)}`;
  if (name.startsWith("/")) return "is absolute";
  if (/^[a-z]:/i.test(name)) return "begins with a drive";
  // The last part of a folder's name is empty: it ends in a slash.
  const parts = name.replace(/\/$/, "").split("/");
  const part = parts.find((candidate) => ["", ".", ".."].includes(candidate));
  return part === undefined ? undefined : `has ${JSON.stringify(part)} between its slashes`;
}
